"""Blocks of a dataset with a signal in them."""

import pytest

from tests.models.datasets import blocks, planted


@pytest.fixture(scope="session")
def train():
    """Return training rows with a signal in them."""
    return planted(blocks()["train"], seed=1)


@pytest.fixture(scope="session")
def validation():
    """Return validation rows with the same signal."""
    return planted(blocks()["validation"], seed=2)
