"""The files of observations as one table: read in pieces, as often as needed, each row with its place."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.readers import SourceFile, look_at, read_pieces, source_paths
from richcheap.ingestion.files.unread import marked_pieces
from richcheap.ingestion.mappings.base import Layout, SourceMapping, layout_of
from richcheap.ingestion.preparation import Options
from richcheap.ingestion.reading.date_columns import texts_of
from richcheap.ingestion.reading.dates import read_dates
from richcheap.ingestion.reading.notation import Notation, NotationFindings, describe, find_notation
from richcheap.ingestion.reading.parsing import parse
from richcheap.ingestion.reading.terms import TERMS, Terms
from richcheap.ingestion.reading.wide import find_wide
from richcheap.ingestion.schema import INPUT_NAMES, QUARANTINE_SCHEMA, names_of

HEAD_ROWS = 10_000
"""Rows of the first file, from which it is told how dates and numbers are written; all files where these do not say."""
JOINED_ROWS = 1 << 16
"""Rows up to which pieces of small files are put together: to check so many takes twice as long as to check 750."""
JOINED_BYTES = 1 << 26
"""Bytes up to which they are."""

_NAMED_DATE = TERMS + "date in the file's name"
_NAMED_MONTH_IN_NAME = re.compile(r"(?<!\d)(\d{1,2})[-_. ]?([A-Za-z]{3})[-_. ]?(\d{4})(?!\d)")
_DATE_IN_NAME = re.compile(r"(?<!\d)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})(?!\d)")


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
    in_last : bool
        Whether the file is the last one.
    """

    frame: pl.DataFrame
    layout: Layout
    first_row: int
    in_last: bool

    def is_like(self, other: "Piece") -> bool:
        """Return whether another piece has the same columns, which mean the same, and is of the last file or not."""
        alike = self.layout is other.layout and self.in_last == other.in_last
        return alike and [*self.frame.schema.items()] == [*other.frame.schema.items()]


def joined(pieces: Iterable[Piece], rows: int) -> Iterator[Piece]:
    """Put consecutive pieces together while they are small, and of files that are laid out alike.

    Parameters
    ----------
    pieces : iterable of Piece
        In the order of the source.
    rows : int
        Most rows of a piece that is put together; never more than `JOINED_ROWS`, nor more than `JOINED_BYTES` in bytes.
    """
    held: list[Piece] = []
    height = size = 0
    for piece in pieces:
        height, size = height + piece.frame.height, size + int(piece.frame.estimated_size())
        if held and (height > min(rows, JOINED_ROWS) or size > JOINED_BYTES or not held[0].is_like(piece)):
            yield _join(held)
            held, height, size = [], piece.frame.height, int(piece.frame.estimated_size())
        if height >= min(rows, JOINED_ROWS) or size >= JOINED_BYTES:  # it is not held while the next one is read
            yield _join([*held, piece])
            held, height, size = [], 0, 0
        else:
            held.append(piece)
    if held:
        yield _join(held)


def _join(pieces: Sequence[Piece]) -> Piece:
    frame = pieces[0].frame if len(pieces) == 1 else pl.concat([piece.frame for piece in pieces], rechunk=True)
    return pieces[0]._replace(frame=frame)


