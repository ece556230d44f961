"""Coupon dates that a first coupon gives, against hand counts, QuantLib's schedules and the rules written out again."""

from calendar import monthrange
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813 - the name its own documentation uses
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.bonds.conventions import DayCount
from richcheap.bonds.measures import accrued_interest, measures
from richcheap.bonds.schedule import MAX_FLOWS, fill_flows
from richcheap.bonds.status import Status
from richcheap.bonds.terms import NO_DATE
from richcheap.curves.pricing import curve_measures
from tests.bonds.referee import Bond, bond, odd_last_bonds, ql_date, terms

ICMA, ACT_365F, THIRTY_360 = DayCount.ACT_ACT_ICMA, DayCount.ACT_365F, DayCount.THIRTY_360
ISSUE, FIRST, MATURITY = date(2020, 3, 15), date(2020, 9, 15), date(2026, 12, 15)


def short_last(settlement: date) -> Bond:
    return bond(settlement, MATURITY, 0.06, 2, THIRTY_360, ISSUE, FIRST)


def accrued(b: Bond) -> float:
    return float(accrued_interest(terms([b]))[0])


def flows(b: Bond) -> tuple[list[date], list[float]]:
    amount, gap, day = np.empty(MAX_FLOWS), np.empty(MAX_FLOWS, np.int32), np.empty(MAX_FLOWS, np.int32)
    status, count, _, _, _, _ = fill_flows(*b[:7], int(NO_DATE), True, amount, gap, day)
    assert status == Status.OK
    return [date(1970, 1, 1) + timedelta(days=int(d)) for d in day[:count]], amount[:count].tolist()


def statuses(b: Bond) -> set[int]:
    """The statuses on every settlement date from issue to maturity."""
    days = range(b.issue, b.maturity)
    return set(measures(terms([b._replace(settlement=d) for d in days]), 100.0).status.tolist())


@pytest.mark.parametrize(
    ("b", "expected"),
    [
        (short_last(date(2020, 8, 1)), 6 * 136 / 360),
        (short_last(date(2020, 9, 15)), 0.0),
        (short_last(date(2021, 1, 15)), 6 * 120 / 360),
        (short_last(date(2026, 9, 14)), 6 * 179 / 360),
        (short_last(date(2026, 10, 15)), 6 * 30 / 360),
        # ISDA's paper on ACT/ACT of 1999: a short last period.
        (bond(date(2000, 3, 1), date(2000, 6, 30), 0.1, 2, ICMA, date(1999, 7, 30), date(2000, 1, 30)), 10 * 31 / 364),
        # A first coupon at a month's end: the regular period from it is that to 31 July.
        (
            bond(date(2021, 5, 31), date(2021, 12, 15), 0.08, 4, ICMA, date(2020, 7, 31), date(2021, 4, 30)),
            8 * 31 / (92 * 4),
        ),
    ],
)
def test_interest_accrues_from_the_coupon_dates_that_the_first_coupon_gives(b: Bond, expected: float) -> None:
    assert accrued(b) == pytest.approx(expected, abs=1e-12)


def test_the_last_coupon_is_paid_for_the_odd_period_and_its_yield_is_simple_interest() -> None:
    dates, amounts = flows(short_last(date(2026, 8, 1)))
    assert dates == [date(2026, 9, 15), MATURITY]
    assert amounts == pytest.approx([3.0, 101.5])
    found = measures(terms([short_last(date(2026, 10, 15))]), 100.5)
    assert found.yield_to_maturity[0] == pytest.approx((101.5 / 100.5 - 1.0) / (60 / 360), abs=1e-14)
    assert found.macaulay_duration[0] == pytest.approx(60 / 360, abs=1e-15)
    assert found.remaining_coupons[0] == 1


def test_a_first_coupon_in_other_months_than_maturity_makes_the_first_and_the_last_period_odd() -> None:
    terms_ = (date(2030, 6, 15), 0.06, 2, THIRTY_360, date(2020, 6, 15), date(2021, 3, 15))
    dates, amounts = flows(bond(date(2020, 7, 1), *terms_))
    assert (dates[0], dates[1], dates[-2], dates[-1]) == (
        date(2021, 3, 15), date(2021, 9, 15), date(2030, 3, 15), date(2030, 6, 15)
    )  # fmt: skip
    assert (amounts[0], amounts[1], amounts[-1]) == pytest.approx((4.5, 3.0, 101.5))
    assert accrued(bond(date(2024, 3, 22), *terms_)) == pytest.approx(6 * 7 / 360)


