"""Mid prices agree with QuantLib's own view of the same cash flows."""

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813 - the name its own documentation uses

from richcheap.bonds.conventions import DayCount
from richcheap.bonds.measures import accrued_interest
from richcheap.bonds.terms import NO_DATE, BondTerms, Floating
from richcheap.simulation.constants import FLOATING_RATE, TREASURY
from richcheap.simulation.dates import next_coupon, previous_coupon, settle
from richcheap.simulation.market import Simulated, Trades, observed_terms
from richcheap.simulation.trading.pricing import current_coupon, price, simple_rate
from tests.bonds import referee
from tests.simulation.settings import default_market, defaults

MARKET: Simulated = default_market()
CURVE = MARKET.market.curve
KIND = MARKET.universe.kind[MARKET.bond]
FLOATERS = np.flatnonzero(KIND == FLOATING_RATE)
SETTLEMENTS = settle(MARKET.market.days, defaults().settlement_days)
DAILY = np.arange(1, 365 * 31)
"""QuantLib's curves have their nodes on whole days."""


def rates_of(row: int) -> np.ndarray:
    return CURVE.at(np.full(DAILY.size, MARKET.day[row]), DAILY / 365.0)


def bond_of(row: int) -> referee.Bond:
    terms = MARKET.terms
    return referee.Bond(
        int(terms.settlement[row]), int(terms.maturity[row]), float(terms.coupon_rate[row]), int(terms.frequency[row]),
        int(terms.day_count[row]), int(terms.issue[row]), int(terms.first_coupon[row]),
    )  # fmt: skip


def test_mid_prices_of_all_kinds_agree_with_quantlib() -> None:
    rng = np.random.default_rng(1)
    accrued = accrued_interest(MARKET.terms)
    for kind in range(FLOATING_RATE):
        for row in rng.choice(np.flatnonzero(kind == KIND), 6, replace=False):
            spread = MARKET.spreads.total[row] / 1e4
            expected = referee.curve_price(bond_of(row), DAILY / 365.0, rates_of(row), spread)
            assert MARKET.mids.clean[row] + accrued[row] == pytest.approx(expected, abs=1e-9)


