"""Blocks of a dataset with a signal in them."""

from tests.models.conftest import train, validation

__all__ = ["train", "validation"]
