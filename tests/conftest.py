"""Fixtures shared by all tests."""

from pathlib import Path

import pytest
from hypothesis import settings

from dvc_parallel.system import program

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("project", deadline=None)  # how long an example takes tells how busy the machine is
settings.load_profile("project")


@pytest.fixture(autouse=True)
def program_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the command its own name back after a test that has called it."""
    monkeypatch.setattr(program, "name", program.name)


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Return the root of the project."""
    return ROOT


@pytest.fixture(scope="session")
def real_data_dir() -> Path:
    """Return the folder of real market data, or skip the test where there is none."""
    from benchmarks.real_data import data_folder  # the runner's tests need nothing of richcheap

    folder = data_folder()
    if not folder.is_dir():
        pytest.skip(f"no real market data in {folder}; set RICHCHEAP_DATA to their folder")
    return folder
