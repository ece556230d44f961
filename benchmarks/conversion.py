"""Time bond conversion beside QuantLib-Python and itofin in one run, on one core: ``python -m benchmarks.conversion``.

All compute accrued interest, yield, durations, convexity and basis point value of the same random bonds from the same
terms and prices; the figures must agree before any time is shown. The rivals build schedule and bond for each
observation, as a table of observations demands. Times are CPU time, medians over repeats.
"""

import os
from collections.abc import Callable

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
from richcheap.bonds.measures import accrued_interest, dirty_from_yield, measures
from richcheap.bonds.terms import BondTerms, Floats

CHUNK_ROWS = 65_536
ACCURACY = 1e-13


def convert(terms: BondTerms, dirty_price: Floats) -> Floats:
    """Run the project's conversion chunk by chunk; return yield, modified duration, convexity and basis point value."""
    out = np.empty((len(dirty_price), 4))
    for start in range(0, len(dirty_price), CHUNK_ROWS):
        rows = slice(start, start + CHUNK_ROWS)
        accrued_interest(terms.rows(rows))
        found = measures(terms.rows(rows), dirty_price[rows])
        out[rows, 0] = found.yield_to_maturity
        out[rows, 1] = found.modified_duration
        out[rows, 2] = found.convexity
        out[rows, 3] = found.basis_point_value
    return out


def convert_with_quantlib(terms: BondTerms, dirty_price: Floats) -> Floats:
    """Run QuantLib's conversion bond by bond."""
    counters, functions = quantlib_counters(), ql.BondFunctions
    out = np.empty((len(dirty_price), 4))
    prices = dirty_price.tolist()
    for row in observations(terms):
        at, counter = ql.Date(row.settlement + EPOCH), counters[counter_key(row)]
        bond = quantlib_bond(row, counter)
        quote = ql.BondPrice(prices[row.number] - bond.accruedAmount(at), ql.BondPrice.Clean)
        rate = functions.bondYield(bond, quote, counter, ql.Compounded, row.frequency, at, ACCURACY, 100)
        interest = ql.InterestRate(rate, counter, ql.Compounded, row.frequency)
        functions.duration(bond, interest, ql.Duration.Macaulay, at)
        modified = functions.duration(bond, interest, ql.Duration.Modified, at)
        convexity = functions.convexity(bond, interest, at)
        out[row.number] = rate, modified, convexity, functions.basisPointValue(bond, interest, at)
    return out


def convert_with_itofin(itofin: Itofin, terms: BondTerms, dirty_price: Floats) -> Floats:
    """Run itofin's conversion bond by bond."""
    out = np.empty((len(dirty_price), 4))
    prices = dirty_price.tolist()
    compounded, durations = itofin.time.Compounding.Compounded, itofin.instruments.Duration
    for row in observations(terms):
        at = itofin.epoch + row.settlement
        bond = itofin.bond(row)
        market = itofin.counters[row.day_count], compounded, itofin.frequencies[row.frequency]
        clean = prices[row.number] - bond.accrued_amount(at)
        rate = bond.yield_rate(clean, *market, settlement=at, accuracy=ACCURACY)
        bond.duration(rate, *market, duration_type=durations.Macaulay, settlement=at)
        modified = bond.duration(rate, *market, settlement=at)
        convexity = bond.convexity(rate, *market, settlement=at)
        # Itofin counts a hundredth of the convexity's part in the basis point value: 1e-3 of the whole is missing.
        curvature = 0.99 * 0.5e-8 * convexity * prices[row.number]
        out[row.number] = rate, modified, convexity, bond.basis_point_value(rate, *market, settlement=at) + curvature
    return out


def race(bonds: str, rows: int, few: int, seed: int, itofin: Itofin | None) -> Race:
    """Prepare the bonds of one kind, and all who convert them."""
    terms = random_terms(rows, seed, bonds)
    dirty_price = dirty_from_yield(terms, np.random.default_rng(seed + 1).uniform(0.0, 0.1, rows))
    first, prices = terms.rows(slice(few)), dirty_price[:few]
    rivals: dict[str, Callable[[], Floats]] = {
        f"QuantLib {ql.__version__}": lambda: convert_with_quantlib(first, prices)
    }
    if itofin:
        rivals[f"itofin {itofin.version}"] = lambda: convert_with_itofin(itofin, first, prices)
    return Race(lambda size: convert(terms.rows(slice(size)), dirty_price[:size]), rivals)


if __name__ == "__main__":
    compete("conversion", __doc__, race)
