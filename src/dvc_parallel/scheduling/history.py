"""How long stages took in earlier runs: kept beside DVC's temporary files, never among the outputs of a stage."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from statistics import median

from dvc_parallel.system.atomic_write import write_bytes

REMEMBERED = 5
"""Runs of a stage."""


class History:
    """The seconds of the latest runs of each stage.

    Parameters
    ----------
    file : Path
        A file that cannot be read counts as empty, one that cannot be written is given up: it serves estimates only.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seconds = _read(file)

    def expected(self) -> Mapping[str, float]:
        """Return the median time of each stage that has run before, seconds."""
        return {name: median(seconds) for name, seconds in self._seconds.items() if seconds}

    def add(self, name: str, seconds: float) -> None:
        """Remember how long a stage took."""
        self._seconds[name] = [*self._seconds.get(name, []), round(seconds, 3)][-REMEMBERED:]
        content = json.dumps(self._seconds, indent=1, sort_keys=True) + "\n"
        with suppress(OSError):
            write_bytes(content.encode(), self._file)


def _read(file: Path) -> dict[str, list[float]]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return {str(name): [float(value) for value in seconds] for name, seconds in content.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
