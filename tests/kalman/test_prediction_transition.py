"""The filter's kernels against the textbook filter with one dense covariance, rows really left out."""

import numpy as np
import pytest

from richcheap.kalman.leave_one_out import innovation_variance, normal_equations, predict_without
from richcheap.kalman.prediction import (
    ObservationEquation,
    initialise_new,
    observation_equation,
    predict,
    rating_moves,
    reset_stale,
    transition,
)
from richcheap.kalman.state_space import State
from richcheap.kalman.update import update_state
from richcheap.numerics.cholesky import inverse
from richcheap.panel.print_history import NEVER
from tests.kalman.referee import Model, Panel, dense_filter, made_up

HALF_LIFE, ISSUER_HALF_LIFE = 20.0, 30.0
MODEL = Model(
    factors=np.array([[900.0, 100.0, 0.0], [100.0, 400.0, 50.0], [0.0, 50.0, 500.0]]),
    move=np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 0.5], [0.0, 0.5, 2.0]]),
    issuer_level=6.0,
    issuer_move=0.0,
    issuer_kept=0.5 ** (1.0 / ISSUER_HALF_LIFE),
    bond_level=8.0,
    bond_move=0.7,
    kept=0.5 ** (1.0 / HALF_LIFE),
)

WIDENED = MODEL._replace(
    move=rating_moves(np.array([90.0, -25.0]), np.ones(2), 60.0, 0.5, 2.0), factors=MODEL.factors[:2, :2]
)
"""The same with two factors, level and slope of a rating, that a widening moves together."""


def opened(panel: Panel, model: Model, memory: int) -> State:
    bonds, factors = panel.loading.shape
    return State.empty(np.zeros(factors), model.factors, memory, bonds, int(panel.issuer.max()) + 1)


def observation(state: State, panel: Panel, model: Model, date: int, observed_yield: np.ndarray) -> ObservationEquation:
    rows = panel.dates[date].astype(np.int32)
    issuer, bucket, loading = panel.issuer[rows], np.zeros(rows.size, dtype=np.int32), panel.loading[rows]
    fresh = reset_stale(state, rows, NEVER)
    initialise_new(state, rows, issuer, bucket, fresh, panel.scale[rows], model.bond_level, model.issuer_level)
    innovation = observed_yield[rows] - predict(state, rows, issuer, loading)
    return observation_equation(state, rows, issuer, loading, innovation, panel.noise[date, rows])


def moved_on(state: State, model: Model, alive: np.ndarray) -> None:
    transition(state, model.move, 1.0, model.issuer_move, ISSUER_HALF_LIFE, model.bond_move, HALF_LIFE, alive)


def predicted(state: State, seen: ObservationEquation) -> tuple[np.ndarray, np.ndarray]:
    own = seen.own + seen.noise
    normal = normal_equations(seen, own, inverse(state.covariance), state.issuer_variance)
    update, variance = np.empty(own.size), np.empty(own.size)
    predict_without(seen, own, normal, np.ones(own.size, dtype=np.bool_), update, variance, without_means(state))
    return update, variance


def without_means(state: State) -> np.ndarray:
    """Return the array that asks for no means."""
    return np.empty((0, state.covariance.shape[0] + 1))


def filtered(panel: Panel, model: Model, memory: int) -> list[tuple[np.ndarray, np.ndarray]]:
    state, found = opened(panel, model, memory), []
    for date, rows in enumerate(panel.dates):
        alive = state.last_day != NEVER
        if date:
            moved_on(state, model, alive)
        seen = observation(state, panel, model, date, panel.observed_yield[date])
        update, variance = predicted(state, seen)
        found.append((panel.observed_yield[date, rows] - seen.innovation + update, variance))
        state.last_day[rows] = date
        update_state(state, seen, seen.own + seen.noise, rows.astype(np.int32), state.last_day != NEVER)
    return found


@pytest.mark.parametrize("model", [MODEL, WIDENED])
def test_with_memory_enough_it_is_the_textbook_filter_with_each_row_left_out(model: Model) -> None:
    panel = made_up(factors=model.move.shape[0])
    expected = dense_filter(panel, model)
    for (value, variance), dense in zip(filtered(panel, model, 40), expected, strict=True):
        np.testing.assert_allclose(value, dense.value, rtol=1e-9)
        np.testing.assert_allclose(variance, dense.variance, rtol=1e-9)


def test_a_little_memory_is_nearer_to_the_textbook_filter_than_none() -> None:
    panel = made_up(dates=25, bonds=11)
    expected = np.concatenate([date.value for date in dense_filter(panel, MODEL)])

    def distance(memory: int) -> float:
        return float(np.abs(np.concatenate([value for value, _ in filtered(panel, MODEL, memory)]) - expected).mean())

    assert distance(6) < 0.1 * distance(0)
    assert distance(10) < 0.2 * distance(6)


def test_moves_of_issuers_which_have_no_memory_cost_some_precision_but_no_honesty() -> None:
    model = MODEL._replace(issuer_move=0.7)
    panel = made_up(dates=25, bonds=11)
    expected = dense_filter(panel, model)
    value, variance = (np.concatenate(parts) for parts in zip(*filtered(panel, model, 40), strict=True))
    dense_value, dense_variance = (
        np.concatenate(parts) for parts in zip(*((date.value, date.variance) for date in expected), strict=True)
    )
    assert np.abs(value - dense_value).mean() < 0.3 * np.sqrt(dense_variance).mean()
    assert np.abs(variance / dense_variance - 1.0).mean() < 0.1


@pytest.mark.parametrize("memory", [0, 3])
def test_what_the_memory_cannot_hold_is_kept_as_the_bonds_own_variance(memory: int) -> None:
    """The variance of each bond's value after a step does not depend on how much is remembered together."""
    panel = made_up()

    def variance_of_values(memory: int) -> np.ndarray:
        state = opened(panel, MODEL, memory)
        seen = observation(state, panel, MODEL, 0, panel.observed_yield[0])
        rows = panel.dates[0].astype(np.int32)
        state.last_day[rows] = 0
        update_state(state, seen, seen.own + seen.noise, rows, state.last_day != NEVER)
        moved_on(state, MODEL, state.last_day != NEVER)
        loading, issuer = panel.loading[rows], panel.issuer[rows]
        after = observation_equation(state, rows, issuer, loading, np.zeros(rows.size), np.zeros(rows.size))
        return innovation_variance(after, state.covariance, state.issuer_variance)

    np.testing.assert_allclose(variance_of_values(memory), variance_of_values(40), rtol=1e-7)


def test_a_row_does_not_move_its_own_prediction_by_a_single_bit() -> None:
    panel = made_up()
    state = opened(panel, MODEL, 5)
    before = predicted(state, observation(state, panel, MODEL, 0, panel.observed_yield[0]))[0]
    for position, bond in enumerate(panel.dates[0]):
        observed_yield = panel.observed_yield[0].copy()
        observed_yield[bond] += 150.0
        after = predicted(state, observation(state, panel, MODEL, 0, observed_yield))[0]
        assert after[position].tobytes() == before[position].tobytes()
        assert np.abs(after - before).max() > 1.0
