"""Weighted conformal quantiles, and the rounded quantile regression."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import approx_fprime
from sklearn.linear_model import QuantileRegressor

from richcheap.evaluation.intervals.quantile import QuantileLoss, conformal_quantile


@pytest.mark.parametrize(("count", "coverage", "expected"), [(9, 0.9, 9.0), (19, 0.9, 18.0), (99, 0.5, 50.0)])
def test_quantile_is_the_rank_that_covers_finite_samples(count: int, coverage: float, expected: float) -> None:
    assert conformal_quantile(np.arange(1.0, count + 1.0), coverage) == expected


def test_too_few_scores_give_an_infinite_interval() -> None:
    assert conformal_quantile(np.arange(8.0), 0.9) == math.inf
    assert conformal_quantile(np.empty(0), 0.9) == math.inf


@given(st.integers(20, 200), st.floats(0.5, 0.95))
def test_quantile_covers_at_least_its_share_of_the_calibration_rows(count: int, coverage: float) -> None:
    scores = np.random.default_rng(count).exponential(size=count)
    assert (scores <= conformal_quantile(scores, coverage)).mean() >= coverage


@given(st.permutations(range(20)), st.floats(0.1, 10.0))
def test_quantile_depends_on_neither_the_order_nor_the_unit_of_weights(order: list[int], unit: float) -> None:
    rng = np.random.default_rng(0)
    scores, weights = rng.normal(size=20), rng.integers(1, 4, 20).astype(float)
    expected = conformal_quantile(scores, 0.7, weights)
    assert conformal_quantile(scores[order], 0.7, unit * weights[order]) == expected


def test_a_row_of_double_weight_counts_as_two() -> None:
    scores = np.arange(1.0, 11.0)
    weights = np.where(scores == 10.0, 2.0, 1.0)
    # 12 of weight and 2 for the next row: half of 14 is reached at the seventh score
    assert conformal_quantile(scores, 0.5, weights) == 7.0


@pytest.fixture
def loss() -> QuantileLoss:
    rng = np.random.default_rng(2)
    cell = rng.integers(0, 3, 3000)
    loadings = np.column_stack([np.ones(3000), cell == 1, cell == 2, rng.normal(size=3000)])
    scores = loadings @ [0.0, 1.0, -1.0, 0.5] + rng.normal(size=3000)
    return QuantileLoss(loadings, scores, np.ones(3000), 0.9, penalty=0.0)


def test_derivatives_are_those_of_the_loss(loss: QuantileLoss) -> None:
    point = np.array([1.0, 0.5, -0.5, 0.2])
    np.testing.assert_allclose(loss.gradient(point), approx_fprime(point, loss.value, 1e-7), atol=1e-6)
    np.testing.assert_allclose(loss.curvature(point), approx_fprime(point, loss.gradient, 1e-7), atol=1e-6)


def test_regression_agrees_with_the_linear_programme_of_scikit_learn(loss: QuantileLoss) -> None:
    referee = QuantileRegressor(quantile=0.9, alpha=0.0, fit_intercept=False).fit(loss.loadings, loss.scores)
    np.testing.assert_allclose(loss.minimum(np.zeros(4)), referee.coef_, atol=0.1)


def test_every_cell_is_covered_where_the_common_quantile_covers_none(loss: QuantileLoss) -> None:
    fitted = loss.loadings @ loss.minimum(np.zeros(4))
    common = np.quantile(loss.scores, 0.9)
    for column in (1, 2):
        member = loss.loadings[:, column] == 1.0
        assert (loss.scores <= fitted)[member].mean() == pytest.approx(0.9, abs=0.015)
        assert abs((loss.scores <= common)[member].mean() - 0.9) > 0.05


def test_a_penalty_shrinks_cells_to_the_common_quantile(loss: QuantileLoss) -> None:
    shrunk = loss._replace(penalty=1e6).minimum(np.zeros(4))
    np.testing.assert_allclose(shrunk[1:], 0.0, atol=1e-3)
    assert (loss.scores <= shrunk[0]).mean() == pytest.approx(0.9, abs=0.01)
