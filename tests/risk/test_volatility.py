"""The filter of factor volatilities."""

import numpy as np
import pytest

from richcheap.risk.volatility import ewma_weights, fit_filter


def garch_path(dates, omega, alpha, beta, seed=1):
    random = np.random.default_rng(seed)
    variance, path = omega / (1.0 - alpha - beta), np.empty(dates)
    for date in range(dates):
        path[date] = np.sqrt(variance) * random.standard_normal()
        variance = omega + alpha * path[date] ** 2 + beta * variance
    return path[:, None]


def test_garch_parameters_are_found_again():
    found = fit_filter(garch_path(6000, 0.1, 0.1, 0.8), 0.94, 250)
    assert found.kind == ["garch"]
    assert (found.omega[0], found.alpha[0], found.beta[0]) == pytest.approx((0.1, 0.1, 0.8), abs=0.04)


def test_few_dates_are_filtered_by_decay():
    found = fit_filter(garch_path(100, 0.1, 0.1, 0.8), 0.94, 250)
    assert (found.kind, found.omega[0]) == (["ewma"], 0.0)
    assert (found.alpha[0], found.beta[0]) == pytest.approx((0.06, 0.94))


def test_the_recursion_of_decay_is_the_weighted_mean_of_squares():
    scores = np.random.default_rng(2).standard_normal((200, 2))
    found = fit_filter(scores, 0.9, 250)
    weights = ewma_weights(200, 0.9)
    expected = (1.0 - 0.9**200) * (weights @ scores**2) + 0.9**200 * found.start
    np.testing.assert_allclose(found.volatilities(scores)[-1] ** 2, expected)


def test_a_deviation_knows_nothing_of_its_own_date_or_later():
    scores = np.random.default_rng(3).standard_normal((50, 2))
    found = fit_filter(scores, 0.94, 250)
    moved = scores.copy()
    moved[20:] *= 10.0
    np.testing.assert_array_equal(found.volatilities(scores)[:21], found.volatilities(moved)[:21])
    assert (found.volatilities(scores)[21] != found.volatilities(moved)[21]).all()


def test_deviations_follow_a_calm_and_a_wild_market():
    scores = np.concatenate([np.full((100, 1), 0.5), np.full((100, 1), 3.0)])
    volatilities = fit_filter(scores, 0.9, 250).volatilities(scores)[:, 0]
    assert (volatilities[100], volatilities[200]) == pytest.approx((0.5, 3.0), rel=0.01)


def test_without_factors_there_is_nothing_to_filter():
    assert fit_filter(np.zeros((300, 0)), 0.94, 250).volatilities(np.zeros((10, 0))).shape == (11, 0)


def test_a_factor_that_never_moves_keeps_to_the_decay():
    assert fit_filter(np.zeros((300, 1)), 0.94, 250).kind == ["ewma"]
