"""Mid prices agree with QuantLib's own view of the same cash flows."""

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813 - the name its own documentation uses

from stages.bonds.measures import accrued_interest
from stages.bonds.terms import BondTerms
from stages.simulation.dates import previous_coupon
from stages.simulation.market import Simulated
from stages.simulation.names import FLOATING_RATE, TREASURY
from stages.simulation.pricing import current_coupon, floating_price
from tests.bonds import referee
from tests.simulation.settings import default_market

MARKET: Simulated = default_market()
CURVE = MARKET.market.curve
KIND = MARKET.universe.kind[MARKET.bond]
FLOATERS = np.flatnonzero(KIND == FLOATING_RATE)
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


def quantlib_floater(row: int) -> float:
    """A floating-rate bond on projected forwards, discounted on the curve plus the spread."""
    bond, margin = bond_of(row), float(MARKET.universe.coupon[MARKET.bond[row]])
    curve = ql.YieldTermStructureHandle(referee.zero_curve(bond, DAILY / 365.0, rates_of(row)))
    months = 12 // bond.frequency
    calendar = ql.NullCalendar()
    index = ql.IborIndex(
        "reference",
        ql.Period(months, ql.Months),
        0,
        ql.USDCurrency(),
        calendar,
        ql.Unadjusted,
        False,
        ql.Actual360(),
        curve,
    )
    reset = int(previous_coupon(np.array([bond.settlement]), np.array([bond.maturity]), np.array([months]))[0])
    schedule = referee.schedule(bond, referee.ql_date(reset), months)
    floater = ql.FloatingRateBond(0, 100.0, schedule, index, ql.Actual360(), ql.Unadjusted, 0, spreads=[margin])
    index.addFixing(referee.ql_date(reset), bond.coupon_rate - margin, True)
    at = referee.ql_date(bond.settlement)
    return float(ql.CashFlows.npv(
        floater.cashflows(), curve.currentLink(), MARKET.spreads.total[row] / 1e4, ql.Actual365Fixed(), ql.Continuous,
        ql.NoFrequency, False, at, at,
    ))  # fmt: skip


def test_floating_rate_bonds_agree_with_quantlib_on_forward_coupons() -> None:
    """To first order: the margin in excess of the spread times an annuity leaves a few tenths of a point."""
    accrued = accrued_interest(MARKET.terms)
    started = FLOATERS[MARKET.day[FLOATERS] > 0]
    for row in np.random.default_rng(2).choice(started, 12, replace=False):
        assert MARKET.mids.clean[row] + accrued[row] == pytest.approx(quantlib_floater(row), abs=0.3)


def test_floating_rate_bonds_stay_near_par() -> None:
    clean = MARKET.mids.clean[FLOATERS]
    assert np.median(np.abs(clean - 100.0)) < 1.5
    fixed = MARKET.mids.clean[(KIND != FLOATING_RATE) & (KIND != TREASURY)]
    assert clean.std() < 0.5 * fixed.std()


def test_a_floater_whose_margin_is_its_spread_is_worth_par_at_a_reset() -> None:
    rate, spread = 0.03, 0.015
    flat = CURVE._replace(rates=np.full((1, CURVE.rates.shape[1]), rate))
    settlement, maturity = np.array([19_000]), np.array([19_000 + 365 * 4 + 1])
    one = BondTerms(
        settlement=settlement.astype(np.int32), maturity=maturity.astype(np.int32), coupon_rate=np.zeros(1),
        frequency=np.array([4], np.int32), day_count=np.array([3], np.int32), issue=settlement.astype(np.int32),
        first_coupon=np.array([-(2**31)], np.int32),
    )  # fmt: skip
    at, margin = np.zeros(1, np.int64), np.array([spread])
    coupon = current_coupon(flat, settlement, at, settlement, maturity, np.array([4]), margin)
    price = floating_price(one._replace(coupon_rate=coupon), flat, at.astype(np.int32), margin, margin)
    assert price == pytest.approx([100.0], abs=0.02)


def test_coupons_of_floaters_change_at_resets_and_only_there() -> None:
    terms = MARKET.terms
    for bond in np.unique(MARKET.bond[FLOATERS])[:10]:
        rows = FLOATERS[MARKET.bond[FLOATERS] == bond]
        months = 12 // terms.frequency[rows].astype(np.int64)
        reset = previous_coupon(terms.settlement[rows].astype(np.int64), terms.maturity[rows].astype(np.int64), months)
        same = np.diff(reset) == 0
        assert np.all(np.diff(terms.coupon_rate[rows])[same] == 0.0)
    assert terms.coupon_rate[FLOATERS].min() >= 0.0
