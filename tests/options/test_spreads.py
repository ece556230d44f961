"""Spreads to maturity and to worst against the kernels that price bonds on curves."""

import numpy as np
import pytest

from richcheap.curves.pricing import curve_dirty_price, z_spread
from richcheap.options.exercise import CallableBond
from richcheap.options.spreads import Curve, Discounted
from tests.options.bonds import NODES, STEEP, one_bond, random_bonds

PRICES = (80.0, 101.0, 125.0)


def test_spreads_and_prices_to_maturity_are_those_of_the_curve_kernels() -> None:
    terms, bonds = random_bonds(5, 60)
    rates = STEEP.rates[None, :]
    for price in PRICES:
        spread, _ = z_spread(terms, price, NODES, rates, 0)
        for bond, theirs in zip(bonds, spread, strict=True):
            assert Discounted(bond, STEEP).spreads(price)[0] == pytest.approx(theirs, abs=1e-11)
    theirs = curve_dirty_price(terms, NODES, rates, 0, 0.0123)
    ours = [Discounted(bond, STEEP).straight_price(0.0123) for bond in bonds]
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def to_end(bond: CallableBond, end: int) -> CallableBond:
    """Return the bond that is surely called on one of its exercises."""
    kept = bond.day <= bond.call_day[end]
    day = np.append(bond.day[kept], bond.call_day[end])
    amount = np.append(bond.amount[kept], bond.call_amount[end])
    return CallableBond(day, amount, bond.call_day[:0], bond.call_amount[:0])


@pytest.mark.parametrize("price", PRICES)
def test_the_spread_to_worst_is_the_lowest_over_all_ends(price: float) -> None:
    for bond in random_bonds(6, 40)[1]:
        to_maturity, worst = Discounted(bond, STEEP).spreads(price)
        ends = [Discounted(to_end(bond, end), STEEP).spreads(price)[0] for end in range(bond.call_day.size)]
        assert worst == pytest.approx(min([to_maturity, *ends]), abs=1e-11)


def test_the_spread_to_worst_falls_as_the_price_rises() -> None:
    discounted = Discounted(one_bond((700, 102.0), (1_400, 101.0)), STEEP)
    worst = [discounted.spreads(price)[1] for price in np.linspace(70.0, 140.0, 71)]
    assert (np.diff(worst) < 0.0).all()


def test_a_price_that_is_none_has_no_spread() -> None:
    assert np.isnan(Discounted(one_bond((700, 102.0)), Curve(NODES, np.full(6, np.nan))).spreads(100.0)).all()
