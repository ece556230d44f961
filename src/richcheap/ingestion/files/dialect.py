"""Find how a text file is written: its separator, and the line that its header stands on.

The first records are read with each separator that tables have; the one that gives most records the same number of
fields, and the most fields, is the file's. Python's `csv` takes records apart; DuckDB's sniffer was compared and finds
the same separators, but takes a padded title line for the header and picks an order of day and month without a word.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from io import StringIO
from statistics import median_high
from typing import NamedTuple

SEPARATORS = (",", ";", "\t", "|")
"""In the order in which they are taken when nothing tells them apart."""

HEAD_BYTES = 1 << 18
"""Of a file, from which its dialect is told."""

MAX_RECORDS = 200
"""Of the head: titles are above the table, and one shape shows soon."""

_VALUE = re.compile(
    r"""[-+(]?[$€£¥]?\s*[-+]?\d[\d.,'\s\u00a0]*[%)]?        # a number
    |\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*                   # a date in digits
    |\d{1,2}[-\s/.]?[A-Za-z]{3,9}\.?[-\s/.,]*\d{2,4}.*   # 4 March 2024
    """,
    re.VERBOSE,
)


class FileFormat(NamedTuple):
    """What a user says of how files are written.

    Attributes
    ----------
    encoding : str, optional
        Of text; None = found.
    separator : str, optional
        Of fields; None = found.
    header_row : int, optional
        Line (of a sheet: row) of the names of the columns, from 1; 0 = there is none; None = found.
    sheet : str, optional
        Of a workbook; None = the first.
    """

    encoding: str | None = None
    separator: str | None = None
    header_row: int | None = None
    sheet: str | None = None


class Dialect(NamedTuple):
    """How a text file is written.

    Attributes
    ----------
    separator : str
        Of fields.
    skip_lines : int
        Lines above the header.
    headed : bool
        Whether there is a header.
    """

    separator: str = ","
    skip_lines: int = 0
    headed: bool = True


FOUND = FileFormat()
"""Nothing is said: all is found."""

PLAIN = Dialect()
"""Commas, and the header at the top."""


def find_dialect(head: str, wanted: FileFormat) -> Dialect:
    """Tell the dialect from the first text of a file, which ends at the end of a line."""
    separators = SEPARATORS if wanted.separator is None else (wanted.separator,)
    if wanted.header_row:
        head = "".join(head.splitlines(keepends=True)[wanted.header_row - 1 :])
    read = {separator: _records(head, separator) for separator in separators}
    separator = max(separators, key=lambda one: _regularity([fields for _, fields in read[one]]))
    if wanted.header_row is not None:
        return Dialect(separator, max(wanted.header_row - 1, 0), wanted.header_row > 0)
    records = read[separator]
    place = header_place([fields for _, fields in records])
    return Dialect(separator, records[place][0] if records else 0)


def places(count: int) -> list[str]:
    """Return names for columns that have none: column_1 and so on."""
    return [f"column_{place}" for place in range(1, count + 1)]


def header_place(records: Sequence[Sequence[str]]) -> int:
    """Return the position of the record that names the columns: as full as most are, and none of it a value.

    Where there is none such it is the first that is not empty.

    Examples
    --------
    >>> header_place([["Prices of 4 March", ""], ["", ""], ["ISIN", "Price"], ["X1", "99.5"]])
    2
    """
    filled = [[cell for cell in record if cell.strip()] for record in records]
    counts = [len(cells) for cells in filled if cells]
    if not counts:
        return 0
    body = median_high(counts[len(counts) // 2 :])  # titles are above the table
    min_cells = max(body / 2, min(body, 2))
    for place, cells in enumerate(filled):
        if cells and len(cells) >= min_cells and not any(is_value(cell) for cell in cells):
            return place
    return next(place for place, cells in enumerate(filled) if cells)


def is_value(cell: str) -> bool:
    """Tell a number or a date from a name."""
    return _VALUE.fullmatch(cell.strip()) is not None


def squeezed(name: str) -> str:
    r"""Return a name of a column with each run of blanks and line breaks as one blank, and none around it.

    Examples
    --------
    >>> squeezed(" COUPON \n(%) ")
    'COUPON (%)'
    """
    return " ".join(name.split())


def _records(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """Return the first records, each with the lines before it; what is no CSV is what can be read of it."""
    found: list[tuple[int, list[str]]] = []
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator)
    before = 0
    try:
        for fields in reader:
            found.append((before, fields))
            before = reader.line_num
            if len(found) == MAX_RECORDS:
                break
    except csv.Error:
        pass
    return found


def _regularity(records: Sequence[Sequence[str]]) -> tuple[float, int]:
    """Return the share of records that have the most frequent number of fields, at least two, and this number."""
    widths = Counter(len(fields) for fields in records if any(cell.strip() for cell in fields))
    wide = {width: count for width, count in widths.items() if width > 1}
    if not wide:
        return 0.0, 0
    width, count = max(wide.items(), key=lambda item: (item[1], item[0]))
    return count / widths.total(), width
