"""Read tables from text, workbooks, JSON, Parquet or Arrow, whole or in pieces; what is wrong with a file is one line.

What no reader takes in pieces as it is (a workbook, JSON, text that is not in UTF-8) is copied first, to an Arrow file
or to text in UTF-8; an Arrow file as well, for it is read where it is mapped into memory.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa
from polars.exceptions import PanicException, PolarsError

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.arrow_files import arrow_schema, read_arrow
from richcheap.ingestion.files.arrow_types import to_series, unreadable
from richcheap.ingestion.files.csv_records import NotUtf8Error, count_records, repeated
from richcheap.ingestion.files.dialect import (
    FOUND,
    HEAD_BYTES,
    PLAIN,
    Dialect,
    FileFormat,
    find_dialect,
    places,
    squeezed,
)
from richcheap.ingestion.files.encodings import UTF_8, legacy_encoding, opened, unicode_encoding, utf_8_copy
from richcheap.ingestion.files.json_lines import copy_records
from richcheap.ingestion.files.workbooks import read_sheet

SUFFIXES = {
    ".csv": "CSV",
    ".csv.gz": "CSV",
    ".tsv": "CSV",
    ".tsv.gz": "CSV",
    ".txt": "CSV",
    ".txt.gz": "CSV",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".xlsb": "workbook",
    ".xls": "workbook",
    ".ods": "workbook",
    ".jsonl": "JSON",
    ".ndjson": "JSON",
    ".json": "JSON",
    ".parquet": "Parquet",
    ".arrow": "Arrow",
    ".feather": "Arrow",
    ".ipc": "Arrow",
}
"""Kind of a file by the end of its name."""

_FAULTS = (PolarsError, PanicException, pa.ArrowException, OSError, UnicodeDecodeError, RecursionError, MemoryError)
"""What readers raise for what stands in a file; polars' panics are no `Exception`."""

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
    data : Path
        What is read: the file, or a copy of it.
    header : list of str
        Of text: the names as they stand in it, without needless blanks.
    rows : int, optional
        Of text: how many it holds, counted apart from reading them.
    dialect : Dialect
        Of text.
    facts : dict of str to str
        What was found out about how it is written, for a person to look at.
    state : tuple of int, optional
        Size and time of the last change, before it was looked at.
    """

    path: Path
    empty: pl.DataFrame
    faults: Mapping[str, str]
    data: Path
    facts: Mapping[str, Any]
    header: Sequence[str] = ()
    rows: int | None = None
    dialect: Dialect = PLAIN
    state: tuple[int, int] | None = None

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

    def refuse_if_changed(self) -> None:
        """Refuse the file when it is no longer what was looked at.

        Raises
        ------
        InputError
            It has been written to, replaced or taken away.
        """
        if self.state != _state(self.path):
            raise InputError(f"{self.path}: changed while it was read; run again when nothing writes to it")


def source_paths(path: Path) -> list[Path]:
    """Return the file, or the files of a folder in the order of their names.

    Parameters
    ----------
    path : Path
        A file (see `read_table`), or a folder that holds files of one kind; those whose name begins with a dot are
        none of them.

    Raises
    ------
    InputError
        There is none, or they are of several kinds.
    """
    if not path.is_dir():
        return [path]
    entries = sorted((entry for entry in path.iterdir() if not entry.name.startswith(".")), key=lambda e: e.name)
    if not entries:
        raise InputError(f"{path}: expected files of one kind, got an empty folder")
    kinds = {_kind(entry): entry.name for entry in reversed(entries)}
    if len(kinds) > 1:
        examples = " and ".join(f"{kind} ({name})" for kind, name in sorted(kinds.items()))
        raise InputError(f"{path}: expected files of one kind, got {examples}")
    return entries


def open_source(path: Path, wanted: FileFormat, folder: Path) -> list[SourceFile]:
    """Look at the columns of the file, or of each file of a folder: of `source_paths`.

    Parameters
    ----------
    path : Path
    wanted : FileFormat
        What is known of how they are written.
    folder : Path
        Where copies are put that are needed as long as the files are read.

    Raises
    ------
    InputError
        There is none, or a file is empty, of another kind or broken.
    """
    return [look_at(one, wanted, folder, number) for number, one in enumerate(source_paths(path))]


def read_pieces(file: SourceFile, rows: int, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Read some columns of a file, at most ``rows`` rows at a time, in order; without rows there is one empty piece.

    Raises
    ------
    InputError
        It is broken or is no longer what it was, or one of the columns cannot be read.
    """
    file.require(columns)
    read = 0
    with _faults_in_one_line(file.path):
        pieces = (_read_text if _kind(file.data) == "CSV" else _read_arrow)(file, rows, columns)
        while piece := _next_piece(file, pieces):
            read += piece[0].height
            yield piece[0].rechunk()
        if not read:
            yield file.empty.select(columns)
    if file.rows not in {None, read}:
        raise InputError(f"{file.path}: changed while it was read: expected {file.rows:,} rows, got {read:,}")


