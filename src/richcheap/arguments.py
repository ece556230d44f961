"""Check what a program hands to richcheap: a mistake is one line with what must be given."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np

from richcheap.pipeline.errors import ArtifactError, ParamsError, machine_fault
from richcheap.pipeline.storage import paths

PIPELINE = Path("dvc.yaml")


def checked_path(name: str, given: object) -> Path:
    """Return a path that is given as text or as a path."""
    if isinstance(given, str | os.PathLike) and isinstance(text := os.fspath(given), str) and text.strip():
        return Path(text)
    raise ParamsError(f"{name}: must be a path, as text or as pathlib.Path, got {given!r}")


def checked_workers(given: object) -> int | None:
    """Return a number of workers, or None where none is given."""
    if given is None:
        return None
    if isinstance(given, int | np.integer) and not isinstance(given, bool) and given >= 1:
        return int(given)
    raise ParamsError(f"max_workers: must be a whole number of at least 1, or None for all cores, got {given!r}")


def checked_switch(name: str, given: object) -> bool:
    """Return a switch."""
    if isinstance(given, bool):
        return given
    raise ParamsError(f"{name}: must be True or False, got {given!r}")


def checked_project(given: object) -> Path:
    """Return the folder of a project, from the root."""
    folder = checked_path("project", given).absolute()
    missing = [str(file) for file in (PIPELINE, paths.PARAMS) if not (folder / file).is_file()]
    if not missing:
        return folder
    lacks = f"without {' and '.join(missing)}" if folder.is_dir() else "which is no folder"
    raise ParamsError(
        f"project: expected the folder of a richcheap project (with {PIPELINE} and {paths.PARAMS}), got {folder}, "
        f"{lacks}; make one with `richcheap new FOLDER`, or pass project='FOLDER'"
    )


def checked_date(given: object) -> date:
    """Return a date that is given as one, or as text like 2024-03-01."""
    try:
        if isinstance(given, date):
            return date(given.year, given.month, given.day)
        return date.fromisoformat(str(given))
    except (TypeError, ValueError):  # the former from pandas.NaT, which is a date without a year
        raise ParamsError(f"as_of: must be a date such as 2024-03-01, got {given!r}") from None


@contextmanager
def machine_faults_in_one_line() -> Iterator[None]:
    """Let what the machine cannot do come out as an `ArtifactError`."""
    try:
        yield
    except (MemoryError, OSError) as error:
        fault = machine_fault(error)
        if fault is None:
            raise
        raise ArtifactError(fault) from error
