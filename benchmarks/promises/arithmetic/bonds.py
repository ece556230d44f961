"""Bonds of every kind against fifty digits and against QuantLib."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from mpmath import mpf

from benchmarks.promises.arithmetic import published
from benchmarks.promises.cases import Case, Options, Verdict
from richcheap.bonds.conventions import DayCount
from richcheap.bonds.measures import accrued_interest, dirty_from_yield, measures
from richcheap.bonds.status import STATUS_NAMES, Status
from richcheap.bonds.terms import NO_DATE, Floats, days
from richcheap.curves.pricing import curve_dirty_price, z_spread
from tests.bonds.referee import Bond, figures, odd_last_bonds, random_bonds, terms

NODES = [days / 365.0 for days in (91, 182, 365, 730, 1825, 3650, 10950)]
CURVE = [0.05, 0.048, 0.045, 0.04, 0.042, 0.044, 0.043]

OF_FLOWS = [int(code) for code in DayCount if code < DayCount.BUS_252]
"""Day counts that interest and times both follow."""

Rng = np.random.Generator


class Drawn(NamedTuple):
    """Bonds, and the yields or prices at which they are tried."""

    bonds: list[Bond]
    yields: Floats
    prices: Floats | None = None
    ex_until: npt.NDArray[np.int32] | None = None


PROMISED = {
    "accrued": 1e-12,
    "price": 1e-12,
    "yield": 1e-13,
    "Macaulay": 1e-12,
    "modified": 1e-12,
    "convexity": 1e-11,
    "DV01": 1e-12,
    "price on the curve": 1e-12,
    "spread": 1e-13,
}
"""Largest differences from fifty digits: of accrued interest in points; of yields and spreads in units of one and of
themselves and of what a price is worth in yield; of all others relative."""
BY_QUANTLIB = {"accrued": 1e-10, "price": 1e-10, "Macaulay": 1e-10, "modified": 1e-10, "convexity": 1e-9, "DV01": 1e-10}
"""Of QuantLib's figures at our yield: absolute, of convexity relative."""


def exact_cases(draw: Callable[[Rng, int], Drawn], short: int, whole: int, options: Options) -> Iterator[Case]:
    """Yield bonds of a kind, each compared with fifty digits in all figures."""
    rng = np.random.default_rng([options.seed, len(draw.__name__), *draw.__name__.encode()])
    for bond, found in errors(draw(rng, short if options.short else whole)):
        if not found:
            yield Case(str(bond), Verdict.REFUSED)
            continue
        wrong = {name: error for name, error in found.items() if not error <= PROMISED.get(name, 0.0)}
        yield Case(str(bond), Verdict.FAILED if wrong else Verdict.RIGHT, str(wrong) if wrong else "")


def quantlib_cases(draw: Callable[[Rng, int], Drawn], short: int, whole: int, options: Options) -> Iterator[Case]:
    """Yield bonds of a kind, each compared with QuantLib at our own yield."""
    rng = np.random.default_rng([options.seed, 1, len(draw.__name__), *draw.__name__.encode()])
    drawn = draw(rng, short if options.short else whole)
    all_terms = terms(drawn.bonds)
    prices = dirty_from_yield(all_terms, drawn.yields)
    found, accrued = measures(all_terms, prices), accrued_interest(all_terms)
    for i, bond in enumerate(drawn.bonds):
        if found.status[i] == Status.ZERO_TIME:
            yield Case(str(bond), Verdict.REFUSED)
            continue
        theirs = figures(bond, float(found.yield_to_maturity[i]))
        wrong = {
            "accrued": abs(accrued[i] - theirs.accrued),
            "price": abs(prices[i] - theirs.dirty_price) / max(1.0, theirs.dirty_price / 100.0),
            "Macaulay": abs(found.macaulay_duration[i] - theirs.macaulay) if np.isfinite(theirs.macaulay) else 0.0,
            "modified": abs(found.modified_duration[i] - theirs.modified),
            "convexity": abs(found.convexity[i] / theirs.convexity - 1.0),
            "DV01": abs(found.basis_point_value[i] - theirs.basis_point_value),
        }
        wrong = {name: float(error) for name, error in wrong.items() if not error <= BY_QUANTLIB[name]}
        yield Case(str(bond), Verdict.FAILED if wrong else Verdict.RIGHT, str(wrong) if wrong else "")


