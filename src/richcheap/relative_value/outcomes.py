"""What became of a gap: the bond's next print, and its first print after a number of dates."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

NONE = -1


class Market(NamedTuple):
    """The prints of a span of dates, by position.

    Attributes
    ----------
    day, bond : ndarray of int, shape (n_rows,)
        Position of each row's date among the dates of the span, and number of its bond.
    dates : int
    """

    day: Rows
    bond: Rows
    dates: int

    @classmethod
    def of(cls, rows: pl.DataFrame) -> "Market":
        """Number the dates and bonds of rows that are sorted by (date, bond_id), one row a bond and date."""
        days = rows.select(pl.col("date").rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()
        bonds = rows.select(pl.col("bond_id").rank("dense").cast(pl.Int64) - 1).to_series().to_numpy()
        return cls(days, bonds, int(days[-1]) + 1 if days.size else 0)

    def next_prints(self) -> Rows:
        """Return the row of the bond's next print; `NONE` where there is none."""
        return self._first_from(self.day + 1)

    def prints_after(self, dates: int) -> Rows:
        """Return the row of the bond's first print at least so many dates later, and later than its next print.

        A position is opened at the next print, so it cannot be closed there.
        """
        following = self.next_prints()
        entered = np.where(following == NONE, self.dates, self.day[following])
        return self._first_from(np.maximum(self.day + dates, entered + 1))

    def _first_from(self, day: Rows) -> Rows:
        """Return the row of each row's bond on the first date from `day` on with one."""
        width = self.dates + 1
        order = np.argsort(self.bond * width + self.day, kind="stable")
        keys = (self.bond * width + self.day)[order]
        wanted = np.minimum(day, self.dates)
        place = np.searchsorted(keys, self.bond * width + wanted)
        found = order[np.minimum(place, keys.size - 1)]
        return np.where((place < keys.size) & (self.bond[found] == self.bond), found, NONE)


class Outcome(NamedTuple):
    """What became of each row's gap, NaN where the span has no such print.

    Attributes
    ----------
    gap, later : ndarray, shape (n_rows,)
        Gap to the peers at the row's own print and at the later one, bp.
    closed : ndarray, shape (n_rows,)
        By how much the gap narrowed between the bond's next print, where a position is opened, and the later one, bp:
        what a long position earns; NaN for the next print itself.
    matrix_closed : ndarray, shape (n_rows,)
        The same of the gap to the matrix price, in whose peers no print of the bond takes part.
    cost : ndarray, shape (n_rows,)
        Half-spreads that opening and closing a position pay, bp.
    """

    gap: Floats
    later: Floats
    closed: Floats
    matrix_closed: Floats
    cost: Floats


def outcome_after(rows: pl.DataFrame, market: Market, dates: int | None) -> Outcome:
    """Return what became of gaps after so many dates; None for the bond's next print.

    Parameters
    ----------
    rows : DataFrame
        ``gap_bp``, ``matrix_gap_bp`` and ``half_spread_bp`` of the span.
    market : Market
        Of the same rows.
    dates : int or None
    """
    entry = market.next_prints()
    leave = entry if dates is None else market.prints_after(dates)
    gap, matrix, half = (rows[name].to_numpy() for name in ("gap_bp", "matrix_gap_bp", "half_spread_bp"))
    traded = leave if dates is not None else np.full(leave.size, NONE)

    def at(values: Floats, row: Rows) -> Floats:
        return np.where(row == NONE, np.nan, values[row])

    return Outcome(
        gap=gap,
        later=at(gap, leave),
        closed=at(gap, entry) - at(gap, traded),
        matrix_closed=at(matrix, entry) - at(matrix, traded),
        cost=at(half, entry) + at(half, traded),
    )
