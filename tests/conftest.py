"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Return the root of the project."""
    return ROOT


@pytest.fixture(scope="session")
def real_data_dir() -> Path:
    """Return the folder of real market data, or skip the test where there is none."""
    folder = Path(os.environ.get("RICHCHEAP_DATA", ROOT / ".." / "shared" / "data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no real market data in {folder}; set RICHCHEAP_DATA to their folder")
    return folder