def test_dates_are_those_of_quantlibs_forward_and_next_to_last_schedules() -> None:
    for b in odd_last_bonds(51, 1500):
        ours = [ql_date((day - date(1970, 1, 1)).days) for day in flows(b._replace(settlement=b.issue))[0]]
        first, maturity = ql_date(b.first_coupon), ql_date(b.maturity)
        common: tuple[Any, ...] = (
            ql_date(b.issue), maturity, ql.Period(12 // b.frequency, ql.Months), ql.NullCalendar(), ql.Unadjusted,
            ql.Unadjusted,
        )  # fmt: skip
        month_end = ql.Date.isEndOfMonth(first)
        assert ours == list(ql.Schedule(*common, ql.DateGeneration.Forward, month_end, first))[1:], b
        if len(ours) > 2 and ours[-2].dayOfMonth() == first.dayOfMonth():
            backward = ql.Schedule(*common, ql.DateGeneration.Backward, month_end, first, ours[-2])
            assert ours == list(backward)[1:], b


def test_a_long_first_period_under_icma_adds_quasi_periods_before_an_odd_last_one_too() -> None:
    long = bond(date(2020, 10, 1), date(2026, 12, 15), 0.06, 2, ICMA, date(2020, 1, 15), date(2020, 9, 15))
    assert flows(long._replace(settlement=long.issue))[1][0] == pytest.approx(600 * (60 / 364 + 184 / 368) / 100)
    short = long._replace(issue=long.first_coupon - 20)
    assert measures(terms([long]), 97.0) == measures(terms([short]), 97.0)


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 900), st.integers(20, 1000), st.sampled_from([1, 2, 4, 12]), st.sampled_from(list(DayCount)),
    st.dates(date(2019, 12, 20), date(2020, 3, 10)), st.booleans(),
)  # fmt: skip
def test_a_first_coupon_counts_on_every_settlement_date_or_on_none(
    wait: int, life: int, frequency: int, day_count: DayCount, issued: date, last_of_month: bool
) -> None:
    b = bond(issued, issued + timedelta(days=life), 0.06, frequency, day_count, issued, issued + timedelta(days=wait))
    if last_of_month:
        month = np.datetime64(b.first_coupon, "D").astype("datetime64[M]")
        b = b._replace(first_coupon=int((month + 1).astype("datetime64[D]").astype(int)) - 1)
    found = statuses(b)
    good = b.issue < b.first_coupon <= b.maturity
    assert found <= ({Status.OK, Status.ZERO_TIME, Status.NO_SOLUTION} if good else {Status.BAD_TERMS})
    if not good:
        return
    # Settled day by day, interest falls only where a coupon is paid, and by that coupon.
    dates, amounts = flows(b)
    bonds = [b._replace(settlement=d) for d in range(b.issue, b.maturity)]
    steps = np.diff(accrued_interest(terms(bonds)))
    coupons = np.array([(day - date(1970, 1, 1)).days for day in dates])
    paid = np.isin([x.settlement for x in bonds[1:]], coupons)
    # The Canadian rule takes back a day at most in the middle of the period.
    assert (steps[~paid] >= (-0.02 if day_count == DayCount.ACT_365_CANADIAN else 0.0)).all()
    assert paid.sum() == len(dates) - 1
    assert abs(coupons - b.first_coupon).min() <= 7
    assert all(accrued(b._replace(settlement=int(day))) == 0.0 for day in coupons[:-1])
    assert sum(amounts) - 100.0 == pytest.approx(6.0 * life / 365, abs=0.3)


