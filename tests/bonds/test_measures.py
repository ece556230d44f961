from datetime import date

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813 - the name its own documentation uses
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.bonds.conventions import DayCount
from richcheap.bonds.measures import Measures, _first_guess, accrued_interest, dirty_from_yield, measures
from richcheap.bonds.status import Status
from richcheap.bonds.terms import NO_DATE
from tests.bonds import referee
from tests.bonds.referee import OF_TIMES, Bond, bond, odd_last_bonds, random_bonds, terms

TOLERANCE = 1e-10
ICMA, ACT_365F, THIRTY_360 = DayCount.ACT_ACT_ICMA, DayCount.ACT_365F, DayCount.THIRTY_360


def assert_agrees_with_quantlib(bonds: list[Bond], dirty_price: np.ndarray) -> None:
    """Price at our yield, and everything else at that yield, must be QuantLib's; durations and convexity relative."""
    all_terms = terms(bonds)
    ours = measures(all_terms, dirty_price)
    accrued = accrued_interest(all_terms)
    for i, b in enumerate(bonds):
        assert ours.status[i] == Status.OK, b
        theirs = referee.figures(b, float(ours.yield_to_maturity[i]))
        assert accrued[i] == pytest.approx(theirs.accrued, rel=0.0, abs=TOLERANCE), b
        assert dirty_price[i] == pytest.approx(theirs.dirty_price, rel=TOLERANCE, abs=TOLERANCE), b
        assert ours.modified_duration[i] == pytest.approx(theirs.modified, rel=TOLERANCE), b
        assert ours.convexity[i] == pytest.approx(theirs.convexity, rel=TOLERANCE), b
        assert ours.basis_point_value[i] == pytest.approx(theirs.basis_point_value, rel=TOLERANCE), b
        assert ours.remaining_coupons[i] == theirs.remaining, b
        if np.isfinite(theirs.macaulay):
            assert ours.macaulay_duration[i] == pytest.approx(theirs.macaulay, rel=TOLERANCE), b


def one(b: Bond, dirty_price: float = 100.0) -> Measures:
    return measures(terms([b]), dirty_price)


@pytest.mark.parametrize("seed", range(4))
def test_random_bonds_agree_with_quantlib(seed: int) -> None:
    bonds = random_bonds(seed, 1500)
    prices = np.random.default_rng(100 + seed).uniform(20.0, 185.0, len(bonds))
    keep = [i for i, code in enumerate(measures(terms(bonds), prices).status) if code == Status.OK]
    assert len(keep) > 0.99 * len(bonds)
    assert_agrees_with_quantlib([bonds[i] for i in keep], prices[keep])


def test_yields_of_random_bonds_agree_with_quantlibs_own_solver() -> None:
    bonds = [b for b in random_bonds(11, 800) if b.frequency and b.maturity - b.settlement > 400]
    prices = np.random.default_rng(12).uniform(60.0, 150.0, len(bonds))
    ours = measures(terms(bonds), prices)
    for i, b in enumerate(bonds):
        instrument, counter = referee.ql_bond(b)
        at = referee.ql_date(b.settlement)
        theirs = ql.CashFlows.yieldRate(
            instrument.cashflows(), float(prices[i]), counter, ql.Compounded, b.frequency, False, at, at,
            referee.ACCURACY, 1000, 0.05,
        )  # fmt: skip
        if ours.remaining_coupons[i] > 1:
            assert ours.yield_to_maturity[i] == pytest.approx(theirs, rel=0.0, abs=TOLERANCE), b


