"""How a source writes dates and numbers, column by column: as params say, or as its values show."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, NamedTuple

import polars as pl

from richcheap.ingestion.reading.date_columns import texts_of
from richcheap.ingestion.reading.date_formats import ISO, DateFinding, find_date_formats
from richcheap.ingestion.reading.numbers import Decimal, DecimalFinding, find_decimal
from richcheap.ingestion.schema import names_of


@dataclass(frozen=True)
class Notation:
    """How dates and numbers are written.

    Parameters
    ----------
    date_formats : dict of str to str
        By canonical column; ISO dates and dates of eight digits are read beside them.
    decimals : dict of str to str
        The decimal mark, by canonical column.
    point_32nds : bool
        Whether a price of 99.16 means 99 and 16/32.
    """

    date_formats: Mapping[str, str] = field(default_factory=dict)
    decimals: Mapping[str, Decimal] = field(default_factory=dict)
    point_32nds: bool = False

    def date_format(self, name: str) -> str:
        """Return the format of a column's dates."""
        return self.date_formats.get(name, ISO)

    def decimal(self, name: str) -> Decimal:
        """Return the decimal mark of a column."""
        return self.decimals.get(name, ".")


def same_format(text: str) -> Notation:
    """Return the notation of a source all of whose dates follow one format, with decimal points."""
    return Notation(dict.fromkeys((*names_of("date"), "call_schedule"), text))


@dataclass(frozen=True)
class NotationFindings:
    """What was told of dates and numbers.

    Parameters
    ----------
    dates : dict of str to DateFinding
        Of columns whose format had to be told.
    decimals : dict of str to DecimalFinding
        Of columns of numbers in text.
    decimal : str
        Mark of columns that do not show it.
    """

    dates: Mapping[str, DateFinding]
    decimals: Mapping[str, DecimalFinding]
    decimal: Decimal

    @property
    def determined(self) -> bool:
        """Whether the format of each column of dates is known."""
        return all(finding.format is not None for finding in self.dates.values())

    @property
    def doubts(self) -> list[str]:
        """One line for each thing that could not be determined, with the key that settles it."""
        return [
            f"column '{name}': {finding.how}, such as '{finding.example}'; data.date_format can say, for example "
            f"{{{name}: '{finding.rivals[0]}'}} or {{{name}: '{finding.rivals[1]}'}}"
            for name, finding in self.dates.items()
            if len(finding.rivals) > 1
        ]

    def with_dates(self, frame: pl.DataFrame, stated: "Stated") -> "NotationFindings":
        """Return the findings with what more values of the columns of dates tell."""
        dates = {name: texts_of(frame[name]) for name in self.dates if name in frame.columns}
        return replace(self, dates={**self.dates, **find_date_formats(dates, stated.date_format)})

    def notation(self, stated: "Stated") -> Notation:
        """Return the notation that follows, what is stated for a column first."""
        dates = dict.fromkeys((*names_of("date"), "call_schedule"), stated.date_format or ISO)
        dates |= {name: finding.format for name, finding in self.dates.items() if finding.format is not None}
        marks: dict[str, Decimal] = {name: _mark(finding, self.decimal) for name, finding in self.decimals.items()}
        if stated.decimal is not None:
            marks = dict.fromkeys(names_of("number", "rate"), stated.decimal)
        return Notation({**dates, **stated.date_formats}, marks, stated.point_32nds)


class Stated(NamedTuple):
    """What params say of how dates and numbers are written; None is to be told from the values.

    Attributes
    ----------
    date_format : str, optional
        Of all columns.
    date_formats : dict of str to str
        Of single ones.
    decimal : str, optional
    point_32nds : bool
    """

    date_format: str | None = None
    date_formats: Mapping[str, str] = MappingProxyType({})
    decimal: Decimal | None = None
    point_32nds: bool = False


def find_notation(frame: pl.DataFrame, stated: Stated) -> NotationFindings:
    """Tell how some rows of canonical input write dates and numbers.

    Parameters
    ----------
    frame : DataFrame
        Canonical columns of text as read.
    stated : Stated
        What need not be told.
    """
    dates = {
        name: texts_of(frame[name])
        for name in names_of("date")
        if name in frame.columns and name not in stated.date_formats
    }
    numbers = {name: find_decimal(frame[name]) for name in names_of("number", "rate") if name in frame.columns}
    comma, point = (sum(getattr(one, what) for one in numbers.values()) for what in ("comma", "point"))
    # A price or a rate of 98,750 is no thousands: where nothing speaks for a point, its comma is the decimal one.
    doubtful = sum(numbers[name].doubtful for name in numbers if name not in ("volume", "face_value"))
    decimal: Decimal = "," if comma > point or (doubtful and not point) else "."
    return NotationFindings(find_date_formats(dates, stated.date_format), numbers, decimal)


def describe(findings: NotationFindings, notation: Notation) -> dict[str, Any]:
    """Return what was told as plain values."""
    return {
        "dates": {
            name: {"format": notation.date_format(name), "how": finding.how, "example": finding.example}
            for name, finding in findings.dates.items()
        },
        "decimal_commas": sorted(name for name, mark in notation.decimals.items() if mark == ","),
    }


def _mark(finding: DecimalFinding, common: Decimal) -> Decimal:
    return finding.mark if finding.comma or finding.point else common