@pytest.mark.parametrize(
    ("issued", "first"),
    [(date(2020, 1, 15), date(2020, 1, 15)), (date(2020, 3, 15), date(2020, 1, 15)), (None, date(2032, 3, 16))],
)
def test_a_first_coupon_up_to_the_issue_or_after_maturity_is_bad_terms_on_every_date(
    issued: date | None, first: date
) -> None:
    for settled in (date(2020, 6, 1), date(2025, 3, 1), date(2030, 1, 1)):
        b = terms([bond(settled, date(2030, 9, 15), 0.06, 2, ICMA, issued, first)])
        assert measures(b, 100.0).status[0] == Status.BAD_TERMS
        assert curve_measures(b, 100.0, [1.0], np.full((1, 1), 0.04), 0).status[0] == Status.BAD_TERMS
        assert np.isnan(accrued_interest(b)[0])


def test_a_zero_coupon_bond_with_a_first_coupon_before_maturity_is_bad_terms() -> None:
    b = bond(date(2025, 1, 1), date(2030, 9, 15), 0.0, 0, ICMA, None, date(2020, 9, 15))
    assert measures(terms([b, b._replace(first_coupon=b.maturity)]), 80.0).status.tolist() == [
        Status.BAD_TERMS, Status.OK
    ]  # fmt: skip


@pytest.mark.parametrize("moved", [-3, -1, 0, 1, 3])
def test_a_first_coupon_moved_by_a_weekend_changes_nothing_on_any_date(moved: int) -> None:
    issued, first, maturity = date(2020, 1, 15), date(2020, 9, 15), date(2022, 9, 15)
    plain = bond(issued, maturity, 0.06, 2, ICMA, issued, first)
    other = plain._replace(first_coupon=plain.first_coupon + moved)
    days = range(plain.issue, plain.maturity)
    ours, theirs = (accrued_interest(terms([b._replace(settlement=d) for d in days])) for b in (other, plain))
    assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize(
    ("maturity", "first", "third"),
    [
        # On the schedule of maturity: at months' ends, or on the day of maturity clamped to the month.
        (date(2030, 8, 31), date(2021, 2, 28), date(2022, 2, 28)),
        (date(2030, 8, 30), date(2021, 2, 28), date(2022, 2, 28)),
        (date(2030, 2, 28), date(2021, 8, 31), date(2022, 8, 31)),
        (date(2028, 2, 29), date(2021, 8, 31), date(2022, 8, 31)),
        # A maturity on the last day of a short month: the first coupon says on which days the bond pays.
        (date(2030, 2, 28), date(2021, 8, 28), date(2022, 8, 28)),
        (date(2030, 2, 28), date(2021, 8, 30), date(2022, 8, 30)),
        (date(2028, 2, 29), date(2021, 8, 29), date(2022, 8, 29)),
        (date(2030, 6, 30), date(2020, 12, 30), date(2021, 12, 30)),
    ],
)
def test_a_regular_schedule_holds_both_first_coupon_and_maturity(maturity: date, first: date, third: date) -> None:
    dates, _ = flows(bond(date(2020, 12, 1), maturity, 0.06, 2, ICMA, date(2020, 12, 1), first))
    assert (dates[0], dates[2], dates[-1]) == (first, third, maturity)
    months = [12 * day.year + day.month for day in dates]
    assert set(np.diff(months)) == {6}


def test_a_first_coupon_at_a_months_end_off_the_schedule_pays_at_months_ends() -> None:
    dates, _ = flows(bond(date(2021, 1, 5), date(2022, 11, 15), 0.06, 2, ICMA, date(2021, 1, 5), date(2021, 2, 28)))
    assert dates == [
        date(2021, 2, 28), date(2021, 8, 31), date(2022, 2, 28), date(2022, 8, 31), date(2022, 11, 15)
    ]  # fmt: skip


def test_odd_last_periods_reach_the_end_of_the_calendar() -> None:
    b = bond(date(2199, 1, 1), date(2199, 12, 31), 0.06, 1, ACT_365F, date(2198, 1, 1), date(2198, 12, 20))
    assert flows(b)[0] == [date(2199, 12, 20), date(2199, 12, 31)]


def in_month(months: int, day: int) -> date:
    year, month = divmod(months, 12)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))


def is_month_end(day: date) -> bool:
    return (day + timedelta(days=1)).day == 1


