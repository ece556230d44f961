"""Tell from a column how its dates are written; where day and month could change places, from what stands beside it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from richcheap.ingestion.reading.dates import COUNTED, date_format, read_dates, unambiguous
from richcheap.ingestion.reading.descriptions import maturity

ISO = "%Y-%m-%d"
CANDIDATES = (
    "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y", "%m.%d.%Y", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y", "%d %m %Y",
    "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d-%m-%y", "%m-%d-%y", "%d%m%Y", "%m%d%Y",
    "%d %B %y", "%d-%B-%y", "%B %d %y",
)  # fmt: skip
"""Ways of writing dates that are tried; where two read a text alike, the first counts."""

_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H:%M:%S%.f")
_CLOCK = r"(?:[Tt]|\s+)\d{1,2}:\d{2}.*$"
_YEARS = (1900, 2299)
_COUNTED_YEARS = (1985, 2199)
"""In which a number of days or seconds is taken for a date: no other way of writing one gives such numbers."""
_MAX_LAG_DAYS = 30
"""Longest settlement that speaks for an order of day and month."""


class DateFinding(NamedTuple):
    """How a column's dates are written.

    Attributes
    ----------
    format : str, optional
        None where it cannot be determined.
    how : str
        What tells it.
    example : str
        A value of the column.
    rivals : tuple of str
        Other formats that read the column as well.
    """

    format: str | None
    how: str
    example: str
    rivals: tuple[str, ...] = ()


def find_date_formats(texts: Mapping[str, pl.Series], stated: str | None = None) -> dict[str, DateFinding]:
    """Tell the formats of some columns of one table.

    Parameters
    ----------
    texts : dict of str to Series of String
        Columns by canonical name, row by row; stripped, null where blank.
    stated : str, optional
        The format that the user named: a column in which it reads nothing is looked at all the same.

    Returns
    -------
    dict
        For each column that holds a text which can be read in more than one way, or in none.
    """
    found = {name: _own(values, stated) for name, values in texts.items()}
    read = {name: own for name, own in found.items() if own is not None and own.formats}
    settled = {
        name: DateFinding(own.formats[0], "its values", _example(texts[name]))
        for name, own in read.items()
        if len(own.formats) == 1
    }
    telling = {name: finding for name, finding in settled.items() if read[name].tells_order}
    for name, own in read.items():
        if name not in settled:
            settled[name] = telling[name] = _settle(name, own.formats, texts, telling)
    unread = [name for name, own in found.items() if own is not None and not own.formats]
    return {**settled, **{name: DateFinding(None, "no format reads it", _example(texts[name])) for name in unread}}


class _Own(NamedTuple):
    """What a column's own values tell: formats that read it differently, and whether they tell day from month.

    A column of 01/01/2015 alone is read alike in either order, and says nothing of the order in other columns.
    """

    formats: tuple[str, ...]
    tells_order: bool


def _own(values: pl.Series, stated: str | None) -> _Own | None:
    """Return the formats that read most of what can be read in several ways; None where there is nothing such."""
    distinct = values.drop_nulls().unique(maintain_order=True)
    left = distinct.filter(unambiguous(distinct, date_format(stated or ISO))["date"].is_null())
    left = left.filter(left.str.contains(r"\d"))
    left = left.filter(pl.select(maturity(pl.lit(left)).is_null()).to_series())  # a description says it in one way only
    if left.is_empty() or (stated is not None and read_dates(left, stated)["date"].null_count() < len(left)):
        return None
    for name, counted in COUNTED.items():
        moments = counted.moments(left)
        if not moments.null_count() and moments.dt.year().is_between(*_COUNTED_YEARS).all():
            return _Own((name,), tells_order=False)
    days = left.str.replace(_CLOCK, "")
    read = {one: _read(days, one) for one in CANDIDATES}
    counts = {one: len(dates) - dates.null_count() for one, dates in read.items()}
    most = max(counts.values())
    if 2 * most < len(left):
        return _Own((), tells_order=False)
    best: dict[str, pl.Series] = {}
    tells_order = True
    for one, count in counts.items():
        if count == most:
            alike = any(read[one].equals(other) for other in best.values())
            tells_order &= not alike
            if not alike:
                best[one] = read[one]
    timed = left.filter(left.str.contains(_CLOCK))
    return _Own(tuple(_with_clock(one, timed) for one in best), tells_order)


def _read(days: pl.Series, wanted: str) -> pl.Series:
    dates = days.str.to_date(wanted, strict=False)
    return dates.to_frame("date").select(pl.when(pl.col("date").dt.year().is_between(*_YEARS)).then("date"))[:, 0]


def _with_clock(wanted: str, timed: pl.Series) -> str:
    """Return the format with that of the times of day beside the dates, where there are any."""
    formats = [f"{wanted}{between}{clock}" for clock in _CLOCKS for between in (" ", "T")]
    read = {one: len(timed) - timed.str.to_datetime(one, strict=False).null_count() for one in formats}
    best = max(formats, key=lambda one: read[one])
    return best if read[best] else wanted


def _settle(
    name: str, candidates: Sequence[str], texts: Mapping[str, pl.Series], settled: Mapping[str, DateFinding]
) -> DateFinding:
    """Choose among formats by what stands beside the column: settlement, another column, the days of the week."""
    values, example = texts[name], _example(texts[name])
    for other in ("settlement_date", "date"):
        if other == name or other not in texts or name not in ("date", "settlement_date"):
            continue
        plausible = [
            one for one in candidates if _lags_fit(values, texts[other], one, sign=1 if name == "date" else -1)
        ]
        if len(plausible) == 1:
            return DateFinding(plausible[0], f"the days to {other}", example)
    for other, finding in settled.items():
        alike = [one for one in candidates if finding.format is not None and _order(one) == _order(finding.format)]
        if len(alike) == 1:
            return DateFinding(alike[0], f"the order of {other}", example)
    if name in ("date", "settlement_date"):
        weekends = {one: int((_read(values.drop_nulls().unique(), one).dt.weekday() > 5).sum()) for one in candidates}
        without = [one for one, count in weekends.items() if not count]
        if len(without) == 1:
            return DateFinding(without[0], "no day is on a weekend", example)
    return DateFinding(None, "day and month could change places", example, tuple(candidates))


def _lags_fit(values: pl.Series, others: pl.Series, wanted: str, sign: int) -> bool:
    """Say whether all settlements follow their trades closely, when both columns are written so."""
    form = date_format(wanted)
    days, other_days = (
        pl.select(pl.coalesce(_read(column, form.text), unambiguous(column, form)["date"])).to_series()
        for column in (values, others)
    )
    lags = ((other_days - days).dt.total_days() * sign).drop_nulls()
    return len(lags) > 0 and bool(lags.is_between(0, _MAX_LAG_DAYS).all())


def _order(wanted: str) -> str:
    """Return the order of day, month and year, and what stands between them."""
    return wanted[:8].replace("%y", "%Y")


def _example(values: pl.Series) -> str:
    held = values.drop_nulls()
    return str(held[0]) if len(held) else ""