def errors(drawn: Drawn) -> Iterator[tuple[Bond, dict[str, float]]]:
    """Yield each bond with how far its figures are from fifty digits; with none where there is no time left."""
    all_terms = terms(drawn.bonds)
    if drawn.ex_until is not None:
        all_terms = all_terms._replace(ex_until=drawn.ex_until)
    priced = dirty_from_yield(all_terms, drawn.yields)
    prices = priced if drawn.prices is None else drawn.prices
    found, accrued = measures(all_terms, prices), accrued_interest(all_terms)
    spreads, spread_status = z_spread(all_terms, prices, NODES, [CURVE], 0)
    on_curve = curve_dirty_price(all_terms, NODES, [CURVE], 0, np.full(len(prices), 0.01))
    for i, bond in enumerate(drawn.bonds):
        flows = published.flows(bond, int(NO_DATE) if drawn.ex_until is None else int(drawn.ex_until[i]))
        if found.status[i] == Status.ZERO_TIME and flows.times == [0]:
            yield bond, {}
            continue
        if found.status[i] or spread_status[i]:
            yield bond, {f"{STATUS_NAMES[found.status[i]]}, {STATUS_NAMES[spread_status[i]]} at {prices[i]}": np.inf}
            continue
        rate, spread = mpf(float(found.yield_to_maturity[i])), mpf(float(spreads[i]))
        exact = published.at_yield(flows, rate)
        at_drawn = published.at_yield(flows, mpf(float(drawn.yields[i])))
        at_spread, slope = published.on_curve(flows, NODES, CURVE, spread)
        at_one, _ = published.on_curve(flows, NODES, CURVE, mpf(0.01))
        price = mpf(float(prices[i]))
        yield (
            bond,
            {
                "accrued": _of(accrued[i], flows.accrued, 1.0),
                "price": _of(priced[i], at_drawn.price, at_drawn.price),
                "yield": float(abs((exact.price - price) / exact.slope) / (1 + abs(rate) + price / abs(exact.slope))),
                "Macaulay": _of(found.macaulay_duration[i], exact.macaulay, exact.macaulay),
                "modified": _of(found.modified_duration[i], exact.modified, exact.modified),
                "convexity": _of(found.convexity[i], exact.convexity, exact.convexity),
                "DV01": _of(found.basis_point_value[i], exact.basis_point_value, exact.basis_point_value),
                "price on the curve": _of(on_curve[i], at_one, at_one),
                "spread": float(abs((at_spread - price) / slope) / (1 + abs(spread) + price / abs(slope))),
            },
        )


def _of(ours: float, exact: mpf, scale: mpf) -> float:
    return float(abs(mpf(float(ours)) - exact) / max(abs(mpf(scale)), mpf(10) ** -300))


def _any(rng: Rng, count: int, **given: npt.ArrayLike) -> list[Bond]:
    """Draw bonds of one to fifty years without an issue date; what is given holds for all, or one for each."""
    settlement = rng.integers(int(days(date(1990, 1, 1))), int(days(date(2040, 1, 1))), count)
    columns: dict[str, npt.ArrayLike] = {
        "settlement": settlement,
        "maturity": settlement + rng.integers(366, 50 * 365, count),
        "coupon_rate": rng.uniform(0.0, 0.15, count),
        "frequency": rng.choice([1, 2, 4, 12], count),
        "day_count": rng.choice(OF_FLOWS, count),
        "issue": int(NO_DATE),
        "first_coupon": int(NO_DATE),
        **given,
    }
    rows = zip(*(np.broadcast_to(column, count).tolist() for column in columns.values()), strict=True)
    return [Bond(*row) for row in rows]


def _usual(rng: Rng, count: int) -> Floats:
    return rng.uniform(-0.05, 0.2, count)


def ordinary(rng: Rng, count: int) -> Drawn:
    """Draw bonds with hostile dates at usual yields."""
    return Drawn(random_bonds(int(rng.integers(1 << 30)), count), _usual(rng, count))


def zeros(rng: Rng, count: int) -> Drawn:
    """Draw zero-coupon bonds."""
    return Drawn(_any(rng, count, frequency=0, coupon_rate=0.0), _usual(rng, count))


