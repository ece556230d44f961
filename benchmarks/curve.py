"""Time curve and fair price and z-spread beside QuantLib-Python and itofin: ``python -m benchmarks.curve``.

All compute, for the same random bonds on the same zero curves, the price on the curve, the price at a given spread over
it and the spread at a given price; the figures must agree before any time is shown. The rivals build schedule and bond
for each observation and a curve for each date. Times are CPU time on one core, medians over repeats.
"""

import os
from collections.abc import Callable
from typing import Any

os.environ["NUMBA_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import QuantLib as ql  # noqa: N813 - the name its own documentation uses

from benchmarks.rivals import (
    EPOCH,
    Itofin,
    Race,
    compete,
    counter_key,
    observations,
    quantlib_bond,
    quantlib_counters,
    random_terms,
)
from richcheap.bonds.terms import BondTerms, Floats, Ints
from richcheap.curves.pricing import curve_prices, curve_prices_and_spread

CHUNK_ROWS = 65_536
ACCURACY = 1e-12
NODE_DAYS = np.array([91, 182, 365, 730, 1095, 1825, 2555, 3650, 5475, 7300, 10950])
NODE_YEARS = NODE_DAYS / 365.0

Rates = dict[int, list[float]]
"""Zero rates on the nodes by date, for the rivals."""


def random_market(terms: BondTerms, seed: int) -> tuple[Floats, Ints, Floats, Floats]:
    """Return a curve for each date, each bond's curve, fair spreads and the prices at spreads near them."""
    rng = np.random.default_rng(seed)
    dates, index = np.unique(terms.settlement, return_inverse=True)
    rates = rng.uniform(0.0, 0.05, (len(dates), 1)) + np.cumsum(rng.normal(0.001, 0.001, (len(dates), 11)), axis=1)
    fair = rng.uniform(0.0, 0.05, len(terms.settlement))
    observed = fair + rng.normal(0.0, 0.003, len(fair))
    curve = index.astype(np.int32)
    return rates, curve, fair, curve_prices(terms, NODE_YEARS, rates, curve, observed[:, None].copy())[:, 0]


def value(terms: BondTerms, rates: Floats, curve: Ints, fair: Floats, dirty_price: Floats) -> Floats:
    """Run the project's walk chunk by chunk; return the spread and both prices."""
    out = np.empty((len(fair), 3))
    for start in range(0, len(fair), CHUNK_ROWS):
        rows = slice(start, start + CHUNK_ROWS)
        spreads = np.column_stack([np.zeros(len(fair[rows])), fair[rows]])
        prices, spread, _ = curve_prices_and_spread(
            terms.rows(rows), dirty_price[rows], NODE_YEARS, rates, curve[rows], spreads
        )
        out[rows, 0] = spread
        out[rows, 1:] = prices
    return out


def value_with_quantlib(terms: BondTerms, rates: Rates, fair: Floats, dirty_price: Floats) -> Floats:
    """Run QuantLib bond by bond."""
    counters, functions, curve_counter = quantlib_counters(), ql.BondFunctions, ql.Actual365Fixed()
    out = np.empty((len(fair), 3))
    spreads, prices = fair.tolist(), dirty_price.tolist()
    curves: dict[int, Any] = {}
    for day, row_rates in rates.items():
        at = ql.Date(day + EPOCH)
        nodes = [at, *(at + days for days in NODE_DAYS.tolist()), at + 365 * 80]
        values = [row_rates[0], *row_rates, row_rates[-1]]
        curves[day] = ql.ZeroCurve(nodes, values, curve_counter, ql.NullCalendar(), ql.Linear(), ql.Continuous)
    # BondFunctions, not CashFlows: a leg handed over from Python is copied flow by flow on every call.
    market = ql.Continuous, ql.NoFrequency
    for row in observations(terms):
        at, curve = ql.Date(row.settlement + EPOCH), curves[row.settlement]
        bond = quantlib_bond(row, counters[counter_key(row)])
        price = functions.dirtyPrice(bond, curve, at)
        fair_price = functions.dirtyPrice(bond, curve, spreads[row.number], *market, at)
        quote = ql.BondPrice(prices[row.number], ql.BondPrice.Dirty)
        spread = functions.zSpread(bond, quote, curve, *market, at, ACCURACY, 100, 0.01)
        out[row.number] = spread, price, fair_price
    return out


def value_with_itofin(itofin: Itofin, terms: BondTerms, rates: Rates, fair: Floats, dirty_price: Floats) -> Floats:
    """Run itofin bond by bond."""
    out = np.empty((len(fair), 3))
    spreads, prices = fair.tolist(), dirty_price.tolist()
    dirty = itofin.termstructures.BondPriceType.Dirty
    market = itofin.time.Compounding.Continuous, itofin.time.Frequency.Annual
    curves: dict[int, Any] = {}
    for day, row_rates in rates.items():
        at = itofin.epoch + day
        nodes = [at, *(at + days for days in NODE_DAYS.tolist()), at + 365 * 80]
        values = [row_rates[0], *row_rates, row_rates[-1]]
        curves[day] = itofin.termstructures.ZeroCurve(nodes, values, itofin.time.DayCounter.actual365_fixed())
    for row in observations(terms):
        at, curve = itofin.epoch + row.settlement, curves[row.settlement]
        bond = itofin.bond(row)
        price = bond.dirty_price_from_curve(curve, settlement=at)
        fair_price = bond.dirty_price_at_z_spread(curve, spreads[row.number], *market, settlement=at)
        spread = bond.z_spread(
            prices[row.number], curve, *market, price_type=dirty, settlement=at, accuracy=ACCURACY, guess=0.01
        )
        out[row.number] = spread, price, fair_price
    return out


def race(bonds: str, rows: int, few: int, seed: int, itofin: Itofin | None) -> Race:
    """Prepare the bonds and curves of one kind, and all who value them."""
    terms = random_terms(rows, seed, bonds)
    rates, curve, fair, dirty_price = random_market(terms, seed + 1)
    first, some_fair, prices = terms.rows(slice(few)), fair[:few], dirty_price[:few]
    own = dict(zip(first.settlement.tolist(), rates[curve[:few]].tolist(), strict=True))
    rivals: dict[str, Callable[[], Floats]] = {
        f"QuantLib {ql.__version__}": lambda: value_with_quantlib(first, own, some_fair, prices)
    }
    if itofin:
        rivals[f"itofin {itofin.version}"] = lambda: value_with_itofin(itofin, first, own, some_fair, prices)

    def ours(size: int) -> Floats:
        return value(terms.rows(slice(size)), rates, curve[:size], fair[:size], dirty_price[:size])

    return Race(ours, rivals)


if __name__ == "__main__":
    compete("curve", __doc__, race)
