"""What the benchmarks of the bond mathematics share: random bonds, the rivals' bond objects, the race and its table."""

import argparse
import importlib
import json
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import QuantLib as ql  # noqa: N813 - the name its own documentation uses

from benchmarks.sizes import parse
from richcheap.bonds.conventions import DayCount
from richcheap.bonds.terms import NO_DATE, BondTerms, Floats

TOLERANCE = 1e-9
EPOCH = ql.Date(1, 1, 1970).serialNumber()
ALL = {DayCount.THIRTY_360: 0.45, DayCount.ACT_ACT_ICMA: 0.45, DayCount.ACT_365F: 0.05, DayCount.ACT_360: 0.05}
# Itofin has no ACT/ACT ICMA.
COMMON = {DayCount.THIRTY_360: 0.8, DayCount.ACT_365F: 0.1, DayCount.ACT_360: 0.1}


class Result(NamedTuple):
    """One line of the table."""

    task: str
    bonds: str  # "all" conventions, or those "common" to all rivals
    method: str
    rows: int
    cpu_seconds: float
    wall_seconds: float
    peak_mb: float  # of the process so far

    @property
    def microseconds(self) -> float:
        """CPU time for one observation."""
        return 1e6 * self.cpu_seconds / self.rows


class Race(NamedTuple):
    """The same work on the same bonds: ours, and the rivals'."""

    ours: Callable[[int], Floats]  # on the first so many observations
    rivals: dict[str, Callable[[], Floats]]  # by name and version, each on the first few


class Row(NamedTuple):
    """One observation as rivals take it."""

    number: int
    settlement: int
    maturity: int
    coupon_rate: float
    frequency: int
    day_count: int


def random_terms(count: int, seed: int, kind: str) -> BondTerms:
    """Return seasoned bonds of up to 30 years, mostly semiannual: of all conventions or of the common ones.

    Common bonds mature on a day that every month has, since itofin knows no end-of-month rule.
    """
    rng = np.random.default_rng(seed)
    settlement = rng.choice(np.arange(11_000, 19_000, 400), count).astype(np.int32)
    weights = ALL if kind == "all" else COMMON
    # At least two coupons left: QuantLib solves the last period by another rule.
    maturity = settlement + rng.integers(740, 365 * 30, count)
    if kind == "common":
        month = maturity.astype("datetime64[D]").astype("datetime64[M]")
        maturity = month.astype("datetime64[D]").astype(np.int64) + rng.integers(0, 27, count)
    return BondTerms(
        settlement=settlement,
        maturity=maturity.astype(np.int32),
        coupon_rate=rng.uniform(0.0, 0.09, count),
        frequency=rng.choice(np.array([1, 2, 4, 12], np.int32), count, p=[0.2, 0.6, 0.15, 0.05]),
        day_count=rng.choice(np.array(list(weights), np.int32), count, p=list(weights.values())),
        issue=np.full(count, NO_DATE),
        first_coupon=np.full(count, NO_DATE),
    )


def observations(terms: BondTerms) -> Iterator[Row]:
    """Return the rows one by one as Python numbers."""
    columns = (column.tolist() for column in terms[:5])
    for number, values in enumerate(zip(*columns, strict=True)):
        yield Row(number, *values)


def quantlib_counters() -> dict[tuple[int, bool], Any]:
    """Return QuantLib's day counters by our codes, for bonds that pay at months' ends and for others."""
    counters = {
        DayCount.ACT_ACT_ICMA: ql.ActualActual(ql.ActualActual.ISMA),
        DayCount.ACT_365F: ql.Actual365Fixed(),
        DayCount.ACT_360: ql.Actual360(),
    }
    return {
        # Its USA has the February rule for all bonds, its bond basis for none.
        (DayCount.THIRTY_360, True): ql.Thirty360(ql.Thirty360.USA),
        (DayCount.THIRTY_360, False): ql.Thirty360(ql.Thirty360.BondBasis),
        **{(code, month_end): counter for code, counter in counters.items() for month_end in (True, False)},
    }


def counter_key(row: Row) -> tuple[int, bool]:
    """Return what names a bond's day counter."""
    return row.day_count, ql.Date.isEndOfMonth(ql.Date(row.maturity + EPOCH))


