"""What a date says of the market looks at nothing later, and its units are those of the training dates."""

import numpy as np
import polars as pl
import pytest

from richcheap.regimes.observations import build_observations, log_spread_level, trailing_mean_square
from tests.regimes.markets import CURVE_FACTORS, switching

TRAINING = slice(0, 200)


def test_changes_have_mean_square_one_and_features_are_standardised_over_the_training_dates() -> None:
    table, _ = switching()
    found = build_observations(table, CURVE_FACTORS, TRAINING, 5.0)
    assert found.change_names == ["level", "slope", "credit_change"]
    assert found.feature_names == ["curve_volatility", "credit_volatility", "spread_level"]
    assert np.mean(found.changes[TRAINING, 2] ** 2) == pytest.approx(1.0)
    np.testing.assert_allclose(found.features[TRAINING].mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(found.features[TRAINING].std(axis=0), 1.0)


def test_later_dates_change_no_bit_of_earlier_rows() -> None:
    table, _ = switching()
    late = pl.int_range(pl.len()) >= 220
    other = table.with_columns(
        pl.when(late).then(9.0 * pl.col(name) + 1.0).otherwise(name).alias(name)
        for name in ("level", "slope", "spread_BBB", "matrix_BB")
    )
    one, moved = (build_observations(frame, CURVE_FACTORS, TRAINING, 5.0) for frame in (table, other))
    np.testing.assert_array_equal(one.changes[:220], moved.changes[:220])
    np.testing.assert_array_equal(one.features[:220], moved.features[:220])
    assert not np.array_equal(one.features[220:], moved.features[220:])


def test_trailing_volatility_follows_the_regimes() -> None:
    table, regime = switching()
    found = build_observations(table, CURVE_FACTORS, TRAINING, 5.0)
    assert found.features[regime == 1, 0].mean() > found.features[regime == 0, 0].mean() + 0.8


def test_a_market_without_credit_has_its_curve_alone() -> None:
    table, _ = switching()
    bare = table.select(pl.exclude("^(spread|matrix)_.*$"))
    found = build_observations(bare, CURVE_FACTORS, TRAINING, 5.0)
    assert found.change_names == CURVE_FACTORS
    assert found.feature_names == ["curve_volatility"]
    assert found.spread_level.shape == (300, 0)


def test_a_market_in_which_nothing_is_known_has_no_columns() -> None:
    found = build_observations(switching()[0].select("date"), [], TRAINING, 5.0)
    assert found.changes.shape == found.features.shape == (300, 0)


def test_trailing_mean_square_forgets_half_in_a_half_life() -> None:
    found = trailing_mean_square(np.zeros((10, 1)), 5.0, 8.0)
    assert found[[4, 9]].tolist() == pytest.approx([4.0, 2.0])


def test_a_bucket_that_does_not_print_keeps_its_last_level_and_counts_from_its_first() -> None:
    levels = pl.DataFrame({"matrix_A": [100.0, None, 200.0], "matrix_B": [None, 50.0, 50.0]})
    found = log_spread_level(levels, slice(0, 3))
    np.testing.assert_allclose(found, [0.0, 0.0, np.log(2.0) / 2.0], atol=1e-12)
