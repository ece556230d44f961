"""A small project that has run, and what was saved of it."""

import shutil
from pathlib import Path

import pytest

from richcheap.pricer import Pricer
from richcheap.saved.models import SavedModels
from tests.pricing.projects import project_in


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small project that has run."""
    return project_in(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def pricer(project):
    return Pricer(project)


def files_of(project: Path) -> dict[str, list[Path]]:
    return {"ml_adjuster": sorted((project / "models" / "ml_adjuster").iterdir())}


@pytest.fixture(scope="session")
def saved(project, pricer, tmp_path_factory):
    """Return what was saved of it."""
    return SavedModels.write(project, files_of(project), tmp_path_factory.mktemp("saved"), pricer)


@pytest.fixture
def copy(saved, tmp_path):
    """Return a copy of the folder, to be changed."""
    shutil.copytree(saved.folder, tmp_path / "copy")
    return tmp_path / "copy"
