"""The regimes are the Markov chain of params."""

import numpy as np

from richcheap.simulation.constants import REGIMES
from richcheap.simulation.states.regimes import regime_path, transition_matrix
from tests.simulation.settings import defaults

MATRIX = transition_matrix(defaults().regimes.transition)


def test_moves_are_as_frequent_as_the_matrix_says() -> None:
    path = regime_path(MATRIX, 200_000, np.random.default_rng(3))
    counts = np.zeros_like(MATRIX)
    np.add.at(counts, (path[:-1], path[1:]), 1)
    visits = counts.sum(axis=1, keepdims=True)
    assert visits.min() > 5_000
    error = np.sqrt(MATRIX * (1.0 - MATRIX) / visits)
    assert np.all(np.abs(counts / visits - MATRIX) <= 4.5 * error)  # an impossible move never happens


def test_the_chain_starts_normal_and_visits_every_regime() -> None:
    path = regime_path(MATRIX, 20_000, np.random.default_rng(4))
    assert REGIMES[path[0]] == "normal"
    assert np.unique(path).size == len(REGIMES)


def test_a_crisis_ends_in_recovery_most_often() -> None:
    crisis = REGIMES.index("crisis")
    leaving = MATRIX[crisis].copy()
    leaving[crisis] = 0.0
    assert REGIMES[int(leaving.argmax())] == "recovery"
