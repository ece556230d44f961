"""Write dvc.lock as DVC would have, whatever the order in which stages end, and so that no kill can tear it.

DVC keeps the stages of dvc.lock in the order in which they were first recorded: one after another as it runs them.
Here stages that the file did not hold before a run are put in that order, and an unfinished run leaves a note of what
the file held when it began, so that the run which takes it up ends in the same bytes.
"""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from dvc.utils.serialize import dumps_yaml, parse_yaml, parse_yaml_for_update

from dvc_parallel.system.atomic_write import write_bytes

SCHEMA = "2.0"


class LockFile:
    """One dvc.lock during a run.

    Parameters
    ----------
    path : Path
    began_with : sequence of str
        Stages that it held when the run began, in their order.
    order : sequence of str
        Stages of the project in the order in which DVC runs them.
    copy : Path
        Where a second copy is kept, for the case that another program tears the file.
    """

    def __init__(self, path: Path, began_with: Sequence[str], order: Sequence[str], copy: Path) -> None:
        self._path, self._copy = path, copy
        ranks = [*began_with, *(name for name in order if name not in set(began_with))]
        self._rank = {name: rank for rank, name in enumerate(ranks)}
        self._text: str | None = None
        self._content: Any = {}

    def record(self, name: str, entry: Mapping[str, Any]) -> None:
        """Put what DVC records of a stage into the file."""
        content = self._read()
        if not content:
            content["schema"] = SCHEMA
        recorded = content.setdefault("stages", {})
        recorded[name] = entry
        for late in _moved(list(recorded), self._rank):
            recorded[late] = recorded.pop(late)
        text = dumps_yaml(content)
        write_bytes(text.encode(), self._path)
        self._text = text
        with suppress(OSError):
            self._copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self._path, self._copy)

    def _read(self) -> Any:
        text = self._path.read_text(encoding="utf-8") if self._path.is_file() else ""
        if text != self._text:  # the first time, and when another program wrote it since
            self._content = parse_yaml_for_update(text, str(self._path))
        return self._content


def recorded_stages(path: Path) -> list[str]:
    """Return the stages that a dvc.lock holds, in order."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    # Stages are the keys at the second level: reading them so costs a thousandth of parsing the file.
    lines = text.partition("\nstages:\n")[2].splitlines()
    found = [line[2:-1].strip("'\"") for line in lines if begins_a_stage(line)]
    return found or list((parse_yaml(text, str(path)) or {}).get("stages") or {})  # as a formatter may have left it


def begins_a_stage(line: str) -> bool:
    """Say whether a line of a dvc.lock is the key of a stage."""
    return line.startswith("  ") and bool(line[2:3].strip()) and line.endswith(":")


class Series:
    """Runs that belong together: from the first that began until one that finished everything it was to do.

    Parameters
    ----------
    file : Path
        Holds what each dvc.lock held when the first of them began.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def opened(self, locks: Iterable[Path]) -> dict[str, list[str]]:
        """Return what each dvc.lock, by its path, held when the series began; begin one when there is none."""
        began = self._noted()
        fresh = {str(path): recorded_stages(path) for path in locks if str(path) not in began}
        if fresh:
            began |= fresh
            write_bytes(json.dumps(began, indent=1).encode(), self._file)
        return began

    def close(self) -> None:
        """End the series: all that was to do is done."""
        self._file.unlink(missing_ok=True)

    def _noted(self) -> dict[str, list[str]]:
        try:
            content = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}


def _moved(names: Sequence[str], rank: Mapping[str, int]) -> list[str]:
    """Return the names to move to the end, one after another, so that all are in order of rank; none when they are."""
    last = len(rank)
    wanted = sorted(names, key=lambda name: rank.get(name, last))
    first = next((place for place, pair in enumerate(zip(names, wanted, strict=True)) if pair[0] != pair[1]), None)
    return [] if first is None else wanted[first:]
