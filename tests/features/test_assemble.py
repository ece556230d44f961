"""The dataset: columns, baselines and features against values worked out by hand."""

import numpy as np
import polars as pl
import pytest

from richcheap.bonds.units import BP
from richcheap.features.assemble import (
    KALMAN_COLUMNS,
    KEYS,
    PARTS,
    PRICES,
    PRINT_COLUMNS,
    RATING_SCALE,
    STATES,
    TERMS,
)
from richcheap.features.baselines import BASELINES
from richcheap.features.catalogue import feature_names
from richcheap.features.repricing import Repricer
from richcheap.kalman.decomposition import COLUMNS
from richcheap.surface.valuation import Valuation
from tests.features.datasets import BOUNDS, assembler, with_kalman
from tests.surface.markets import small_market, valued


@pytest.fixture(scope="module")
def market() -> Valuation:
    return valued(small_market())


@pytest.fixture(scope="module")
def dataset(market: Valuation) -> pl.DataFrame:
    return assembler(market).add(with_kalman(market))


def own_before(frame: pl.DataFrame, row: int) -> int | None:
    """Return the row of the bond's own print before."""
    earlier = [k for k in range(row) if frame["bond_id"][k] == frame["bond_id"][row]]
    return earlier[-1] if earlier else None


def test_columns_are_those_of_the_contract(dataset: pl.DataFrame) -> None:
    assert dataset.columns == [*KEYS, *PRICES, *TERMS, *COLUMNS, *feature_names("advanced")]
    assert all(dataset[name].dtype == pl.Float64 for name in feature_names("advanced"))


def test_parts_and_states_of_the_filter_are_carried_over(market: Valuation, dataset: pl.DataFrame) -> None:
    assert (*PARTS, *STATES) == COLUMNS[:-1]
    assert dataset.select(COLUMNS).equals(with_kalman(market).select(COLUMNS))


def test_rows_keep_their_order(market: Valuation, dataset: pl.DataFrame) -> None:
    assert dataset.select("bond_id", "date").equals(market.prints.select("bond_id", "date"))


