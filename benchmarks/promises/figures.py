"""Figures of a suite or a benchmark that the page of promises shows: a table, the command that made it, the commit."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from richcheap.reporting.layout.markdown import line

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "docs" / "promises"

Cell = str | int | float


class Figures(NamedTuple):
    """A table, and where it comes from.

    Attributes
    ----------
    command : str
        That makes it again.
    commit : str
        Of the code that was measured, shortened.
    columns : list of str
    rows : list of list of str, int or float
        A cell of each column.
    """

    command: str
    commit: str
    columns: list[str]
    rows: list[list[Cell]]


def keep(name: str, command: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Path:
    """Write a table to docs/promises/`name`.json and return the file."""
    kept = Figures(command, commit(), list(columns), [list(row) for row in rows])
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps(kept._asdict(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def keep_some(
    name: str, command: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], order: Sequence[str]
) -> Path:
    """Write rows to docs/promises/`name`.json in an order of first cells; a row that is there already stays."""
    old = kept(name).rows if (FOLDER / f"{name}.json").is_file() else []
    every = {str(row[0]): row for row in (*old, *rows)}
    return keep(name, command, columns, [every[first] for first in order if first in every])


def kept(name: str) -> Figures:
    """Read docs/promises/`name`.json."""
    return Figures(**json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))


def commit() -> str:
    """Return the commit of the working folder, shortened; with a plus when files differ from it."""
    words = ["git", "describe", "--always", "--dirty=+", "--exclude=*", "--abbrev=7"]
    return subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def markdown(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """Return a table as Markdown; columns of numbers, some of them unknown, are set to the right."""
    numeric = [all(isinstance(row[place] or 0, int | float) for row in rows) for place in range(len(columns))]
    lines = [line(columns), line(["---:" if number else ":---" for number in numeric])]
    lines += [line([f"{cell:,}" if isinstance(cell, int | float) else cell for cell in row]) for row in rows]
    return "\n".join(lines)
