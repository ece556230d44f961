"""What the library promises, on 20,000 random bonds against QuantLib's own solvers at an accuracy of 1e-14.

Yield within 1e-10, durations within 1e-10, convexity within 1e-9 of itself, prices within 1e-10, z-spread within 1e-12.
"""

from datetime import date

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813 - the name its own documentation uses

from richcheap.bonds.conventions import DayCount
from richcheap.bonds.measures import accrued_interest, dirty_from_yield, measures
from richcheap.bonds.status import Status
from richcheap.bonds.terms import Floats
from richcheap.curves.pricing import curve_dirty_price, z_spread
from tests.bonds import referee
from tests.bonds.referee import Bond, bond, odd_last_bonds, random_bonds, terms
from tests.curves.test_pricing import NODE_YEARS, RATES

ICMA, THIRTY_360, ACT_365F, ACT_360 = (
    DayCount.ACT_ACT_ICMA,
    DayCount.THIRTY_360,
    DayCount.ACT_365F,
    DayCount.ACT_360,
)


def quantlib_yield(b: Bond, dirty_price: float, near: float) -> float:
    """QuantLib's street-convention yield by its own solver."""
    instrument, counter = referee.ql_bond(b)
    flows, at = instrument.cashflows(), referee.ql_date(b.settlement)
    left = sum(flow.date() > at for flow in flows) - 1
    if left == 1 or (b.frequency == 0 and counter.yearFraction(at, referee.ql_date(b.maturity)) <= 1.0):
        compounding = ql.Simple
    else:
        compounding = ql.Compounded
    rate: float = ql.CashFlows.yieldRate(
        flows, dirty_price, counter, compounding, max(b.frequency, 1), False, at, at, referee.ACCURACY, 1000, near
    )
    return rate


def assert_figures(bonds: list[Bond], prices: Floats) -> None:
    all_terms = terms(bonds)
    ours, accrued = measures(all_terms, prices), accrued_interest(all_terms)
    assert not ours.status.any()
    repriced = dirty_from_yield(all_terms, ours.yield_to_maturity)
    for i, b in enumerate(bonds):
        rate = float(ours.yield_to_maturity[i])
        theirs = referee.figures(b, rate)
        solved = quantlib_yield(b, float(prices[i]), rate + 0.01)
        assert rate == pytest.approx(solved, rel=0.0, abs=1e-10 * max(1.0, abs(rate))), b
        assert accrued[i] == pytest.approx(theirs.accrued, rel=0.0, abs=1e-10), b
        assert repriced[i] == pytest.approx(theirs.dirty_price, rel=0.0, abs=1e-10), b
        assert prices[i] == pytest.approx(theirs.dirty_price, rel=0.0, abs=1e-10), b
        assert ours.modified_duration[i] == pytest.approx(theirs.modified, rel=0.0, abs=1e-10), b
        if np.isfinite(theirs.macaulay):
            assert ours.macaulay_duration[i] == pytest.approx(theirs.macaulay, rel=0.0, abs=1e-10), b
        assert ours.convexity[i] == pytest.approx(theirs.convexity, rel=1e-9), b
        assert ours.basis_point_value[i] == pytest.approx(theirs.basis_point_value, rel=0.0, abs=1e-10), b


def assert_spreads(bonds: list[Bond], spreads: Floats, index: np.ndarray) -> None:
    all_terms = terms(bonds)
    prices = curve_dirty_price(all_terms, NODE_YEARS, RATES, index, spreads)
    ours, status = z_spread(all_terms, prices, NODE_YEARS, RATES, index)
    assert not status.any()
    for i, b in enumerate(bonds):
        rates = RATES[index[i]]
        assert prices[i] == pytest.approx(
            referee.curve_price(b, NODE_YEARS, rates, float(spreads[i])), rel=0.0, abs=1e-10
        ), b
        # A day before maturity one unit in the last place of the price is 1e-13 of spread.
        theirs = referee.z_spread(b, float(prices[i]), NODE_YEARS, rates)
        assert ours[i] == pytest.approx(theirs, rel=0.0, abs=1e-12), b


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200, 205))
def test_yields_and_sensitivities_of_4000_random_bonds(seed: int) -> None:
    bonds = random_bonds(seed, 4000)
    rng = np.random.default_rng(seed)
    # Prices of 20 to 180 where a year is left; nearer to maturity those of sensible yields.
    prices = dirty_from_yield(terms(bonds), rng.uniform(-0.02, 0.15, len(bonds)))
    wide = np.array([b.maturity - b.settlement > 366 for b in bonds])
    prices[wide] = rng.uniform(20.0, 180.0, int(wide.sum()))
    keep = np.flatnonzero(measures(terms(bonds), prices).status != Status.ZERO_TIME)
    assert len(keep) > 0.999 * len(bonds)
    assert_figures([bonds[i] for i in keep], prices[keep])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(210, 215))
