"""Prices from spreads, and back."""

import numpy as np
import polars as pl

from stages.spreads.repricing import Repricer
from stages.spreads.valuation import value_market
from tests.spreads.markets import MARKET, no_curve, small_market


def valued() -> tuple[pl.DataFrame, Repricer]:
    valuation = value_market(small_market(), no_curve(), MARKET, lambda dates, _total: dates)
    return valuation.prints, Repricer.from_frame(valuation.curves)


def test_the_observed_spread_gives_the_observed_price() -> None:
    prints, repricer = valued()
    price = repricer.clean_price(prints, prints["z_spread_bp"].to_numpy() / 1e4)
    np.testing.assert_allclose(price, prints["clean_price"].to_numpy(), atol=1e-9)


def test_a_prediction_is_added_to_the_base_spread() -> None:
    prints, repricer = valued()
    delta = np.linspace(-50.0, 50.0, prints.height)
    spread = prints["base_spread"].to_numpy() + delta / 1e4
    np.testing.assert_array_equal(repricer.predicted_price(prints, delta), repricer.clean_price(prints, spread))


def test_price_risk_is_the_slope_of_the_price() -> None:
    prints, repricer = valued()
    spread = prints["base_spread"].to_numpy()
    up, down = (repricer.clean_price(prints, spread + shift) for shift in (1e-5, -1e-5))
    np.testing.assert_allclose(repricer.price_risk(prints, spread), (down - up) / 0.2, rtol=1e-6)


def test_yield_error_is_zero_at_the_observed_price_and_negative_above_it() -> None:
    prints, repricer = valued()
    observed = prints["clean_price"].to_numpy()
    np.testing.assert_array_equal(repricer.yield_bp_error(prints, observed), 0.0)
    assert (repricer.yield_bp_error(prints, observed + 0.1) < 0.0).all()
