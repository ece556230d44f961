"""What is known of a date's bonds before their prices are: the size of shocks, and what is open of bonds seen for the
first time.
"""

import numpy as np

from richcheap.kalman.prediction import initialise_new, predict, rating_moves, reset_stale, scale_of, transition
from richcheap.kalman.state_space import State
from richcheap.panel.print_history import NEVER

BOND = np.array([0, 1, 2], dtype=np.int32)
ISSUER = np.array([-1, 0, 0], dtype=np.int32)
BUCKET = np.zeros(3, dtype=np.int32)
LOAD = np.array([[1.0], [1.0], [2.0]])
SCALE = np.array([1.0, 2.0, 4.0])


def welcomed() -> State:
    state = State.empty(np.array([100.0]), np.array([[25.0]]), 1, 3, 1)
    initialise_new(state, BOND, ISSUER, BUCKET, reset_stale(state, BOND, NEVER), SCALE, 5.0, 10.0)
    return state


def test_shocks_grow_with_the_size_of_the_spread_beyond_the_floor() -> None:
    np.testing.assert_array_equal(scale_of(np.array([0.0, 30.0, 60.0, 120.0, -90.0]), 60.0), [1.0, 1.0, 1.0, 2.0, 1.5])


def test_a_widening_moves_levels_and_slopes_of_all_ratings_by_the_same_share() -> None:
    mean = np.array([120.0, -30.0, 600.0, 60.0])
    together = rating_moves(mean, np.ones(4), 60.0, 0.0, 1.5)
    np.testing.assert_allclose(together, np.outer(mean, mean) * (1.5 / 60.0) ** 2)
    apart = rating_moves(mean, np.array([0.5, 0.5, 4.0, 4.0]), 60.0, 0.5, 0.0)
    np.testing.assert_allclose(apart, np.diag([1.0, 1.0, 100.0, 100.0]))


def test_a_quote_is_expected_from_factors_issuer_and_bond() -> None:
    state = welcomed()
    state.issuer_mean[0], state.bond_mean[2] = 7.0, -1.5
    np.testing.assert_array_equal(predict(state, BOND, ISSUER, LOAD), [100.0, 107.0, 205.5])


def test_newcomers_are_open_in_proportion_to_their_scale_and_an_issuer_to_the_mean_of_its_bonds() -> None:
    state = welcomed()
    np.testing.assert_array_equal(state.bond_variance, (5.0 * SCALE) ** 2)
    np.testing.assert_array_equal(state.issuer_scale, [3.0])
    np.testing.assert_array_equal(state.issuer_variance, [900.0])


def test_a_known_issuer_keeps_what_is_known_of_it_and_takes_the_new_scale() -> None:
    state = welcomed()
    state.issuer_variance[0] = 4.0
    initialise_new(
        state, BOND[1:], ISSUER[1:], BUCKET[1:], np.zeros(2, dtype=np.bool_), np.array([8.0, 2.0]), 5.0, 10.0
    )
    assert state.issuer_scale[0] == 5.0
    assert state.issuer_variance[0] == 4.0


def test_a_forgotten_bond_starts_anew() -> None:
    state = welcomed()
    state.last_day[:] = [3, 9, NEVER]
    state.bond_mean[:] = 1.0
    np.testing.assert_array_equal(reset_stale(state, BOND, 3), [True, False, True])
    np.testing.assert_array_equal(state.bond_mean, [0.0, 1.0, 0.0])


def test_a_step_adds_shocks_of_each_ones_scale_and_issuers_revert() -> None:
    state = welcomed()
    state.issuer_mean[0] = 8.0
    before = state.bond_variance.copy()
    alive = np.array([False, True, True])
    transition(state, np.array([[1.0]]), 2.0, 0.5, 2.0, 0.3, 1e12, alive)
    assert state.issuer_mean[0] == 4.0
    np.testing.assert_allclose(state.issuer_variance, [0.25 * 900.0 + 2.0 * (0.5 * 3.0) ** 2], rtol=1e-9)
    np.testing.assert_allclose(state.bond_variance[1:], before[1:] + 2.0 * (0.3 * SCALE[1:]) ** 2, rtol=1e-9)
    assert state.bond_variance[0] == before[0]
