"""Networks, and linear models as networks without hidden layers, kept as numbers.

They are learned by arithmetic of our own, so that they have the same bits on every processor; a test compares them with
scikit-learn's.
"""

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.models.common.base import Floats
from richcheap.numerics.linear_algebra import dot, product, solve

ROWS_AT_A_TIME = 2048
"""Rows that are predicted together: few enough for the processor's cache."""
BATCH_ROWS = 256
HUBER_BEND = 1.35
"""Where the linear model's loss turns from square to absolute, in its own deviations (Huber 1981)."""
HUBER_STEPS = 50
"""Most steps of Newton's method; five to ten are needed."""
HUBER_TOLERANCE = 1e-9
"""Change of a coefficient, in the target's unit, at which the steps end."""
SMALLEST_STEP = 1e-6
"""Share of a Newton step that is not halved further."""
FIRST_DECAY: Final = 0.9
SECOND_DECAY: Final = 0.999
SMALLEST_ROOT: Final = 1e-8
"""Adam's constants as Kingma and Ba (2015) have them."""


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
    scale, random = scaling(matrix, clip_share), np.random.RandomState(seed)
    inputs = scale.inputs(matrix)
    sizes = [inputs.shape[1], *hidden, 1]
    layers: list[Floats] = []
    biases: list[Floats] = []
    for above, below in pairwise(sizes):
        bound = np.sqrt(6.0 / (above + below))  # Glorot and Bengio (2010)
        layers.append(random.uniform(-bound, bound, (above, below)))
        biases.append(random.uniform(-bound, bound, below))
    descent = _Adam([*layers, *biases], learning_rate)
    order = np.arange(len(inputs))
    for _ in range(epochs):
        shuffled = np.arange(len(inputs))
        random.shuffle(shuffled)
        order = order[shuffled]
        for start in range(0, len(inputs), BATCH_ROWS):
            rows = order[start : start + BATCH_ROWS]
            descent.step(_gradients(layers, biases, inputs[rows], target[rows], weight[rows], penalty))
    return Layers(scale, [layer.tolist() for layer in layers], [bias.tolist() for bias in biases])


class _Adam:
    """Gradient descent whose steps are as long as the gradient is steady (Kingma and Ba 2015); changes in place."""

    def __init__(self, learned: list[Floats], learning_rate: float) -> None:
        self._learned, self._rate = learned, learning_rate
        self._first = [np.zeros_like(values) for values in learned]
        self._second = [np.zeros_like(values) for values in learned]
        self._first_weight = self._second_weight = 1.0

    def step(self, gradients: list[Floats]) -> None:
        """Take one step."""
        self._first_weight *= FIRST_DECAY
        self._second_weight *= SECOND_DECAY
        rate = self._rate * np.sqrt(1.0 - self._second_weight) / (1.0 - self._first_weight)
        for number, slope in enumerate(gradients):
            first, second = self._first[number], self._second[number]
            first[:] = FIRST_DECAY * first + (1.0 - FIRST_DECAY) * slope
            second[:] = SECOND_DECAY * second + (1.0 - SECOND_DECAY) * slope**2
            self._learned[number] -= rate * first / (np.sqrt(second) + SMALLEST_ROOT)


def _gradients(
    layers: list[Floats], biases: list[Floats], inputs: Floats, target: Floats, weight: Floats, penalty: float
) -> list[Floats]:
    """Return the slopes of half the mean squared error, and the penalty, along weights and then biases."""
    passed = [inputs]
    for depth, (layer, bias) in enumerate(zip(layers, biases, strict=True)):
        total = product(passed[-1], layer) + bias
        passed.append(total if depth == len(layers) - 1 else np.maximum(total, 0.0))
    total_weight = weight.sum()
    back = (passed[-1][:, 0] - target)[:, None] * weight[:, None]
    of_layers: list[Floats] = []
    of_biases: list[Floats] = []
    for depth in range(len(layers) - 1, -1, -1):
        of_layers.insert(0, (product(passed[depth].T, back) + penalty * layers[depth]) / total_weight)
        of_biases.insert(0, back.sum(axis=0) / total_weight)
        if depth:
            back = np.where(passed[depth] > 0.0, product(back, layers[depth].T), 0.0)
    return [*of_layers, *of_biases]


