"""What models share."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from richcheap.models.common.base import DatasetError, best_multiplier, clip_bounds, feature_matrix, finite_column

FINITE = st.floats(min_value=-1e3, max_value=1e3)


def loss(multiplier, prediction, target, risk):
    return np.mean(np.abs(target - multiplier * prediction) * risk)


def test_a_missing_feature_value_is_nan_in_the_matrix():
    rows = pl.DataFrame({"f_a": [1.0, None], "f_b": [2.0, 3.0], "other": ["x", "y"]})
    matrix = feature_matrix(rows, ["f_b", "f_a"])
    np.testing.assert_array_equal(matrix, np.array([[2.0, 1.0], [3.0, np.nan]], dtype=np.float32))
    assert matrix.flags.c_contiguous


def test_missing_feature_columns_are_named():
    with pytest.raises(DatasetError, match=r"missing: f_b, f_c$"):
        feature_matrix(pl.DataFrame({"f_a": [1.0]}), ["f_b", "f_a", "f_c"])


def test_an_infinite_feature_is_named():
    rows = pl.DataFrame({"f_a": [1.0, np.nan], "f_b": [np.inf, 1.0]})
    with pytest.raises(DatasetError, match=r"infinite values in: f_b$"):
        feature_matrix(rows, ["f_a", "f_b"])


@pytest.mark.parametrize("value", [None, np.nan, -np.inf])
def test_a_target_that_is_no_number_is_refused(value):
    with pytest.raises(DatasetError, match="target_bp must be finite in every row, got 1 of 2 that are not"):
        finite_column(pl.DataFrame({"target_bp": [1.0, value]}), "target_bp")


def test_a_missing_column_is_named():
    with pytest.raises(DatasetError, match="dv01 must be a column of the dataset, missing"):
        finite_column(pl.DataFrame({"target_bp": [1.0]}), "dv01")


def test_no_clip_share_clips_nothing():
    assert clip_bounds(np.array([3.0, -1.0, 7.0]), 0.0) == (-1.0, 7.0)


@pytest.mark.parametrize(("truth", "expected"), [(0.3, 0.3), (0.0, 0.0), (-1.0, 0.0), (1.0, 1.0), (5.0, 1.0)])
def test_the_multiplier_is_the_one_that_fits_within_zero_and_one(truth, expected):
    prediction = np.array([1.0, -2.0, 3.0, -4.0])
    assert best_multiplier(prediction, truth * prediction, np.ones(4), 10) == pytest.approx(expected)


def test_the_multiplier_counts_errors_in_price_not_in_spread():
    prediction = np.array([1.0, 1.0, 1.0])
    target = np.array([0.0, 0.0, 1.0])
    assert best_multiplier(prediction, target, np.ones(3), 4) == 0.0
    assert best_multiplier(prediction, target, np.array([1.0, 1.0, 3.0]), 4) == 1.0


def test_a_tie_goes_to_the_smaller_multiplier():
    assert best_multiplier(np.zeros(3), np.ones(3), np.ones(3), 20) == 0.0


@given(st.lists(st.tuples(FINITE, FINITE, st.floats(1e-4, 1.0)), min_size=1, max_size=20), st.integers(1, 30))
def test_no_multiplier_of_the_grid_is_better(rows, steps):
    prediction, target, risk = (np.array(column) for column in zip(*rows, strict=True))
    chosen = best_multiplier(prediction, target, risk, steps)
    assert 0.0 <= chosen <= 1.0
    others = [loss(step / steps, prediction, target, risk) for step in range(steps + 1)]
    assert loss(chosen, prediction, target, risk) == min(others)
