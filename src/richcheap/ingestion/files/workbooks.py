"""Sheets of workbooks, read by calamine through fastexcel: a cell of a number stays one, to its last digit."""

import logging
from pathlib import Path
from typing import Literal, NamedTuple

import fastexcel
import polars as pl

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.dialect import FileFormat, header_place, places, squeezed
from richcheap.ingestion.files.unpacked import refuse_bombs

_HEAD_ROWS = 200

logging.getLogger("fastexcel").setLevel(logging.ERROR)  # that a column is empty is no news


class Sheet(NamedTuple):
    """One sheet of a workbook.

    Attributes
    ----------
    table : DataFrame
        A column for each name; a name that stands twice is told by a suffix of calamine's making.
    header : list of str
        The names as they stand in it, without needless blanks.
    name : str
    header_row : int
        From 1; 0 where there is none.
    others : list of str
        The workbook's other sheets.
    """

    table: pl.DataFrame
    header: list[str]
    name: str
    header_row: int
    others: list[str]


def read_sheet(path: Path, wanted: FileFormat) -> Sheet:
    """Read the sheet that is wanted, the first where none is named.

    Raises
    ------
    InputError
        The workbook cannot be read or has no such sheet.
    """
    refuse_bombs(path)
    try:
        book = fastexcel.read_excel(path)
        name = book.sheet_names[0] if wanted.sheet is None else wanted.sheet
        if name not in book.sheet_names:
            raise InputError(f"{path}: expected a sheet '{name}' (data.sheet), got {', '.join(book.sheet_names)}")
        head = book.load_sheet(name, header_row=None, n_rows=_HEAD_ROWS, dtypes="string").to_polars()
        records = [[cell or "" for cell in row] for row in head.iter_rows()]
        place = header_place(records) if wanted.header_row is None else wanted.header_row - 1
        header = [squeezed(cell) for cell in records[place]] if 0 <= place < len(records) else []
        typed = _below(book, name, place, None)
        texts = _below(book, name, place, "string")
    except fastexcel.FastExcelError as error:
        raise InputError(f"{path}: not a readable workbook: {str(error).splitlines()[0]}") from error
    if place < 0:
        header = places(len(typed.columns))
    table = pl.DataFrame([_whole(typed[column], texts[column]) for column in typed.columns[: len(header)]])
    others = [other for other in book.sheet_names if other != name]
    return Sheet(table, header, name, place + 1, others)


def _below(book: fastexcel.ExcelReader, name: str, place: int, kinds: Literal["string"] | None) -> pl.DataFrame:
    """Return the rows below the header."""
    sheet = book.load_sheet(name, header_row=None, skip_rows=place + 1, schema_sample_rows=None, dtypes=kinds)
    return sheet.to_polars()


def _whole(typed: pl.Series, text: pl.Series) -> pl.Series:
    """Return a column with its type, or as text when it holds something of another: calamine leaves that out."""
    if typed.null_count() == text.null_count():
        return typed
    kept = pl.when(pl.col("typed").is_null()).then("text").otherwise(pl.col("typed").cast(pl.String))
    return pl.DataFrame({"typed": typed, "text": text}).select(kept.alias(typed.name))[typed.name]
