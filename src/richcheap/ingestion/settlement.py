"""Settlement dates from trade dates: business days of a weekday or a financial market's calendar."""

from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

WEEKDAYS = "weekdays"


@cache
def calendar_codes() -> tuple[str, ...]:
    """Return the codes of the financial calendars that the `holidays` package knows, sorted."""
    from holidays.utils import list_supported_financial  # noqa: PLC0415  weekdays need not pay for it

    return tuple(sorted(list_supported_financial(include_aliases=False)))


def closing_days(calendar: str, first_year: int, last_year: int) -> NDArray[np.datetime64]:
    """Return the days on which a calendar's market is closed besides weekends.

    Parameters
    ----------
    calendar : str
        `WEEKDAYS` (none) or one of `calendar_codes`: ``XSIF`` is SIFMA's for US bonds, ``XECB`` is TARGET.
    first_year, last_year : int
        Years covered, both included.
    """
    if calendar == WEEKDAYS:
        return np.array([], dtype="datetime64[D]")
    from holidays import financial_holidays  # noqa: PLC0415  weekdays need not pay for it

    days = financial_holidays(calendar, years=range(first_year, last_year + 1))
    return np.array(sorted(days), dtype="datetime64[D]")


def settlement_dates(dates: pl.Series, lag_days: int, calendar: str) -> pl.Series:
    """Add business days to trade dates; a date that is none counts as the next that is.

    Parameters
    ----------
    dates : Series of Date
        May hold nulls, which stay null.
    lag_days : int
        Business days from trade to settlement.
    calendar : str
        As in `closing_days`.

    Examples
    --------
    >>> from datetime import date
    >>> settlement_dates(pl.Series([date(2010, 12, 23)]), 1, "XSIF").to_list()
    [datetime.date(2010, 12, 27)]
    """
    table = pl.DataFrame({"date": dates}).unique().drop_nulls().sort("date")
    if table.is_empty():
        return dates
    trade = table["date"].to_numpy().astype("datetime64[D]")
    years = table["date"].dt.year()
    first, last = int(years[0]), int(years[-1])
    settled = np.busday_offset(trade, lag_days, roll="forward", holidays=closing_days(calendar, first, last + 1))
    lookup = table.with_columns(pl.Series("settled", settled).cast(pl.Date))
    return pl.DataFrame({"date": dates}).join(lookup, on="date", how="left", maintain_order="left")["settled"]