def days_by_the_rule(start: date, end: date, pays_at_month_ends: bool) -> int:
    """30/360 as published, step by step."""
    first, last = start.day, end.day
    start_of_february = is_month_end(start) and start.month == 2
    if pays_at_month_ends and start_of_february and is_month_end(end) and end.month == 2:
        last = 30
    if pays_at_month_ends and start_of_february:
        first = 30
    if last == 31 and first >= 30:
        last = 30
    if first == 31:
        first = 30
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


@pytest.mark.parametrize("frequency", [1, 2, 4, 12])
@pytest.mark.parametrize(
    "maturity",
    [
        date(2030, 8, 27), date(2030, 8, 28), date(2030, 8, 29), date(2030, 8, 30), date(2030, 8, 31),
        date(2030, 2, 28), date(2028, 2, 28), date(2028, 2, 29), date(2029, 11, 30), date(2030, 5, 30),
    ],
)  # fmt: skip
def test_the_last_of_february_is_a_30th_only_for_bonds_that_pay_at_months_ends(maturity: date, frequency: int) -> None:
    pays_at_month_ends = is_month_end(maturity)
    last, step = 12 * maturity.year + maturity.month - 1, 12 // frequency
    dates = [in_month(last - k * step, 31 if pays_at_month_ends else maturity.day) for k in range(8 * frequency)][::-1]
    bonds, expected = [], []
    for start, end in pairwise(dates):
        for passed in range((end - start).days):
            settled = start + timedelta(days=passed)
            bonds.append(bond(settled, maturity, 0.06, frequency, THIRTY_360))
            expected.append(6 * days_by_the_rule(start, settled, pays_at_month_ends) / 360)
    assert accrued_interest(terms(bonds)) == pytest.approx(np.array(expected), abs=1e-12)
    paid, amounts = flows(bonds[0])
    assert paid == dates[1:]
    amounts[-1] -= 100.0
    periods = pairwise(dates)
    assert amounts == pytest.approx([6 * days_by_the_rule(*period, pays_at_month_ends) / 360 for period in periods])


@pytest.mark.parametrize(
    ("settled", "maturity", "expected"),
    [
        (date(2027, 3, 1), date(2030, 8, 28), 3),
        (date(2027, 5, 28), date(2030, 8, 28), 90),
        (date(2027, 8, 27), date(2030, 8, 28), 179),
        (date(2027, 3, 31), date(2030, 8, 31), 30),
        (date(2027, 3, 1), date(2030, 2, 28), 1),
        (date(2028, 3, 1), date(2030, 2, 28), 1),
        (date(2028, 3, 1), date(2028, 8, 29), 2),
    ],
)
def test_days_accrued_from_the_end_of_february(settled: date, maturity: date, expected: int) -> None:
    assert accrued(bond(settled, maturity, 0.06, 2, THIRTY_360)) == pytest.approx(6 * expected / 360)


def test_a_first_coupon_decides_whether_a_maturity_on_28_february_is_a_months_end() -> None:
    settled, maturity, issued = date(2027, 3, 1), date(2030, 2, 28), date(2020, 9, 1)
    for first, expected in ((date(2021, 2, 28), 1), (date(2021, 8, 31), 1), (date(2021, 8, 28), 3)):
        assert accrued(bond(settled, maturity, 0.06, 2, THIRTY_360, issued, first)) == pytest.approx(6 * expected / 360)


def test_a_bond_of_the_15th_issued_at_the_end_of_february_accrues_from_the_28th() -> None:
    b = bond(date(2021, 3, 15), date(2030, 8, 15), 0.06, 2, THIRTY_360, date(2021, 2, 28))
    assert accrued(b) == pytest.approx(6 * 17 / 360)


@pytest.mark.parametrize(("maturity", "days"), [(date(2021, 8, 28), 180), (date(2021, 8, 31), 180)])
def test_a_zero_coupon_bond_follows_the_day_of_its_maturity(maturity: date, days: int) -> None:
    b = terms([bond(date(2021, 2, 28), maturity, 0.0, 0, THIRTY_360)])
    assert measures(b, 98.0).macaulay_duration[0] == pytest.approx(days / 360)
