"""Time bond conversion beside QuantLib-Python and itofin in one run, on one core: ``python -m benchmarks.conversion``.

All compute accrued interest, yield, durations, convexity and basis point value of the same random bonds from the same
terms and prices; the figures must agree before any time is shown. The rivals build schedule and bond for each
observation, as a table of observations demands. Times are CPU time, medians over repeats.
"""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

os.environ["NUMBA_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import QuantLib as ql  # noqa: N813 - the name its own documentation uses

from benchmarks.rivals import (
    EPOCH,
    Itofin,
    Result,
    largest_difference,
    load_itofin,
    observations,
    quantlib_bond,
    quantlib_counters,
    random_terms,
    show,
    timed,
)
from stages.bonds.measures import accrued_interest, dirty_from_yield, measures
from stages.bonds.terms import BondTerms, Floats

TASK = "conversion"
CHUNK_ROWS = 65_536
TOLERANCE = 1e-9
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
        at, counter = ql.Date(row.settlement + EPOCH), counters[row.day_count]
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


def compare(bonds: str, itofin: Itofin | None, arguments: argparse.Namespace) -> list[Result]:
    """Check that all agree on one kind of bonds, then time them."""
    few = min(arguments.rival_rows, max(arguments.rows))
    terms = random_terms(max(arguments.rows), arguments.seed, bonds)
    rates = np.random.default_rng(arguments.seed + 1).uniform(0.0, 0.1, max(arguments.rows))
    dirty_price = dirty_from_yield(terms, rates)
    first, prices = terms.rows(slice(few)), dirty_price[:few]
    rivals: dict[str, Callable[[], Floats]] = {
        f"QuantLib {ql.__version__}": lambda: convert_with_quantlib(first, prices)
    }
    if itofin:
        rivals[f"itofin {itofin.version}"] = lambda: convert_with_itofin(itofin, first, prices)
    figures = convert(first, prices)
    for name, rival in rivals.items():
        difference = largest_difference(figures, rival(), absolute=0)
        assert difference < TOLERANCE, f"richcheap and {name} differ by {difference:.1e}"
        print(f"{bonds} bonds: largest difference from {name} {difference:.1e}")
    results = []
    for rows in sorted(arguments.rows):
        some = terms.rows(slice(rows))
        results.append(
            timed(TASK, bonds, "richcheap", rows, lambda: convert(some, dirty_price[:rows]), arguments.repeats)  # noqa: B023
        )
    results += [timed(TASK, bonds, name, few, rival, arguments.repeats) for name, rival in rivals.items()]
    return results


def main() -> None:
    """Compare and time, on bonds of all conventions and on those that itofin has too."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 1_000_000], help="observations for richcheap")
    parser.add_argument("--rival-rows", type=int, default=10_000, help="observations for the rivals, the first of them")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each, of which the median counts")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random bonds")
    parser.add_argument("--json", type=Path, help="file for the table as JSON")
    arguments = parser.parse_args()
    itofin = load_itofin()
    results = compare("all", None, arguments)
    if itofin:
        results += compare("common", itofin, arguments)
    show(results, arguments.json)


if __name__ == "__main__":
    main()
