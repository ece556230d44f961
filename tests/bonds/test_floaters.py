"""Floating-rate bonds on a curve against QuantLib and against the formulas written out with NumPy."""

from datetime import date
from typing import Any

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813 - the name its own documentation uses

from richcheap.bonds.conventions import DayCount
from richcheap.bonds.status import Status
from richcheap.bonds.terms import BondTerms, Floating
from richcheap.curves.pricing import curve_measures, curve_prices
from tests.bonds import referee
from tests.bonds.referee import OF_TIMES, Bond, bond, odd_last_bonds, random_bonds, terms
from tests.curves.test_pricing import NODE_YEARS, RATES

ACT_360, THIRTY_360 = DayCount.ACT_360, DayCount.THIRTY_360


def floaters(seed: int, count: int) -> tuple[list[Bond], BondTerms, np.ndarray]:
    odd = count // 4
    bonds = [*[b for b in random_bonds(seed, 2 * count) if b.frequency][: count - odd], *odd_last_bonds(seed, odd)]
    rng = np.random.default_rng(seed)
    known = terms(bonds)._replace(
        floating=np.full(count, Floating.MARGIN, np.int32), margin=rng.uniform(-0.005, 0.04, count)
    )
    return bonds, known, rng.integers(0, len(RATES), count)


def periods(b: Bond) -> tuple[np.ndarray, np.ndarray]:
    """Times of the coupons left, and the years of their periods, from QuantLib's fixed-rate bond of 100 %."""
    instrument, _ = referee.ql_bond(b._replace(coupon_rate=1.0))
    at = referee.ql_date(b.settlement)
    flows = [flow for flow in instrument.cashflows() if flow.date() > at][:-1]
    return np.array([flow.date() - at for flow in flows]) / 365.0, np.array([flow.amount() for flow in flows]) / 100.0


