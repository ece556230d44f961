"""Read tables from CSV, Parquet or Arrow, whole or in pieces; whatever is wrong with a file is one clear line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pyarrow as pa
from polars.exceptions import PolarsError

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.arrow_files import arrow_schema, read_arrow
from richcheap.ingestion.files.arrow_types import to_series, unreadable
from richcheap.ingestion.files.csv_records import count_records, repeated

SUFFIXES = {
    ".csv": "CSV",
    ".csv.gz": "CSV",
    ".parquet": "Parquet",
    ".arrow": "Arrow",
    ".feather": "Arrow",
    ".ipc": "Arrow",
}
"""Kind of a file by the end of its name."""

_ROWS_AT_A_TIME = 1 << 20
"""Of a table that is read whole."""


class SourceFile(NamedTuple):
    """One file of a source.

    Attributes
    ----------
    path : Path
    empty : DataFrame
        Its columns, without a row.
    faults : dict of str to str
        Why a column cannot be read, by its name; that does not matter until somebody asks for it.
    header : list of str
        Of a CSV file: the names as they stand in it.
    rows : int, optional
        Of a CSV file: how many it holds, counted apart from reading them.
    """

    path: Path
    empty: pl.DataFrame
    faults: Mapping[str, str]
    header: Sequence[str] = ()
    rows: int | None = None

    def require(self, columns: Iterable[str]) -> None:
        """Refuse the first of some columns that cannot be read.

        Raises
        ------
        InputError
            There is one.
        """
        for name in columns:
            if name in self.faults:
                raise InputError(f"{self.path}: column '{name}': {self.faults[name]}")


def open_source(path: Path) -> list[SourceFile]:
    """Find the file, or the files of a folder in the order of their names, and look at their columns.

    Parameters
    ----------
    path : Path
        A file (see `read_table`), or a folder that holds files of one kind; those whose name begins with a dot are
        none of them.

    Raises
    ------
    InputError
        There is none, or a file is empty, of another kind or broken.
    """
    if not path.is_dir():
        return [_look(path)]
    entries = sorted((entry for entry in path.iterdir() if not entry.name.startswith(".")), key=lambda e: e.name)
    if not entries:
        raise InputError(f"{path}: expected files of one kind, got an empty folder")
    kinds = {_kind(entry): entry.name for entry in reversed(entries)}
    if len(kinds) > 1:
        examples = " and ".join(f"{kind} ({name})" for kind, name in sorted(kinds.items()))
        raise InputError(f"{path}: expected files of one kind, got {examples}")
    return [_look(entry) for entry in entries]


def read_pieces(file: SourceFile, rows: int, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Read some columns of a file, at most ``rows`` rows at a time, in order; without rows there is one empty piece.

    Raises
    ------
    InputError
        It is broken or is no longer what it was, or one of the columns cannot be read.
    """
    file.require(columns)
    read = 0
    with _told(file.path):
        for piece in (_read_csv if _kind(file.path) == "CSV" else _read_arrow)(file, rows, columns):
            read += piece.height
            yield piece.rechunk()
        if not read:
            yield file.empty.select(columns)
    if file.rows not in {None, read}:
        raise InputError(f"{file.path}: changed while it was read: expected {file.rows:,} rows, got {read:,}")


def read_table(path: Path) -> pl.DataFrame:
    """Read a whole table.

    Parameters
    ----------
    path : Path
        ``.csv`` or ``.csv.gz`` (read as text, an empty field is null), ``.parquet``, ``.arrow``,
        ``.feather`` or ``.ipc``.

    Returns
    -------
    DataFrame
        As in the file; dictionary-encoded text is text, and a timestamp the local time of its zone.

    Raises
    ------
    InputError
        The file is missing, empty, of another kind or broken, or a column cannot be read.
    """
    file = _look(path)
    file.require(file.faults)
    return pl.concat(read_pieces(file, _ROWS_AT_A_TIME, file.empty.columns))


def _look(path: Path) -> SourceFile:
    if not path.is_file():
        raise InputError(f"{path}: no such file" if not path.exists() else f"{path}: expected a file, got a folder")
    with _told(path):
        file = _look_at_csv(path) if _kind(path) == "CSV" else _look_at_arrow(path)
    if not file.empty.width:
        raise InputError(f"{path}: expected columns with names, got none")
    return file


def _look_at_csv(path: Path) -> SourceFile:
    header, rows = count_records(path)
    if not header:
        raise InputError(f"{path}: the file is empty")
    return SourceFile(
        path, pl.DataFrame(schema=dict.fromkeys(filter(None, header), pl.String)), repeated(header), header, rows
    )


def _look_at_arrow(path: Path) -> SourceFile:
    schema = arrow_schema(path)
    unread = {field.name: fault for field in schema if (fault := unreadable(field.type)) is not None}
    kinds = {field.name: pa.null() if field.name in unread else field.type for field in schema if field.name}
    empty = pl.DataFrame({name: to_series(pa.nulls(0, kind)) for name, kind in kinds.items()})
    return SourceFile(path, empty, unread | repeated(schema.names))


def _read_csv(file: SourceFile, rows: int, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    places = {name: place for place, name in reversed([*enumerate(file.header)])}
    numbers = [str(place) for place in range(len(file.header))]  # names may stand twice
    table = pl.scan_csv(file.path, infer_schema=False, glob=False, new_columns=numbers)
    wanted = table.select(pl.col(str(places[name])).alias(name) for name in columns)
    return iter(wanted.collect_batches(chunk_size=rows, maintain_order=True, lazy=True))


def _read_arrow(file: SourceFile, rows: int, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    return read_arrow(file.path, columns, rows)


def _kind(path: Path) -> str:
    for suffix, kind in SUFFIXES.items():
        if path.name.lower().endswith(suffix):
            return kind
    raise InputError(f"{path}: expected {', '.join(SUFFIXES)}, got '{path.suffix}'")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what a reader raises into one line."""
    try:
        yield
    except (PolarsError, pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{path}: not a readable {path.suffix[1:]} file: {reason}") from error
