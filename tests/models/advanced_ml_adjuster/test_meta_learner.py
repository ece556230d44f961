"""The weights of the members of a stack."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from richcheap.models.advanced_ml_adjuster.meta_learner import blend


def drawn(seed, rows=400, noise=0.5):
    """Return three members, a truth that the first two make up, and weights."""
    rng = np.random.default_rng(seed)
    members = rng.normal(size=(rows, 3))
    truth = members @ [0.7, 0.4, 0.0] + noise * rng.standard_t(3, size=rows)
    return members, truth, rng.uniform(0.5, 2.0, rows)


def loss(weights, members, truth, cost):
    """Return the weighted mean absolute error."""
    return float(np.average(np.abs(truth - members @ weights), weights=cost))


@pytest.mark.parametrize("seed", range(3))
def test_the_error_is_nearly_that_of_the_best_weights_of_a_linear_programme(seed):
    """Least absolute deviations are a linear programme (Wagner 1959), which SciPy solves."""
    members, truth, cost = drawn(seed)
    rows = truth.size
    both = np.hstack([members, np.eye(rows), -np.eye(rows)])
    solved = linprog(np.concatenate([np.zeros(3), cost, cost]), A_eq=both, b_eq=truth, bounds=(0.0, None))
    best = solved.x[:3]
    assert loss(blend(members, truth, cost, 1e-6), members, truth, cost) < 1.003 * loss(best, members, truth, cost)


def test_members_that_are_wrong_get_nothing():
    members, truth, cost = drawn(1)
    members[:, 2] = -truth
    assert blend(members, truth, cost, 1e-6)[2] == 0.0


def test_wild_errors_move_the_weights_little():
    members, truth, cost = drawn(2)
    wild = truth.copy()
    wild[:4] = 1e6
    np.testing.assert_allclose(blend(members, wild, cost, 1e-6), blend(members, truth, cost, 1e-6), atol=0.05)


def test_a_strong_pull_makes_the_weights_equal():
    members, truth, cost = drawn(3)
    np.testing.assert_allclose(blend(members, truth, cost, 1e6), 1.0 / 3.0, atol=1e-4)


def test_members_that_say_nothing_are_taken():
    members = np.zeros((10, 4))
    np.testing.assert_allclose(blend(members, np.ones(10), np.ones(10), 0.1), 0.25)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.floats(1e-6, 10.0))
def test_no_weight_is_negative_whatever_is_told(seed, weight_shrinkage):
    rng = np.random.default_rng(seed)
    members = rng.normal(size=(30, 4)) @ rng.normal(size=(4, 4))
    weights = blend(members, rng.normal(size=30), rng.uniform(0.1, 1.0, 30), weight_shrinkage)
    assert (weights >= 0.0).all()
    assert np.isfinite(weights).all()
