"""The common measure of methods."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from richcheap.regimes.predictive_density import PredictiveDensity, one_hot, training_terciles


def test_without_regimes_the_density_is_that_of_one_normal_distribution() -> None:
    changes = np.random.default_rng(1).normal(size=(50, 2)) * [1.0, 3.0]
    certain = np.ones((50, 1))
    predictive = PredictiveDensity.fit(certain, changes, 10.0, 5.0)
    expected = multivariate_normal.logpdf(changes, cov=np.diag(np.mean(changes**2, axis=0)))
    np.testing.assert_allclose(predictive.log_densities(certain, changes), expected, rtol=1e-12)


def test_a_date_is_told_by_the_regime_of_the_date_before() -> None:
    predictive = PredictiveDensity(np.array([0.5, 0.5]), np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([[1.0], [9.0]]))
    output = predictive.expected(one_hot(np.array([0, 1, 1]), 2))
    np.testing.assert_allclose(output, [[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]])


def test_moves_are_counted_and_stays_are_added() -> None:
    labels = np.array([0, 0, 1, 1, 1, 0])
    predictive = PredictiveDensity.fit(one_hot(labels, 2), np.ones((6, 1)), 2.0, 1.0)
    np.testing.assert_allclose(predictive.transition, np.array([[3.5, 1.5], [1.5, 4.5]]) / [[5.0], [6.0]])


def test_a_regime_with_few_dates_is_pulled_to_the_whole_market() -> None:
    changes = np.array([[1.0]] * 99 + [[10.0]])
    predictive = PredictiveDensity.fit(one_hot(np.array([0] * 99 + [1]), 2), changes, 1.0, 4.0)
    whole = float(np.mean(changes**2))
    assert predictive.variances[1, 0] == pytest.approx((100.0 + 4.0 * whole) / 5.0)


def test_thirds_are_those_of_the_training_dates() -> None:
    values = np.concatenate([np.arange(9.0), [100.0, -5.0]])
    assert training_terciles(values, slice(0, 9)).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 0]
