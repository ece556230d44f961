"""Networks, and a linear model as a network without hidden layers: learned by scikit-learn, kept as numbers."""

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import HuberRegressor
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

from richcheap.models.common.base import Floats

ROWS_AT_A_TIME = 2048
"""Rows that are predicted together: few enough for the processor's cache."""
BATCH_ROWS = 256
HUBER_BEND = 1.35
"""Where the linear model's loss turns from square to absolute, in its own deviations (Huber 1981)."""
HUBER_STEPS = 200


class Scaling(NamedTuple):
    """How features become inputs: missing values filled, tails winsorised, mean 0 and standard deviation 1.

    Attributes
    ----------
    filling, low, high, mean, std : list of float
        One for each feature. Lists have the same bytes on every machine; arrays do not.
    """

    filling: list[float]
    low: list[float]
    high: list[float]
    mean: list[float]
    std: list[float]

    def inputs(self, matrix: NDArray[np.float32]) -> Floats:
        """Return the inputs of each row, shape as `matrix`."""
        filled = np.where(np.isnan(matrix), np.array(self.filling), matrix.astype(np.float64))
        inputs: Floats = (np.clip(filled, self.low, self.high) - self.mean) / self.std
        return inputs


class Layers(NamedTuple):
    """A network: each layer but the last passes on what is above 0.

    Attributes
    ----------
    scaling : Scaling
    weights : list of list of list of float
        For each layer its weights, (inputs, outputs).
    biases : list of list of float
    """

    scaling: Scaling
    weights: list[list[list[float]]]
    biases: list[list[float]]

    def predict(self, matrix: NDArray[np.float32]) -> Floats:
        """Return the prediction of each row; it depends, to the last bit, on no other row.

        A matrix product may sum in another order for other numbers of rows, so sums are taken input by input.
        """
        predicted = np.empty(len(matrix))
        layers = [(np.array(w), np.array(b)) for w, b in zip(self.weights, self.biases, strict=True)]
        for start in range(0, len(matrix), ROWS_AT_A_TIME):
            values = self.scaling.inputs(matrix[start : start + ROWS_AT_A_TIME])
            for depth, (weights, biases) in enumerate(layers):
                total = np.tile(biases, (len(values), 1))
                for number, weight in enumerate(weights):
                    total += values[:, number, None] * weight
                values = total if depth == len(layers) - 1 else np.maximum(total, 0.0)
            predicted[start : start + ROWS_AT_A_TIME] = values[:, 0]
        return predicted


def scaling(matrix: NDArray[np.float32], clip_share: float) -> Scaling:
    """Learn how features become inputs; a feature that is missing throughout, or constant, becomes 0."""
    values = matrix.astype(np.float64)
    known = ~np.isnan(values)
    columns = zip(values.T, known.T, strict=True)
    filling = np.array([np.median(column[there]) if there.any() else 0.0 for column, there in columns])
    values = np.where(known, values, filling)
    low, high = np.quantile(values, [clip_share, 1.0 - clip_share], axis=0)
    values = np.clip(values, low, high)
    std = values.std(axis=0)
    std[std == 0.0] = 1.0
    return Scaling(filling.tolist(), low.tolist(), high.tolist(), values.mean(axis=0).tolist(), std.tolist())


def fit_network(
    matrix: NDArray[np.float32],
    target: Floats,
    weight: Floats,
    *,
    hidden: tuple[int, ...],
    penalty: float,
    epochs: int,
    learning_rate: float,
    clip_share: float,
    seed: int,
) -> Layers:
    """Learn a perceptron with rectified linear units by Adam (Kingma and Ba 2015), for a fixed number of epochs.

    Parameters
    ----------
    matrix : ndarray of float32, shape (n_rows, n_features)
    target, weight : ndarray, shape (n_rows,)
        Weights of mean 1.
    hidden : tuple of int
        Units of each hidden layer.
    penalty : float
        On squared weights.
    epochs : int
        Passes over the rows.
    learning_rate : float
    clip_share : float
        Share of each tail of a feature that is winsorised.
    seed : int
        Of the first weights and of the order of rows.
    """
    scale = scaling(matrix, clip_share)
    network = MLPRegressor(
        hidden_layer_sizes=hidden,
        alpha=penalty,
        batch_size=min(BATCH_ROWS, len(matrix)),
        learning_rate_init=learning_rate,
        max_iter=epochs,
        tol=0.0,  # never stop early: the epochs are the budget
        n_iter_no_change=epochs,
        random_state=seed,
    )
    return _fitted(scale, network, matrix, target, weight)


def fit_linear(
    matrix: NDArray[np.float32], target: Floats, weight: Floats, *, penalty: float, clip_share: float
) -> Layers:
    """Learn a linear model by Huber's loss (Huber 1981), penalised on squared coefficients, for each row."""
    line = HuberRegressor(epsilon=HUBER_BEND, alpha=penalty * len(matrix), max_iter=HUBER_STEPS)
    return _fitted(scaling(matrix, clip_share), line, matrix, target, weight)


def _fitted(scale: Scaling, model: Any, matrix: NDArray[np.float32], target: Floats, weight: Floats) -> Layers:
    """Train on one thread, whose sums have one order, and keep the coefficients."""
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of steps is a budget, not a fault
        model.fit(scale.inputs(matrix), target, sample_weight=weight)
    if isinstance(model, HuberRegressor):
        return Layers(scale, [[[float(value)] for value in model.coef_]], [[float(model.intercept_)]])
    return Layers(scale, [layer.tolist() for layer in model.coefs_], [layer.tolist() for layer in model.intercepts_])
