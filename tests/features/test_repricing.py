"""Prices from spreads, and back."""

import numpy as np
import polars as pl

from richcheap.features.repricing import PriceBounds, Repricer, yields
from tests.surface.markets import small_market, valued


def market(threads: int = 1) -> tuple[pl.DataFrame, Repricer]:
    found = valued(small_market())
    return found.prints, Repricer.from_frame(found.curves, threads)


def test_the_observed_spread_gives_the_observed_price() -> None:
    prints, repricer = market()
    price = repricer.clean_price(prints, prints["z_spread_bp"].to_numpy() / 1e4)
    np.testing.assert_allclose(price, prints["clean_price"].to_numpy(), atol=1e-9)


def test_predictions_are_added_to_the_base_spread() -> None:
    prints, repricer = market()
    delta = np.linspace(-50.0, 50.0, 2 * prints.height).reshape(-1, 2)
    priced = repricer.predicted_prices(prints, delta)
    for column in range(2):
        spread = prints["base_spread"].to_numpy() + delta[:, column] / 1e4
        np.testing.assert_array_equal(priced[:, column], repricer.clean_price(prints, spread))


def test_value_gives_the_prices_that_each_spread_gives_alone() -> None:
    prints, repricer = market(threads=2)
    spread = prints["base_spread"].to_numpy()
    others = spread[:, None] + np.array([0.0, 1e-3])
    priced = repricer.value(prints, spread, others)
    np.testing.assert_array_equal(priced.clean, repricer.clean_price(prints, spread))
    np.testing.assert_array_equal(priced.others, repricer.clean_prices(prints, others))


def test_the_spread_of_a_price_gives_it_back() -> None:
    prints, repricer = market(threads=2)
    price = prints["clean_price"].to_numpy() + 3.0
    np.testing.assert_allclose(repricer.clean_price(prints, repricer.spreads(prints, price)), price, atol=1e-9)


def test_spreads_stop_where_prices_reach_their_bounds() -> None:
    prints, repricer = market()
    spread = prints["base_spread"].to_numpy()
    price = repricer.clean_price(prints, spread)
    bounds = PriceBounds(float(np.quantile(price, 0.2)), float(np.quantile(price, 0.7)))
    unknown = np.full(prints.height, np.nan)
    moved = repricer.bounded_spreads(
        prints, np.column_stack([spread, unknown]), np.column_stack([price, unknown]), bounds
    )
    np.testing.assert_allclose(repricer.clean_price(prints, moved[:, 0]), np.clip(price, *bounds), atol=1e-9)
    inside = (price >= bounds.lowest) & (price <= bounds.highest)
    assert 0 < inside.sum() < prints.height
    np.testing.assert_array_equal(moved[inside, 0], spread[inside])
    assert np.isnan(moved[:, 1]).all()


def test_price_risk_is_the_slope_of_the_price() -> None:
    prints, repricer = market()
    spread = prints["base_spread"].to_numpy()
    up, down = (repricer.clean_price(prints, spread + shift) for shift in (1e-5, -1e-5))
    dv01 = repricer.value(prints, spread, spread[:, None]).dv01
    np.testing.assert_allclose(dv01, (down - up) / 0.2, rtol=1e-6)


def test_the_margin_of_a_floating_rate_bond_is_part_of_its_terms() -> None:
    prints, repricer = market()
    floating = prints.with_columns(bond_type=pl.lit("floating_rate"), quoted_margin=pl.lit(0.01))
    richer = floating.with_columns(quoted_margin=pl.lit(0.02))
    spread = prints["base_spread"].to_numpy()
    several = (prints["years_to_maturity"] > 1.0).to_numpy()
    assert (repricer.clean_price(richer, spread) > repricer.clean_price(floating, spread))[several].all()


def test_yields_fall_as_prices_rise_and_are_missing_where_there_is_no_price() -> None:
    prints, _ = market()
    observed = prints["clean_price"].to_numpy()
    assert (yields(prints, observed + 0.1, threads=2) < yields(prints, observed)).all()
    assert np.isnan(yields(prints, np.full(prints.height, np.nan))).all()
