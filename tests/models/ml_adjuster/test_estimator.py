"""The forest: what it learns, what it is refused, and that its bytes depend on nothing else."""

from typing import Any

import lightgbm
import numpy as np
import polars as pl
import pytest

from richcheap.features.catalogue import feature_names
from richcheap.models.common.base import feature_matrix
from richcheap.models.common.lightgbm import predict_each
from richcheap.models.ml_adjuster.estimator import ForestAdjuster
from tests.models.datasets import stored
from tests.models.ml_adjuster.small import small as forest

COLUMNS = feature_names("basic")


@pytest.fixture(scope="module")
def fitted(train, validation):
    """Return a forest that has learned the signal."""
    return forest().fit(train, validation)


def test_the_multiplier_depends_on_the_validation_block_and_the_forest_does_not(train, validation, fitted):
    smaller = validation.with_columns(pl.col("target_bp") * 0.3)
    model = forest().fit(train, smaller)
    assert 0.0 < model.multiplier_ < 0.5
    assert model.forests_ == fitted.forests_
    assert model.clip_bounds_ == fitted.clip_bounds_


def test_the_target_is_clipped_at_quantiles_of_the_training_block(train, validation):
    model = forest(target_clip_share=0.05).fit(train, validation)
    low, high = np.quantile(train["target_bp"].to_numpy(), [0.05, 0.95])
    assert model.clip_bounds_ == (low, high)
    raw = predict_each(model.forests_, feature_matrix(validation, COLUMNS), 1)
    rounding = 1e-5  # LightGBM keeps the target in single precision
    assert low - rounding <= raw.min() < raw.max() <= high + rounding


def test_one_wild_price_moves_the_prediction_little(train, validation, fitted):
    wild = train["target_bp"].to_numpy().copy()
    wild[5] = 1e9
    model = forest().fit(train.with_columns(target_bp=wild), validation)
    assert np.abs(model.predict(validation) - fitted.predict(validation)).max() < 5.0


def test_rows_of_more_price_risk_count_for_more(train, validation):
    """Two targets over the same features: the forest finds their weighted mean."""
    ones = train.with_columns(target_bp=pl.lit(1.0), dv01=pl.lit(3.0))
    both = pl.concat([ones, ones.with_columns(target_bp=pl.lit(0.0), dv01=pl.lit(1.0))])
    model = forest(trees=40, leaf_rows=100, target_clip_share=0.0).fit(both, validation)
    raw = predict_each(model.forests_, feature_matrix(validation, COLUMNS), 1)
    assert raw.mean() == pytest.approx(0.75, abs=0.03)


def test_the_unit_of_the_weights_does_not_matter(train, validation, fitted):
    rescaled = train.with_columns(pl.col("dv01") / 1024.0)
    model = forest().fit(rescaled, validation)
    np.testing.assert_array_equal(model.predict(validation), fitted.predict(validation))


def test_features_may_be_missing_in_part_or_altogether(train, validation):
    holes = [pl.lit(None, dtype=pl.Float64).alias(COLUMNS[0]), pl.when(pl.col(COLUMNS[1]) < 3.0).then(COLUMNS[1])]
    model = forest().fit(train.with_columns(holes), validation.with_columns(holes))
    assert np.isfinite(model.predict(validation.with_columns(holes))).all()
    assert np.isfinite(model.predict(validation)).all()


def test_cores_change_not_one_byte(train, validation, fitted):
    model = forest(n_jobs=3).fit(train, validation).set_params(n_jobs=1)
    assert stored(model) == stored(fitted)


def test_the_trees_are_dealt_to_parts_of_nearly_one_size(train, validation):
    for trees, sizes in ((1, [1]), (3, [1, 1, 1]), (10, [3, 3, 2, 2])):
        model = forest(trees=trees).fit(train, validation)
        assert [lightgbm.Booster(model_str=text).num_trees() for text in model.forests_] == sizes


def test_the_training_rows_are_not_stored_with_the_model(train, validation, fitted):
    twice = pl.concat([train, train])
    model = forest(leaf_rows=20).fit(twice, validation)
    assert len(stored(model)) < len(stored(fitted)) + 8 * train.height


def test_another_seed_is_another_forest(train, validation, fitted):
    model = forest(seed=4).fit(train, validation)
    assert (model.predict(validation) != fitted.predict(validation)).any()


def test_a_prediction_does_not_depend_on_the_other_rows(validation, fitted):
    whole = fitted.predict(validation)
    np.testing.assert_array_equal(fitted.predict(validation.head(7)), whole[:7])
    np.testing.assert_array_equal(fitted.predict(validation.reverse()), whole[::-1])
    assert fitted.predict(validation.clear()).shape == (0,)


def test_building_keeps_the_params_as_they_were_given():
    given: dict[str, Any] = {"features": ["f_a"], "trees": 1, "leaf_rows": 2, "feature_share": 0.5, "row_share": 0.6}
    given |= {"target_clip_share": 0.1, "shrinkage_steps": 4, "seed": 5, "n_jobs": 6}
    model = ForestAdjuster(**given)
    assert vars(model) == given
    assert model.features is given["features"]