def test_prices_and_z_spreads_of_4000_random_bonds(seed: int) -> None:
    bonds = random_bonds(seed, 4000)
    rng = np.random.default_rng(seed)
    assert_spreads(bonds, rng.uniform(-0.01, 0.1, len(bonds)), rng.integers(0, len(RATES), len(bonds)))


@pytest.mark.slow
def test_4000_bonds_with_an_odd_last_period_keep_the_same_accuracy() -> None:
    bonds = odd_last_bonds(220, 4000)
    rng = np.random.default_rng(220)
    prices = dirty_from_yield(terms(bonds), rng.uniform(-0.02, 0.15, len(bonds)))
    keep = np.flatnonzero(measures(terms(bonds), prices).status != Status.ZERO_TIME)
    assert len(keep) > 0.999 * len(bonds)
    assert_figures([bonds[i] for i in keep], prices[keep])
    assert_spreads(bonds, rng.uniform(-0.01, 0.1, len(bonds)), rng.integers(0, len(RATES), len(bonds)))


SETTLED = date(2021, 3, 15)
NAMED: dict[str, Bond] = {
    "30/360 US": bond(SETTLED, date(2031, 8, 31), 0.05, 2, THIRTY_360),
    "ACT/ACT ICMA": bond(SETTLED, date(2031, 8, 31), 0.05, 2, ICMA),
    "ACT/365F": bond(SETTLED, date(2031, 8, 31), 0.05, 2, ACT_365F),
    "ACT/360": bond(SETTLED, date(2031, 8, 31), 0.05, 2, ACT_360),
    "frequency 0": bond(SETTLED, date(2031, 8, 31), 0.0, 0, ACT_365F),
    "frequency 1": bond(SETTLED, date(2031, 8, 17), 0.05, 1, ICMA),
    "frequency 2": bond(SETTLED, date(2031, 8, 17), 0.05, 2, ICMA),
    "frequency 4": bond(SETTLED, date(2031, 8, 17), 0.05, 4, ICMA),
    "frequency 12": bond(SETTLED, date(2031, 8, 17), 0.05, 12, ICMA),
    "end of month": bond(date(2021, 2, 28), date(2032, 2, 29), 0.05, 2, THIRTY_360),
    "day 30 in February": bond(date(2021, 2, 28), date(2031, 8, 30), 0.05, 2, THIRTY_360),
    "short first period": bond(SETTLED, date(2031, 8, 17), 0.05, 2, ICMA, date(2021, 3, 1)),
    "long first period": bond(SETTLED, date(2031, 8, 17), 0.05, 2, ICMA, date(2020, 12, 1), date(2021, 8, 17)),
    "short last period": bond(SETTLED, date(2031, 8, 17), 0.05, 2, ICMA, date(2020, 12, 1), date(2021, 5, 31)),
    "28 February without ends of months": bond(SETTLED, date(2031, 8, 28), 0.05, 2, THIRTY_360),
    "settlement on a coupon date": bond(date(2021, 2, 17), date(2031, 8, 17), 0.05, 2, ICMA),
    "settlement on the issue date": bond(SETTLED, date(2031, 8, 17), 0.05, 2, ICMA, SETTLED),
    "last period": bond(SETTLED, date(2021, 8, 17), 0.05, 2, ICMA),
    "last day": bond(SETTLED, date(2021, 3, 16), 0.05, 2, ICMA),
    "50 years": bond(SETTLED, date(2071, 8, 17), 0.05, 2, ICMA),
    "50 years monthly": bond(SETTLED, date(2071, 8, 17), 0.05, 12, ACT_360),
}


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("rate", [0.04, 0.0, -0.015])
def test_named_bonds_at_positive_zero_and_negative_yields(name: str, rate: float) -> None:
    b = NAMED[name]
    assert_figures([b], dirty_from_yield(terms([b]), rate))
    assert_spreads([b], np.array([rate]), np.array([1]))


@pytest.mark.parametrize("name", [name for name in NAMED if not name.startswith("last")])
@pytest.mark.parametrize("price", [20.0, 180.0])
def test_named_bonds_at_prices_of_20_and_180(name: str, price: float) -> None:
    assert_figures([NAMED[name]], np.array([price]))


def test_a_matured_bond_has_a_status_and_no_figures() -> None:
    for settled in (date(2031, 8, 31), date(2032, 1, 1)):
        b = terms([bond(settled, date(2031, 8, 31), 0.05, 2, ICMA)])
        assert measures(b, 100.0).status[0] == Status.MATURED
        assert z_spread(b, 100.0, NODE_YEARS, RATES, 0)[1][0] == Status.MATURED
        assert np.isnan(accrued_interest(b)[0])
