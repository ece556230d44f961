"""QuantLib's view of a bond, for comparison: one object for each bond, with the project's conventions spelt out."""

from datetime import date
from typing import Any, NamedTuple

import numpy as np
import QuantLib as ql  # noqa: N813 - the name its own documentation uses

from richcheap.bonds.conventions import BANKS_OF_BRAZIL, DayCount, business_days_before
from richcheap.bonds.terms import NO_DATE, BondTerms, Floats, days

ACCURACY = 1e-14
BUSINESS_DAYS = business_days_before(BANKS_OF_BRAZIL, 1990, 2080)
OF_TIMES = tuple(DayCount)[: DayCount.BUS_252]
"""Day counts that interest and times both follow, as QuantLib's bonds do."""
_EPOCH = ql.Date(1, 1, 1970).serialNumber()


class Bond(NamedTuple):
    """Terms of one bond; dates are days since 1970-01-01."""

    settlement: int
    maturity: int
    coupon_rate: float
    frequency: int
    day_count: int
    issue: int
    first_coupon: int = int(NO_DATE)


class Figures(NamedTuple):
    accrued: float
    dirty_price: float
    macaulay: float
    modified: float
    convexity: float
    basis_point_value: float
    remaining: int


def bond(
    settlement: date,
    maturity: date,
    coupon_rate: float,
    frequency: int,
    day_count: DayCount,
    issue: date | None = None,
    first_coupon: date | None = None,
) -> Bond:
    return Bond(
        int(days(settlement)),
        int(days(maturity)),
        coupon_rate,
        frequency,
        int(day_count),
        int(days(issue) if issue else NO_DATE),
        int(days(first_coupon) if first_coupon else NO_DATE),
    )


def terms(bonds: list[Bond]) -> BondTerms:
    columns = (np.array(column) for column in zip(*bonds, strict=True))
    return BondTerms(*columns)._replace(business_days=BUSINESS_DAYS)


def random_bonds(seed: int, count: int) -> list[Bond]:
    """Bonds with hostile dates: ends of months, stubs, last periods, up to 50 years, all day counts and frequencies."""
    rng = np.random.default_rng(seed)
    bonds: list[Bond] = []
    while len(bonds) < count:
        issue = int(rng.integers(7000, 18000))
        maturity = issue + int(rng.integers(40, 365 * 50))
        if rng.random() < 0.5:
            month = np.datetime64(maturity, "D").astype("datetime64[M]")
            maturity = int((month + 1).astype("datetime64[D]").astype(int)) - int(rng.integers(1, 5))
        settlement = int(rng.integers(issue, maturity))
        if rng.random() < 0.3:
            settlement = max(issue, maturity - int(rng.integers(1, 200)))
        elif rng.random() < 0.3:
            settlement = min(maturity - 1, issue + int(rng.integers(0, 300)))
        frequency = int(rng.choice([0, 1, 2, 4, 12]))
        coupon_rate = float(rng.choice([0.0, 0.005, rng.uniform(0.0, 0.15)])) if frequency else 0.0
        bonds.append(Bond(settlement, maturity, coupon_rate, frequency, int(rng.integers(0, DayCount.BUS_252)), issue))
    return bonds


def ql_date(day: int) -> Any:
    return ql.Date(day + _EPOCH)


