"""Call schedules: when an issuer may redeem a bond early, and at what price."""

from datetime import date
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from richcheap.bonds.terms import Floats, Ints, days

NO_CALLS: Final = -1
COLUMN: Final = "call_schedule"


class Calls(NamedTuple):
    """Call schedules of n bonds, each schedule held once.

    Entries ``offset[s]`` to ``offset[s + 1]`` of dates and prices are schedule s.
    """

    schedule: Ints  # of each bond; NO_CALLS: it cannot be called
    offset: Ints
    date: Ints  # days since 1970-01-01, ascending within a schedule
    price: Floats  # clean, per 100

    def rows(self, chosen: slice | npt.NDArray[np.integer] | npt.NDArray[np.bool_]) -> "Calls":
        """Return the schedules of some of the bonds."""
        return self._replace(schedule=self.schedule[chosen])


def parse_schedule(text: str) -> tuple[list[int], list[float]]:
    """Return dates (days since 1970-01-01) and prices of a schedule in its canonical text.

    Raises
    ------
    ValueError
        When an entry is not ``date@price``, dates do not ascend or a price is not positive and finite.

    >>> parse_schedule("1970-01-31@102;1971-01-31@101.5")
    ([30, 395], [102.0, 101.5])
    """
    dates, prices = [], []
    for entry in text.split(";"):
        when, _, price = entry.partition("@")
        try:
            dates.append(int(days(date.fromisoformat(when))))
            prices.append(float(price))
        except ValueError:
            raise ValueError(
                f"a call schedule must look like 2027-03-15@102;2028-03-15@101, but {text!r} has the entry {entry!r}"
            ) from None
    if any(later <= earlier for earlier, later in pairwise(dates)):
        raise ValueError(f"the dates of a call schedule must ascend, but it is {text!r}")
    if not all(0.0 < price < np.inf for price in prices):
        raise ValueError(f"the prices of a call schedule must be positive, but it is {text!r}")
    return dates, prices


def calls_from_frame(frame: pl.DataFrame) -> Calls:
    """Return the schedules in the column ``call_schedule``; without the column no bond can be called.

    Each text is parsed once, however many rows share it. Raises ValueError where `parse_schedule` does.
    """
    if COLUMN not in frame.columns:
        return no_calls(frame.height)
    texts = frame[COLUMN].cast(pl.String)
    distinct = texts.drop_nulls().unique().sort()
    parsed = [parse_schedule(text) for text in distinct]
    schedule = texts.replace_strict(distinct, np.arange(len(parsed)), default=NO_CALLS, return_dtype=pl.Int32)
    return Calls(
        schedule=schedule.fill_null(NO_CALLS).to_numpy(),
        offset=np.cumsum([0, *(len(dates) for dates, _ in parsed)], dtype=np.int32),
        date=np.array([day for dates, _ in parsed for day in dates], dtype=np.int32),
        price=np.array([price for _, prices in parsed for price in prices], dtype=np.float64),
    )


def no_calls(size: int) -> Calls:
    """Return the calls of bonds that cannot be called."""
    return Calls(np.full(size, NO_CALLS, np.int32), np.zeros(1, np.int32), np.empty(0, np.int32), np.empty(0))
