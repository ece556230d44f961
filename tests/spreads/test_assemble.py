"""The dataset: columns, baselines and features against values worked out by hand."""

import numpy as np
import polars as pl
import pytest

from stages.spreads.assemble import KEYS, PRICES, RATING_SCALE, TERMS, assemble, curve_state
from stages.spreads.feature_table import feature_names
from stages.spreads.repricing import Repricer
from stages.spreads.valuation import Valuation, value_market
from tests.spreads.markets import FEATURES, MARKET, no_curve, small_market


@pytest.fixture(scope="module")
def valuation() -> Valuation:
    return value_market(small_market(), no_curve(), MARKET, lambda dates, _total: dates)


@pytest.fixture(scope="module")
def dataset(valuation: Valuation) -> pl.DataFrame:
    return assemble(valuation.prints, valuation.curves, FEATURES)


def own_before(frame: pl.DataFrame, row: int) -> int | None:
    """Return the row of the bond's own print before."""
    earlier = [k for k in range(row) if frame["bond_id"][k] == frame["bond_id"][row]]
    return earlier[-1] if earlier else None


def test_columns_are_those_of_the_contract(dataset: pl.DataFrame) -> None:
    assert dataset.columns == [*KEYS, *PRICES, *TERMS, "curve_volatility_bp", *feature_names("enhanced")]
    assert all(dataset[name].dtype == pl.Float64 for name in feature_names("enhanced"))


def test_rows_keep_their_order(valuation: Valuation, dataset: pl.DataFrame) -> None:
    assert dataset.select("bond_id", "date").equals(valuation.prints.select("bond_id", "date"))


def test_target_brings_the_base_spread_back_to_the_observed_price(valuation: Valuation, dataset: pl.DataFrame) -> None:
    price = Repricer.from_frame(valuation.curves).predicted_price(dataset, dataset["target_bp"].to_numpy())
    np.testing.assert_allclose(price, dataset["clean_price"].to_numpy(), atol=1e-8)


def test_adjustment_is_the_price_over_the_fair_price(dataset: pl.DataFrame) -> None:
    ratio = dataset["clean_price"].to_numpy() / dataset["fair_price"].to_numpy()
    np.testing.assert_array_equal(dataset["adjustment"].to_numpy(), ratio)


def test_last_is_the_bonds_own_last_price(dataset: pl.DataFrame) -> None:
    for row in range(0, dataset.height, 17):
        before = own_before(dataset, row)
        expected = dataset["fair_price"][row] if before is None else dataset["clean_price"][before]
        assert dataset["baseline_last"][row] == expected


def test_a_bond_without_history_gets_the_matrix_price_from_every_baseline(dataset: pl.DataFrame) -> None:
    first = dataset.filter(~pl.col("has_history"))
    assert first.height > 0
    for name in [name for name in PRICES if name.startswith("baseline_")]:
        np.testing.assert_array_equal(first[name].to_numpy(), first["fair_price"].to_numpy())


def test_last_adjusted_move_is_the_price_at_the_base_spread(valuation: Valuation, dataset: pl.DataFrame) -> None:
    price = Repricer.from_frame(valuation.curves).predicted_price(dataset, np.zeros(dataset.height))
    np.testing.assert_allclose(dataset["baseline_last_adjusted_move"].to_numpy(), price, atol=1e-10)


def test_own_history_features_come_from_the_print_before(valuation: Valuation, dataset: pl.DataFrame) -> None:
    prints = valuation.prints
    signs = {"buy": 1.0, "sell": -1.0, "interdealer": 0.0}
    for row in range(0, dataset.height, 13):
        before = own_before(dataset, row)
        if before is None:
            assert dataset["f_last_side"][row] is None
            continue
        assert dataset["f_last_residual"][row] == prints["move_residual_bp"][before]
        assert dataset["f_last_surprise"][row] == dataset["target_bp"][before]
        assert dataset["f_last_side"][row] == signs[prints["side"][before]]
        assert dataset["f_last_price"][row] == prints["clean_price"][before]
        days = (prints["date"][row] - prints["date"][before]).days
        assert dataset["f_days_since_last"][row] == dataset["days_since_last"][row] == days


def test_ratings_become_numbers_in_order(dataset: pl.DataFrame) -> None:
    by_rating = dict(dataset.select("credit_rating", "f_rating").unique().rows())
    assert by_rating["AA"] == RATING_SCALE.index("AA") == 2
    assert by_rating["NR"] is None


def test_curve_state_is_made_of_curves_of_one_source() -> None:
    curves = pl.DataFrame(
        {
            "reference_curve": np.repeat(np.arange(5), 3),
            "currency": ["USD"] * 15,
            "source": ["flat"] * 3 + ["fitted"] * 12,
            "tenor_years": [1.0, 5.0, 10.0] * 5,
            "zero_rate": np.repeat([0.03, 0.05, 0.0501, 0.0503, 0.0502], 3) + np.tile([0.0, 0.001, 0.003], 5),
        }
    )
    state = curve_state(curves, 3)
    np.testing.assert_allclose(state["curve_slope"].to_numpy(), 0.003)
    np.testing.assert_allclose(state["curve_curvature"].to_numpy(), -0.001)
    assert state["curve_volatility_bp"][:4].to_list() == [None] * 4
    assert state["curve_volatility_bp"][4] == pytest.approx(np.std([1.0, 2.0, -1.0], ddof=1))
    assert state["curve_trend_bp"][4] == pytest.approx(2.0)
