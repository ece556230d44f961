"""The command ``richcheap upgrade``: what the user has edited is not overwritten unasked."""

import pytest

from richcheap import cli, params
from richcheap.pipeline.errors import ArtifactError, ParamsError
from richcheap.project.new import make
from richcheap.project.record import read, record_of
from richcheap.project.template import maintained
from richcheap.project.upgrade import upgrade

OURS = {**maintained(), "stages/old.py": b"old", "stages/older.py": b"older"}
NEWER = {**maintained(), "dvc.yaml": b"new", "stages/check.py": b"new", "stages/new.py": b"new", "README.md": b"new"}


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    make(folder, "1.0.0", params.defaults())
    upgrade(folder, "1.0.0", OURS, force=False)  # with two files that a newer version has no more
    return folder


def test_what_differs_is_written_and_the_rest_is_the_users(project):
    (project / "README.md").write_text("ours\n")
    (project / ".gitignore").write_text("ours\n")  # no version has it otherwise
    requirements = project / "requirements.txt"
    requirements.write_text(f"dvc[s3]\n{requirements.read_text()}")
    (project / "stages" / "older.py").unlink()
    assert upgrade(project, "2.0.0", NEWER, force=False) == [
        "dvc.yaml: written",
        "stages/check.py: written",
        "stages/new.py: written",
        "stages/old.py: removed",
        "requirements.txt: richcheap==2.0.0",
    ]
    assert (project / "dvc.yaml").read_bytes() == b"new"
    assert (project / "README.md").read_text() == (project / ".gitignore").read_text() == "ours\n"
    assert requirements.read_text() == "dvc[s3]\n-c constraints.txt\nrichcheap==2.0.0\n"
    assert read(project).version == "2.0.0"
    assert upgrade(project, "2.0.0", NEWER, force=False) == ["all files are those of richcheap 2.0.0"]


def test_what_was_edited_is_named_and_nothing_is_written_unless_forced(project):
    (project / "dvc.yaml").write_text("mine\n")
    (project / "stages" / "old.py").write_text("mine\n")
    (project / "stages" / "new.py").write_text("mine\n")
    with pytest.raises(ParamsError, match=r"^dvc.yaml, stages/new.py, stages/old.py: edited since richcheap 1.0.0"):
        upgrade(project, "2.0.0", NEWER, force=False)
    assert (project / "stages" / "check.py").read_bytes() == OURS["stages/check.py"]
    assert read(project).version == "1.0.0"
    upgrade(project, "2.0.0", NEWER, force=True)
    assert (project / "dvc.yaml").read_bytes() == (project / "stages" / "new.py").read_bytes() == b"new"
    assert not (project / "stages" / "old.py").exists()


def test_an_upgrade_that_was_cut_short_goes_on(project):
    (project / "dvc.yaml").write_bytes(NEWER["dvc.yaml"])
    assert "dvc.yaml: written" not in upgrade(project, "2.0.0", NEWER, force=False)
    assert read(project) == record_of("2.0.0", NEWER)


def test_the_command_upgrades_the_params_too(project, monkeypatch, capsys):
    monkeypatch.chdir(project)
    text = (project / "params.yaml").read_text(encoding="utf-8")
    first, _, rest = text.partition("seed:")
    (project / "params.yaml").write_text(f"{first}{rest.partition(chr(10))[2]}", encoding="utf-8")
    assert cli.command(["upgrade"]) == 0
    said = capsys.readouterr().out
    assert "stages/old.py: removed" in said
    assert "params.yaml: written" in said
    assert (project / "params.yaml").read_text(encoding="utf-8") == text


def test_a_clone_is_no_such_project(tmp_path):
    with pytest.raises(ArtifactError, match=r"got none; .*; a clone is upgraded by git$"):
        upgrade(tmp_path, "2.0.0", NEWER, force=False)
