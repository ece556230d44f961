"""Count the records of a file of separated fields before a row is used, and refuse what no two readers read alike.

A quote in the wrong place can make a reader take many lines for one field, and a field too many shifts those after it.
So every byte is looked at once, a block at a time, against RFC 4180: a field is quoted whole or not at all, a quote in
it is doubled, a line ends in LF or CRLF.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import IO, NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.dialect import PLAIN, Dialect
from richcheap.ingestion.files.encodings import opened

BLOCK_BYTES = 1 << 20
LONGEST_RECORD = 1 << 20
"""Bytes of one record with the line breaks in it: far more than any needs, and little enough to hold."""

MIN_FIELDS = 4
"""With as many columns, the lines of a text seldom have just as many commas as the records have."""

_QUOTE, _LF, _CR = (ord(mark) for mark in '"\n\r')
_EMPTY_LINES = re.compile(rb"(?:\r?\n)*")
_ABOVE_HEADER = rb"(?:\xef\xbb\xbf)?(?:[^\n]*\n){%d}(?:\r?\n)*"  # the mark of UTF-8, lines, and empty ones
_QUOTING = "a field with a separator, a quote or a line break in it must be in quotes, and a quote in it doubled"

Places = npt.NDArray[np.intp]


class Records(NamedTuple):
    """What a CSV file holds.

    Attributes
    ----------
    header : list of str
        Names of its columns as they stand in it; none when the file is empty.
    rows : int
        Records after the header; an empty line is one, without values.
    """

    header: list[str]
    rows: int


class NotUtf8Error(ValueError):
    """The text is in another encoding."""


def count_records(path: Path, dialect: Dialect = PLAIN, shown_as: Path | None = None) -> Records:
    """Look at every byte of a file of separated fields in UTF-8, plain or compressed by gzip.

    Parameters
    ----------
    path : Path
    dialect : Dialect
        How it is written.
    shown_as : Path, optional
        The file that a user knows, when this one is a copy of it.

    Raises
    ------
    InputError
        It cannot be read, or in more than one way; the line is named.
    NotUtf8Error
        It is in another encoding.
    """
    with opened(path) as file:
        try:
            return _Counter(shown_as or path, dialect).count(_blocks(file))
        except UnicodeDecodeError as error:
            raise NotUtf8Error(str(error)) from error


def repeated(names: Iterable[str]) -> dict[str, str]:
    """Say of each name that several columns have what is wrong with it."""
    times = Counter(filter(None, names))
    return {name: f"expected once, got {count} columns of that name" for name, count in times.items() if count > 1}


def _blocks(text: IO[bytes]) -> Iterator[bytes]:
    check = codecs.getincrementaldecoder("utf-8")()
    while block := text.read(BLOCK_BYTES):
        check.decode(block)
        yield block
    check.decode(b"", final=True)


class _Counter:
    """Counts the records of one file; each text that is looked at begins where a record does."""

    def __init__(self, path: Path, dialect: Dialect) -> None:
        self._path, self._dialect = path, dialect
        self._separator = ord(dialect.separator)
        self._beside_quoted = np.zeros(256, dtype=bool)
        self._beside_quoted[[_QUOTE, self._separator, _LF]] = True
        self._above = re.compile(_ABOVE_HEADER % dialect.skip_lines)
        self._header: list[str] = []
        self._lines = self._records = 0  # before the text

    def count(self, blocks: Iterator[bytes]) -> Records:
        text = b""
        for block in blocks:
            text = self._look(text + block)
            if len(text) > LONGEST_RECORD:
                self._refuse(text, 0, f"a record of more than {LONGEST_RECORD:,} bytes begins; is a quote not closed?")
        if text and (left := self._look(text + b"\n")):
            self._refuse(left, 0, f"a record begins in which a quote is not closed; {_QUOTING}")
        return Records(self._header, max(self._records - 1, 0))

    def _look(self, text: bytes) -> bytes:
        """Count whole records, and return the text behind them."""
        if not self._records:
            above = self._above.match(text)
            if above is None:
                return text
            self._above = _EMPTY_LINES
            text = self._behind(text, above.end())
        data = np.frombuffer(text, dtype=np.uint8)
        places = np.flatnonzero((data == self._separator) | (data == _QUOTE) | (data == _LF) | (data == _CR))
        marks = data[places]
        quoted = np.logical_xor.accumulate(marks == _QUOTE)  # whether what follows the mark is inside quotes
        self._refuse_odd_marks(text, places, marks, quoted)
        ends = np.flatnonzero((marks == _LF) & ~quoted)
        if not ends.size:
            return text
        if not self._records:
            self._header = self._names(text[: places[ends[0]]])
        starts, whole = np.append(0, ends[:-1] + 1), slice(ends[-1] + 1)
        separators, lines = marks[whole] == self._separator, np.flatnonzero(marks[whole] == _LF)
        fields = 1 + np.add.reduceat(separators & ~quoted[whole], starts, dtype=np.int64)
        begins = np.append(0, places[ends[:-1]] + 1)
        for one in np.flatnonzero(fields > len(self._header)):
            too_many = self._dialect.separator.encode() * int(fields[one] - len(self._header))
            if text[begins[one] : places[ends[one]]].rstrip(b"\r ").endswith(too_many):
                continue  # they are empty
            what = f"expected {len(self._header)} fields, as in the header, got {fields[one]}; {_QUOTING}"
            self._refuse(text, begins[one], what)
        if len(lines) > len(ends):
            self._refuse_swallowed(text, separators, lines, starts, begins)
        self._records += len(ends)
        return self._behind(text, int(places[ends[-1]]) + 1)

    def _refuse_odd_marks(
        self, text: bytes, places: Places, marks: npt.NDArray[np.uint8], quoted: npt.NDArray[np.bool_]
    ) -> None:
        """Refuse the first quote that neither begins nor ends a field, nor is doubled, or CR that ends no line."""
        around = np.frombuffer(b"\n" + text + b"\n\n", dtype=np.uint8)  # taken for sound where it is not known yet
        opens = places[(marks == _QUOTE) & quoted]
        closes = places[(marks == _QUOTE) & ~quoted]
        returns = places[(marks == _CR) & ~quoted]
        ends_line = (around[closes + 2] == _CR) & (around[np.minimum(closes + 3, len(around) - 1)] == _LF)
        odd = [
            (opens[~self._beside_quoted[around[opens]]], f"a quote inside a field; {_QUOTING}"),
            (closes[~(self._beside_quoted[around[closes + 2]] | ends_line)], f"text after a quoted field; {_QUOTING}"),
            (returns[around[returns + 2] != _LF], "a line ends in CR alone; each must end in LF or CRLF"),
        ]
        faults = [(int(found[0]), what) for found, what in odd if found.size]
        if faults:
            self._refuse(text, *min(faults))

    def _refuse_swallowed(self, text: bytes, separators: Places, lines: Places, starts: Places, begins: Places) -> None:
        """Refuse the first record of several lines each of which has the separators of a record."""
        if len(self._header) < MIN_FIELDS:
            return
        of_line = np.add.reduceat(separators, np.append(0, lines[:-1] + 1), dtype=np.int64)
        like_a_record = of_line == len(self._header) - 1
        first = np.searchsorted(lines, starts)
        several = np.diff(np.append(first, len(lines))) > 1
        for one in np.flatnonzero(np.logical_and.reduceat(like_a_record, first) & several)[:1]:
            what = "a quoted field begins that holds whole records, by the separators of its lines; is a quote missing?"
            self._refuse(text, begins[one], what)

    def _names(self, header: bytes) -> list[str]:
        try:
            text = StringIO(header.decode("utf-8"), newline="")
            names = next(csv.reader(text, delimiter=self._dialect.separator, strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            self._refuse(
                header, 0, f"expected names of columns in UTF-8 text, got what cannot be read as such: {error}"
            )
        return names

    def _behind(self, text: bytes, place: int) -> bytes:
        self._lines += text.count(b"\n", 0, place)
        return text[place:]

    def _refuse(self, text: bytes, place: int, what: str) -> NoReturn:
        line = self._lines + text.count(b"\n", 0, place) + 1
        raise InputError(f"{self._path}: line {line}: {what}")