def quantlib_bond(row: Row, counter: Any) -> Any:
    """Build QuantLib's bond from a coupon date before settlement on, so that the first period is regular."""
    calendar, end = ql.NullCalendar(), ql.Date(row.maturity + EPOCH)
    month_end = ql.Date.isEndOfMonth(end)
    start = calendar.advance(end, -((row.maturity - row.settlement) // 365 + 2), ql.Years, ql.Unadjusted, month_end)
    schedule = ql.Schedule(
        start, end, ql.Period(12 // row.frequency, ql.Months), calendar, ql.Unadjusted, ql.Unadjusted,
        ql.DateGeneration.Backward, month_end,
    )  # fmt: skip
    return ql.FixedRateBond(0, 100.0, schedule, [row.coupon_rate], counter)


class Itofin:
    """Itofin's modules and its objects for our codes."""

    def __init__(self, package: ModuleType) -> None:
        self.version: str = package.__version__
        self.instruments, self.termstructures, self.time = (
            importlib.import_module(f"itofin.{name}") for name in ("instruments", "termstructures", "time")
        )
        self.settings = package.Settings()
        counter, frequency = self.time.DayCounter, self.time.Frequency
        self.counters: dict[int, Any] = {
            DayCount.THIRTY_360: counter.thirty360_bond_basis(),
            DayCount.ACT_365F: counter.actual365_fixed(),
            DayCount.ACT_360: counter.actual360(),
        }
        self.frequencies = {
            1: frequency.Annual, 2: frequency.Semiannual, 4: frequency.Quarterly, 12: frequency.Monthly
        }  # fmt: skip
        self.calendar = self.time.Calendar.null_calendar()
        self.unadjusted = self.time.BusinessDayConvention.Unadjusted
        self.epoch = self.time.Date(1, 1, 1970)

    def bond(self, row: Row) -> Any:
        """Build itofin's bond as `quantlib_bond` builds QuantLib's."""
        end = self.epoch + row.maturity
        years = (row.maturity - row.settlement) // 365 + 2
        start = self.time.Date(end.day, end.month, end.year - years)
        schedule = self.time.Schedule(
            start, end, self.frequencies[row.frequency], self.calendar, self.unadjusted,
            self.time.DateGeneration.Backward,
        )  # fmt: skip
        return self.instruments.FixedRateBond(
            0,
            100.0,
            schedule,
            [row.coupon_rate],
            self.counters[row.day_count],
            self.settings,
            self.unadjusted,
        )


def load_itofin() -> Itofin | None:
    """Return itofin, or None after saying so when it is not installed."""
    try:
        return Itofin(importlib.import_module("itofin"))
    except ModuleNotFoundError:
        print("itofin is not installed and is left out; `pip install -c constraints.txt -e '.[bench]'` adds it")
        return None


def timed(task: str, bonds: str, method: str, rows: int, work: Callable[[], object], repeats: int) -> Result:
    """Run the work some times; CPU and wall time are medians."""
    cpu, wall = [], []
    for _ in range(repeats):
        starts = time.process_time(), time.perf_counter()
        work()
        cpu.append(time.process_time() - starts[0])
        wall.append(time.perf_counter() - starts[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    return Result(task, bonds, method, rows, statistics.median(cpu), statistics.median(wall), peak)


def show(results: list[Result], file: Path | None) -> None:
    """Print the table, each rival beside our fastest run on the same bonds, and write it as JSON when asked."""
    print(f"{'task':<12}{'bonds':<8}{'method':<18}{'rows':>12}{'CPU us each':>13}{'peak MB':>9}{'times ours':>12}")
    for result in results:
        ours = min(r.microseconds for r in results if r.method == "richcheap" and r.bonds == result.bonds)
        ratio = "" if result.method == "richcheap" else f"{result.microseconds / ours:,.0f}"
        print(
            f"{result.task:<12}{result.bonds:<8}{result.method:<18}{result.rows:>12,}{result.microseconds:>13.3f}"
            f"{result.peak_mb:>9.0f}{ratio:>12}"
        )
    if file:
        records = [result._asdict() | {"microseconds": result.microseconds} for result in results]
        file.write_text(json.dumps(records, indent=2) + "\n", encoding="utf-8")


def largest_difference(ours: Floats, theirs: Floats, absolute: int) -> float:
    """Return the largest difference between two tables: absolute in one column, relative in the others."""
    scale = np.where(np.arange(theirs.shape[1]) == absolute, 1.0, np.abs(theirs))
    return float(np.max(np.abs(ours - theirs) / scale))


def compete(task: str, doc: str | None, prepare: Callable[[str, int, int, int, "Itofin | None"], Race]) -> None:
    """Run a benchmark from the command line: on bonds of all conventions, and on those that itofin has too.

    Parameters
    ----------
    task : str
        Its name in the table.
    doc : str
        Of the benchmark.
    prepare : callable
        Makes the race for a kind of bonds (``all`` or ``common``), so many observations, few of them for the rivals,
        a seed, and itofin where it takes part.
    """
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 1_000_000], help="observations for richcheap")
    parser.add_argument("--rival-rows", type=int, default=10_000, help="observations for the rivals, the first of them")
    parser.add_argument("--repeats", type=int, default=5, help="runs of each, of which the median counts")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random bonds")
    parser.add_argument("--json", type=Path, help="file for the table as JSON")
    arguments = parse(parser, rows=[100, 200], rival_rows=50, repeats=1)
    sizes, repeats = sorted(arguments.rows), arguments.repeats
    few = min(arguments.rival_rows, sizes[-1])
    itofin = load_itofin()
    results = []
    for bonds in ("all", "common") if itofin else ("all",):
        race = prepare(bonds, sizes[-1], few, arguments.seed, itofin if bonds == "common" else None)
        figures = race.ours(few)
        for name, rival in race.rivals.items():
            difference = largest_difference(figures, rival(), absolute=0)
            assert difference < TOLERANCE, f"richcheap and {name} differ by {difference:.1e}"
            print(f"{bonds} bonds: largest difference from {name} {difference:.1e}")
        results += [timed(task, bonds, "richcheap", rows, partial(race.ours, rows), repeats) for rows in sizes]
        results += [timed(task, bonds, name, few, rival, repeats) for name, rival in race.rivals.items()]
    show(results, arguments.json)