def test_first_coupon_dates_agree_with_quantlibs_first_date() -> None:
    bonds = []
    for b in random_bonds(5, 1500):
        if not b.frequency:
            continue
        dates = [int(d.serialNumber()) for d in referee.schedule(b, referee.ql_date(b.issue), 12 // b.frequency)]
        epoch = referee.ql_date(0).serialNumber()
        if len(dates) > 4:
            first = dates[1 + b.maturity % 2] - epoch
            settlement = b.issue + (first - b.issue) * (b.settlement % 7) // 7
            bonds.append(b._replace(first_coupon=first, settlement=settlement))
    assert len(bonds) > 500
    assert_agrees_with_quantlib(bonds, np.random.default_rng(6).uniform(60.0, 150.0, len(bonds)))


@pytest.mark.parametrize("seed", [8, 9])
def test_bonds_with_an_odd_last_period_agree_with_quantlib(seed: int) -> None:
    bonds = odd_last_bonds(seed, 1500)
    prices = np.random.default_rng(seed).uniform(60.0, 150.0, len(bonds))
    keep = [i for i, code in enumerate(measures(terms(bonds), prices).status) if code == Status.OK]
    assert len(keep) > 0.99 * len(bonds)
    assert_agrees_with_quantlib([bonds[i] for i in keep], prices[keep])


def test_a_bond_without_issue_date_has_a_regular_first_period() -> None:
    bonds = [b._replace(issue=int(NO_DATE)) for b in random_bonds(7, 600)]
    prices = np.full(len(bonds), 97.5)
    keep = [i for i, code in enumerate(measures(terms(bonds), prices).status) if code == Status.OK]
    assert_agrees_with_quantlib([bonds[i] for i in keep], prices[keep])


def test_a_coupon_on_the_settlement_date_is_excluded_and_nothing_is_accrued() -> None:
    b = bond(date(2020, 3, 15), date(2022, 9, 15), 0.05, 2, ICMA)
    assert accrued_interest(terms([b]))[0] == 0.0
    assert one(b).remaining_coupons[0] == 5
    assert one(b).yield_to_maturity[0] == pytest.approx(0.05, abs=1e-14)


@pytest.mark.parametrize("day_count", OF_TIMES)
@pytest.mark.parametrize("frequency", [1, 2, 4, 12])
def test_coupon_dates_are_clamped_from_the_maturitys_day_without_drift(day_count: DayCount, frequency: int) -> None:
    bonds = [
        bond(date(2003, 3, 1 + shift), date(2031, 8, day), 0.06, frequency, day_count, date(2003, 2, 28))
        for day in (27, 28, 29, 30, 31)
        for shift in (0, 28, 30)
    ]
    assert_agrees_with_quantlib(bonds, np.full(len(bonds), 93.0))


@pytest.mark.parametrize("day_count", OF_TIMES)
def test_a_maturity_at_a_months_end_pays_at_months_ends(day_count: DayCount) -> None:
    bonds = [
        bond(date(2004, 8, 30), maturity, 0.06, 2, day_count, date(2004, 2, 29))
        for maturity in (date(2030, 2, 28), date(2032, 2, 29), date(2031, 6, 30), date(2031, 8, 31))
    ]
    assert_agrees_with_quantlib(bonds, np.full(len(bonds), 104.0))
    assert accrued_interest(terms([bond(date(2004, 8, 31), date(2030, 2, 28), 0.06, 2, day_count)]))[0] == 0.0


@pytest.mark.parametrize("day_count", OF_TIMES)
def test_a_short_front_stub_accrues_over_its_quasi_period(day_count: DayCount) -> None:
    bonds = [bond(date(2020, 2, day), date(2029, 4, 30), 0.045, 2, day_count, date(2020, 1, 20)) for day in (1, 15, 29)]
    assert_agrees_with_quantlib(bonds, np.full(len(bonds), 101.0))


def test_a_long_first_coupon_under_icma_adds_the_quasi_periods() -> None:
    b = bond(date(2020, 6, 15), date(2030, 9, 15), 0.06, 2, ICMA, date(2020, 1, 15), date(2020, 9, 15))
    assert accrued_interest(terms([b]))[0] == pytest.approx(100 * 0.06 * (60 / (182 * 2) + 92 / (184 * 2)), abs=1e-13)


def test_quasi_periods_keep_the_day_of_the_first_coupon_beyond_a_february() -> None:
    b = bond(date(2080, 5, 7), date(2080, 8, 30), 0.06, 2, ICMA, date(2079, 8, 20), date(2080, 8, 30))
    # From 28 February 2079 to 30 August 2079, to 29 February 2080, to settlement.
    assert accrued_interest(terms([b]))[0] == pytest.approx(3 * (10 / 183 + 1 + 68 / 183), abs=1e-13)


@pytest.mark.parametrize("price", [0.01, 0.0361, 500.0])
def test_yields_of_prices_that_no_market_has_are_found_under_isda_too(price: float) -> None:
    b = bond(date(2004, 8, 20), date(2042, 1, 23), 0.0937, 12, DayCount.ACT_ACT_ISDA)
    rate = one(b, price).yield_to_maturity
    assert dirty_from_yield(terms([b]), rate)[0] == pytest.approx(price, rel=1e-12)


def test_a_first_coupon_moved_by_a_weekend_is_found_on_the_schedule() -> None:
    plain = bond(date(2020, 6, 15), date(2030, 9, 13), 0.06, 2, ICMA, date(2020, 1, 15), date(2020, 9, 13))
    moved = bond(date(2020, 6, 15), date(2030, 9, 13), 0.06, 2, ICMA, date(2020, 1, 15), date(2020, 9, 14))
    assert one(plain) == one(moved)


def test_the_last_period_is_simple_interest_and_its_macaulay_duration_is_its_time() -> None:
    b = bond(date(2020, 4, 1), date(2020, 9, 15), 0.05, 2, ICMA)
    figures = one(b, 101.0)
    time = 167 / (184 * 2)
    assert figures.macaulay_duration[0] == pytest.approx(time, abs=1e-15)
    assert figures.yield_to_maturity[0] == pytest.approx((102.5 / 101.0 - 1.0) / time, abs=1e-14)


def test_a_bill_yields_simple_interest_and_a_long_zero_coupon_bond_compounds_once_a_year() -> None:
    bill = bond(date(2020, 3, 1), date(2020, 8, 31), 0.0, 0, ICMA)
    strip = bond(date(2020, 8, 31), date(2030, 8, 31), 0.0, 0, ICMA)
    assert one(bill, 99.0).yield_to_maturity[0] == pytest.approx((100 / 99 - 1) * 366 / 183, abs=1e-13)
    assert one(strip, 80.0).yield_to_maturity[0] == pytest.approx((100 / 80) ** 0.1 - 1, abs=1e-14)
    assert one(strip, 80.0).remaining_coupons[0] == 0


@pytest.mark.parametrize("price", [1.0, 20.0, 180.0, 400.0])
def test_extreme_prices_are_solved(price: float) -> None:
    bonds = [
        bond(date(2020, 3, 1), maturity, coupon_rate, frequency, day_count)
        for maturity in (date(2020, 9, 30), date(2021, 1, 31), date(2030, 5, 17), date(2070, 2, 28))
        for coupon_rate in (0.0, 0.0001, 0.15)
        for frequency in (1, 2, 4, 12)
        for day_count in DayCount
    ]
    found = measures(terms(bonds), price)
    assert not found.status.any()
    assert dirty_from_yield(terms(bonds), found.yield_to_maturity) == pytest.approx(price, rel=1e-10)


def test_negative_yields_of_fifty_year_bonds_agree_with_quantlib() -> None:
    bonds = [bond(date(2020, 3, 3), date(2070, 3, 1), 0.01, f, day) for f in (1, 2, 4, 12) for day in OF_TIMES]
    assert (measures(terms(bonds), 180.0).yield_to_maturity < 0.0).all()
    assert_agrees_with_quantlib(bonds, np.full(len(bonds), 180.0))


@pytest.mark.parametrize(
    ("b", "price", "status"),
    [
        (bond(date(2020, 1, 1), date(2020, 1, 1), 0.05, 2, ICMA), 100.0, Status.MATURED),
        (bond(date(2020, 1, 1), date(2030, 1, 1), 0.05, 2, ICMA, date(2021, 1, 1)), 100.0, Status.NOT_ISSUED),
        (bond(date(2020, 1, 1), date(2030, 1, 1), 0.05, 3, ICMA), 100.0, Status.BAD_TERMS),
        (bond(date(2020, 1, 1), date(2030, 1, 1), np.nan, 2, ICMA), 100.0, Status.BAD_TERMS),
        (bond(date(2020, 1, 1), date(2030, 1, 1), 0.05, 0, ICMA), 100.0, Status.BAD_TERMS),
        (bond(date(2020, 1, 1), date(2030, 1, 1), 0.05, 2, ICMA)._replace(day_count=9), 100.0, Status.BAD_TERMS),
        (bond(date(2020, 1, 1), date(2230, 1, 1), 0.05, 2, ICMA), 100.0, Status.BAD_TERMS),
        (
            bond(date(2020, 1, 1), date(2030, 1, 1), 0.05, 2, ICMA)._replace(maturity=int(NO_DATE)),
            100.0,
            Status.BAD_TERMS,
        ),
        (
            bond(date(2020, 1, 1), date(2030, 1, 1), 0.05, 2, ICMA, date(2019, 12, 1), date(2019, 11, 20)),
            100.0,
            Status.BAD_TERMS,
        ),
        (bond(date(2020, 1, 1), date(2030, 1, 1), 0.05, 2, ICMA), 0.0, Status.BAD_PRICE),
        (bond(date(2020, 1, 1), date(2030, 1, 1), 0.05, 2, ICMA), -3.0, Status.BAD_PRICE),
        (bond(date(2020, 1, 1), date(2030, 1, 1), 0.05, 2, ICMA), np.nan, Status.BAD_PRICE),
        (bond(date(2020, 1, 1), date(2030, 1, 1), 0.05, 2, ICMA), np.inf, Status.BAD_PRICE),
        (bond(date(2020, 7, 30), date(2020, 7, 31), 0.05, 2, THIRTY_360), 100.0, Status.ZERO_TIME),
        # The flow due in no time at all is worth more than the price.
        (bond(date(2020, 7, 30), date(2022, 7, 31), 0.05, 2, THIRTY_360), 2.0, Status.NO_SOLUTION),
    ],
)
def test_a_bond_without_figures_says_why(b: Bond, price: float, status: Status) -> None:
    found = one(b, price)
    assert found.status[0] == status
    assert found.remaining_coupons[0] == 0
    assert all(np.isnan(column[0]) for column in found[:5])


def test_an_impossible_yield_has_no_price_and_the_status_bad_price() -> None:
    b = terms([bond(date(2020, 1, 1), date(2030, 1, 1), 0.05, 2, ICMA)])
    price = dirty_from_yield(b, -2.0)
    assert np.isnan(price[0])
    assert measures(b, price).status[0] == Status.BAD_PRICE


def test_no_time_to_maturity_is_told_whether_a_price_or_a_yield_was_observed() -> None:
    b = terms([bond(date(2020, 7, 30), date(2020, 7, 31), 0.05, 2, THIRTY_360)])
    assert measures(b, dirty_from_yield(b, 0.05)).status[0] == Status.ZERO_TIME


def test_columns_of_another_length_raise_value_error() -> None:
    b = terms(random_bonds(0, 3))
    with pytest.raises(ValueError, match=r"dirty_price must hold 3 values, .* shape is \(2,\)"):
        measures(b, [100.0, 100.0])


def test_results_do_not_depend_on_chunk_or_array_length() -> None:
    all_terms = terms(random_bonds(21, 500))
    prices = np.random.default_rng(3).uniform(50.0, 150.0, 500)
    whole = measures(all_terms, prices)
    for size in (1, 7, 499):
        parts = [measures(all_terms.rows(slice(i, i + size)), prices[i : i + size]) for i in range(0, 500, size)]
        for name, column in whole._asdict().items():
            assert np.concatenate([getattr(part, name) for part in parts]).tobytes() == column.tobytes(), (size, name)


def test_read_only_and_wider_columns_give_the_same_figures() -> None:
    narrow = terms(random_bonds(22, 50))
    frozen = narrow.rows(np.arange(50))
    for column in frozen:
        column.setflags(write=False)
    assert measures(narrow, 99.0).yield_to_maturity.tobytes() == measures(frozen, 99.0).yield_to_maturity.tobytes()


@st.composite
def any_bond(draw: st.DrawFn) -> Bond:
    settlement = draw(st.integers(7000, 18000))
    frequency = draw(st.sampled_from([0, 1, 2, 4, 12]))
    return Bond(
        settlement,
        settlement + draw(st.integers(10, 365 * 50)),
        draw(st.floats(0.0, 0.15)) if frequency else 0.0,
        frequency,
        draw(st.sampled_from(list(DayCount))),
        int(NO_DATE),
    )


@pytest.mark.parametrize(("clean", "apart"), [(100.0, 1e-15), (80.0, 0.002), (120.0, 0.002)])
def test_the_solver_starts_at_the_yield_at_par_and_near_it_elsewhere(clean: float, apart: float) -> None:
    b = bond(date(2024, 5, 15), date(2034, 5, 15), 0.05, 2, DayCount.ACT_ACT_ICMA)
    solved = 2.0 * np.log1p(measures(terms([b]), clean).yield_to_maturity[0] / 2.0)
    assert _first_guess(0.05, clean + 1.3, 1.3, 10.0, 2.0) == pytest.approx(solved, rel=0.0, abs=apart)


@settings(max_examples=200, deadline=None)
@given(any_bond(), st.floats(20.0, 180.0))
def test_price_to_yield_to_price_is_the_identity(b: Bond, price: float) -> None:
    found = one(b, price)
    if found.status[0] == Status.OK:
        again = dirty_from_yield(terms([b]), found.yield_to_maturity)
        assert again[0] == pytest.approx(price, rel=1e-11)
    else:
        assert found.status[0] in {Status.ZERO_TIME, Status.NO_SOLUTION}


@settings(max_examples=200, deadline=None)
@given(any_bond(), st.floats(-0.01, 0.15))
def test_duration_and_convexity_are_the_derivatives_of_the_price(b: Bond, rate: float) -> None:
    bonds = terms([b])
    h = 1e-4
    down, mid, up = (dirty_from_yield(bonds, rate + shift)[0] for shift in (-h, 0.0, h))
    found = measures(bonds, mid)
    # A zero-coupon bond that crosses one year has a kink between simple and compound interest.
    if found.status[0] == Status.OK:
        assert found.modified_duration[0] == pytest.approx((down - up) / (2 * h * mid), rel=1e-4, abs=1e-7)
        assert found.convexity[0] == pytest.approx((down - 2 * mid + up) / (h * h * mid), rel=1e-3, abs=1e-4)