class Source:
    """A file of observations, or a folder of them.

    Parameters
    ----------
    path : Path
        See `richcheap.ingestion.files.readers.source_paths`.
    mapping : SourceMapping
        How its columns are read.
    options : Options
        What is said of how it is written.
    folder : Path
        Existing folder for copies of files that cannot be read in pieces as they are.
    lenient : bool
        Whether what its dates do not determine is left to the caller to look at, in ``findings``.
    known : sequence of int
        Rows of each of its first files, where these were read before: they are not read again.
    known_findings : NotationFindings, optional
        What was told of them then; it holds where `HEAD_ROWS` of them had told it.

    Attributes
    ----------
    findings : NotationFindings
    notation : Notation
        How its dates and numbers are written.

    Raises
    ------
    InputError
        A file cannot be used, one of its columns is missing or of a type that cannot hold what it should, or it cannot
        be told how its dates are written.
    """

    def __init__(
        self,
        path: Path,
        mapping: SourceMapping,
        options: Options,
        folder: Path,
        *,
        lenient: bool = False,
        known: Sequence[int] = (),
        known_findings: NotationFindings | None = None,
    ) -> None:
        self.path, self._mapping, self._options, self._folder = path, mapping, options, folder
        terms = None
        if options.terms is not None:
            terms = Terms(Path(options.terms), options.terms_columns)
        self._terms = terms if terms is not None and terms.names else None
        self._paths, self._known = source_paths(path), len(known)
        self._opened: dict[int, Table] = {}
        self._first_rows = [*accumulate(known, initial=1)]
        tables = self.tables
        known_hold = known_findings is not None and known_findings.determined and sum(known) >= HEAD_ROWS
        self.findings = known_findings if known_findings is not None and known_hold else self._find_notation()
        if self.findings.doubts and not lenient:
            raise InputError("\n".join(f"{path}: {doubt}" for doubt in self.findings.doubts))
        self.notation = self.findings.notation(options.stated)
        for before, table in zip([None, *tables], tables, strict=False):
            if before is None or table.layout is not before.layout:
                table.check(self.notation)

    @property
    def tables(self) -> list["Table"]:
        """The files that are read, a table each."""
        return [self._table(place) for place in range(self._known, len(self._paths))]

    @property
    def file_rows(self) -> list[int]:
        """Rows of each file, known when they were read once."""
        return [after - first for first, after in pairwise(self._first_rows)]

    @property
    def rows(self) -> int:
        """Rows of all files, known when they were read once."""
        return self._first_rows[-1] - 1

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(table.file.path.stat().st_size for table in self.tables)

    def pieces(self, rows: int, names: Collection[str] = INPUT_NAMES) -> Iterator[Piece]:
        """Read what the named canonical columns are made of, at most ``rows`` rows at a time.

        Raises
        ------
        InputError
            A file is broken, or is no longer what it was.
        """
        first_rows = self._first_rows[: self._known + 1]
        for place in range(self._known, len(self._paths)):
            table, row = self._table(place), first_rows[-1]
            for frame in table.frames(rows, names):
                yield Piece(frame, table.layout, row, place + 1 == len(self._paths))
                row += frame.height
            first_rows.append(row)
        if len(self._first_rows) == len(first_rows) and self._first_rows != first_rows:
            raise InputError(f"{self.path}: changed while it was read")
        self._first_rows = first_rows

    def with_origin(self, refused: pl.DataFrame) -> pl.DataFrame:
        """Add file and row in it to quarantined rows, of which ``source_row`` tells both."""
        starts = np.array(self._first_rows[:-1])
        file = np.searchsorted(starts, refused["source_row"].to_numpy(), side="right") - 1
        names = pl.Series([path.name for path in self._paths])
        return refused.with_columns(
            names.gather(file).alias("source_file"),
            (pl.col("source_row") - pl.Series(starts[file]) + 1).alias("file_row"),
        ).select(*QUARANTINE_SCHEMA)

    def describe(self) -> dict[str, Any]:
        """Return what was told of how the source is written, as plain values."""
        first = self._table(0)
        return {
            **first.file.facts,
            "files": len(self._paths),
            "layout": first.kind,
            "date_from_file_name": first.date_in_name is not None,
            **describe(self.findings, self.notation),
        }

    def _table(self, place: int) -> "Table":
        """Return one of the files as a table; it is looked at when it is first asked for."""
        if place not in self._opened:
            file = look_at(self._paths[place], self._options.file_format, self._folder, place)
            alike = next(reversed(self._opened.values())).of(file) if self._opened else None
            self._opened[place] = alike or Table(file, self._mapping, self._options, self._terms)
        return self._opened[place]

    def _every_table(self) -> Iterator["Table"]:
        return map(self._table, range(len(self._paths)))

    def _find_notation(self) -> NotationFindings:
        """Look at the first rows, and at all of them only where these leave a doubt."""
        stated = self._options.stated
        findings = find_notation(pl.concat(self._heads(), how="diagonal"), stated)
        if findings.determined:
            return findings
        names = [*findings.dates]
        texts = [
            _texts(table.layout.canonical(frame, 1, names)).unique(maintain_order=True)
            for table in self._every_table()
            for frame in table.frames(HEAD_ROWS, names)
        ]
        return findings.with_dates(pl.concat(texts, how="diagonal"), stated)

    def _heads(self) -> list[pl.DataFrame]:
        heads: list[pl.DataFrame] = []
        for table in self._every_table():
            for frame in table.frames(HEAD_ROWS):
                heads.append(_texts(table.layout.canonical(frame, 1)).head(HEAD_ROWS))
                if sum(head.height for head in heads) >= HEAD_ROWS:
                    return heads
        return heads


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of text, and those of dates that are numbers."""
    counted = [name for name in names_of("date") if name in frame.columns and frame.schema[name].is_numeric()]
    return frame.select(pl.col(pl.String), *(texts_of(frame[name]).alias(name) for name in counted))


class Table:
    """One file of a source as a long table, with what is known of its bonds from elsewhere.

    Parameters
    ----------
    file : SourceFile
    mapping : SourceMapping
    options : Options
    terms : Terms, optional

    Raises
    ------
    InputError
        A column is missing.
    """

    def __init__(self, file: SourceFile, mapping: SourceMapping, options: Options, terms: Terms | None) -> None:
        self.file, self._terms = file, terms
        self._mapping = mapping
        self._file_names = mapping.names_in(file.empty.columns)
        theirs = {column: name for name, column in self._file_names.items()}
        have = [theirs.get(name, name) for name in file.empty.columns]
        passed = [name for name in INPUT_NAMES if mapping.passes_through and name in have]
        self.wide = find_wide(have, options.layout, options.columns, [*passed, *mapping.requires])
        known = {} if self.wide is None else self.wide.known(options.cells)
        self.date_in_name = _date_in(file.path.name)
        if self.date_in_name is not None:
            known = {"date": pl.col(_NAMED_DATE), **known}
        refusals = []
        if terms is not None:
            known |= {name: pl.col(TERMS + name) for name in terms.names}
            self._key = _key(have, mapping, options.columns, known)
            refusals = [terms.refusal(self._key)]
        named = {name: theirs.get(column or "", column) for name, column in options.columns.items()}
        wanted = {name: column for name, column in named.items() if self.wide is None or column in have}
        try:
            self.layout = layout_of(
                have,
                mapping,
                wanted,
                known=known,
                values=options.values,
                constants=options.constants,
                refusals=refusals,
            )
        except InputError as error:
            raise InputError(f"{file.path}: {error}") from error
        if _NAMED_DATE not in self.layout.expressions["date"].meta.root_names():
            self.date_in_name = None

    def of(self, file: SourceFile) -> "Table | None":
        """Return the table of another file when it is laid out alike; None where it has to be looked at by itself."""
        date = None if self.date_in_name is None else _date_in(file.path.name)
        # Where neither a column nor the name says the date here, the other's name may.
        dated = date is not None if self.date_in_name else bool(self.layout.expressions["date"].meta.root_names())
        if not dated or [*file.empty.schema.items()] != [*self.file.empty.schema.items()]:
            return None
        other = copy(self)
        other.file, other.date_in_name = file, date
        return other

    @property
    def kind(self) -> str:
        """How the table is laid out, as ``data.layout`` names it."""
        if self.wide is None:
            return "long"
        return "dates_across" if self.wide.names_are == "date" else "bonds_across"

    def check(self, notation: Notation) -> None:
        """Refuse columns of a type that cannot hold what they should.

        Raises
        ------
        InputError
            There is one.
        """
        try:
            parse(self.layout.canonical(self._long(self._mapping.named(self.file.empty)), 1), notation)
        except InputError as error:
            raise InputError(f"{self.file.path}: {error}") from error

    def frames(self, rows: int, names: Collection[str] = INPUT_NAMES) -> Iterator[pl.DataFrame]:
        """Read what canonical columns are made of, about ``rows`` rows at a time."""
        columns = self.layout.needs(names)
        if self._terms is not None:
            columns = sorted({*columns, *self._key.meta.root_names()})
        have = self.file.empty.columns
        columns = [self._file_names.get(name, name) for name in columns]
        columns = [name for name in columns if name in have] or have[:1]
        if self.wide is not None:
            columns = self.wide.needs(columns)
            rows = max(rows // len(self.wide.across), 1)
        read = marked_pieces if names is INPUT_NAMES and self.wide is None else read_pieces
        for frame in read(self.file, rows, columns):
            yield self._long(self._mapping.named(frame))

    def _long(self, frame: pl.DataFrame) -> pl.DataFrame:
        long = frame if self.wide is None else self.wide.long(frame)
        if self.date_in_name is not None:
            long = long.with_columns(pl.lit(self.date_in_name).alias(_NAMED_DATE))
        return long if self._terms is None else self._terms.join(long, self._key)


def _key(
    have: Sequence[str], mapping: SourceMapping, columns: Mapping[str, str | None], known: Mapping[str, pl.Expr]
) -> pl.Expr:
    """Return what names the bond of a row, for its terms to be looked up."""
    named = columns.get("bond_id")
    if named is not None:
        return pl.col(named)
    if "bond_id" in mapping.expressions:
        return mapping.expressions["bond_id"]
    if "bond_id" in have and mapping.passes_through:
        return pl.col("bond_id")
    return known.get("bond_id", pl.lit(None, dtype=pl.String))


def _date_in(name: str) -> str | None:
    """Return the one date that a file's name holds, such as in prices_2024-03-04.csv."""
    dates = ["-".join(parts) for parts in _DATE_IN_NAME.findall(name)]
    dates += [" ".join(parts) for parts in _NAMED_MONTH_IN_NAME.findall(name)]
    read = read_dates(pl.Series(dates, dtype=pl.String), "%Y-%m-%d")["date"].drop_nulls()
    return str(read[0]) if len(read) == 1 else None