def test_batches_of_any_size_and_any_threads_give_the_same_rows_as_all_at_once(
    market: Valuation, dataset: pl.DataFrame
) -> None:
    prints = with_kalman(market).select(PRINT_COLUMNS + KALMAN_COLUMNS[2:])
    for dates in (1, 3, 10):
        rows = assembler(market, threads=2)
        batches = prints.with_columns(batch=pl.col("date").rle_id() // dates).partition_by("batch", include_key=False)
        assert pl.concat(rows.add(batch) for batch in batches).equals(dataset)


def test_target_brings_the_base_spread_back_to_the_observed_price(market: Valuation, dataset: pl.DataFrame) -> None:
    delta = dataset["target_bp"].to_numpy()[:, None]
    price = Repricer.from_frame(market.curves).predicted_prices(dataset, delta)[:, 0]
    np.testing.assert_allclose(price, dataset["clean_price"].to_numpy(), atol=1e-8)


def test_no_fair_price_lies_beyond_what_a_bond_can_cost(market: Valuation) -> None:
    wild = with_kalman(market).with_columns(
        pl.when(pl.int_range(pl.len()) % 5 == place).then(value).otherwise(name).alias(name)
        for place, (name, value) in enumerate(
            [("base_spread", -0.9), ("matrix_spread", 60.0), ("kalman_spread_bp", -9e3), ("peer_move_bp", -9e3)]
        )
    )
    found = assembler(market).add(wild)
    columns = [one.column for one in BASELINES if one.column]
    prices = found.select(columns).to_numpy()
    assert prices.min() >= BOUNDS.lowest
    assert prices.max() == BOUNDS.highest
    price = Repricer.from_frame(market.curves).predicted_prices(found, np.zeros((found.height, 1)))[:, 0]
    np.testing.assert_allclose(price, found["baseline_last_adjusted"].to_numpy(), atol=1e-8)
    raw = wild.select(pl.sum_horizontal(PARTS) - pl.col("kalman_spread_bp")).to_series().to_numpy()
    gap_bp = found.select(pl.sum_horizontal(PARTS) - BP * pl.col("base_spread")).to_series().to_numpy() - raw
    filtered = Repricer.from_frame(market.curves).predicted_prices(found, gap_bp[:, None])[:, 0]
    np.testing.assert_allclose(filtered, found["baseline_kalman"].to_numpy(), atol=1e-8)


def test_adjustment_is_the_price_over_the_fair_price(dataset: pl.DataFrame) -> None:
    ratio = dataset["clean_price"].to_numpy() / dataset["fair_price"].to_numpy()
    np.testing.assert_array_equal(dataset["adjustment"].to_numpy(), ratio)


def test_last_is_the_bonds_own_last_price(dataset: pl.DataFrame) -> None:
    for row in range(0, dataset.height, 17):
        before = own_before(dataset, row)
        expected = dataset["fair_price"][row] if before is None else dataset["clean_price"][before]
        assert dataset["baseline_last"][row] == expected


def test_a_bond_without_history_gets_the_matrix_price_from_every_baseline_but_the_filters_own(
    dataset: pl.DataFrame,
) -> None:
    first = dataset.filter(~pl.col("has_history"))
    assert first.height > 0
    for name in [name for name in PRICES if name.startswith("baseline_") and name != "baseline_kalman"]:
        np.testing.assert_array_equal(first[name].to_numpy(), first["fair_price"].to_numpy())


def test_kalman_is_the_price_at_the_filters_spread(market: Valuation, dataset: pl.DataFrame) -> None:
    prints = with_kalman(market)
    price = Repricer.from_frame(market.curves).clean_price(prints, prints["kalman_spread_bp"].to_numpy() / BP)
    np.testing.assert_allclose(dataset["baseline_kalman"].to_numpy(), price, atol=1e-10)
    base = BP * prints["base_spread"].to_numpy()
    np.testing.assert_allclose(dataset["f_kalman_gap"] + base, prints["kalman_spread_bp"], atol=1e-9)
    np.testing.assert_array_equal(dataset["f_kalman_std"], prints["kalman_std_bp"])


def test_last_adjusted_is_the_price_at_the_base_spread(market: Valuation, dataset: pl.DataFrame) -> None:
    price = Repricer.from_frame(market.curves).predicted_prices(dataset, np.zeros((dataset.height, 1)))[:, 0]
    np.testing.assert_allclose(dataset["baseline_last_adjusted"].to_numpy(), price, atol=1e-10)


def test_own_history_features_come_from_the_print_before(market: Valuation, dataset: pl.DataFrame) -> None:
    prints = market.prints
    signs = {"buy": 1.0, "sell": -1.0, "interdealer": 0.0}
    for row in range(0, dataset.height, 13):
        before = own_before(dataset, row)
        if before is None:
            assert dataset["f_last_side"][row] is None
            continue
        assert dataset["f_last_residual"][row] == prints["move_residual_bp"][before]
        assert dataset["f_last_target"][row] == dataset["target_bp"][before]
        assert dataset["f_last_side"][row] == signs[prints["side"][before]]
        assert dataset["f_last_price"][row] == prints["clean_price"][before]
        days = (prints["date"][row] - prints["date"][before]).days
        assert dataset["f_days_since_last"][row] == dataset["days_since_last"][row] == days


def test_errors_of_the_filter_come_from_the_prints_before(market: Valuation, dataset: pl.DataFrame) -> None:
    prints = with_kalman(market)
    error = prints["z_spread_bp"] - prints["kalman_spread_bp"]
    for row in range(0, dataset.height, 13):
        before = own_before(dataset, row)
        if before is None:
            assert dataset["f_last_error"][row] is dataset["f_last_z_score"][row] is None
            continue
        assert dataset["f_last_error"][row] == error[before]
        assert dataset["f_last_z_score"][row] == pytest.approx(error[before] / prints["kalman_std_bp"][before])
        second = own_before(dataset, before)
        assert dataset["f_second_last_error"][row] == (None if second is None else error[second])


def test_gaps_to_an_unchanged_price_and_to_par_are_in_basis_points(market: Valuation) -> None:
    prints = with_kalman(market)
    issued = pl.col("settlement_date") - pl.duration(days=30 + pl.int_range(pl.len()) % 2)
    found = assembler(market).add(prints.with_columns(issue_date=issued))
    for name, price in (("f_unchanged_gap", found["f_last_price"]), ("f_par_gap", pl.Series([100.0] * found.height))):
        expected = (found["baseline_kalman"] - price) / found["dv01"]
        known = found[name].is_not_null()
        np.testing.assert_allclose(found[name].filter(known), expected.filter(known), rtol=1e-12)
    assert found["f_unchanged_gap"].is_null().equals(found["f_last_price"].is_null())
    at_par = (pl.int_range(found.height, eager=True) % 2 == 0) & (found["coupon_rate"] > 0.0)
    assert found["f_par_gap"].is_not_null().equals(at_par)


def test_ratings_become_numbers_in_order(dataset: pl.DataFrame) -> None:
    by_rating = dict(dataset.select("credit_rating", "f_rating").unique().rows())
    assert by_rating["AA"] == RATING_SCALE.index("AA") == 2
    assert by_rating["NR"] is None
