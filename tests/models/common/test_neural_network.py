"""Networks and lines: they predict what scikit-learn's predict, and have the same bits everywhere."""

from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import HuberRegressor, Ridge
from sklearn.neural_network import MLPRegressor

from richcheap.models.common.neural_network import BATCH_ROWS, _HuberLoss, fit_linear, fit_network, fit_ridge, scaling

SIZES: dict[str, Any] = {"hidden": (6, 3), "penalty": 0.01, "epochs": 20, "learning_rate": 0.01, "clip_share": 0.0}


def drawn(rows=600, seed=0):
    """Return features with holes, a target with a kink, and weights of mean 1."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(rows, 5)).astype(np.float32)
    target = np.abs(matrix[:, 0]).astype(np.float64) - matrix[:, 1] + 0.1 * rng.normal(size=rows)
    matrix[::9, 2] = np.nan
    matrix[:, 4] = np.nan
    weight = rng.uniform(0.5, 1.5, rows)
    return matrix, target, weight / weight.mean()


def test_inputs_are_filled_clipped_and_standardised():
    matrix = np.array([[1.0, 5.0], [2.0, np.nan], [3.0, 5.0], [1000.0, 5.0]], dtype=np.float32)
    scale = scaling(matrix[:3], 0.0)
    np.testing.assert_allclose(
        scale.inputs(matrix), np.array([[-1.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1.0, 0.0]]) * [1.5**0.5, 1.0]
    )


def test_a_network_predicts_what_scikit_learn_predicts():
    matrix, target, weight = drawn()
    learned = fit_network(matrix, target, weight, **SIZES, seed=3)
    inputs = learned.scaling.inputs(matrix)
    model = MLPRegressor(
        hidden_layer_sizes=(6, 3),
        alpha=0.01,
        batch_size=BATCH_ROWS,
        learning_rate_init=0.01,
        max_iter=20,
        tol=0.0,
        n_iter_no_change=20,
        random_state=3,
    )
    with pytest.warns(match="Maximum iterations"):
        model.fit(inputs, target, sample_weight=weight)
    np.testing.assert_allclose(learned.predict(matrix), model.predict(inputs), rtol=1e-9, atol=1e-9)


def test_a_network_bends_and_a_line_does_not():
    matrix, target, weight = drawn()
    new, truth, _ = drawn(seed=1)
    network = fit_network(matrix, target, weight, **{**SIZES, "epochs": 60}, seed=3)
    line = fit_linear(matrix, target, weight, penalty=0.001, clip_share=0.0)
    assert np.abs(network.predict(new) - truth).mean() < 0.3
    assert np.abs(line.predict(new) - truth).mean() > 0.4


def test_a_line_predicts_what_scikit_learn_predicts():
    matrix, target, weight = drawn()
    line = fit_linear(matrix, target, weight, penalty=0.001, clip_share=0.01)
    inputs = line.scaling.inputs(matrix)
    model = HuberRegressor(epsilon=1.35, alpha=0.001 * len(matrix), max_iter=200).fit(
        inputs, target, sample_weight=weight
    )
    np.testing.assert_allclose(line.predict(matrix), model.predict(inputs), atol=2e-5)  # where its search ends


def test_the_line_is_where_the_loss_is_least():
    matrix, target, weight = drawn()
    line = fit_linear(matrix, target, weight, penalty=0.001, clip_share=0.0)
    loss = _HuberLoss(np.column_stack([line.scaling.inputs(matrix), np.ones(len(matrix))]), target, weight, 0.001)
    coefficients, intercept = loss.minimum()
    np.testing.assert_array_equal(coefficients, np.array(line.weights[0])[:, 0])
    error = target - loss.design[:, :-1] @ coefficients - intercept
    scales = np.linspace(0.5, 1.5, 1001) * np.sqrt(np.mean(error**2))
    point = np.append(coefficients, [intercept, 0.0])
    least = min(loss.value(point + np.eye(len(point))[-1] * scale) for scale in scales)
    rng = np.random.default_rng(1)
    for _ in range(200):
        moved = point + 1e-3 * rng.normal(size=point.size)
        moved[-1] = rng.choice(scales)
        assert loss.value(moved) >= least - 1e-9 * abs(least)


def test_a_target_that_is_a_line_is_met():
    matrix, _, weight = drawn()
    target = 3.0 * matrix[:, 0].astype(np.float64)
    line = fit_linear(matrix, target, weight, penalty=1e-12, clip_share=0.0)
    np.testing.assert_allclose(line.predict(matrix), target, atol=1e-9)


def test_a_ridge_predicts_what_scikit_learn_predicts():
    matrix, target, weight = drawn()
    line = fit_ridge(matrix, target, weight, penalty=0.01, clip_share=0.01)
    inputs = line.scaling.inputs(matrix)
    model = Ridge(alpha=0.01 * len(matrix), solver="cholesky").fit(inputs, target, sample_weight=weight)
    np.testing.assert_allclose(line.predict(matrix), model.predict(inputs), rtol=1e-9, atol=1e-9)


def test_one_wild_target_does_not_rule_a_line():
    matrix, target, weight = drawn()
    wild = target.copy()
    wild[3] = 1e6
    calm, shaken = (
        fit_linear(matrix, y, weight, penalty=0.001, clip_share=0.0).predict(matrix) for y in (target, wild)
    )
    np.testing.assert_allclose(shaken, calm, atol=0.05)


def test_a_prediction_does_not_depend_on_the_other_rows():
    matrix, target, weight = drawn(rows=5000)
    learned = fit_network(matrix, target, weight, **{**SIZES, "epochs": 1}, seed=3)
    whole = learned.predict(matrix)
    np.testing.assert_array_equal(learned.predict(matrix[:3]), whole[:3])
    np.testing.assert_array_equal(learned.predict(matrix[::-1]), whole[::-1])
    assert learned.predict(matrix[:0]).shape == (0,)


def test_fewer_rows_than_a_batch_are_taken():
    matrix, target, weight = drawn(rows=20)
    assert np.isfinite(fit_network(matrix, target, weight, **SIZES, seed=1).predict(matrix)).all()


def test_the_seed_decides_the_network():
    matrix, target, weight = drawn()
    first, again, other = (fit_network(matrix, target, weight, **SIZES, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
