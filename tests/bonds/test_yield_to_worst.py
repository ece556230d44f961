"""Yield to worst against QuantLib's yields to every candidate date, and by name."""

from datetime import date
from typing import Any

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813 - the name its own documentation uses

from richcheap.bonds.calls import NO_CALLS, Calls, no_calls
from richcheap.bonds.conventions import DayCount
from richcheap.bonds.measures import dirty_from_yield, measures
from richcheap.bonds.status import Status
from richcheap.bonds.terms import NO_DATE, BondTerms, Floating, days
from richcheap.bonds.yield_to_worst import Worst, measures_to_worst
from tests.bonds import referee
from tests.bonds.referee import Bond, bond, odd_last_bonds, random_bonds, terms

ICMA, ACT_365F, THIRTY_360 = DayCount.ACT_ACT_ICMA, DayCount.ACT_365F, DayCount.THIRTY_360
Schedule = list[tuple[int, float]]


def calls(schedules: list[Schedule]) -> Calls:
    entries = [entry for schedule in schedules for entry in schedule]
    return Calls(
        schedule=np.array([i if s else NO_CALLS for i, s in enumerate(schedules)], np.int32),
        offset=np.cumsum([0, *map(len, schedules)], dtype=np.int32),
        date=np.array([day for day, _ in entries], np.int32),
        price=np.array([price for _, price in entries], np.float64),
    )


def one(b: Bond, schedule: list[tuple[date, float]], price: float) -> Worst:
    return measures_to_worst(terms([b]), calls([[(int(days(day)), p) for day, p in schedule]]), price)