def odd_first(rng: Rng, count: int) -> Drawn:
    """Draw bonds that settle in a first period which is shorter or longer than the others."""
    found: list[Bond] = []
    while len(found) < count:
        (bond,) = _any(rng, 1)
        step = 12 // bond.frequency
        maturity = published.day(bond.maturity)
        number = int(rng.integers(0, 20))
        month_end = published.is_month_end(maturity)
        first = published.shifted(maturity, -step * number, month_end)
        issue = first - timedelta(int(rng.integers(2, 70 * step)))
        settlement = issue + timedelta(int(rng.integers(0, (first - issue).days)))
        found.append(
            bond._replace(settlement=int(days(settlement)), issue=int(days(issue)), first_coupon=int(days(first)))
        )
    return Drawn(found, _usual(rng, count))


def odd_last(rng: Rng, count: int) -> Drawn:
    """Draw bonds whose coupons do not end at maturity."""
    return Drawn(odd_last_bonds(int(rng.integers(1 << 30)), count), _usual(rng, count))


def ex_dividend(rng: Rng, count: int) -> Drawn:
    """Draw bonds of which half settle without their next coupon, three to nine days before it."""
    frequency = rng.choice([1, 2, 4], count)
    bonds = _any(rng, count, frequency=frequency, day_count=int(DayCount.ACT_ACT_ICMA))
    moved = []
    for bond in bonds:
        number = int(rng.integers(0, 40))
        due = published.shifted(published.day(bond.maturity), -number * 12 // bond.frequency, False)
        moved.append(bond._replace(settlement=int(days(due)) - int(rng.integers(3, 10))))
    until = np.array([bond.settlement for bond in moved], np.int32) + rng.choice([2, 9], count).astype(np.int32)
    return Drawn(moved, _usual(rng, count), ex_until=until)


def month_ends(rng: Rng, count: int) -> Drawn:
    """Draw bonds that mature on one of the last three days of a month, of February as often as not."""
    years, months = rng.integers(2000, 2060, count), rng.choice([2, 2, 2, *range(1, 13)], count)
    last = [date(int(y), int(m), monthrange(int(y), int(m))[1]) for y, m in zip(years, months, strict=True)]
    maturity = np.array([int(days(one)) for one in last]) - rng.integers(0, 3, count)
    settlement = maturity - rng.integers(1, 40 * 365, count)
    return Drawn(_any(rng, count, settlement=settlement, maturity=maturity), _usual(rng, count))


def coupon_days(rng: Rng, count: int) -> Drawn:
    """Draw bonds that settle on a coupon date, or the day before or after."""
    moved = []
    for bond in _any(rng, count):
        maturity = published.day(bond.maturity)
        number = int(rng.integers(1, 60))
        due = published.shifted(maturity, -number * 12 // bond.frequency, published.is_month_end(maturity))
        moved.append(bond._replace(settlement=int(days(due)) + int(rng.integers(-1, 2))))
    return Drawn(moved, _usual(rng, count))


def extreme_prices(rng: Rng, count: int) -> Drawn:
    """Draw bonds at prices of a hundredth to five hundred."""
    return Drawn(_any(rng, count), _usual(rng, count), prices=np.exp(rng.uniform(np.log(0.01), np.log(500.0), count)))


def extreme_yields(rng: Rng, count: int) -> Drawn:
    """Draw bonds at yields of -5 % to 300 %."""
    return Drawn(_any(rng, count), rng.choice([-0.05, 3.0, 1.0], count) * rng.uniform(0.0, 1.0, count))


def last_days(rng: Rng, count: int) -> Drawn:
    """Draw bonds that mature within a month, many on the next day."""
    frequency = rng.choice([0, 1, 2, 4, 12], count)
    bonds = _any(
        rng, count, frequency=frequency, coupon_rate=np.where(frequency > 0, rng.uniform(0.0, 0.15, count), 0.0)
    )
    left = rng.choice([1, 1, 2, 5, 30], count)
    bonds = [bond._replace(maturity=bond.settlement + int(n)) for bond, n in zip(bonds, left, strict=True)]
    return Drawn(bonds, _usual(rng, count))


def centuries(rng: Rng, count: int) -> Drawn:
    """Draw bonds of fifty to a hundred years, with up to twelve coupons a year, from 1901 to 2199."""
    settlement = rng.integers(int(days(date(1901, 2, 1))), int(days(date(2098, 1, 1))), count)
    frequency = rng.choice([0, 1, 2, 12], count)
    coupon = np.where(frequency > 0, rng.uniform(0.0, 0.12, count), 0.0)
    maturity = settlement + rng.integers(50 * 365, 100 * 365, count)
    return Drawn(
        _any(rng, count, settlement=settlement, maturity=maturity, frequency=frequency, coupon_rate=coupon),
        _usual(rng, count),
    )
