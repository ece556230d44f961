"""The tree against spreads to worst and to maturity, and against QuantLib's own bonds."""

import subprocess
import sys

import numpy as np
import pytest
import QuantLib as ql  # noqa: N813 - the name its own documentation uses

from richcheap.options.params import OptionsParams
from richcheap.options.spreads import Curve, Discounted
from richcheap.options.tree import CallTree
from tests.options.bonds import CERTAIN, NODES, STEEP, one_bond, random_bonds

PARAMS = OptionsParams(tree_steps_per_year=4)
PRICES = (85.0, 101.0, 112.0)


def oas(bond, price, params, curve=STEEP):
    return CallTree(bond, curve, params).spread(price, Discounted(bond, curve).spreads(price)[1])


@pytest.mark.parametrize("seed", range(4))
def test_without_volatility_it_is_the_spread_to_worst(seed: int) -> None:
    for bond in random_bonds(seed, 12)[1]:
        for price in PRICES:
            worst = Discounted(bond, STEEP).spreads(price)[1]
            assert oas(bond, price, CERTAIN) == pytest.approx(worst, abs=1e-7)  # a thousandth of a basis point


def test_where_a_call_never_pays_it_is_the_spread_to_maturity() -> None:
    bond = one_bond((500, 1_000.0))
    for price in PRICES:
        to_maturity, worst = Discounted(bond, STEEP).spreads(price)
        assert worst == to_maturity
        assert oas(bond, price, PARAMS) == pytest.approx(to_maturity, abs=1e-9)


@pytest.mark.parametrize("price", PRICES)
def test_it_falls_with_volatility_from_the_spread_to_worst_down(price: float) -> None:
    for bond in random_bonds(8, 12)[1]:
        to_maturity, worst = Discounted(bond, STEEP).spreads(price)
        found = [
            oas(bond, price, PARAMS.model_copy(update={"short_rate_volatility_bp": v})) for v in (20.0, 80.0, 160.0)
        ]
        assert worst <= to_maturity
        assert (np.diff([worst, *found]) <= 1e-9).all()


def test_its_price_falls_with_the_spread_and_is_never_above_the_straight_one() -> None:
    bond = one_bond((700, 102.0), (1_400, 101.0), coupon=0.06)
    tree, discounted = CallTree(bond, STEEP, PARAMS), Discounted(bond, STEEP)
    spreads = np.linspace(-0.03, 0.05, 17)
    prices = [tree.price(float(spread)) for spread in spreads]
    assert (np.diff(prices) < 0.0).all()
    assert all(price <= discounted.straight_price(s) + 1e-9 for price, s in zip(prices, spreads, strict=True))


def test_a_spread_of_nothing_is_not_the_spread_before() -> None:
    bond = one_bond((700, 102.0))
    tree = CallTree(bond, STEEP, PARAMS)
    first = tree.price(0.0)
    assert tree.price(0.01) < first - 1.0
    assert tree.price(0.0) == first
    assert tree.spread(first, 0.0) == pytest.approx(0.0, abs=1e-9)


def test_a_price_that_no_spread_gives_has_none() -> None:
    assert np.isnan(oas(one_bond((700, 102.0)), -1.0, PARAMS))


def test_it_is_quantlibs_bond_with_conventions_of_its_own() -> None:
    # A half-yearly 30/360 bond of 6 % over eight years, callable on coupon dates from the third year on.
    ql.Settings.instance().evaluationDate = start = ql.Date(15, 3, 2024)
    count, null = ql.Actual365Fixed(), ql.NullCalendar()
    schedule = ql.Schedule(
        start, ql.Date(15, 3, 2032), ql.Period(6, ql.Months), null, ql.Unadjusted, ql.Unadjusted,
        ql.DateGeneration.Backward, False,
    )  # fmt: skip
    dates = list(schedule)[1:]
    calls = ql.CallabilitySchedule()
    for date in dates[5:-1]:
        calls.append(ql.Callability(ql.BondPrice(101.0, ql.BondPrice.Clean), ql.Callability.Call, date))
    bond = ql.CallableFixedRateBond(
        0, 100.0, schedule, [0.06], ql.Thirty360(ql.Thirty360.USA), ql.Unadjusted, 100.0, start, calls
    )
    days = np.array([date - start for date in dates])
    curve = ql.YieldTermStructureHandle(
        ql.ZeroCurve([start, *dates], np.interp(np.append(0, days) / 365, NODES, STEEP.rates).tolist(), count)
    )
    model = ql.HullWhite(curve, PARAMS.mean_reversion, PARAMS.short_rate_volatility_bp / 1e4)
    steps = int(np.ceil(days[-1] / 365 * PARAMS.tree_steps_per_year))
    bond.setPricingEngine(ql.TreeCallableFixedRateBondEngine(model, steps, curve))
    theirs = bond.cleanPriceOAS(0.015, curve, count, ql.Continuous, ql.NoFrequency, start)

    amounts = np.full(len(days), 3.0)
    amounts[-1] = 103.0
    ours = one_bond()._replace(
        day=days.astype(np.int32), amount=amounts, call_day=days[5:-1].astype(np.int32), call_amount=np.full(10, 101.0)
    )
    on_dates = Curve(np.append(0, days) / 365, np.interp(np.append(0, days) / 365, NODES, STEEP.rates))
    assert CallTree(ours, on_dates, PARAMS).price(0.015) == pytest.approx(theirs, abs=1e-9)


def test_quantlib_is_imported_only_for_a_tree() -> None:
    code = "import sys, richcheap.options.table; sys.exit('QuantLib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
