"""Call schedules: par from the first call on, or for high yield a premium that declines to par year by year."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from richcheap.bonds.terms import NO_DATE
from richcheap.simulation.constants import HIGH_YIELD
from richcheap.simulation.dates import coupon_day, in_month, month_of
from richcheap.simulation.states.stochastic import Floats, Integers

DECLINE: Final = np.array([1.0, 0.5, 0.0])
"""Share of the first premium that is left a year, and two years, after the first call."""
FIRST_PREMIUM: Final = 0.5
"""Of high yield, as a share of a year's coupon."""


def call_steps(kind: Integers, coupon: Floats, first: Integers, maturity: Integers) -> tuple[Integers, Floats]:
    """Return the dates on which the call price steps and the prices from then on.

    Parameters
    ----------
    coupon
        Decimal a year.
    first
        First call, a coupon date, or NO_DATE; shapes (bonds,).

    Returns
    -------
    Dates (NO_DATE where there is no step before maturity) and prices per 100 (NaN there), shapes (bonds, steps).
    """
    premium = np.where(kind == HIGH_YIELD, 100.0 * FIRST_PREMIUM * coupon, 0.0)
    years = np.arange(DECLINE.size)
    date = in_month(month_of(first)[:, None] + 12 * years, coupon_day(maturity)[:, None])
    steps = (years == 0) | (premium[:, None] > 0.0)
    there = (first != int(NO_DATE))[:, None] & steps & (date < maturity[:, None])
    price = np.round(100.0 + premium[:, None] * DECLINE, 3)
    return np.where(there, date, int(NO_DATE)), np.where(there, price, np.nan)


def next_call(date: Integers, price: Floats, settlement: NDArray[np.integer]) -> tuple[Integers, Floats]:
    """Return the first step after settlement and its price; NO_DATE and NaN where none is left.

    Parameters
    ----------
    date, price
        As `call_steps` gives them, shapes (observations, steps).
    settlement
        Shape (observations,).
    """
    later = date > settlement[:, None]
    row, step = np.arange(settlement.size), np.argmax(later, axis=1)
    left = later[row, step]
    return np.where(left, date[row, step], int(NO_DATE)), np.where(left, price[row, step], np.nan)


def schedule_texts(date: Integers, price: Floats) -> list[str | None]:
    """Return each bond's schedule as ``2027-03-15@102;2028-03-15@101``, None without a call.

    >>> schedule_texts(np.array([[19_000, 19_365], [-(2**31), -(2**31)]]), np.array([[102.5, 100.0], [np.nan, np.nan]]))
    ['2022-01-08@102.5;2023-01-08@100', None]
    """
    days = date.astype("datetime64[D]").astype(str)
    there = date != int(NO_DATE)
    texts: list[str | None] = [None] * len(date)
    for bond in np.flatnonzero(there.any(axis=1)):
        steps = np.flatnonzero(there[bond])
        texts[bond] = ";".join(f"{days[bond, step]}@{price[bond, step]:.10g}" for step in steps)
    return texts