def projected(b: Bond, margin: float, rates: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times, discount factors and flows, by the formula of the documentation."""
    times, years = periods(b)
    factors = np.exp(-np.interp(times, NODE_YEARS, rates) * times)
    coupons = 100.0 * (factors[:-1] / factors[1:] - 1.0 + margin * years[1:])
    flows = np.concatenate([[100.0 * b.coupon_rate * years[0]], coupons])
    flows[-1] += 100.0
    return times, factors, flows


def test_prices_durations_and_margins_follow_the_formula() -> None:
    bonds, known, index = floaters(71, 400)
    spreads = np.random.default_rng(72).uniform(-0.01, 0.05, (400, 2))
    prices = curve_prices(known, NODE_YEARS, RATES, index, spreads)
    view = curve_measures(known, prices[:, 1], NODE_YEARS, RATES, index)
    assert not view.status.any()
    for i, b in enumerate(bonds):
        times, factors, flows = projected(b, float(known.margin[i]), RATES[index[i]])
        for k in range(2):
            expected = float((flows * factors * np.exp(-spreads[i, k] * times)).sum())
            assert prices[i, k] == pytest.approx(expected, rel=1e-12)
        price = float((flows * factors).sum())
        assert view.price[i] == pytest.approx(price, rel=1e-13)
        assert view.spread_duration[i] == pytest.approx(float((flows * factors * times).sum()) / price, rel=1e-11)
        assert view.spread[i] == pytest.approx(spreads[i, 1], rel=0.0, abs=1e-12 * max(1.0, 1.0 / times[-1]))


def test_exposures_are_the_derivatives_of_the_price_with_the_margin_held() -> None:
    _, known, index = floaters(73, 200)
    view = curve_measures(known, np.nan, NODE_YEARS, RATES, index)
    assert (view.status == Status.BAD_PRICE).all()
    zero, h = np.zeros((200, 1)), 1e-6
    for node in range(len(NODE_YEARS)):
        bump = np.zeros(len(NODE_YEARS))
        bump[node] = h
        up, down = (curve_prices(known, NODE_YEARS, RATES + move, index, zero)[:, 0] for move in (bump, -bump))
        assert view.exposure[:, node] == pytest.approx((down - up) / (2 * h * view.price), rel=1e-6, abs=1e-7)


def test_without_margin_and_spread_a_floater_is_worth_par_on_its_next_coupon_date() -> None:
    """The telescoping identity: (100 + next coupon) at t_1, whatever happens later."""
    bonds, known, index = floaters(74, 300)
    view = curve_measures(known._replace(margin=np.zeros(300)), np.nan, NODE_YEARS, RATES, index)
    for i, b in enumerate(bonds):
        times, years = periods(b)
        factor = np.exp(-np.interp(times[0], NODE_YEARS, RATES[index[i]]) * times[0])
        assert view.price[i] == pytest.approx(100.0 * (1.0 + b.coupon_rate * years[0]) * factor, rel=1e-13)
        assert view.exposure[i].sum() == pytest.approx(times[0], rel=1e-12)


def quantlib_price(b: Bond, margin: float, rates: np.ndarray) -> float:
    """QuantLib's FloatingRateBond over an index that is forecast on the discount curve."""
    at = referee.ql_date(b.settlement)
    curve = ql.YieldTermStructureHandle(referee.zero_curve(b, NODE_YEARS, rates))
    period = ql.Period(12 // b.frequency, ql.Months)
    calendar, month_end = ql.NullCalendar(), ql.Date.isEndOfMonth(referee.ql_date(b.maturity))
    start = calendar.advance(referee.ql_date(b.maturity), -60, ql.Years, ql.Unadjusted, month_end)
    schedule = referee.schedule(b, start, 12 // b.frequency)
    index = ql.IborIndex(
        f"own-{b.frequency}", period, 0, ql.USDCurrency(), calendar, ql.Unadjusted, month_end, ql.Actual360(), curve
    )
    index.clearFixings()
    fixing = max(d for d in schedule if d <= at)
    index.addFixing(fixing, b.coupon_rate - margin)
    arguments: list[Any] = [0, 100.0, schedule, index, ql.Actual360(), ql.Unadjusted, 0, [1.0], [margin]]
    bond_ = ql.FloatingRateBond(*arguments)
    bond_.setPricingEngine(ql.DiscountingBondEngine(curve))
    return float(bond_.dirtyPrice())


@pytest.mark.parametrize("frequency", [1, 2, 4, 12])
@pytest.mark.parametrize("maturity", [date(2024, 5, 15), date(2031, 5, 17), date(2039, 3, 31)])
def test_prices_agree_with_quantlibs_floating_rate_bond(frequency: int, maturity: date) -> None:
    # Days of the month that no month clamps, or ends of months: QuantLib's index then ends where the coupon does.
    for i, day in enumerate((date(2021, 3, 16), date(2021, 4, 30), date(2022, 2, 14))):
        b = bond(day, maturity, 0.03, frequency, ACT_360)
        known = terms([b])._replace(floating=np.array([1], np.int32), margin=np.array([0.0125]))
        ours = curve_measures(known, np.nan, NODE_YEARS, RATES[i : i + 1], 0).price[0]
        assert ours == pytest.approx(quantlib_price(b, 0.0125, RATES[i]), rel=1e-12), day


@pytest.mark.parametrize("day_count", OF_TIMES)
def test_an_unknown_margin_is_the_coupon_less_the_curves_simple_rate_over_a_period(day_count: DayCount) -> None:
    b = terms([bond(date(2021, 3, 16), date(2031, 5, 17), 0.06, 4, day_count)])
    flat = np.full((1, 2), 0.04)
    simple = np.expm1(0.04 / 4) * 4 * (360 / 365 if day_count == ACT_360 else 1.0)
    unknown = b._replace(floating=np.array([Floating.MARGIN_UNKNOWN], np.int32))
    known = b._replace(floating=np.array([Floating.MARGIN], np.int32), margin=np.array([0.06 - simple]))
    ours, theirs = (curve_measures(t, 101.0, [1.0, 2.0], flat, 0) for t in (unknown, known))
    assert ours.price[0] == pytest.approx(theirs.price[0], rel=1e-13)
    assert ours.spread[0] == pytest.approx(theirs.spread[0], abs=1e-13)


def test_in_its_last_period_a_floater_is_a_fixed_rate_bond() -> None:
    b = terms([bond(date(2021, 3, 16), date(2021, 5, 17), 0.06, 4, THIRTY_360)])
    floating = b._replace(floating=np.array([1], np.int32), margin=np.array([0.5]))
    for ours, theirs in zip(
        curve_measures(floating, 101.0, NODE_YEARS, RATES[:1], 0),
        curve_measures(b, 101.0, NODE_YEARS, RATES[:1], 0),
        strict=True,
    ):
        assert ours == pytest.approx(theirs, rel=1e-14)


def test_a_margin_that_is_not_finite_or_a_code_that_does_not_exist_is_bad_terms() -> None:
    b = bond(date(2021, 3, 16), date(2031, 5, 17), 0.06, 4, ACT_360)
    odd = terms([b, b, b])._replace(floating=np.array([1, 3, 2], np.int32), margin=np.array([np.nan, 0.0, np.nan]))
    view = curve_measures(odd, 100.0, NODE_YEARS, RATES, 0)
    assert view.status.tolist() == [Status.BAD_TERMS, Status.BAD_TERMS, Status.OK]
    assert np.isnan(view.price).tolist() == [True, True, False]