def period_of(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Start and end of the coupon period that holds settlement."""
    terms = MARKET.terms
    settlement, maturity = terms.settlement[rows].astype(np.int64), terms.maturity[rows].astype(np.int64)
    months = 12 // terms.frequency[rows].astype(np.int64)
    start = np.maximum(previous_coupon(settlement, maturity, months), terms.issue[rows])
    return start, next_coupon(settlement, maturity, months)


def quantlib_floater(row: int) -> float:
    """A floating-rate bond on projected forwards, discounted on the curve plus the spread."""
    bond, margin = bond_of(row), float(MARKET.terms.margin[row])
    curve = ql.YieldTermStructureHandle(referee.zero_curve(bond, DAILY / 365.0, rates_of(row)))
    months = 12 // bond.frequency
    index = ql.IborIndex(
        "reference", ql.Period(months, ql.Months), 0, ql.USDCurrency(), ql.NullCalendar(), ql.Unadjusted, False,
        ql.Actual360(), curve,
    )  # fmt: skip
    reset = int(period_of(np.array([row]))[0][0])
    schedule = referee.schedule(bond, referee.ql_date(reset), months)
    floater = ql.FloatingRateBond(0, 100.0, schedule, index, ql.Actual360(), ql.Unadjusted, 0, spreads=[margin])
    index.addFixing(referee.ql_date(reset), bond.coupon_rate - margin, True)
    at = referee.ql_date(bond.settlement)
    return float(ql.CashFlows.npv(
        floater.cashflows(), curve.currentLink(), MARKET.spreads.total[row] / 1e4, ql.Actual365Fixed(), ql.Continuous,
        ql.NoFrequency, False, at, at,
    ))  # fmt: skip


def test_floating_rate_bonds_agree_with_quantlib_on_projected_coupons() -> None:
    accrued = accrued_interest(MARKET.terms)
    for row in np.random.default_rng(2).choice(FLOATERS, 25, replace=False):
        assert MARKET.mids.clean[row] + accrued[row] == pytest.approx(quantlib_floater(row), abs=1e-9)


def test_floating_rate_bonds_stay_near_par() -> None:
    clean = MARKET.mids.clean[FLOATERS]
    assert np.median(np.abs(clean - 100.0)) < 1.5
    fixed = MARKET.mids.clean[(KIND != FLOATING_RATE) & (KIND != TREASURY)]
    assert clean.std() < 0.5 * fixed.std()


def at_the_markets_margin(rows: np.ndarray, settlement: np.ndarray) -> np.ndarray:
    """Clean prices of floating-rate bonds whose margin is their spread, as a simple ACT/360 rate."""
    spread = MARKET.spreads.total[rows] / 1e4
    margin = np.expm1(spread * 0.25) / 0.25 * 360.0 / 365.0
    maturity, day = MARKET.terms.maturity[rows].astype(np.int64), MARKET.day[rows]
    frequency = np.full(rows.size, 4)
    coupon = current_coupon(CURVE, SETTLEMENTS, settlement, settlement - 10_000, maturity, frequency, margin)
    ints = np.zeros(rows.size, np.int32)
    terms = BondTerms(
        settlement=settlement.astype(np.int32), maturity=maturity.astype(np.int32), coupon_rate=coupon,
        frequency=ints + 4, day_count=ints + int(DayCount.ACT_360), issue=ints + NO_DATE,
        first_coupon=ints + NO_DATE, floating=ints + int(Floating.MARGIN), margin=margin,
    )  # fmt: skip
    return price(terms, CURVE, day, spread).clean


def test_a_floater_whose_margin_is_the_markets_is_worth_par_at_a_reset_and_near_it_between() -> None:
    settlement, maturity = SETTLEMENTS[MARKET.day[FLOATERS]], MARKET.terms.maturity[FLOATERS].astype(np.int64)
    at_reset = previous_coupon(settlement, maturity, np.full(FLOATERS.size, 3)) == settlement
    clean = at_the_markets_margin(FLOATERS, settlement)
    assert at_reset.sum() > 5
    assert clean[at_reset] == pytest.approx(np.full(at_reset.sum(), 100.0), abs=0.1)
    assert np.abs(clean - 100.0).max() < 0.3  # what the curve did since the reset, on at most a quarter of a year


def test_a_margin_above_the_spread_is_worth_more_than_par_and_one_below_less() -> None:
    excess = MARKET.terms.margin[FLOATERS] - MARKET.spreads.total[FLOATERS] / 1e4
    premium = MARKET.mids.clean[FLOATERS] - 100.0
    years = (MARKET.terms.maturity - MARKET.terms.settlement)[FLOATERS] / 365.0
    clear = np.abs(excess) * years > 0.003  # more than what the curve did since the reset
    assert np.array_equal(np.sign(premium[clear]), np.sign(excess[clear]))


def test_the_coupon_is_the_curves_simple_rate_over_its_period_at_the_reset_plus_the_margin() -> None:
    start, end = period_of(FLOATERS)
    inside = start > SETTLEMENTS[0]
    first_with_it = np.array([np.flatnonzero(date <= SETTLEMENTS)[0] for date in start])
    index = simple_rate(CURVE, first_with_it, start, end)
    growth = np.exp(CURVE.at(first_with_it, (end - start) / 365.0) * (end - start) / 365.0)
    assert 1.0 + index * (end - start) / 360.0 == pytest.approx(growth, abs=1e-14)
    coupon = MARKET.terms.coupon_rate[FLOATERS]
    assert coupon == pytest.approx(index + MARKET.terms.margin[FLOATERS], abs=5.1e-7)
    assert inside.sum() > 100
    assert np.all(first_with_it[~inside] == 0)
    assert np.all(first_with_it <= MARKET.day[FLOATERS])


def test_coupons_of_floaters_change_at_resets_and_only_there() -> None:
    start, _ = period_of(FLOATERS)
    for bond in np.unique(MARKET.bond[FLOATERS])[:10]:
        own = MARKET.bond[FLOATERS] == bond
        same = np.diff(start[own]) == 0
        assert np.all(np.diff(MARKET.terms.coupon_rate[FLOATERS[own]])[same] == 0.0)
    assert MARKET.terms.coupon_rate[FLOATERS].min() >= 0.0


@pytest.mark.parametrize("settlement_days", [0, 1, 5])
def test_no_coupon_knows_a_curve_of_a_later_day(settlement_days: int) -> None:
    market, universe = MARKET.market, MARKET.universe
    settlements, today = settle(market.days, settlement_days), 200
    bent = market.curve.rates.copy()
    bent[today + 1 :] += 0.01
    changed = market._replace(curve=market.curve._replace(rates=bent))
    floats = universe.kind == FLOATING_RATE
    bond = np.flatnonzero(floats & (universe.first <= today) & (today <= universe.last))
    none = np.zeros(bond.size)
    trades = Trades(np.full(bond.size, today), bond, none, none, none)
    coupons = observed_terms(universe, market, settlements, trades).coupon_rate
    assert bond.size > 10
    assert np.array_equal(observed_terms(universe, changed, settlements, trades).coupon_rate, coupons)
    later = trades._replace(day=np.full(bond.size, min(universe.last[bond].min(), today + 100)))
    assert not np.array_equal(observed_terms(universe, changed, settlements, later).coupon_rate, coupons)
