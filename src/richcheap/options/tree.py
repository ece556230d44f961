"""QuantLib's callable bond on a tree of the Hull-White short rate, given the flows of our own conventions.

QuantLib knows the bond's flows by their days and amounts alone, so that day counts, stubs and ex-dividend dates are
ours. Its day 0 is one and the same for all bonds: threads share its evaluation date, which no tree moves.
"""

from math import ceil, nan
from typing import Any, Final

import numpy as np

from richcheap.bonds.units import BP, DAYS_PER_YEAR
from richcheap.options.exercise import CallableBond
from richcheap.options.params import OptionsParams
from richcheap.options.spreads import Curve

ACCURACY: Final = 1e-10
"""Of a solved spread, decimal."""
_MOST_EVALUATIONS: Final = 100
_NEARLY_NOTHING: Final = 1e-12
"""Stands for a spread of zero, at which QuantLib keeps the spread that its lattice had before."""


def _quantlib() -> Any:
    """Import QuantLib, where there is something to value, and set its day 0 to the earliest date that it knows."""
    import QuantLib  # noqa: PLC0415

    settings, first = QuantLib.Settings.instance(), QuantLib.Date.minDate()
    if settings.evaluationDate != first:
        settings.evaluationDate = first
    return QuantLib


class CallTree:
    """A callable bond on its tree, which is made once for all spreads.

    Parameters
    ----------
    bond : CallableBond
        With at least one flow.
    curve : Curve
        Which the tree fits on all days of flows and exercises.
    params : OptionsParams
    """

    def __init__(self, bond: CallableBond, curve: Curve, params: OptionsParams) -> None:
        ql = _quantlib()
        start, last = ql.Date.minDate(), int(bond.day[-1])
        self._count = ql.Actual365Fixed()
        paid = bond.day.tolist()
        nodes = np.rint(curve.years * DAYS_PER_YEAR).astype(int)
        known = sorted({0, *nodes[nodes < last].tolist(), *paid, *bond.call_day.tolist()})
        zeros = np.interp(np.array(known) / DAYS_PER_YEAR, curve.years, curve.rates).tolist()
        self._curve = ql.YieldTermStructureHandle(ql.ZeroCurve([start + day for day in known], zeros, self._count))
        coupon = bond.amount.copy()
        coupon[-1] -= 100.0
        rates = coupon / 100.0 / (np.diff(bond.day, prepend=0) / DAYS_PER_YEAR)
        schedule = ql.Schedule([start, *(start + day for day in paid)], ql.NullCalendar(), ql.Unadjusted)
        calls = ql.CallabilitySchedule()
        for day, amount in zip(bond.call_day.tolist(), bond.call_amount.tolist(), strict=True):
            calls.append(ql.Callability(ql.BondPrice(amount, ql.BondPrice.Dirty), ql.Callability.Call, start + day))
        self._bond = ql.CallableFixedRateBond(
            0, 100.0, schedule, rates.tolist(), self._count, ql.Unadjusted, 100.0, start, calls
        )
        model = ql.HullWhite(self._curve, params.mean_reversion, params.short_rate_volatility_bp / BP)
        times = [self._count.yearFraction(start, start + day) for day in sorted({*paid, *bond.call_day.tolist()})]
        grid = ql.TimeGrid(times, max(1, ceil(times[-1] * params.tree_steps_per_year)))
        self._bond.setPricingEngine(ql.TreeCallableFixedRateBondEngine(model, grid, self._curve))
        self._terms = (self._curve, self._count, ql.Continuous, ql.NoFrequency, start)

    def price(self, spread: float) -> float:
        """Return the dirty price at a continuous spread over the curve, decimal."""
        return float(self._bond.cleanPriceOAS(spread or _NEARLY_NOTHING, *self._terms))

    def spread(self, dirty_price: float, guess: float) -> float:
        """Return the spread at which the bond has its price: the option-adjusted spread; NaN where none is found."""
        try:
            return float(
                self._bond.OAS(dirty_price, *self._terms, ACCURACY, _MOST_EVALUATIONS, guess or _NEARLY_NOTHING)
            )
        except RuntimeError:
            return nan
