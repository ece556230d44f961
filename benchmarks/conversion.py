"""Time bond conversion beside QuantLib-Python in one run, on one core: ``python -m benchmarks.conversion``.

Both sides compute accrued interest, yield, durations, convexity and basis point value of the same random bonds from
the same terms and prices; the figures must agree before any time is shown. QuantLib builds schedule and bond for each
observation, as a table of observations demands. Times are CPU time, medians over repeats.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable

os.environ["NUMBA_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np
import QuantLib as ql  # noqa: N813 - the name its own documentation uses

from stages.bonds.conventions import DayCount
from stages.bonds.measures import Measures, accrued_interest, dirty_from_yield, measures
from stages.bonds.terms import NO_DATE, BondTerms, Floats

CHUNK_ROWS = 65_536
TOLERANCE = 1e-9


def random_terms(count: int, seed: int) -> BondTerms:
    """Return seasoned bonds of up to 30 years: mostly semiannual, 30/360 and ICMA."""
    rng = np.random.default_rng(seed)
    settlement = rng.integers(11_000, 19_000, count).astype(np.int32)
    frequency = rng.choice(np.array([1, 2, 4, 12], np.int32), count, p=[0.2, 0.6, 0.15, 0.05])
    weights = {
        DayCount.THIRTY_360: 0.45,
        DayCount.ACT_ACT_ICMA: 0.45,
        DayCount.ACT_365F: 0.05,
        DayCount.ACT_360: 0.05,
    }
    return BondTerms(
        settlement=settlement,
        # At least two coupons left: QuantLib solves the last period by another rule.
        maturity=(settlement + rng.integers(740, 365 * 30, count)).astype(np.int32),
        coupon_rate=rng.uniform(0.0, 0.09, count),
        frequency=frequency,
        day_count=rng.choice(np.array(list(weights), np.int32), count, p=list(weights.values())),
        issue=np.full(count, NO_DATE),
        first_coupon=np.full(count, NO_DATE),
    )


def convert(terms: BondTerms, dirty_price: Floats) -> list[Measures]:
    """Run the project's conversion chunk by chunk."""
    results = []
    for start in range(0, len(dirty_price), CHUNK_ROWS):
        rows = slice(start, start + CHUNK_ROWS)
        accrued_interest(terms.rows(rows))
        results.append(measures(terms.rows(rows), dirty_price[rows]))
    return results


def convert_with_quantlib(terms: BondTerms, dirty_price: Floats) -> Floats:
    """Run QuantLib's conversion bond by bond; return yield, modified duration, convexity and basis point value."""
    counters = {
        DayCount.THIRTY_360: ql.Thirty360(ql.Thirty360.USA),
        DayCount.ACT_ACT_ICMA: ql.ActualActual(ql.ActualActual.ISMA),
        DayCount.ACT_365F: ql.Actual365Fixed(),
        DayCount.ACT_360: ql.Actual360(),
    }
    epoch = ql.Date(1, 1, 1970).serialNumber()
    calendar, functions = ql.NullCalendar(), ql.BondFunctions
    out = np.empty((len(dirty_price), 4))
    columns = (column.tolist() for column in (*terms[:5], dirty_price))
    for i, (settlement, maturity, coupon, frequency, day_count, price) in enumerate(zip(*columns, strict=True)):
        at, end = ql.Date(settlement + epoch), ql.Date(maturity + epoch)
        month_end = ql.Date.isEndOfMonth(end)
        # A coupon date before settlement, so that the first period is regular; later ones alone would do no harm.
        years = (maturity - settlement) // 365 + 2
        start = calendar.advance(end, -years, ql.Years, ql.Unadjusted, month_end)
        counter = counters[day_count]
        schedule = ql.Schedule(
            start, end, ql.Period(12 // frequency, ql.Months), calendar, ql.Unadjusted, ql.Unadjusted,
            ql.DateGeneration.Backward, month_end,
        )  # fmt: skip
        bond = ql.FixedRateBond(0, 100.0, schedule, [coupon], counter)
        clean = price - bond.accruedAmount(at)
        quote = ql.BondPrice(clean, ql.BondPrice.Clean)
        rate = functions.bondYield(bond, quote, counter, ql.Compounded, frequency, at, 1e-13, 100)
        interest = ql.InterestRate(rate, counter, ql.Compounded, frequency)
        functions.duration(bond, interest, ql.Duration.Macaulay, at)
        out[i, 0] = rate
        out[i, 1] = functions.duration(bond, interest, ql.Duration.Modified, at)
        out[i, 2] = functions.convexity(bond, interest, at)
        out[i, 3] = functions.basisPointValue(bond, interest, at)
    return out


def median_seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the median CPU time of some runs of the work."""
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return statistics.median(seconds)


def largest_difference(ours: Measures, theirs: Floats) -> float:
    """Return the largest relative difference (absolute for the yield) between both sides' figures."""
    figures = np.column_stack([ours.yield_to_maturity, ours.modified_duration, ours.convexity, ours.basis_point_value])
    scale = np.where(np.arange(4) == 0, 1.0, np.abs(theirs))
    return float(np.max(np.abs(figures - theirs) / scale))


def main() -> None:
    """Compare both sides, then time them and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="observations for richcheap")
    parser.add_argument(
        "--quantlib-rows", type=int, default=10_000, help="observations for QuantLib, the first of them"
    )
    parser.add_argument("--repeats", type=int, default=5, help="runs of each side, of which the median counts")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random bonds")
    arguments = parser.parse_args()

    terms = random_terms(arguments.rows, arguments.seed)
    rates = np.random.default_rng(arguments.seed + 1).uniform(0.0, 0.1, arguments.rows)
    dirty_price = dirty_from_yield(terms, rates)
    few = min(arguments.quantlib_rows, arguments.rows)
    first = terms.rows(slice(few))
    difference = largest_difference(measures(first, dirty_price[:few]), convert_with_quantlib(first, dirty_price[:few]))
    assert difference < TOLERANCE, f"richcheap and QuantLib differ by {difference:.1e}"
    convert(first, dirty_price[:few])

    ours = median_seconds(lambda: convert(terms, dirty_price), arguments.repeats) / arguments.rows
    theirs = median_seconds(lambda: convert_with_quantlib(first, dirty_price[:few]), arguments.repeats) / few
    print(f"{'':<18}{'observations':>14}{'microseconds each':>20}{'observations/s':>17}")
    for name, rows, seconds in (("richcheap", arguments.rows, ours), (f"QuantLib {ql.__version__}", few, theirs)):
        print(f"{name:<18}{rows:>14,}{1e6 * seconds:>20.3f}{1.0 / seconds:>17,.0f}")
    print(f"ratio {theirs / ours:.0f}, largest difference {difference:.1e}, one core, CPU time")


if __name__ == "__main__":
    main()
