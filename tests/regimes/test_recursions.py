"""The filter against a hand calculation, statsmodels and every path there is."""

from itertools import pairwise, product

import numpy as np
import pytest
from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression  # type: ignore[import-untyped]

from richcheap.regimes.gaussian import GaussianStates
from richcheap.regimes.recursions import forward, smooth

START = np.array([0.6, 0.4])
TRANSITION = np.array([[0.9, 0.1], [0.3, 0.7]])


def densities(dates: int, states: int = 2, seed: int = 1) -> np.ndarray:
    drawn: np.ndarray = np.random.default_rng(seed).normal(scale=2.0, size=(dates, states))
    return drawn


def test_filtered_probabilities_are_those_of_the_recursion_done_by_hand() -> None:
    log_densities = np.log(np.array([[0.5, 0.1], [0.2, 0.4]]))
    filtered, increments = forward(log_densities, START, TRANSITION)
    first = np.array([0.6 * 0.5, 0.4 * 0.1]) / (0.6 * 0.5 + 0.4 * 0.1)  # 0.30 and 0.04 of 0.34
    predicted = np.array([first[0] * 0.9 + first[1] * 0.3, first[0] * 0.1 + first[1] * 0.7])
    second = predicted * np.array([0.2, 0.4])
    np.testing.assert_allclose(filtered, [first, second / second.sum()], rtol=1e-14)
    np.testing.assert_allclose(increments, np.log([0.34, second.sum()]), rtol=1e-14)


def test_filtered_probabilities_are_those_of_statsmodels() -> None:
    rng = np.random.default_rng(7)
    series = rng.normal(size=120) * np.where(np.arange(120) // 20 % 2, 3.0, 0.8)
    model = MarkovRegression(series, k_regimes=2, trend="n", switching_variance=True)
    stay, leave, calm, wild = 0.95, 0.1, 0.6, 8.0  # p[0->0], p[1->0], variances
    theirs = model.filter(np.array([stay, leave, calm, wild]))
    transition = np.array([[stay, 1.0 - stay], [leave, 1.0 - leave]])
    stationary = np.array([leave, 1.0 - stay]) / (leave + 1.0 - stay)
    ours = GaussianStates(stationary, transition, np.zeros((2, 1)), np.array([[calm], [wild]]))
    filtered, increments = ours.filter(series[:, None])
    np.testing.assert_allclose(filtered, theirs.filtered_marginal_probabilities, atol=1e-10)
    assert increments.sum() == pytest.approx(theirs.llf, rel=1e-10)


def test_smoothed_states_and_moves_are_those_of_every_path_weighed() -> None:
    log_densities = densities(5)
    weights, moves, smoothed = 0.0, np.zeros((2, 2)), np.zeros((5, 2))
    for path in product(range(2), repeat=5):
        weight = START[path[0]] * np.prod([TRANSITION[i, j] for i, j in pairwise(path)])
        weight *= np.exp(sum(log_densities[t, state] for t, state in enumerate(path)))
        weights += weight
        for t, state in enumerate(path):
            smoothed[t, state] += weight
        for i, j in pairwise(path):
            moves[i, j] += weight
    filtered, increments = forward(log_densities, START, TRANSITION)
    ours, our_moves = smooth(filtered, TRANSITION)
    np.testing.assert_allclose(ours, smoothed / weights, rtol=1e-10)
    np.testing.assert_allclose(our_moves, moves / weights, rtol=1e-10)
    assert increments.sum() == pytest.approx(np.log(weights), rel=1e-12)


def test_later_dates_change_no_bit_of_earlier_filtered_probabilities() -> None:
    log_densities = densities(40, 2)
    other = log_densities.copy()
    other[25:] = -7.0
    np.testing.assert_array_equal(
        forward(log_densities, START, TRANSITION)[0][:25], forward(other, START, TRANSITION)[0][:25]
    )


def test_far_from_every_state_nothing_underflows() -> None:
    filtered, increments = forward(densities(50) - 1e6, START, TRANSITION)
    np.testing.assert_allclose(filtered.sum(axis=1), 1.0)
    assert np.isfinite(increments).all()
