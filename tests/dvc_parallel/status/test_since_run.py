"""What a user has changed since a run, told from dvc.lock alone."""

import os
from hashlib import md5
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from dvc_parallel.status.since_run import data_since, params_since

PARAMS = {"data": {"decimal": "auto", "columns": {}}, "seed": 7}


def digest(content: bytes) -> str:
    return md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project whose stage has read a file, a folder and a module, as DVC records it."""
    for name, text in {"one.csv": "a", "folder/1.csv": "b", "folder/2.csv": "cc", "code/__init__.py": ""}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    listed = f'[{{"md5": "{digest(b"b")}", "relpath": "1.csv"}}, {{"md5": "{digest(b"cc")}", "relpath": "2.csv"}}]'
    deps = [
        {"path": "one.csv", "md5": digest(b"a"), "size": 1},
        {"path": "folder", "md5": f"{digest(listed.encode())}.dir", "size": 3, "nfiles": 2},
        {"path": "code", "md5": "other.dir", "size": 99, "nfiles": 9},
    ]
    entry = {"cmd": "python", "deps": deps, "params": {"params.yaml": PARAMS}}
    write(tmp_path / "params.yaml", PARAMS)
    write(tmp_path / "dvc.lock", {"schema": "2.0", "stages": {"read": entry}})
    return tmp_path


def write(path: Path, content: object) -> None:
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)


def newer(path: Path) -> None:
    """Let a file be newer than what was recorded."""
    os.utime(path, (2e9, 2e9))


def test_as_it_was_nothing_has_changed(project: Path) -> None:
    newer(project / "one.csv")
    newer(project / "folder" / "2.csv")
    assert params_since(project, {"data": "read", "seed": "read"}) == []
    assert data_since(project, "read") == []


def test_a_param_is_named_with_both_values(project: Path) -> None:
    write(project / "params.yaml", {"data": {"decimal": ",", "columns": {}}, "seed": 8})
    (change,) = params_since(project, {"data": "read"})
    assert (change.file, change.key, change.old, change.new) == ("params.yaml", "data.decimal", "auto", ",")
    (project / "params.yaml").unlink()
    assert [change.state for change in params_since(project, {"seed": "read"})] == ["deleted"]


@pytest.mark.parametrize(("name", "text"), [("one.csv", "b"), ("one.csv", "longer"), ("folder/2.csv", "dd")])
def test_data_of_other_content_have_changed(project: Path, name: str, text: str) -> None:
    (project / name).write_text(text, encoding="utf-8")
    newer(project / name)
    assert [(one.path, one.state) for one in data_since(project, "read")] == [(Path(name).parts[0], "changed")]


def test_a_file_more_or_none_is_a_change(project: Path) -> None:
    (project / "folder" / "3.csv").touch()
    (project / "one.csv").unlink()
    assert [(one.path, one.state) for one in data_since(project, "read")] == [
        ("one.csv", "missing"),
        ("folder", "changed"),
    ]


def test_without_a_record_nothing_is_said(project: Path) -> None:
    assert params_since(project, {"data": "other"}) == []
    assert data_since(project, "other") == []
    (project / "dvc.lock").unlink()
    assert params_since(project, {"data": "read"}) == []
    assert data_since(project, "read") == []
