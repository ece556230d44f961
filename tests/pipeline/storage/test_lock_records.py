"""Files are taken for a stage's only when dvc.lock says so."""

from pathlib import Path

import pytest

from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.storage.artifacts import file_md5
from richcheap.pipeline.storage.lock_records import recorded_files

FOLDER = Path("models/forest")


@pytest.fixture
def project(tmp_path):
    """A project in which stage `train@forest` has made two files of a model and one of metrics."""
    names = ("models/forest/model.json", "models/forest/validation.parquet", "metrics/forest.json")
    entries = []
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
        entries.append(f"{{path: {name}, hash: md5, md5: {file_md5(tmp_path / name)}}}")
    lock = f"schema: '2.0'\nstages:\n  train@forest:\n    cmd: train\n    outs: [{', '.join(entries)}]\n"
    (tmp_path / "dvc.lock").write_text(lock, encoding="utf-8")
    return tmp_path


def test_what_is_recorded_in_the_folder_is_returned(project):
    found = recorded_files(project, "train@forest", FOLDER)
    assert found == [project / FOLDER / "model.json", project / FOLDER / "validation.parquet"]


def test_a_stage_that_never_ran_and_one_whose_files_are_gone_have_none(project):
    assert recorded_files(project, "train@other", FOLDER) == []
    (project / FOLDER / "validation.parquet").unlink()
    assert recorded_files(project, "train@forest", FOLDER) == []
    (project / "dvc.lock").unlink()
    assert recorded_files(project, "train@forest", FOLDER) == []


def test_a_file_that_was_changed_is_told(project):
    (project / FOLDER / "model.json").write_text("other", encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"model.json: md5 must be [0-9a-f]{32} as dvc.lock records, got [0-9a-f]"):
        recorded_files(project, "train@forest", FOLDER)


@pytest.mark.parametrize("lock", ["stages: [", "- a list\n"])
def test_a_lock_that_cannot_be_read_is_told(project, lock):
    (project / "dvc.lock").write_text(lock, encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"dvc.lock: records no stages; restore it from git"):
        recorded_files(project, "train@forest", FOLDER)