def odd_last_bonds(seed: int, count: int) -> list[Bond]:
    """Random bonds whose coupons run from a first coupon that lies off the schedule of maturity."""
    rng = np.random.default_rng(seed)
    bonds: list[Bond] = []
    while len(bonds) < count:
        frequency = int(rng.choice([1, 2, 4, 12]))
        first = int(rng.integers(7000, 16000))
        if rng.random() < 0.4:
            month = np.datetime64(first, "D").astype("datetime64[M]")
            first = int((month + 1).astype("datetime64[D]").astype(int)) - int(rng.integers(1, 5))
        day_count = int(rng.integers(0, DayCount.BUS_252))
        # QuantLib's ICMA miscounts where the first period is long and the last one odd.
        longest = (1 if day_count == DayCount.ACT_ACT_ICMA else 3) * (360 // frequency - 4)
        issue = first - int(rng.integers(1, longest))
        maturity = first + int(rng.integers(10, int(rng.choice([400, 365 * 30]))))
        if rng.random() < 0.3:
            month = np.datetime64(maturity, "D").astype("datetime64[M]")
            maturity = int((month + 1).astype("datetime64[D]").astype(int)) - 1
        b = Bond(issue, maturity, float(rng.uniform(0.0, 0.15)), frequency, day_count, issue, first)
        start = max(issue, maturity - 200) if rng.random() < 0.3 else issue
        b = b._replace(settlement=int(rng.integers(start, maturity)))
        backward = schedule(b._replace(first_coupon=int(NO_DATE)), ql_date(first - 800), 12 // frequency)
        if min(abs(day - ql_date(first)) for day in backward) > 7:
            bonds.append(b)
    return bonds


def anchor(b: Bond) -> int:
    """The date whose day of the month the coupons follow: maturity, or a first coupon off its schedule."""
    if b.first_coupon == NO_DATE:
        return b.maturity
    plain = b._replace(first_coupon=int(NO_DATE))
    start = ql.NullCalendar().advance(ql_date(b.first_coupon), -2, ql.Years)
    return b.maturity if ql_date(b.first_coupon) in schedule(plain, start, 12 // b.frequency) else b.first_coupon


def schedule(b: Bond, start: Any, months: int) -> Any:
    anchored = anchor(b)
    generation = ql.DateGeneration.Backward if anchored == b.maturity else ql.DateGeneration.Forward
    first = ql.Date() if b.first_coupon == NO_DATE else ql_date(b.first_coupon)
    return ql.Schedule(
        start, ql_date(b.maturity), ql.Period(months, ql.Months), ql.NullCalendar(), ql.Unadjusted, ql.Unadjusted,
        generation, ql.Date.isEndOfMonth(ql_date(anchored)), first,
    )  # fmt: skip


def day_counter(b: Bond, periods: Any) -> Any:
    if b.day_count == DayCount.THIRTY_360:
        # QuantLib's USA has the February rule for all bonds, its bond basis for none.
        month_end = ql.Date.isEndOfMonth(ql_date(anchor(b)))
        return ql.Thirty360(ql.Thirty360.USA if month_end else ql.Thirty360.BondBasis)
    if b.day_count == DayCount.THIRTY_E_360:
        return ql.Thirty360(ql.Thirty360.European)
    if b.day_count == DayCount.ACT_ACT_ICMA:
        return ql.ActualActual(ql.ActualActual.ISMA, periods) if periods else ql.ActualActual(ql.ActualActual.ISMA)
    if b.day_count == DayCount.ACT_ACT_ISDA:
        return ql.ActualActual(ql.ActualActual.ISDA)
    return ql.Actual365Fixed() if b.day_count == DayCount.ACT_365F else ql.Actual360()


def ql_bond(b: Bond) -> tuple[Any, Any]:
    """The bond and its day counter; without issue date it starts on a coupon date long ago."""
    maturity = ql_date(b.maturity)
    calendar, month_end = ql.NullCalendar(), ql.Date.isEndOfMonth(maturity)
    if b.frequency == 0:
        # QuantLib's ICMA needs an annual schedule to count years, and misreads one of a single period.
        start = calendar.advance(maturity, -60, ql.Years, ql.Unadjusted, month_end)
        counter = day_counter(b, schedule(b, start, 12))
        return ql.ZeroCouponBond(0, calendar, 100.0, maturity, ql.Unadjusted, 100.0, start), counter
    start = calendar.advance(maturity, -60, ql.Years, ql.Unadjusted, month_end)
    periods = schedule(b, start if b.issue == NO_DATE else ql_date(b.issue), 12 // b.frequency)
    # Without the schedule QuantLib's ICMA forgets the end of the month in a long first period.
    counter = day_counter(b, periods if b.first_coupon != NO_DATE and anchor(b) == b.maturity else None)
    return ql.FixedRateBond(0, 100.0, periods, [b.coupon_rate], counter), counter


def figures(b: Bond, rate: float) -> Figures:
    """QuantLib's figures at a street-convention yield."""
    instrument, counter = ql_bond(b)
    at = ql_date(b.settlement)
    ql.Settings.instance().evaluationDate = at
    remaining = sum(flow.date() > at for flow in instrument.cashflows()) - 1
    last_year = b.frequency == 0 and counter.yearFraction(at, ql_date(b.maturity)) <= 1.0
    simple = remaining == 1 or last_year
    compounding = ql.Simple if simple else ql.Compounded
    interest = ql.InterestRate(rate, counter, compounding, max(b.frequency, 1))
    functions = ql.BondFunctions
    modified = functions.duration(instrument, interest, ql.Duration.Modified, at)
    # QuantLib has no Macaulay duration for simple interest.
    macaulay = float("nan") if simple else functions.duration(instrument, interest, ql.Duration.Macaulay, at)
    return Figures(
        accrued=instrument.accruedAmount(at),
        dirty_price=ql.CashFlows.npv(instrument.cashflows(), interest, False, at, at),
        macaulay=macaulay,
        modified=modified,
        convexity=functions.convexity(instrument, interest, at),
        basis_point_value=functions.basisPointValue(instrument, interest, at),
        remaining=remaining if b.frequency else 0,
    )


def zero_curve(b: Bond, node_years: Floats, rates: Floats) -> Any:
    """A continuous ACT/365F zero curve from settlement; nodes must be whole days."""
    at = ql_date(b.settlement)
    ql.Settings.instance().evaluationDate = at
    dates = [at, *(at + round(float(years) * 365) for years in node_years), at + 365 * 80]
    values = [float(rates[0]), *map(float, rates), float(rates[-1])]
    return ql.ZeroCurve(dates, values, ql.Actual365Fixed(), ql.NullCalendar(), ql.Linear(), ql.Continuous)


def curve_price(b: Bond, node_years: Floats, rates: Floats, spread: float) -> float:
    instrument, _ = ql_bond(b)
    curve = zero_curve(b, node_years, rates)
    at = ql_date(b.settlement)
    price: float = ql.CashFlows.npv(
        instrument.cashflows(), curve, spread, ql.Actual365Fixed(), ql.Continuous, ql.NoFrequency, False, at, at
    )
    return price


def z_spread(b: Bond, dirty_price: float, node_years: Floats, rates: Floats) -> float:
    instrument, _ = ql_bond(b)
    curve = zero_curve(b, node_years, rates)
    at = ql_date(b.settlement)
    spread: float = ql.CashFlows.zSpread(
        instrument.cashflows(), dirty_price, curve, ql.Actual365Fixed(), ql.Continuous, ql.NoFrequency, False, at, at,
        ACCURACY, 1000, 0.01,
    )  # fmt: skip
    return spread


def flows_to_call(b: Bond, day: int, call_price: float) -> tuple[list[Any], Any]:
    """QuantLib's coupons up to a call, the last one broken off there, the call price, and the day counter."""
    maturity, at = ql_date(b.maturity), ql_date(day)
    calendar, month_end = ql.NullCalendar(), ql.Date.isEndOfMonth(ql_date(anchor(b)))
    start = calendar.advance(maturity, -60, ql.Years, ql.Unadjusted, month_end)
    periods = schedule(b, start if b.issue == NO_DATE else ql_date(b.issue), 12 // b.frequency)
    counter = day_counter(b, periods if b.first_coupon != NO_DATE and anchor(b) == b.maturity else None)
    dates = list(periods)
    # The regular periods behind an odd first one and ahead of an odd last one, for ICMA.
    step = 12 // b.frequency
    begins = [calendar.advance(dates[1], ql.Period(-step, ql.Months), ql.Unadjusted, month_end), *dates[1:-1]]
    ends = dates[1:]
    if anchor(b) != b.maturity:
        ends[-1] = calendar.advance(dates[-2], ql.Period(step, ql.Months), ql.Unadjusted, month_end)
    leg = [
        ql.FixedRateCoupon(min(end, at), 100.0, b.coupon_rate, counter, begin, min(end, at), quasi_begin, quasi_end)
        for begin, end, quasi_begin, quasi_end in zip(dates[:-1], dates[1:], begins, ends, strict=True)
        if begin < at
    ]
    return [*leg, ql.Redemption(call_price, at)], counter
