"""Read tables from CSV, Parquet or Arrow, whole or in pieces; whatever is wrong with a file is one clear line."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import polars as pl
from polars.exceptions import NoDataError, PolarsError

from stages.ingestion.errors import InputError

SUFFIXES = {
    ".csv": "CSV",
    ".csv.gz": "CSV",
    ".parquet": "Parquet",
    ".arrow": "Arrow",
    ".feather": "Arrow",
    ".ipc": "Arrow",
}
"""Kind of a file by the end of its name."""


class SourceFile(NamedTuple):
    """One file of a source.

    Attributes
    ----------
    path : Path
    empty : DataFrame
        Its columns, without a row.
    """

    path: Path
    empty: pl.DataFrame


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
    """Read some columns of a file, ``rows`` rows at a time, in order; a file without rows gives one empty piece.

    An Arrow stream is read whole.

    Raises
    ------
    InputError
        It is broken.
    """
    with _told(file.path):
        table = _scan(file.path).select(columns)
        pieces: Iterator[pl.DataFrame]
        if _kind(file.path) == "CSV":
            pieces = iter(table.collect_batches(chunk_size=rows, maintain_order=True, lazy=True))
        else:
            height = int(table.select(pl.len()).collect().item())
            pieces = (table.slice(start, rows).collect() for start in range(0, max(height, 1), rows))
        none = True
        for piece in pieces:
            none = False
            yield _plain(piece).rechunk()
        if none:
            yield _plain(table.head(0).collect())


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
        As in the file; dictionary-encoded text is text.

    Raises
    ------
    InputError
        The file is missing, empty, of another kind or broken.
    """
    file = _look(path)
    with _told(path):
        return _plain(_scan(file.path).collect())


def _look(path: Path) -> SourceFile:
    if not path.is_file():
        raise InputError(f"{path}: no such file" if not path.exists() else f"{path}: expected a file, got a folder")
    with _told(path):
        empty = _plain(_scan(path).head(0).collect())
    for name, dtype in empty.schema.items():
        if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
            raise InputError(f"{path}: column '{name}': expected plain values, got {dtype}")
    if empty.width == 1 and ";" in empty.columns[0]:
        raise InputError(f"{path}: expected fields separated by ',', got '{empty.columns[0][:60]}'")
    return SourceFile(path, empty)


def _kind(path: Path) -> str:
    for suffix, kind in SUFFIXES.items():
        if path.name.lower().endswith(suffix):
            return kind
    raise InputError(f"{path}: expected {', '.join(SUFFIXES)}, got '{path.suffix}'")


def _scan(path: Path) -> pl.LazyFrame:
    match _kind(path):
        case "CSV":
            return pl.scan_csv(path, infer_schema=False, glob=False)
        case "Parquet":
            return pl.scan_parquet(path, glob=False, hive_partitioning=False)
        case _:
            table = pl.scan_ipc(path, glob=False, hive_partitioning=False)
            try:
                table.collect_schema()
            except PolarsError:
                return pl.read_ipc_stream(path).lazy()
            return table


def _plain(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(pl.selectors.categorical().cast(pl.String), pl.selectors.enum().cast(pl.String))


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what a reader raises into one line."""
    try:
        yield
    except NoDataError:
        raise InputError(f"{path}: the file is empty") from None
    except (PolarsError, OSError) as error:
        raise InputError(f"{path}: not a readable {path.suffix[1:]} file: {str(error).splitlines()[0]}") from error
