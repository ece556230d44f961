"""Count a CSV file's records before a row of it is used, and refuse what no two readers understand alike.

A quote in the wrong place can make a reader take many lines for one field, and a field too many shifts those after it.
So every byte is looked at once, a block at a time, against RFC 4180: a field is quoted whole or not at all, a quote in
it is doubled, a line ends in LF or CRLF.
"""

import csv
import gzip
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BufferedReader, StringIO
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np
import numpy.typing as npt

from richcheap.ingestion.errors import InputError

BLOCK_BYTES = 1 << 20
LONGEST_RECORD = 1 << 20
"""Bytes of one record with the line breaks in it: far more than any needs, and little enough to hold."""

FEWEST_FIELDS = 4
"""With as many columns, the lines of a text seldom have just as many commas as the records have."""

_QUOTE, _COMMA, _LF, _CR = (ord(mark) for mark in '",\n\r')
_BESIDE_QUOTED = np.zeros(256, dtype=bool)
_BESIDE_QUOTED[[_QUOTE, _COMMA, _LF]] = True
_BEFORE_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?(?:\r?\n)*")  # the mark of UTF-8, and empty lines
_QUOTING = "a field with a comma, a quote or a line break in it must be in quotes, and a quote in it doubled"

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


def count_records(path: Path) -> Records:
    """Look at every byte of a CSV file, plain or compressed by gzip.

    Raises
    ------
    InputError
        It cannot be read, or in more than one way; the line is named.
    """
    try:
        with path.open("rb") as file:
            return _Counter(path).count(_blocks(file, path))
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path}: not a readable {path.suffix[1:]} file: {error}") from error


def repeated(names: Iterable[str]) -> dict[str, str]:
    """Say of each name that several columns have what is wrong with it."""
    times = Counter(filter(None, names))
    return {name: f"expected once, got {count} columns of that name" for name, count in times.items() if count > 1}


def _blocks(file: BufferedReader, path: Path) -> Iterator[bytes]:
    with gzip.open(file) if file.peek(2)[:2] == b"\x1f\x8b" else file as text:
        start = text.peek(4)[:4]
        if start[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in start:
            raise InputError(f"{path}: expected UTF-8 text, got UTF-16 or UTF-32; save it as UTF-8")
        while block := text.read(BLOCK_BYTES):
            yield block


class _Counter:
    """Counts the records of one file; each text that is looked at begins where a record does."""

    def __init__(self, path: Path) -> None:
        self._path = path
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
        if not self._records and (nothing := _BEFORE_HEADER.match(text)):
            text = self._behind(text, nothing.end())
        data = np.frombuffer(text, dtype=np.uint8)
        places = np.flatnonzero((data == _COMMA) | (data == _QUOTE) | (data == _LF) | (data == _CR))
        marks = data[places]
        quoted = np.logical_xor.accumulate(marks == _QUOTE)  # whether what follows the mark is inside quotes
        self._refuse_odd_marks(text, places, marks, quoted)
        ends = np.flatnonzero((marks == _LF) & ~quoted)
        if not ends.size:
            return text
        if not self._records:
            self._header = self._names(text[: places[ends[0]]])
        starts, whole = np.append(0, ends[:-1] + 1), slice(ends[-1] + 1)
        commas, lines = marks[whole] == _COMMA, np.flatnonzero(marks[whole] == _LF)
        fields = 1 + np.add.reduceat(commas & ~quoted[whole], starts, dtype=np.int64)
        begins = np.append(0, places[ends[:-1]] + 1)
        for one in np.flatnonzero(fields > len(self._header))[:1]:
            what = f"expected {len(self._header)} fields, as in the header, got {fields[one]}; {_QUOTING}"
            self._refuse(text, begins[one], what)
        if len(lines) > len(ends):
            self._refuse_swallowed(text, commas, lines, starts, begins)
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
            (opens[~_BESIDE_QUOTED[around[opens]]], f"a quote inside a field; {_QUOTING}"),
            (closes[~(_BESIDE_QUOTED[around[closes + 2]] | ends_line)], f"text after a quoted field; {_QUOTING}"),
            (returns[around[returns + 2] != _LF], "a line ends in CR alone; each must end in LF or CRLF"),
        ]
        faults = [(int(found[0]), what) for found, what in odd if found.size]
        if faults:
            self._refuse(text, *min(faults))

    def _refuse_swallowed(self, text: bytes, commas: Places, lines: Places, starts: Places, begins: Places) -> None:
        """Refuse the first record of several lines each of which has the commas of a record."""
        if len(self._header) < FEWEST_FIELDS:
            return
        like_a_record = np.add.reduceat(commas, np.append(0, lines[:-1] + 1), dtype=np.int64) == len(self._header) - 1
        first = np.searchsorted(lines, starts)
        several = np.diff(np.append(first, len(lines))) > 1
        for one in np.flatnonzero(np.logical_and.reduceat(like_a_record, first) & several)[:1]:
            what = "a quoted field begins that holds whole records, by the commas of its lines; is a quote missing?"
            self._refuse(text, begins[one], what)

    def _names(self, header: bytes) -> list[str]:
        try:
            names = next(csv.reader(StringIO(header.decode("utf-8"), newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error) as error:
            self._refuse(
                header, 0, f"expected names of columns in UTF-8 text, got what cannot be read as such: {error}"
            )
        if len(names) == 1 and any(separator in names[0] for separator in ";\t"):
            raise InputError(f"{self._path}: expected fields separated by ',', got '{names[0][:60]}'")
        return names

    def _behind(self, text: bytes, place: int) -> bytes:
        self._lines += text.count(b"\n", 0, place)
        return text[place:]

    def _refuse(self, text: bytes, place: int, what: str) -> NoReturn:
        line = self._lines + text.count(b"\n", 0, place) + 1
        raise InputError(f"{self._path}: line {line}: {what}")
