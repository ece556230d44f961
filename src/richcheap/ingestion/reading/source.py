"""The files of observations as one table: read in pieces, as often as needed, each row with its place."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.readers import SourceFile, open_source, read_pieces
from richcheap.ingestion.mappings.base import Layout, SourceMapping, layout_of
from richcheap.ingestion.reading.parsing import parse
from richcheap.ingestion.schema import INPUT_NAMES, QUARANTINE_SCHEMA


class Piece(NamedTuple):
    """Consecutive rows of one file.

    Attributes
    ----------
    frame : DataFrame
        As read.
    layout : Layout
        Of the file.
    first_row : int
        Source row of the first of them: counted from 1, through all files.
    """

    frame: pl.DataFrame
    layout: Layout
    first_row: int


class Source:
    """A file of observations, or a folder of them.

    Parameters
    ----------
    path : Path
        See `richcheap.ingestion.files.readers.open_source`.
    mapping : SourceMapping
        How its columns are read.
    columns : dict of str to str
        Canonical name to source column, from params.
    date_format : str
        Of dates given as text.

    Raises
    ------
    InputError
        A file cannot be used, or one of its columns is missing or of a type that cannot hold what it should.
    """

    def __init__(self, path: Path, mapping: SourceMapping, columns: Mapping[str, str], date_format: str) -> None:
        self.path = path
        self._files = open_source(path)
        self._layouts = [_layout(file, mapping, columns, date_format) for file in self._files]
        self._first_rows = [1]

    @property
    def rows(self) -> int:
        """Rows of all files, known when they were read once."""
        return self._first_rows[-1] - 1

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(file.path.stat().st_size for file in self._files)

    def pieces(self, rows: int, names: Collection[str] = INPUT_NAMES) -> Iterator[Piece]:
        """Read what the named canonical columns are made of, at most ``rows`` rows at a time.

        Raises
        ------
        InputError
            A file is broken, or is no longer what it was.
        """
        first_rows = [1]
        for file, layout in zip(self._files, self._layouts, strict=True):
            row = first_rows[-1]
            for frame in read_pieces(file, rows, layout.needs(names)):
                yield Piece(frame, layout, row)
                row += frame.height
            first_rows.append(row)
        if self._first_rows not in ([1], first_rows):
            raise InputError(f"{self.path}: changed while it was read")
        self._first_rows = first_rows

    def with_origin(self, refused: pl.DataFrame) -> pl.DataFrame:
        """Add file and row in it to quarantined rows, of which ``source_row`` tells both."""
        starts = np.array(self._first_rows[:-1])
        file = np.searchsorted(starts, refused["source_row"].to_numpy(), side="right") - 1
        names = pl.Series([one.path.name for one in self._files])
        return refused.with_columns(
            names.gather(file).alias("source_file"),
            (pl.col("source_row") - pl.Series(starts[file]) + 1).alias("file_row"),
        ).select(*QUARANTINE_SCHEMA)


def _layout(file: SourceFile, mapping: SourceMapping, columns: Mapping[str, str], date_format: str) -> Layout:
    try:
        layout = layout_of(file.empty.columns, mapping, columns)
        parse(layout.canonical(file.empty, 1), date_format)  # tells a type that cannot be used
    except InputError as error:
        raise InputError(f"{file.path}: {error}") from error
    file.require(layout.needs())
    return layout