def _next_piece(file: SourceFile, pieces: Iterator[pl.DataFrame]) -> tuple[pl.DataFrame] | None:
    """Return the next piece, if there is one."""
    file.refuse_if_changed()
    piece = next(pieces, None)
    file.refuse_if_changed()
    return None if piece is None else (piece,)


def _state(path: Path) -> tuple[int, int] | None:
    """Return what tells that a file has changed; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def read_table(path: Path, wanted: FileFormat = FOUND) -> pl.DataFrame:
    """Read a whole table.

    Parameters
    ----------
    path : Path
        Its name ends in one of `SUFFIXES`.
    wanted : FileFormat
        What is known of how it is written.

    Returns
    -------
    DataFrame
        As in the file, separated fields as text, an empty one null; dictionary-encoded text is text, and a timestamp
        the local time of its zone.

    Raises
    ------
    InputError
        The file is missing, empty, of another kind or broken, or a column cannot be read.
    """
    with TemporaryDirectory(prefix="richcheap-") as folder:
        file = look_at(path, wanted, Path(folder))
        file.require(file.faults)
        return pl.concat(read_pieces(file, _ROWS_AT_A_TIME, file.empty.columns))


def look_at(path: Path, wanted: FileFormat, folder: Path, number: int = 0) -> SourceFile:
    """Look at the columns of one file; a copy that it needs bears the number.

    Raises
    ------
    InputError
        It is missing, empty, of another kind or broken.
    """
    if not path.is_file():
        what = "expected a file, got a folder" if path.is_dir() else "no such file; correct the path"
        raise InputError(f"{path}: {what}")
    copy = folder / f"{number}.arrow"
    kind = _kind(path)
    state = _state(path)
    with _faults_in_one_line(path):
        if path.stat().st_size == 0:
            raise InputError(f"{path}: the file is empty")
        if kind == "CSV":
            file = _look_at_text(path, wanted, copy.with_suffix(".csv"))
        elif kind == "workbook":
            file = _look_at_workbook(path, wanted, copy)
        elif kind == "JSON":
            copy_records(path, copy)
            file = _look_at_arrow(path, copy)
        elif kind == "Arrow":
            shutil.copyfile(path, copy)  # it is mapped into memory, and a mapped file that is cut ends the process
            file = _look_at_arrow(path, copy)
        else:
            file = _look_at_arrow(path, path)
    if not file.empty.width:
        raise InputError(f"{path}: expected columns with names, got none")
    return file._replace(facts={"kind": kind, **file.facts}, state=state)


def _look_at_text(path: Path, wanted: FileFormat, copy: Path) -> SourceFile:
    with opened(path) as text:
        start = text.read(4)
    encoding = wanted.encoding or unicode_encoding(start)
    if encoding == UTF_8:
        try:
            return _look_at_utf_8(path, path, wanted, encoding)
        except NotUtf8Error as error:
            if wanted.encoding is not None:
                raise InputError(f"{path}: expected text in {encoding} (data.encoding), got {error}") from error
            encoding = legacy_encoding(path)
    utf_8_copy(path, encoding, copy)
    return _look_at_utf_8(path, copy, wanted, encoding)


def _look_at_utf_8(path: Path, data: Path, wanted: FileFormat, encoding: str) -> SourceFile:
    with opened(data) as text:
        head = text.read(HEAD_BYTES)
    if len(head) == HEAD_BYTES:
        head = head[: head.rfind(b"\n") + 1]
    dialect = find_dialect(head.decode("utf-8-sig", errors="replace"), wanted)
    header, rows = count_records(data, dialect, path)
    if not header:
        raise InputError(f"{path}: the file is empty")
    names = [squeezed(name) for name in header] if dialect.headed else places(len(header))
    rows += not dialect.headed
    facts = {
        "encoding": encoding,
        "separator": dialect.separator,
        "header_row": dialect.headed * (dialect.skip_lines + 1),
    }
    empty = pl.DataFrame(schema=dict.fromkeys(filter(None, names), pl.String))
    return SourceFile(path, empty, repeated(names), data, facts, names, rows, dialect)


def _look_at_workbook(path: Path, wanted: FileFormat, copy: Path) -> SourceFile:
    sheet = read_sheet(path, wanted)
    faults = repeated(sheet.header)
    named = {name: sheet.table.to_series(place) for place, name in reversed([*enumerate(sheet.header)]) if name}
    held = pl.DataFrame({name: named[name] for name in dict.fromkeys(filter(None, sheet.header))})
    held.with_columns(pl.col(pl.Null).cast(pl.String)).write_ipc(copy)
    facts = {"sheet": sheet.name, "header_row": sheet.header_row, "other_sheets": sheet.others}
    return SourceFile(path, held.clear(), faults, copy, facts)


def _look_at_arrow(path: Path, data: Path) -> SourceFile:
    empty, faults = _columns(arrow_schema(data).remove_metadata())
    return SourceFile(path, empty, faults, data, {})


@lru_cache(maxsize=16)
def _columns(schema: pa.Schema) -> tuple[pl.DataFrame, Mapping[str, str]]:
    """Return columns without a row, and why some cannot be read: once for all files of a folder that are alike."""
    unread = {field.name: fault for field in schema if (fault := unreadable(field.type)) is not None}
    kinds = {field.name: pa.null() if field.name in unread else field.type for field in schema if field.name}
    empty = pl.DataFrame({name: to_series(pa.nulls(0, kind)) for name, kind in kinds.items()})
    return empty, unread | repeated(schema.names)


def _read_text(file: SourceFile, rows: int, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    places = {name: place for place, name in reversed([*enumerate(file.header)])}
    numbers = [str(place) for place in range(len(file.header))]  # names may stand twice
    table = pl.scan_csv(
        file.data,
        separator=file.dialect.separator,
        has_header=file.dialect.headed,
        skip_lines=file.dialect.skip_lines,
        infer_schema=False,
        glob=False,
        new_columns=numbers,
        truncate_ragged_lines=True,  # what is too many is empty: records are counted before
    )
    wanted = table.select(pl.col(str(places[name])).alias(name) for name in columns)
    return iter(wanted.collect_batches(chunk_size=rows, maintain_order=True, lazy=True))


def _read_arrow(file: SourceFile, rows: int, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    return read_arrow(file.data, columns, rows)


def _kind(path: Path) -> str:
    for suffix, kind in SUFFIXES.items():
        if path.name.lower().endswith(suffix):
            return kind
    raise InputError(f"{path}: expected {', '.join(SUFFIXES)}, got '{path.suffix}'")


@contextmanager
def _faults_in_one_line(path: Path) -> Iterator[None]:
    """Turn what a reader raises into one line."""
    try:
        yield
    except _FAULTS as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{path}: not a readable {path.suffix[1:]} file: {reason}") from error
