"""The command ``richcheap new``."""

import shutil
import subprocess
from pathlib import Path

import pytest

from richcheap import cli, params
from richcheap.pipeline.errors import ArtifactError, ParamsError
from richcheap.project import new
from tests.conftest import ROOT


def make(folder):
    new.make(folder, "1.2.3", params.defaults())


@pytest.mark.parametrize("name", ["my-bonds", "my bonds", "bönds 債券", "a'b"])
def test_a_project_is_made_under_any_name_and_the_way_on_is_told(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    assert cli.command(["new", name]) == 0
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert {"dvc.yaml", "stages", "code", ".dvc", ".git", ".github", "README.md"} <= {
        path.name for path in Path(name).iterdir()
    }
    assert (tmp_path / name / "params.yaml").read_bytes() == (ROOT / "params.yaml").read_bytes()
    change, *_ = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  cd ")]
    done = subprocess.run(["sh", "-c", f"{change} && pwd"], capture_output=True, text=True, check=True)
    assert Path(done.stdout.rstrip("\n")) == (tmp_path / name).resolve()


def test_an_empty_folder_and_the_working_folder_are_taken(tmp_path, monkeypatch, capsys):
    (tmp_path / ".venv").mkdir()
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "config", "user.name", "kept"], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    assert cli.command(["new", "."]) == 0
    assert "  cd " not in capsys.readouterr().out
    assert "kept" in Path(".git/config").read_text()
    assert not list(tmp_path.glob("*.tmp")) + list(tmp_path.glob(".*.tmp"))


def test_within_a_repository_no_other_one_is_made(tmp_path):
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    make(tmp_path / "bonds")
    assert not (tmp_path / "bonds" / ".git").exists()


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path):
    for name in ("prices.csv", "terms.csv"):
        (tmp_path / name).touch()
    with pytest.raises(ParamsError, match=r"new or empty folder, got one with prices.csv and 1 more; name another$"):
        make(tmp_path)
    with pytest.raises(ParamsError, match=r"new or empty folder, got a file; name another$"):
        make(tmp_path / "prices.csv")
    with pytest.raises(ParamsError, match=r"expected a folder to make it in, got none at .*no; make that first$"):
        make(tmp_path / "no" / "bonds")
    assert {path.name for path in tmp_path.iterdir()} == {"prices.csv", "terms.csv"}


def test_without_git_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(ArtifactError, match=r"^git: no such command, and a project needs it; install git"):
        make(tmp_path / "bonds")
    assert not list(tmp_path.iterdir())


def test_nothing_is_left_half_made(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_COUNT", "broken")
    with pytest.raises(ArtifactError, match=r"^git init -q: "):
        make(tmp_path / "bonds")
    assert not list(tmp_path.iterdir())
