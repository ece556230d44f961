"""Mid prices from dated cash flows on the zero curve plus a spread, by the project's own bond mathematics."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.bonds.curve import curve_dirty_price, price_and_sensitivity
from stages.bonds.measures import accrued_interest
from stages.bonds.terms import BondTerms
from stages.simulation.dates import next_coupon, previous_coupon
from stages.simulation.processes import Floats, Integers
from stages.simulation.yields import NODE_YEARS, CurvePath


class Mids(NamedTuple):
    """Mid prices, arrays of shape (observations,)."""

    clean: Floats
    """Per 100."""
    price_risk: Floats
    """Price change for a basis point of spread, points per 100."""


def price(
    terms: BondTerms, curve: CurvePath, day: Integers, spread: Floats, floating: NDArray[np.bool_], margin: Floats
) -> Mids:
    """Price bonds on the curve of their day.

    Parameters
    ----------
    terms
        With the current coupon of floating-rate bonds.
    day
        Business day whose curve counts.
    spread
        Continuous, decimal.
    floating, margin
        Which bonds float, and their margins (decimal; 0 for the others).
    """
    index = day.astype(np.int32)
    dirty, duration, _ = price_and_sensitivity(terms, NODE_YEARS, curve.rates, index, spread)
    rows = np.flatnonzero(floating)
    if rows.size:
        dirty[rows] = floating_price(terms.rows(rows), curve, index[rows], spread[rows], margin[rows])
    return Mids(dirty - accrued_interest(terms), duration * dirty / 1e4)


def floating_price(
    terms: BondTerms, curve: CurvePath, index: NDArray[np.int32], spread: Floats, margin: Floats
) -> Floats:
    """Return dirty prices of floating-rate bonds.

    On the next coupon date a bond whose future coupons are forward rates plus the margin is worth par plus the margin
    in excess of the spread, times the annuity of the coupons that follow.
    """

    def value(bonds: BondTerms) -> Floats:
        return curve_dirty_price(bonds, NODE_YEARS, curve.rates, index, spread)

    def annuity(bonds: BondTerms) -> Floats:
        unit = np.full_like(spread, 0.01)
        return (value(bonds._replace(coupon_rate=unit)) - value(bonds._replace(coupon_rate=0.0 * unit))) / unit

    maturity = terms.maturity.astype(np.int64)
    months = 12 // terms.frequency.astype(np.int64)
    coming = next_coupon(terms.settlement.astype(np.int64), maturity, months)
    to_reset = terms._replace(maturity=coming.astype(np.int32))
    return np.asarray(value(to_reset) + (margin - spread) * (annuity(terms) - annuity(to_reset)))


def current_coupon(
    curve: CurvePath, days: Integers, day: Integers, settlement: Integers, maturity: Integers, frequency: Integers,
    margin: Floats,
) -> Floats:  # fmt: skip
    """Return the coupons of floating-rate bonds: the curve's rate for one period, fixed in advance, plus the margin.

    The rate is fixed on the business day before the period that holds settlement; before the window it is that of the
    window's first day.
    """
    reset = previous_coupon(settlement, maturity, 12 // frequency)
    fixing = np.clip(np.searchsorted(days, reset, side="left") - 1, 0, day)
    reference = np.expm1(curve.at(fixing, 1.0 / frequency) / frequency) * frequency
    return np.asarray(np.round(np.maximum(reference + margin, 0.0), 6))
