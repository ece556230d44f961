"""The scale of errors that is known before the price is."""

import numpy as np
import pytest

from richcheap.evaluation.intervals.scale import LearnedScale, error_scale, log_scores


def test_scale_is_risk_times_noise_with_a_tick_in_quadrature() -> None:
    np.testing.assert_allclose(error_scale(np.array([30.0, 0.0]), np.array([0.01, 0.1]), 0.4), [0.5, 0.4])


def test_scores_are_logarithms_of_multiples_of_the_scale_and_finite_for_no_error() -> None:
    scores = log_scores(np.array([-2.0, 2.0, 0.0]), np.array([1.0, 2.0, 1.0]))
    assert scores[:2].tolist() == [np.log(2.0), 0.0]
    assert np.isfinite(scores[2])


def noisy(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores three times as large where the first feature is positive; the second is missing at times."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(rows, 2))
    features[rng.random(rows) < 0.1, 1] = np.nan
    scale = np.where(features[:, 0] > 0.0, 3.0, 1.0)
    return features, log_scores(rng.normal(size=rows) * scale, np.ones(rows))


def test_trees_find_where_errors_are_large() -> None:
    learned = LearnedScale(0.9, 150, 100_000, 1).fit(*noisy(6000, 0))
    features, scores = noisy(6000, 1)
    covered = scores <= learned.predict(features)
    for member in (features[:, 0] > 0.1, features[:, 0] < -0.1):
        assert covered[member].mean() == pytest.approx(0.9, abs=0.03)


def test_rows_above_the_limit_are_thinned_and_threads_change_no_bit() -> None:
    features, scores = noisy(3000, 0)
    every_other = LearnedScale(0.9, 10, 3000, 1).fit(features[::2], scores[::2])
    subsampled = LearnedScale(0.9, 10, 1500, 1).fit(features, scores)
    np.testing.assert_array_equal(subsampled.predict(features, threads=2), every_other.predict(features))
    assert subsampled.predict(features[:0]).size == 0