def coupon_dates(b: Bond) -> list[int]:
    start = referee.ql_date(b.maturity) - 365 * 60 if b.issue == NO_DATE else referee.ql_date(b.issue)
    epoch = referee.ql_date(0).serialNumber()
    return [d.serialNumber() - epoch for d in referee.schedule(b, start, 12 // b.frequency)][1:]


def callable_bonds(seed: int, count: int) -> tuple[list[Bond], list[Schedule], np.ndarray]:
    """Random bonds with up to five entries at falling prices, on and off the coupon dates, past and future."""
    rng = np.random.default_rng(seed)
    bonds: list[Bond] = []
    schedules: list[Schedule] = []
    for b in [*random_bonds(seed, 2 * count), *odd_last_bonds(seed, count // 2)]:
        odd = b.first_coupon != NO_DATE
        if not b.frequency or (len(bonds) >= count and not odd) or (odd and b.maturity - b.settlement < 400):
            continue
        on_schedule = rng.random() < 0.5
        pool = coupon_dates(b)[:-1] if on_schedule else list(range(b.issue + 1, b.maturity))
        if odd:
            # QuantLib's solver fails near -100 %, to which a year's compounding takes a loss within days.
            pool = [day for day in pool if not 0 < day - b.settlement < 60]
        if not pool:
            continue
        chosen = sorted({int(d) for d in rng.choice(pool, min(len(pool), int(rng.integers(1, 6))))})
        prices = np.sort(rng.choice([100.0, 101.0, 102.5, 104.0, 107.0], len(chosen)))[::-1]
        bonds.append(b)
        schedules.append(list(zip(chosen, prices.tolist(), strict=True)))
    return bonds, schedules, rng.uniform(85.0, 125.0, len(bonds))


def candidates(b: Bond, schedule: Schedule) -> Schedule:
    """Dates and prices by the rules in the documentation, written out again; maturity last."""
    future = [(day, price) for day, price in schedule if b.settlement < day < b.maturity]
    past = [(day, price) for day, price in schedule if day <= b.settlement]
    following = min(day for day in coupon_dates(b) if day > b.settlement)
    if past and following < min([b.maturity, *(day for day, _ in future)]):
        future.insert(0, (following, past[-1][1]))
    return [*future, (b.maturity, 100.0)]


def quantlib_yield(b: Bond, day: int, call_price: float, dirty: float) -> tuple[float, Any, Any]:
    """QuantLib's street yield to a call, the flows to it and the rate."""
    flows, counter = referee.flows_to_call(b, day, call_price)
    at = referee.ql_date(b.settlement)
    ql.Settings.instance().evaluationDate = at
    simple = len({flow.date().serialNumber() for flow in flows if flow.date() > at}) == 1
    compounding = ql.Simple if simple else ql.Compounded
    if simple:
        amount = sum(flow.amount() for flow in flows if flow.date() > at)
        one_percent = ql.CashFlows.npv(flows, ql.InterestRate(0.01, counter, ql.Simple, ql.Annual), False, at, at)
        time = (amount / one_percent - 1.0) / 0.01
        rate = (amount / dirty - 1.0) / time if time > 1e-9 else np.inf
    else:
        rate = ql.CashFlows.yieldRate(
            flows, dirty, counter, compounding, b.frequency, False, at, at, referee.ACCURACY, 1000, 0.05
        )
    return rate, flows, ql.InterestRate(rate, counter, compounding, b.frequency)


@pytest.mark.parametrize("seed", [81, 82, 83])
def test_random_callable_bonds_agree_with_quantlib(seed: int) -> None:
    bonds, schedules, prices = callable_bonds(seed, 500)
    found = measures_to_worst(terms(bonds), calls(schedules), prices)
    called = 0
    for i, (b, schedule) in enumerate(zip(bonds, schedules, strict=True)):
        if found.status[i] != Status.OK:
            continue
        yields = {}
        for day, price in candidates(b, schedule):
            yields[day] = quantlib_yield(b, day, price, float(prices[i]))
        worst = min(yields, key=lambda day: yields[day][0])
        rate, flows, interest = yields[worst]
        scale = max(1.0, abs(rate))
        assert found.yield_to_worst[i] == pytest.approx(rate, rel=0.0, abs=1e-10 * scale), (b, schedule)
        if sorted(y[0] for y in yields.values())[:2][-1] - rate > 1e-9 or len(yields) == 1:
            assert found.worst_date[i] == worst, (b, schedule)
            at = referee.ql_date(b.settlement)
            functions = ql.CashFlows
            modified = functions.duration(flows, interest, ql.Duration.Modified, False, at)
            assert found.modified_duration[i] == pytest.approx(modified, rel=1e-9), (b, schedule)
            convexity = functions.convexity(flows, interest, False, at)
            assert found.convexity[i] == pytest.approx(convexity, rel=1e-9), (b, schedule)
            called += worst < b.maturity
    assert called > 150


def test_a_bond_without_calls_has_its_figures_at_maturity_to_the_bit() -> None:
    bonds = terms(random_bonds(84, 300))
    at_maturity = measures(bonds, 97.0)
    found = measures_to_worst(bonds, no_calls(300), 97.0)
    assert found.yield_to_worst.tobytes() == at_maturity.yield_to_maturity.tobytes()
    assert found.convexity.tobytes() == at_maturity.convexity.tobytes()
    assert found.basis_point_value.tobytes() == at_maturity.basis_point_value.tobytes()
    assert np.array_equal(found.worst_date, np.where(at_maturity.status == Status.OK, bonds.maturity, NO_DATE))


def test_a_call_on_a_coupon_date_pays_the_coupon_and_the_call_price() -> None:
    b = bond(date(2021, 6, 15), date(2031, 6, 15), 0.06, 2, THIRTY_360)
    called = bond(date(2021, 6, 15), date(2024, 6, 15), 0.06, 2, THIRTY_360)
    price = dirty_from_yield(terms([called]), 0.03)[0]
    found = one(b, [(date(2024, 6, 15), 100.0)], price)
    assert found.yield_to_worst[0] == pytest.approx(0.03, abs=1e-14)
    assert found.modified_duration[0] == pytest.approx(measures(terms([called]), price).modified_duration[0], rel=1e-12)


def test_a_call_between_coupon_dates_pays_the_interest_accrued_to_it() -> None:
    b = bond(date(2021, 6, 15), date(2031, 6, 15), 0.06, 2, THIRTY_360)
    found = one(b, [(date(2021, 9, 15), 101.0)], 101.5)
    assert found.yield_to_worst[0] == pytest.approx(((101.0 + 1.5) / 101.5 - 1.0) / 0.25, abs=1e-14)
    assert found.macaulay_duration[0] == pytest.approx(0.25, abs=1e-15)


def test_of_equal_yields_the_earliest_date_counts() -> None:
    b = bond(date(2021, 6, 15), date(2031, 6, 15), 0.06, 2, THIRTY_360)
    found = one(b, [(date(2023, 6, 15), 100.0), (date(2026, 6, 15), 100.0)], 100.0)
    assert found.yield_to_worst[0] == pytest.approx(0.06, abs=1e-12)
    assert found.worst_date[0] == int(days(date(2023, 6, 15)))


def test_a_bond_past_its_call_date_may_be_called_on_its_next_coupon_date_at_the_latest_price() -> None:
    b = bond(date(2021, 7, 1), date(2031, 6, 15), 0.06, 2, THIRTY_360)
    found = one(b, [(date(2019, 1, 1), 104.0), (date(2020, 6, 15), 102.0)], 106.0)
    assert found.worst_date[0] == int(days(date(2021, 12, 15)))
    assert found.yield_to_worst[0] == pytest.approx((105.0 / 106.0 - 1.0) / (164 / 360), abs=1e-13)


def test_an_entry_before_the_next_coupon_date_takes_the_place_of_a_past_one() -> None:
    b = bond(date(2021, 7, 1), date(2031, 6, 15), 0.06, 2, THIRTY_360)
    past, soon = (date(2020, 6, 15), 102.0), (date(2021, 9, 15), 101.0)
    assert one(b, [past, soon], 106.0) == one(b, [soon], 106.0)


def test_a_call_on_the_settlement_date_has_passed() -> None:
    b = bond(date(2021, 7, 1), date(2031, 6, 15), 0.06, 2, THIRTY_360)
    found = one(b, [(date(2021, 7, 1), 102.0)], 106.0)
    assert found.worst_date[0] == int(days(date(2021, 12, 15)))


@pytest.mark.parametrize("late", [date(2031, 6, 15), date(2035, 1, 1)])
def test_a_call_at_maturity_or_later_is_none(late: date) -> None:
    b = bond(date(2021, 7, 1), date(2031, 6, 15), 0.06, 2, THIRTY_360)
    assert one(b, [(late, 90.0)], 106.0) == one(b, [], 106.0)


def test_in_the_last_period_a_past_call_leaves_maturity() -> None:
    b = bond(date(2031, 3, 1), date(2031, 6, 15), 0.06, 2, THIRTY_360)
    assert one(b, [(date(2025, 6, 15), 102.0)], 101.0) == one(b, [], 101.0)


def test_a_call_in_no_time_under_the_day_count_is_no_candidate() -> None:
    b = bond(date(2020, 7, 30), date(2030, 7, 30), 0.05, 2, THIRTY_360)
    assert one(b, [(date(2020, 7, 31), 100.0)], 106.0) == one(b, [], 106.0)


def test_a_floater_has_its_figures_at_maturity() -> None:
    b = terms([bond(date(2021, 7, 1), date(2031, 6, 15), 0.06, 4, DayCount.ACT_360)])
    b = b._replace(floating=np.array([Floating.MARGIN_UNKNOWN], np.int32))
    assert measures_to_worst(b, calls([[(int(days(date(2024, 1, 1))), 100.0)]]), 110.0).worst_date == b.maturity


@pytest.mark.parametrize(
    ("day_count", "years"), [(ACT_365F, 1827 / 365), (ICMA, 5.0), (THIRTY_360, 5.0), (DayCount.ACT_360, 1827 / 360)]
)
def test_a_zero_coupon_bond_compounds_once_a_year_to_its_call(day_count: DayCount, years: float) -> None:
    b = bond(date(2020, 1, 15), date(2040, 1, 15), 0.0, 0, day_count)
    found = one(b, [(date(2025, 1, 15), 60.0)], 58.0)
    assert found.yield_to_worst[0] == pytest.approx((60.0 / 58.0) ** (1.0 / years) - 1.0, abs=1e-13)
    assert found.macaulay_duration[0] == pytest.approx(years, rel=1e-14)


def test_a_zero_coupon_bond_yields_simple_interest_to_a_call_within_a_year_and_has_no_past_calls() -> None:
    b = bond(date(2020, 1, 15), date(2040, 1, 15), 0.0, 0, THIRTY_360)
    found = one(b, [(date(2020, 7, 15), 60.0)], 59.9)
    assert found.yield_to_worst[0] == pytest.approx((60.0 / 59.9 - 1.0) * 2.0, abs=1e-13)
    assert one(b, [(date(2019, 7, 15), 60.0)], 59.9) == one(b, [], 59.9)


def every_coupon_date(b: Bond, schedule: Schedule) -> Schedule:
    """Entry dates and all later coupon dates, at the price in force: what the proof says need not be looked at."""
    first = min(day for day, _ in schedule)
    dates = sorted({day for day, _ in schedule} | {day for day in coupon_dates(b)[:-1] if day > first})
    return [(day, next(price for start, price in reversed(schedule) if start <= day)) for day in dates]


def test_coupon_dates_between_the_entries_yield_no_less() -> None:
    """The proof in docs/conventions.md, on schedules whose entries lie on coupon dates."""
    bonds, schedules, prices = callable_bonds(85, 1500)
    on_coupons = [i for i, b in enumerate(bonds) if {day for day, _ in schedules[i]} <= set(coupon_dates(b))]
    bonds, schedules, prices = [bonds[i] for i in on_coupons], [schedules[i] for i in on_coupons], prices[on_coupons]
    level = [i for i, b in enumerate(bonds) if b.day_count == ICMA and b.settlement >= coupon_dates(b)[0]]
    assert len(level) > 80
    few = measures_to_worst(terms([bonds[i] for i in level]), calls([schedules[i] for i in level]), prices[level])
    dense = [every_coupon_date(bonds[i], schedules[i]) for i in level]
    many = measures_to_worst(terms([bonds[i] for i in level]), calls(dense), prices[level])
    multiple = few.macaulay_duration > 1.0
    assert few.yield_to_worst[multiple] == pytest.approx(many.yield_to_worst[multiple], rel=0.0, abs=1e-12)


def test_a_schedule_for_each_bond_or_value_error() -> None:
    bonds: BondTerms = terms(random_bonds(1, 3))
    with pytest.raises(ValueError, match="calls must hold 3 schedules, one for each bond, but they hold 2"):
        measures_to_worst(bonds, no_calls(2), 100.0)
