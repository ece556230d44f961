"""Tables too large to hold: folders of Parquet parts, each a run of whole dates.

A part lies within one calendar month and holds at most `PART_ROWS` rows; a date is never divided. The layout follows
from the data alone and not from how much a stage holds at a time, so that a table's bytes do not depend on it, and a
month that is added leaves the parts before it as they were.
"""

import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from richcheap.pipeline.errors import ArtifactError, LeftOutError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import MAKE, copy_file, read_parquet, write_parquet
from richcheap.pipeline.storage.temp_dir import temporary_folder

PART_ROWS = 1 << 17
SUFFIX = ".parquet"
TRAINING_ROWS: Final = 1_000_000
"""Most rows of the training block that a model learns from, evenly spread: they bound memory and time. Trees of some
dozens of leaves, lines and small networks are known by them as well as by more."""


class Part(NamedTuple):
    """A run of whole dates within one month.

    Attributes
    ----------
    name : str
        Its first date, ISO.
    first, last : date
        Its first and last date, both included.
    rows : int
    """

    name: str
    first: date
    last: date
    rows: int


def divide(dates: pl.Series, counts: pl.Series, part_rows: int = PART_ROWS) -> list[Part]:
    """Divide dates into parts.

    Parameters
    ----------
    dates : Series of Date
        Distinct and ascending.
    counts : Series of int
        Rows on each of them.
    part_rows : int
        Most rows of a part; a single date may have more.

    Returns
    -------
    list of Part
        In order.

    Examples
    --------
    >>> days = pl.Series([date(2024, 1, 30), date(2024, 1, 31), date(2024, 2, 1)])
    >>> [tuple(part) for part in divide(days, pl.Series([60, 50, 10]), part_rows=100)]  # doctest: +ELLIPSIS
    [('2024-01-30', ...30), ...60), ('2024-01-31', ...50), ('2024-02-01', ...10)]
    """
    parts: list[Part] = []
    for day, count in zip(dates.to_list(), counts.to_list(), strict=True):
        last = parts[-1] if parts else None
        same_month = last is not None and (last.first.year, last.first.month) == (day.year, day.month)
        if last is not None and same_month and last.rows + count <= part_rows:
            parts[-1] = last._replace(last=day, rows=last.rows + count)
        else:
            parts.append(Part(day.isoformat(), day, day, count))
    return parts


def part_paths(folder: Path) -> list[Path]:
    """Return the files of a table in order; `ArtifactError` when there is none, or one is a link that leads nowhere."""
    paths = sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else []
    if not paths:
        raise ArtifactError(f"{folder}: no such table; {MAKE}")
    for path in paths:
        if not path.is_file():
            raise ArtifactError(f"{path}: is no file, or a link to none; `dvc checkout` restores it, or {MAKE}")
    return paths


def read_table(folder: Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Read all parts of a table, or some of its columns, into one frame."""
    return pl.concat([read_parquet(path, columns) for path in part_paths(folder)])


def read_sample(folder: Path, most_rows: int) -> pl.DataFrame:
    """Read at most so many rows of a table, evenly spread over it; what is not taken of a part is not held."""
    parts = part_paths(folder)
    ends = np.cumsum([row_count(path) for path in parts])
    if ends[-1] <= most_rows:
        return read_table(folder)
    taken = np.arange(most_rows, dtype=np.int64) * int(ends[-1]) // most_rows
    cuts = np.searchsorted(taken, [0, *ends.tolist()])
    starts = [0, *ends[:-1].tolist()]
    return pl.concat(
        [
            read_parquet(path).select(pl.all().gather(taken[first:stop] - start))
            for path, start, (first, stop) in zip(parts, starts, pairwise(cuts.tolist()), strict=True)
        ]
    )


def read_block(folder: Path, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """Read a block of the dataset, or some of its columns; `LeftOutError` when the data have too few dates for it."""
    return _with_rows(read_table(folder, columns), folder)


def read_training_block(folder: Path, stage: str) -> pl.DataFrame:
    """Read what models learn from, as `read_block` does; of a larger block `TRAINING_ROWS`, and say so."""
    block, rows = _with_rows(read_sample(folder, TRAINING_ROWS), folder), sum(map(row_count, part_paths(folder)))
    if block.height < rows:
        print(f"{stage}: learns from {block.height:,} of {rows:,} rows, evenly spread", file=sys.stderr)
    return block


def _with_rows(block: pl.DataFrame, folder: Path) -> pl.DataFrame:
    if not block.height:
        raise LeftOutError(f"{folder} has no rows: too few dates; {paths.SPLIT} says how many it takes")
    return block


def row_count(path: Path) -> int:
    """Return the rows of one part without reading them."""
    try:
        return int(pl.scan_parquet(path).select(pl.len()).collect().item())
    except pl.exceptions.ComputeError:
        return read_parquet(path).height  # says in one line what is wrong with the file


def group_by_row_budget(counts: Iterable[int], rows: int) -> list[slice]:
    """Group consecutive items so that each group holds at most ``rows`` rows, or a single item.

    Parameters
    ----------
    counts : iterable of int
        Rows of each item.
    rows : int

    Examples
    --------
    >>> stretches([3, 1, 2, 9, 1], 6)
    [slice(0, 3, None), slice(3, 4, None), slice(4, 5, None)]
    """
    starts: list[int] = []
    held = items = 0
    for count in counts:
        if not starts or held + count > rows:
            starts.append(items)
            held = 0
        held += count
        items += 1
    return [slice(start, stop) for start, stop in pairwise([*starts, items])]


def batches(paths: Sequence[Path], rows: int) -> list[list[Path]]:
    """Group consecutive parts so that each group holds at most ``rows`` rows, or a single part."""
    return [list(paths[group]) for group in group_by_row_budget(map(row_count, paths), rows)]


def read_batches(folder: Path, rows: int, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
    """Read a table piece by piece: consecutive whole parts, at most ``rows`` rows together."""
    yield from read_parts(part_paths(folder), rows, columns)


def read_parts(parts: Sequence[Path], rows: int, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
    """Read some parts of tables, the same way."""
    for group in batches(parts, rows):
        yield pl.concat([read_parquet(path, columns) for path in group])


class TableWriter:
    """Writes the parts of one table into a folder.

    Parameters
    ----------
    folder : Path
        Where they lie until all are written.
    place : Path
        Where the table will lie, and the one lies that it takes the place of.
    """

    def __init__(self, folder: Path, place: Path) -> None:
        self._folder, self.place = folder, place

    def write(self, name: str, frame: pl.DataFrame) -> Path:
        """Write one part; return its file."""
        path = self._folder / f"{name}{SUFFIX}"
        write_parquet(frame, path)
        return path

    def keep(self, name: str) -> None:
        """Take over a part of the table before, as it is."""
        keep_file(self.place / f"{name}{SUFFIX}", self._folder / f"{name}{SUFFIX}")


def keep_file(source: Path, target: Path) -> None:
    """Let a file lie in a second place, without copying it where the file system can."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.hardlink_to(source)
    except OSError:
        copy_file(source, target)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Fill a folder beside the one there is and swap it in at the end; on an error nothing changes."""
    with temporary_folder(folder, "tmp") as temporary:
        yield temporary
        if folder.is_symlink():
            folder.unlink()  # what it leads to is not ours
        elif folder.exists():
            shutil.rmtree(folder)
        temporary.replace(folder)


@contextmanager
def new_table(folder: Path) -> Iterator[TableWriter]:
    """Write a table beside the one there is and swap it in at the end; on an error nothing changes."""
    with new_folder(folder) as temporary:
        yield TableWriter(temporary, folder)
