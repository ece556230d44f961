"""The bonds: all kinds, consistent dates, new issues and maturities while the market trades."""

import numpy as np
import pytest

from richcheap.bonds.conventions import DayCount
from richcheap.bonds.measures import accrued_interest
from richcheap.bonds.terms import NO_DATE
from richcheap.simulation.constants import BOND_TYPES, DAYS_A_YEAR, FLOATING_RATE, NOTCHES, TREASURY, ZERO_COUPON
from richcheap.simulation.dates import next_coupon
from richcheap.simulation.market import Simulated
from richcheap.simulation.universe.bonds import LAST_DAYS_UNTRADED, min_trading_days, notch_on
from tests.simulation.settings import default_market, defaults, small_market

MARKET = default_market()
BONDS = MARKET.universe
DAYS = MARKET.market.days
FLOATS = BONDS.kind == FLOATING_RATE


@pytest.mark.parametrize("market", [MARKET, small_market()], ids=["default", "small"])
def test_every_type_trades_and_nearly_the_asked_number_is_alive_on_each_day(market: Simulated) -> None:
    bonds = market.universe
    assert np.unique(bonds.kind).size == len(BOND_TYPES)
    asked = bonds.kind[bonds.first == 0].size
    alive = [np.sum((bonds.first <= day) & (day <= bonds.last)) for day in range(market.market.days.size)]
    assert min(alive) > 0.93 * asked
    assert max(alive) <= asked


def test_bonds_are_issued_and_mature_during_the_window() -> None:
    assert np.sum(BONDS.first > 0) > 50
    assert np.sum(BONDS.last < DAYS.size - 1) > 50


def test_bonds_trade_between_issue_and_the_month_before_maturity() -> None:
    assert np.all(BONDS.issue <= DAYS[BONDS.first])
    assert np.all(DAYS[BONDS.last] < BONDS.maturity - LAST_DAYS_UNTRADED)
    assert (BONDS.last - BONDS.first + 1).min() >= min_trading_days(defaults().min_observations)


def test_no_bond_trades_after_its_issuer_defaulted() -> None:
    generation = MARKET.market.ratings.generation
    assert generation[-1].sum() > 0
    owned = np.flatnonzero(BONDS.issuer >= 0)
    for column in (BONDS.first, BONDS.last):
        assert np.array_equal(generation[column[owned], BONDS.issuer[owned]], BONDS.generation[owned])


def test_every_day_count_and_frequency_is_used_and_zeros_pay_nothing() -> None:
    assert set(BONDS.day_count.tolist()) == {int(code) for code in DayCount if code < DayCount.THIRTY_E_360}
    assert set(BONDS.frequency.tolist()) == {0, 1, 2, 4, 12}
    assert np.all(((BONDS.frequency == 0) == (BONDS.coupon == 0.0)) | FLOATS)
    assert np.all(BONDS.frequency[BONDS.kind == ZERO_COUPON] == 0)


def test_coupons_are_plausible() -> None:
    paying = (BONDS.frequency > 0) & ~FLOATS
    assert BONDS.coupon[paying].min() >= 0.0025
    assert BONDS.coupon[paying].max() <= 0.15
    assert 0.03 < np.median(BONDS.coupon[paying]) < 0.07
    assert np.all(BONDS.coupon[FLOATS] == 0.0)


def test_margins_are_the_spread_of_the_grade_at_issue_in_whole_basis_points() -> None:
    assert np.all(BONDS.margin[~FLOATS] == 0.0)
    issued = np.flatnonzero(FLOATS & (BONDS.first > 0))
    assert issued.size > 5
    market, first = MARKET.market, BONDS.first[issued]
    years = (BONDS.maturity - BONDS.issue)[issued] / DAYS_A_YEAR
    spread = market.credit.spread_bp(first, notch_on(market.ratings, first, BONDS.issuer[issued]), years)
    assert np.array_equal(BONDS.margin[issued], np.round(spread / 1e4, 4))
    assert np.array_equal(BONDS.margin, np.round(BONDS.margin, 4))
    assert 0.002 < BONDS.margin[FLOATS].min() < BONDS.margin[FLOATS].max() < 0.06


def test_treasuries_are_bills_or_notes_on_their_usual_dates() -> None:
    treasuries = BONDS.kind == TREASURY
    bills = treasuries & (BONDS.frequency == 0)
    assert bills.any()
    assert np.all((BONDS.maturity - BONDS.issue)[bills] % 7 == 0)
    notes = treasuries & ~bills
    maturity = BONDS.maturity[notes].astype("datetime64[D]")
    fifteenth = maturity == maturity.astype("datetime64[M]").astype("datetime64[D]") + 14
    month_end = (maturity + 1).astype("datetime64[M]").astype("datetime64[D]") == maturity + 1
    assert np.all(fifteenth | month_end)


def test_only_an_irregular_first_period_has_a_first_coupon_date() -> None:
    given = BONDS.first_coupon != NO_DATE
    assert 0 < given.sum() < 0.5 * given.size
    months = 12 // BONDS.frequency[given]
    coming = next_coupon(BONDS.issue[given], BONDS.maturity[given], months)
    assert np.array_equal(BONDS.first_coupon[given], next_coupon(coming, BONDS.maturity[given], months))
    assert np.all(np.isfinite(accrued_interest(MARKET.terms)))


def test_calls_lie_between_the_window_and_maturity() -> None:
    called = BONDS.callable
    assert 0.05 < called.mean() < 0.4
    assert np.all(BONDS.call_date[called, 0] > DAYS[-1])
    there = BONDS.call_date != NO_DATE
    assert np.array_equal(there[:, 0], called)
    assert np.all((BONDS.call_date < BONDS.maturity[:, None])[there])
    assert np.array_equal(np.isfinite(BONDS.call_price), there)
    assert BONDS.convertible.any()
    assert not np.any(called & BONDS.convertible)


def test_all_letters_are_observed() -> None:
    assert {NOTCHES[k].rstrip("+-") for k in np.unique(MARKET.notch)} == {"AAA", "AA", "A", "BBB", "BB", "B", "CCC"}
    assert {NOTCHES[k].rstrip("+-") for k in np.unique(small_market().notch)} == {
        "AAA",
        "AA",
        "A",
        "BBB",
        "BB",
        "B",
        "CCC",
    }
