"""Mid prices from dated cash flows on the zero curve plus a spread, by the project's own bond mathematics."""

from typing import Final, NamedTuple

import numpy as np

from richcheap.bonds.measures import accrued_interest
from richcheap.bonds.terms import BondTerms
from richcheap.bonds.units import DAYS_PER_YEAR
from richcheap.curves.pricing import price_and_sensitivity
from richcheap.numerics.elementwise import exponentials_less_one
from richcheap.simulation.dates import next_coupon, previous_coupon
from richcheap.simulation.states.stochastic import Floats, Integers
from richcheap.simulation.states.yields import NODE_YEARS, CurvePath

FLOATING_YEAR: Final = 360.0
"""Days of a year in the coupons of floating-rate bonds, which all count ACT/360."""
COUPON_DIGITS: Final = 6


class Mids(NamedTuple):
    """Mid prices, arrays of shape (observations,)."""

    clean: Floats
    """Per 100."""
    dv01: Floats
    """Price change for a basis point of spread, points per 100."""


def price(terms: BondTerms, curve: CurvePath, day: Integers, spread: Floats) -> Mids:
    """Price bonds on the curve of their day.

    Parameters
    ----------
    terms
        With the current coupons and the margins of floating-rate bonds.
    day
        Business day whose curve counts.
    spread
        Continuous, decimal; of floating-rate bonds the discount margin.
    """
    dirty, duration, _ = price_and_sensitivity(terms, NODE_YEARS, curve.rates, day.astype(np.int32), spread)
    return Mids(dirty - accrued_interest(terms), duration * dirty / 1e4)


def simple_rate(curve: CurvePath, day: Integers, start: Integers, end: Integers) -> Floats:
    """Return the ACT/360 simple rate of each day's curve over a period that starts at settlement."""
    years = (end - start) / DAYS_PER_YEAR
    return np.asarray(exponentials_less_one(curve.at(day, years) * years) * FLOATING_YEAR / (end - start))


def current_coupon(
    curve: CurvePath, settlements: Integers, settlement: Integers, issue: Integers, maturity: Integers,
    frequency: Integers, margin: Floats,
) -> Floats:  # fmt: skip
    """Return the coupons of floating-rate bonds: the index over the period that holds settlement, plus the margin.

    The index is the curve's simple rate on the first day whose trades settle on or after the period's start, which
    is never later than the day of the observation; before the window it is that of the window's first day.

    Parameters
    ----------
    settlements
        Settlement of the trades of each business day, shape (days,).
    settlement, issue, maturity, frequency, margin
        Of each observation.
    """
    months = 12 // frequency
    start = np.maximum(previous_coupon(settlement, maturity, months), issue)
    index = simple_rate(
        curve, np.searchsorted(settlements, start, side="left"), start, next_coupon(settlement, maturity, months)
    )
    return np.asarray(np.round(np.maximum(index + margin, 0.0), COUPON_DIGITS))
