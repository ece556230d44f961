"""Settlement dates from trade dates: business days of weekdays or of a market's calendar."""

import numpy as np
import polars as pl

from richcheap.bonds.conventions import closing_days


def settlement_dates(dates: pl.Series, lag_days: int, calendar: str) -> pl.Series:
    """Add business days to trade dates; a date that is none counts as the next that is.

    Parameters
    ----------
    dates : Series of Date
        May hold nulls, which stay null.
    lag_days : int
        Business days from trade to settlement.
    calendar : str
        As in `richcheap.bonds.conventions.closing_days`.

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
