"""Spreads as multiples of the expected noise."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from richcheap.models.common.base import DatasetError
from richcheap.models.common.target_space import DV01, KALMAN, Anchor, sample, space, subsample, units

ROWS = pl.DataFrame(
    {
        "f_peer_move": [6.0, None, -1.0],
        "f_years_to_maturity": [2.0, 3.0, 4.0],
        "f_noise": [2.0, 4.0, 0.5],
        "f_curve_trend": [8.0, 8.0, 8.0],
        "target_bp": [4.0, -4.0, 0.5],
        "dv01": [0.01, 0.02, 0.08],
    }
)
IN_POINTS = ROWS.with_columns(f_dv01="dv01")
FEATURES = ["f_peer_move", "f_years_to_maturity", "f_noise", "f_curve_trend"]


def test_distances_between_spreads_are_divided_by_the_noise_and_nothing_else_is():
    seen = space(ROWS, FEATURES)
    expected = [[3.0, 2.0, 2.0, 8.0], [np.nan, 3.0, 4.0, 8.0], [-2.0, 4.0, 0.5, 8.0]]
    np.testing.assert_array_equal(seen.matrix, np.array(expected, dtype=np.float32))
    np.testing.assert_array_equal(seen.noise_bp, [2.0, 4.0, 0.5])
    np.testing.assert_array_equal(seen.anchor_bp, [0.0, 0.0, 0.0])


def test_another_anchor_has_its_own_distance_and_its_own_noise():
    rows = ROWS.with_columns(f_kalman_gap=pl.Series([1.0, -2.0, 0.0]), f_kalman_std=pl.Series([1.0, 2.0, 4.0]))
    learned = sample(rows, FEATURES, KALMAN)
    np.testing.assert_array_equal(learned.target_bp, [3.0, -2.0, 0.5])
    np.testing.assert_array_equal(learned.clipped((-9.0, 9.0)), [3.0, -1.0, 0.125])
    np.testing.assert_array_equal(learned.matrix[:, 0], [6.0, np.nan, -0.25])


def test_a_perfect_prediction_gives_the_target_back_whatever_the_anchor():
    rows = ROWS.with_columns(f_gap=pl.Series([1.0, -2.0, 0.0]))
    anchor = Anchor("f_gap", "f_noise")
    learned = sample(rows, FEATURES, anchor)
    back = space(rows, FEATURES, anchor).spread_bp(learned.target_bp / learned.unit_bp)
    np.testing.assert_array_equal(back, ROWS["target_bp"])


@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_the_best_multiplier_of_a_sample_is_found_in_price(factor):
    learned = sample(ROWS, FEATURES)
    assert learned.best_multiplier(learned.target_bp / learned.unit_bp / factor, 20) == factor


def test_an_anchor_that_is_not_known_is_refused():
    rows = ROWS.with_columns(f_gap=pl.Series([1.0, None, 0.0]))
    with pytest.raises(DatasetError, match="f_gap must be finite in every row, got 1 of 3"):
        space(rows, FEATURES, Anchor("f_gap", "f_noise"))


def test_target_weight_and_error_of_a_sample():
    rows = sample(ROWS, FEATURES)
    np.testing.assert_array_equal(rows.clipped((-0.75, 1.5)), [1.5, -0.75, 1.0])
    np.testing.assert_allclose(rows.weight(), np.array([0.02, 0.08, 0.04]) / np.mean([0.02, 0.08, 0.04]))
    assert rows.price_error(np.array([1.0, -1.0, 0.0])) == pytest.approx((2.0 * 0.01 + 0.0 + 0.5 * 0.08) / 3.0)


def test_in_points_the_target_is_what_it_costs_and_rows_weigh_the_same():
    features = [*FEATURES, DV01]
    points = sample(IN_POINTS, features).measured_in("points")
    np.testing.assert_allclose(points.clipped((-9.0, 9.0)), [0.04, -0.08, 0.04])
    np.testing.assert_allclose(points.weight(), 1.0)
    assert points.noise == pytest.approx(np.mean([0.02, 0.08, 0.04]))  # what a noise of 2, 4 and 0.5 bp costs
    assert points.price_error(np.array([0.04, -0.08, 0.04])) == pytest.approx(0.0)
    np.testing.assert_allclose(space(IN_POINTS, features).unit_bp("points"), [100.0, 50.0, 12.5])


def test_without_dv01_among_the_features_nothing_is_measured_in_points():
    assert units(FEATURES) == ["noise"]
    with pytest.raises(ValueError, match="in points only with f_dv01 among the features"):
        sample(IN_POINTS, FEATURES).measured_in("points")


def test_a_sample_is_cut_in_all_its_columns():
    rows = sample(IN_POINTS, [*FEATURES, DV01])
    part = rows.take(np.array([2, 0]))
    for whole, cut in zip(rows[:-1], part[:-1], strict=True):
        np.testing.assert_array_equal(cut, np.asarray(whole)[[2, 0]])
    assert part.noise == rows.noise


@pytest.mark.parametrize("noise", [0.0, -1.0])
def test_noise_that_is_not_above_zero_is_refused(noise):
    rows = ROWS.with_columns(f_noise=pl.Series([noise, 1.0, noise]))
    with pytest.raises(DatasetError, match="f_noise must be above 0 in every row, got 2 that are not"):
        space(rows, FEATURES)


def test_missing_noise_is_refused():
    with pytest.raises(DatasetError, match="f_noise must be finite in every row, got 3 of 3"):
        sample(ROWS.with_columns(f_noise=pl.lit(None, dtype=pl.Float64)), FEATURES)


@given(st.integers(0, 200), st.integers(1, 50))
def test_a_thinned_run_keeps_its_order_and_is_even(count, most):
    kept = subsample(np.arange(count), most)
    assert kept.size == min(count, most)
    if kept.size > 1:
        assert np.ptp(np.diff(kept)) <= 1
        assert np.diff(kept).min() >= 1
