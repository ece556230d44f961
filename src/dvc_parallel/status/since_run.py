"""Tell without DVC, which takes half a second to import, which params and data differ from those that stages ran with.

Only what dvc.lock records is compared; `dvc_parallel.status.staleness` asks DVC itself, code and outputs included.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dvc_parallel.status.lock_entry import lock_entry
from dvc_parallel.status.reasons import DependencyChange, ParamChange, param_changes
from dvc_parallel.system.yaml_source import read

_OF_A_FOLDER = ".dir"
"""How the hash of a folder ends."""


def params_since(folder: Path, keys: Mapping[str, str]) -> list[ParamChange]:
    """Return the params that are not those that stages ran with.

    Parameters
    ----------
    folder : pathlib.Path
        The project's.
    keys : mapping of str to str
        Keys at the top of params files, and for each a stage that reads it; one whose run is not recorded says nothing.
    """
    found: list[ParamChange] = []
    for key, stage in keys.items():
        for file, recorded in lock_entry(folder / "dvc.lock", stage).get("params", {}).items():
            if key in recorded:
                path = folder / file
                present = read(path).values if path.is_file() else {}
                now = {key: present[key]} if key in present else {}
                found += param_changes(file, {key: recorded[key]}, now)
    return found


def data_since(folder: Path, stage: str) -> list[DependencyChange]:
    """Return the files and folders a stage reads, modules aside, that are not as they were when it ran.

    They are compared by their sizes, and by their content where something in them is newer than dvc.lock.

    Parameters
    ----------
    folder : pathlib.Path
        The project's.
    stage : str
    """
    lock = folder / "dvc.lock"
    return list(
        _changes(folder, lock_entry(lock, stage).get("deps", ()), lock.stat().st_mtime if lock.is_file() else 0.0)
    )


def _changes(folder: Path, deps: Any, run: float) -> Iterator[DependencyChange]:
    for dep in deps:
        path = folder / dep["path"]
        if "://" in dep["path"] or "md5" not in dep or _is_code(path):
            continue
        if not path.exists():
            yield DependencyChange(dep["path"], "missing")
        elif _differs(path, dep, run):
            yield DependencyChange(dep["path"], "changed")


def _is_code(path: Path) -> bool:
    return path.suffix == ".py" or any((place / "__init__.py").is_file() for place in (path, path.parent))


def _differs(path: Path, recorded: Mapping[str, Any], run: float) -> bool:
    """Tell whether a file or a folder is another than what is recorded of it."""
    digest = str(recorded["md5"])
    is_folder = digest.endswith(_OF_A_FOLDER)
    if is_folder != path.is_dir():
        return True
    files = sorted(file for file in path.rglob("*") if file.is_file()) if is_folder else [path]
    states = [file.stat() for file in files]
    if sum(state.st_size for state in states) != recorded.get("size") or len(files) != recorded.get("nfiles", 1):
        return True
    if all(state.st_mtime <= run for state in states):
        return False
    if not is_folder:
        return _md5(path) != digest
    listed = [{"md5": _md5(file), "relpath": file.relative_to(path).as_posix()} for file in files]
    text = json.dumps(sorted(listed, key=lambda entry: entry["relpath"]), sort_keys=True)
    return f"{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}{_OF_A_FOLDER}" != digest


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
