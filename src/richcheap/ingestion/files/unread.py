"""Tell rows that hold something only in columns that are not read from empty lines."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.ingestion.files.readers import SourceFile, read_pieces

UNREAD: Final = "in a column that is not read"
"""Column, and what it says of a row that holds something in such a column alone."""


def marked_pieces(file: SourceFile, rows: int, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Read columns as `read_pieces` does; a row that holds something in another column alone says so in `UNREAD`.

    A piece without such rows has no further column. The other columns are read once, and only where a row is bare.
    """
    elsewhere: NDArray[np.int64] | None = None
    first = 0
    for frame in read_pieces(file, rows, columns):
        if frame.select(empty(columns).any()).item():
            if elsewhere is None:
                elsewhere = _filled_elsewhere(file, rows, columns)
            places = np.arange(first, first + frame.height)
            mark = np.where(np.isin(places, elsewhere), UNREAD, "")
            yield frame.with_columns(pl.Series(UNREAD, mark, dtype=pl.String))
        else:
            yield frame
        first += frame.height


def _filled_elsewhere(file: SourceFile, rows: int, columns: Sequence[str]) -> NDArray[np.int64]:
    """Return the rows of a file, counted from 0, that hold nothing in some columns, but something in another."""
    others = [name for name in file.empty.columns if name not in {*columns, *file.faults}]
    found, first = [np.empty(0, dtype=np.int64)], 0
    for frame in read_pieces(file, rows, [*columns, *others]) if others else ():
        places = frame.select(empty(columns) & ~empty(others)).to_series().arg_true().to_numpy()
        found.append(first + places.astype(np.int64))
        first += frame.height
    return np.concatenate(found)


def empty(columns: Sequence[str]) -> pl.Expr:
    """Say whether a row holds nothing but blanks in some columns."""
    return pl.all_horizontal(
        pl.col(name).is_null() | (pl.col(name).cast(pl.String).str.strip_chars() == "") for name in columns
    )
