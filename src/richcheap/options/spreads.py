"""Spreads over the curve to maturity and to the worst end, by the kernels that all other spreads come from."""

from typing import NamedTuple

import numpy as np

from richcheap.bonds.discounting import solve_at_times, sums_at_times
from richcheap.bonds.status import Status
from richcheap.bonds.terms import Floats
from richcheap.bonds.units import DAYS_PER_YEAR
from richcheap.numerics.elementwise import exponentials
from richcheap.options.exercise import CallableBond


class Curve(NamedTuple):
    """Zero rates, continuously compounded, on ACT/365F years from settlement, linear between nodes and flat outside."""

    years: Floats
    rates: Floats

    def discounts(self, years: Floats) -> Floats:
        """Return the price of 1 paid at each time."""
        return exponentials(-years * np.interp(years, self.years, self.rates))


class Discounted:
    """A callable bond on its curve.

    Parameters
    ----------
    bond : CallableBond
        With at least one flow.
    curve : Curve
    """

    def __init__(self, bond: CallableBond, curve: Curve) -> None:
        self._time = bond.day / DAYS_PER_YEAR
        self._value = bond.amount * curve.discounts(self._time)
        self._call_time = bond.call_day / DAYS_PER_YEAR
        self._call_value = bond.call_amount * curve.discounts(self._call_time)
        self._flows = np.searchsorted(bond.day, bond.call_day, side="right")

    def straight_price(self, spread: float) -> float:
        """Return the dirty price at a spread as if there were no call."""
        return float(sums_at_times(spread, len(self._time), self._time, self._value)[0])

    def spreads(self, dirty_price: float) -> tuple[float, float]:
        """Return the spread to maturity and the spread to worst; NaN where none gives the price.

        The spread to worst is the lowest over all ends. The lowest of their prices at a spread falls as the spread
        rises, and is the price paid at just this one.
        """
        to_maturity = _solved(dirty_price, 0.0, self._time, self._value)
        worst = to_maturity
        for end, count in enumerate(self._flows):
            time = np.append(self._time[:count], self._call_time[end])
            value = np.append(self._value[:count], self._call_value[end])
            if not sums_at_times(worst, count + 1, time, value)[0] >= dirty_price:
                worst = _solved(dirty_price, worst, time, value)
        return to_maturity, worst


def _solved(price: float, guess: float, time: Floats, value: Floats) -> float:
    status, spread, _, _ = solve_at_times(price, guess, len(time), time, value)
    return float(spread) if status == Status.OK else np.nan
