"""Tiny DVC projects of real stages, in which tests of the runner work."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

JOIN = "cat {deps} > {out}"
"""What a stage of `stage` does: its output is its deps, one after the other."""

Stages = Mapping[str, Mapping[str, Any]]


def stage(out: str, *deps: str, params: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return the definition of a stage that joins its deps into a file `out`, in a few milliseconds."""
    definition: dict[str, Any] = {"cmd": JOIN.format(deps=" ".join(deps), out=out), "deps": list(deps), "outs": [out]}
    return {**definition, **({"params": params} if params else {}), **more}


def make_project(
    folder: Path, stages: Stages, files: Mapping[str, str] | None = None, params: Mapping[str, Any] | None = None
) -> Path:
    """Write a git and DVC project, commit it, and return its folder; nothing of it has run.

    Parameters
    ----------
    folder : pathlib.Path
        Where the project is to lie; made if need be.
    stages : mapping
        The stages of dvc.yaml, as they would stand there; `stage` writes the usual ones.
    files : mapping of str to str, optional
        Text by path: sources, scripts, a dvc.yaml of a subfolder.
    params : mapping, optional
        The content of params.yaml.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command(folder, "git", "init", "-q")
    write(folder, {".dvc/config": "", ".dvc/.gitignore": "/config.local\n/tmp\n/cache\n", ".dvcignore": ""})
    write(folder, files or {})
    write_stages(folder, stages)
    if params is not None:
        write_params(folder, params)
    commit(folder, "project")
    return folder


def copy_project(source: Path, folder: Path) -> Path:
    """Copy a project with its cache and all that was made: what has run there counts as run here."""
    shutil.copytree(source, folder, symlinks=True, dirs_exist_ok=True)
    return folder


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files by their paths within the project."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def write_stages(folder: Path, stages: Stages) -> None:
    """Write dvc.yaml; JSON is YAML."""
    (folder / "dvc.yaml").write_text(json.dumps({"stages": stages}, indent=2), encoding="utf-8")


def write_params(folder: Path, params: Mapping[str, Any]) -> None:
    """Write params.yaml."""
    (folder / "params.yaml").write_text(json.dumps(params, indent=2), encoding="utf-8")


def commit(folder: Path, message: str) -> None:
    """Commit everything that git does not ignore."""
    command(folder, "git", "add", "-A")
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    command(folder, "git", *who, "commit", "-q", "--allow-empty", "-m", message)


def command(folder: Path, *words: str) -> str:
    """Run a command in the project; it must succeed, and `dvc` is the one that runs the tests."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    variables = {**os.environ, "PATH": path, "DVC_NO_ANALYTICS": "1"}
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, env=variables)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout
