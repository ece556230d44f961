"""Parts of prices in points: they add up, each is the difference of two prices, and none has seen the print."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.bonds.units import BP
from richcheap.decomposition.points import CORRECTION, FAIR, START, decompose
from richcheap.features.assemble import PARTS
from richcheap.features.repricing import Repricer
from richcheap.surface.valuation import Valuation
from tests.features.datasets import assembler, with_kalman
from tests.surface.markets import small_market, valued, with_prices

STEPS = ["curve", "rating", "coupon", "option", "issuer", "bond", CORRECTION]


@pytest.fixture(scope="module")
def market() -> Valuation:
    return valued(small_market())


def rows_of(market: Valuation) -> pl.DataFrame:
    return assembler(market).add(with_kalman(market))


def predicted(rows: pl.DataFrame) -> np.ndarray:
    """Return what a model might add to the base spread, of any size."""
    return np.random.default_rng(3).normal(0.0, 40.0, rows.height)


def total(found: pl.DataFrame, unit: str) -> pl.Series:
    return found.select(pl.sum_horizontal(f"{step}_{unit}" for step in STEPS)).to_series()


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), currencies=st.integers(1, 2), size=st.floats(0.0, 300.0))
def test_parts_add_up_to_the_models_price_and_spread(seed: int, currencies: int, size: float) -> None:
    market = valued(small_market(seed=seed, currencies=currencies, dates=12))
    rows, repricer = rows_of(market), Repricer.from_frame(market.curves)
    delta_bp = np.random.default_rng(seed).normal(0.0, 1.0, rows.height) * size
    found = decompose(rows, delta_bp, repricer)
    price = repricer.predicted_prices(rows, delta_bp[:, None])[:, 0]
    assert found[FAIR].to_numpy().tobytes() == price.tobytes()
    np.testing.assert_allclose(found[START] + total(found, "points"), price, rtol=0.0, atol=1e-9)
    spread = BP * rows["base_spread"].to_numpy() + delta_bp
    np.testing.assert_allclose(total(found, "bp"), spread, rtol=0.0, atol=1e-9)


def test_without_a_correction_the_price_is_the_filters(market: Valuation) -> None:
    rows, repricer = rows_of(market), Repricer.from_frame(market.curves)
    found = decompose(rows, predicted(rows), repricer)
    up_to_bond = found[START] + found.select(pl.sum_horizontal(f"{step}_points" for step in STEPS[:-1])).to_series()
    np.testing.assert_allclose(up_to_bond, rows["baseline_kalman"], rtol=0.0, atol=1e-9)
    correction = found[FAIR] - rows["baseline_kalman"]
    np.testing.assert_allclose(found["correction_points"], correction, rtol=0.0, atol=1e-9)


def test_each_part_in_points_is_that_spread_put_on_and_the_bond_repriced(market: Valuation) -> None:
    rows, repricer = rows_of(market), Repricer.from_frame(market.curves)
    found = decompose(rows, predicted(rows), repricer)
    before, spread = repricer.clean_price(rows, np.zeros(rows.height)), np.zeros(rows.height)
    np.testing.assert_array_equal(found[START], before)
    for step, column in zip(STEPS, PARTS, strict=False):
        spread = spread + rows[column].to_numpy()
        after = repricer.clean_price(rows, spread / BP)
        np.testing.assert_array_equal(found[f"{step}_bp"], rows[column])
        np.testing.assert_allclose(found[f"{step}_points"], after - before, rtol=0.0, atol=1e-10)
        before = after


def test_the_half_spread_is_what_a_seller_gives_up_and_no_part_of_the_price(market: Valuation) -> None:
    rows = rows_of(market)
    found = decompose(rows, predicted(rows), Repricer.from_frame(market.curves))
    assert (found["bid_ask_points"] >= 0.0).all()
    sided = found["bid_ask_bp"] > 0.0
    assert sided.any()
    assert (found.filter(sided)["bid_ask_points"] > 0.0).all()


def test_groups_of_a_correction_add_up_to_it(market: Valuation) -> None:
    rows = rows_of(market)
    delta_bp = predicted(rows)
    correction = BP * rows["base_spread"].to_numpy() + delta_bp - rows.select(PARTS).to_numpy().sum(axis=1)
    groups = {"peers": 0.3 * correction + 2.0, "own_history": 0.7 * correction - 2.0}
    repricer = Repricer.from_frame(market.curves)
    found, plain = decompose(rows, delta_bp, repricer, groups), decompose(rows, delta_bp, repricer)
    assert found.select(plain.columns).equals(plain)
    in_points = found["correction_peers_points"] + found["correction_own_history_points"]
    np.testing.assert_allclose(in_points, found["correction_points"], rtol=0.0, atol=1e-9)
    np.testing.assert_array_equal(found["correction_peers_bp"], groups["peers"])


def test_a_price_moves_no_bit_of_its_own_row_and_nothing_before() -> None:
    bonds = small_market()
    market = valued(bonds)
    before_rows = rows_of(market)
    delta_bp = predicted(before_rows)
    before = decompose(before_rows, delta_bp, Repricer.from_frame(market.curves))
    for row in np.random.default_rng(1).choice(bonds.height, 6, replace=False).tolist():
        clean = bonds["clean_price"].to_numpy().copy()
        clean[row] += 1.5
        moved = valued(with_prices(bonds, clean))
        after = decompose(rows_of(moved), delta_bp, Repricer.from_frame(moved.curves))
        kept = (before["date"] < before["date"][row]).to_numpy()
        kept[row] = True
        bits = [
            frame.filter(pl.Series(kept)).drop("bond_id", "date").to_numpy().view(np.int64) for frame in (before, after)
        ]
        assert (bits[0] == bits[1]).all()
        assert not after.equals(before)
