"""The command ``richcheap new``: make a project in a new or empty folder, whole or not at all."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from richcheap.command_line import parsers
from richcheap.pipeline.errors import ArtifactError, ParamsError
from richcheap.project import code
from richcheap.project.record import FILE, record_of
from richcheap.project.template import contents, maintained

MAY_BE_THERE: Final = {".git", ".venv"}
"""What does not make a folder a used one."""


def main(arguments: Sequence[str], version: str, params: Mapping[str, str]) -> None:
    """Make the project that the command line names.

    Parameters
    ----------
    arguments : sequence of str
    version : str
        Of the package.
    params : mapping of str to str
        Text of each params file.
    """
    folder = parsers.new().parse_args(arguments).folder
    make(folder, version, params)
    print(f"{folder}: made. Its README.md says what is where. Next:")
    if folder.absolute() != Path.cwd():
        print(f"  cd {shlex.quote(str(folder))}")
    print("  richcheap inspect FILE --write   # your prices; without, a simulated market")
    print("  richcheap run                    # then open report/report.html")


def make(folder: Path, version: str, params: Mapping[str, str]) -> None:
    """Make a project, whole or not at all.

    Raises
    ------
    ParamsError
        The folder holds something, or there is none in which to make it.
    ArtifactError
        Git is not there, or fails.
    """
    place = folder.resolve()
    _refuse(place)
    name = f".{place.name}.{os.getpid()}.tmp"
    beside = place / name if place.is_dir() else place.with_name(name)
    try:
        _fill(beside, version, params)
        if not _is_in_git(place if place.is_dir() else place.parent):
            _git("init", "-q", folder=beside)
        if place.is_dir():
            for one in sorted(beside.iterdir(), key=lambda path: path.name == FILE.name):  # last what tells a project
                one.rename(place / one.name)
        else:
            beside.rename(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _fill(folder: Path, version: str, params: Mapping[str, str]) -> None:
    written = {**contents(version, params), FILE.name: record_of(version, maintained()).text().encode()}
    for path, content in written.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    code.refresh(folder)


def _refuse(place: Path) -> None:
    if not place.parent.is_dir():
        raise ParamsError(f"{place}: expected a folder to make it in, got none at {place.parent}; make that first")
    if place.exists() and not place.is_dir():
        raise ParamsError(f"{place}: expected a new or empty folder, got a file; name another")
    there = sorted(one.name for one in place.iterdir() if one.name not in MAY_BE_THERE) if place.is_dir() else []
    if there:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise ParamsError(f"{place}: expected a new or empty folder, got one with {there[0]}{more}; name another")
    if shutil.which("git") is None:
        raise ArtifactError("git: no such command, and a project needs it; install git and try again")


def _is_in_git(folder: Path) -> bool:
    words = ["git", "rev-parse", "--is-inside-work-tree"]
    return subprocess.run(words, cwd=folder, capture_output=True, check=False).returncode == 0  # noqa: S603


def _git(*words: str, folder: Path) -> None:
    command = ["git", "-c", "init.defaultBranch=main", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise ArtifactError(f"git {' '.join(words)}: {' '.join(done.stderr.split())}")
