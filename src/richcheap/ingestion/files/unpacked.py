"""Look at the parts of a workbook before it is opened: its reader holds a sheet whole, from its first cell to its last.

A few kilobytes can unpack to gigabytes, or name one cell in the farthest corner of a sheet.
"""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final

import numpy as np
import numpy.typing as npt

from richcheap.ingestion.errors import InputError

LONGEST_TEXT: Final = 1 << 18
"""Bytes of one text: more than the 32,767 characters take that a cell holds."""

MAX_BYTES: Final = 1 << 32
"""Of all parts together, unpacked: more than a sheet of a million rows needs."""

MAX_CELLS: Final = 1 << 25
"""Of a sheet, from A1 to its last row and column: a million rows of thirty columns."""

_TABLES: Final = ("sharedStrings.xml", "content.xml")
_BLOCK_BYTES: Final = 1 << 20
_OVERLAP: Final = 16
"""Bytes of `` r="XFD1048576"``."""

Bytes = npt.NDArray[np.uint8]


def refuse_bombs(path: Path) -> None:
    """Refuse a workbook that would unpack to more than a table of bonds needs; what is no archive is left alone.

    Raises
    ------
    InputError
        It is too large, holds a text that is too long, or cells too far apart.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if size > MAX_BYTES:
                raise InputError(f"{path}: expected at most {MAX_BYTES:,} bytes when it is unpacked, got {size:,}")
            for part in parts:
                if part.filename.endswith(_TABLES) or "/worksheets/" in part.filename:
                    with archive.open(part) as file:
                        _refuse(path, part.filename, file)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(f"{path}: not a readable workbook: {error}") from error


def _refuse(path: Path, part: str, file: IO[bytes]) -> None:
    rows = columns = 0
    for block, longest in _blocks(file):
        if longest > LONGEST_TEXT:
            raise InputError(
                f"{path}: {part}: expected texts of at most {LONGEST_TEXT:,} bytes, got one of {longest:,}"
            )
        row, column = _farthest(block)
        rows, columns = max(rows, row), max(columns, column)
        if rows * columns > MAX_CELLS and "worksheets" in part:
            raise InputError(
                f"{path}: {part}: expected a sheet of at most {MAX_CELLS:,} cells, got {rows:,} rows of {columns:,} "
                "columns; delete what stands far from the table"
            )


def _blocks(file: IO[bytes]) -> Iterator[tuple[Bytes, int]]:
    """Yield blocks that overlap, and the longest text without a tag up to their ends."""
    tail, since = b"", 0
    while block := file.read(_BLOCK_BYTES):
        data = np.frombuffer(tail + block, np.uint8)
        tags = np.flatnonzero(data[len(tail) :] == ord("<"))
        gaps = np.diff(tags, prepend=-1 - since, append=len(block))
        since = int(len(block) - 1 - tags[-1]) if tags.size else since + len(block)
        yield data, int(gaps.max())
        tail = block[-_OVERLAP:]


def _farthest(data: Bytes) -> tuple[int, int]:
    """Return the last row and the last column that an attribute ``r`` names in a part of a sheet."""
    equals = np.flatnonzero(data[2:-_OVERLAP] == ord("=")) + 2
    named = equals[(data[equals - 1] == ord("r")) & (data[equals - 2] <= ord(" "))] + 2
    column = np.zeros(named.size, np.int64)
    for _ in range(3):
        letter = data[named]
        is_letter = (letter >= ord("A")) & (letter <= ord("Z"))
        column = np.where(is_letter, 26 * column + letter - ord("A") + 1, column)
        named = named + is_letter
    row = np.zeros(named.size, np.int64)
    for _ in range(7):
        digit = data[named]
        is_digit = (digit >= ord("0")) & (digit <= ord("9"))
        row = np.where(is_digit, 10 * row + digit - ord("0"), row)
        named = named + is_digit
    return int(row.max(initial=0)), int(column.max(initial=0))
