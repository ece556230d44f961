"""What a scenario does to curves and spreads."""

import numpy as np
import polars as pl
import pytest

from richcheap.panel.ratings import BUCKETS
from richcheap.risk.params import Scenario, SpreadMultiples
from richcheap.risk.shocks import BondsOnCurves, multiples_by_bucket, shocked_spreads
from tests.risk.books import market

MULTIPLES = SpreadMultiples(AAA=4.0, AA=4.0, A=4.0, BBB=4.0, BB=3.0, B=3.0, CCC=2.0, NR=3.0)


def scenario(**changes):
    plain = {"name": "s", "curve_bp": 0.0, "spread_bp": 0.0, "spread_multiples": None, "liquidity_multiple": 1.0}
    return Scenario(**{**plain, **changes})


def bucket(*names):
    return np.array([BUCKETS.index(name) for name in names], dtype=np.int32)


def test_governments_keep_their_spreads():
    found = shocked_spreads(np.array([0.001, 0.001]), bucket("GOV", "BBB"), scenario(spread_bp=100.0))
    assert found.tolist() == pytest.approx([0.001, 0.011])


def test_spreads_are_multiplied_and_then_widened():
    found = shocked_spreads(
        np.array([0.01, 0.02, 0.03]), bucket("AA", "B", "CCC"), scenario(spread_multiples=MULTIPLES, spread_bp=10.0)
    )
    assert found.tolist() == pytest.approx([0.041, 0.061, 0.061])


def test_a_spread_below_the_curve_is_not_multiplied():
    found = shocked_spreads(np.array([-0.002]), bucket("AAA"), scenario(spread_multiples=MULTIPLES))
    assert found.tolist() == [-0.002]


def test_every_column_of_spreads_is_shocked_alike():
    table = np.array([[0.01, 0.02], [0.01, 0.02]])
    found = shocked_spreads(table, bucket("GOV", "BB"), scenario(spread_multiples=MULTIPLES))
    np.testing.assert_allclose(found, [[0.01, 0.02], [0.03, 0.06]])


def test_every_bucket_but_governments_has_a_multiple():
    assert multiples_by_bucket(MULTIPLES).tolist() == [1.0, 4.0, 4.0, 4.0, 4.0, 3.0, 3.0, 2.0, 3.0]
    assert multiples_by_bucket(None).tolist() == [1.0] * len(BUCKETS)


def bonds():
    rows = market().valuation.prints.tail(40)
    return rows, BondsOnCurves.of(rows, market().valuation.curves)


def test_spreads_and_prices_are_those_of_the_market():
    rows, found = bonds()
    spread = found.spreads(rows["dirty_price"].to_numpy())
    np.testing.assert_allclose(1e4 * spread, rows["z_spread_bp"].to_numpy(), atol=1e-6)
    np.testing.assert_allclose(found.prices(spread[:, None])[:, 0], rows["dirty_price"].to_numpy(), atol=1e-8)


def test_a_parallel_shift_of_the_curve_is_one_of_every_spread():
    rows, found = bonds()
    spread = rows["z_spread_bp"].to_numpy() / 1e4
    shifted = found.shifted(200.0).prices(spread[:, None])
    np.testing.assert_allclose(shifted, found.prices(spread[:, None] + 0.02), rtol=1e-12)
    np.testing.assert_allclose(found.curve_shares(), 1.0, rtol=1e-9)


def test_a_floating_rate_bond_hardly_follows_the_curve():
    rows, _ = bonds()
    floating = BondsOnCurves.of(rows.with_columns(bond_type=pl.lit("floating_rate")), market().valuation.curves)
    assert (floating.curve_shares()[(rows["years_to_maturity"] > 5.0).to_numpy()] < 0.3).all()