def fit_linear(
    matrix: NDArray[np.float32], target: Floats, weight: Floats, *, penalty: float, clip_share: float
) -> Layers:
    """Learn a linear model by Huber's loss (Huber 1981), penalised on squared coefficients, for each row.

    Newton's method on the coefficients, the intercept and the deviation at once: the loss is convex in all of them.
    """
    scale = scaling(matrix, clip_share)
    loss = _HuberLoss(np.column_stack([scale.inputs(matrix), np.ones(len(matrix))]), target, weight, penalty)
    return _line(scale, *loss.minimum())


class _HuberLoss(NamedTuple):
    """Huber's loss of a linear model with its deviation: arguments are coefficients, intercept and deviation."""

    design: Floats
    target: Floats
    weight: Floats
    penalty: float

    def value(self, point: Floats) -> float:
        """Return the loss; infinite without a deviation above 0."""
        deviation = float(point[-1])
        if deviation <= 0.0:
            return np.inf
        error, inside = self._error(point)
        of_rows = np.where(inside, error**2 / deviation, 2.0 * HUBER_BEND * np.abs(error) - HUBER_BEND**2 * deviation)
        return (
            float(self.weight.sum()) * deviation + dot(self.weight, of_rows) + self._ridge * dot(point[:-2], point[:-2])
        )

    def step(self, point: Floats) -> Floats:
        """Return Newton's step."""
        deviation = float(point[-1])
        error, inside = self._error(point)
        weight = np.where(inside, self.weight, 0.0)
        share = error / deviation
        pull = np.where(inside, self.weight * share, HUBER_BEND * np.sign(error) * self.weight)
        squares = dot(weight, share**2)
        ridge = np.append(np.full(point.size - 2, self._ridge), 0.0)
        slope = np.append(
            product(pull, self.design) - ridge * point[:-1],
            -0.5 * (float(self.weight.sum()) - squares - HUBER_BEND**2 * float(self.weight[~inside].sum())),
        )
        weighted = self.design * (weight / deviation)[:, None]
        across = product(share, weighted)
        curvature = np.empty((point.size, point.size))
        curvature[:-1, :-1] = product(weighted.T, self.design) + np.diag(ridge)
        curvature[-1, :-1] = curvature[:-1, -1] = across
        curvature[-1, -1] = squares / deviation
        return solve(curvature, slope[:, None])[:, 0]

    def minimum(self) -> tuple[Floats, float]:
        """Return coefficients and intercept of the least loss."""
        coefficients, intercept = _ridge(self.design[:, :-1], self.target, self.weight, self._ridge)
        point = np.append(coefficients, [intercept, 0.0])
        point[-1] = np.sqrt(dot(self.weight, self._error(point)[0] ** 2) / float(self.weight.sum()))
        for _ in range(HUBER_STEPS if point[-1] > 0.0 else 0):  # nothing is left of a target that is a line
            step, length = self.step(point), 1.0
            if not np.isfinite(step).all():
                break
            settled = np.abs(step).max() <= HUBER_TOLERANCE
            before = np.inf if settled else self.value(point)
            while self.value(point + length * step) > before and length > SMALLEST_STEP:
                length /= 2.0
            point = point + length * step
            if settled or length <= SMALLEST_STEP:
                break
        return point[:-2], float(point[-2])

    @property
    def _ridge(self) -> float:
        return self.penalty * len(self.target)

    def _error(self, point: Floats) -> tuple[Floats, NDArray[np.bool_]]:
        """Return the error of each row, and whether the loss is a square there."""
        error = self.target - product(self.design, point[:-1])
        return error, np.abs(error) <= HUBER_BEND * point[-1]


def fit_ridge(
    matrix: NDArray[np.float32], target: Floats, weight: Floats, *, penalty: float, clip_share: float
) -> Layers:
    """Learn a linear model by squared errors, penalised on squared coefficients, for each row."""
    scale = scaling(matrix, clip_share)
    return _line(scale, *_ridge(scale.inputs(matrix), target, weight, penalty * len(matrix)))


def _ridge(inputs: Floats, target: Floats, weight: Floats, penalty: float) -> tuple[Floats, float]:
    """Return coefficients and intercept of the least weighted squares, the penalty on the coefficients alone."""
    total = weight.sum()
    centre = product(weight, inputs) / total
    level = dot(weight, target) / float(total)
    centred = inputs - centre
    weighted = centred * weight[:, None]
    gram = product(weighted.T, centred) + penalty * np.eye(inputs.shape[1])
    coefficients = solve(gram, product(target - level, weighted)[:, None])[:, 0]
    return coefficients, level - dot(coefficients, centre)


def _line(scale: Scaling, coefficients: Floats, intercept: float) -> Layers:
    return Layers(scale, [[[value] for value in coefficients.tolist()]], [[intercept]])
