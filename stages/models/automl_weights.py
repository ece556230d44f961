"""The families of automl that learn weights: linear models and neural networks, with what both need done first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

from stages.models.automl_families import Matrix
from stages.models.base import Floats
from stages.models.noise_units import Sample

REWEIGHTINGS = 6
BATCH_ROWS = 256


class Scaler(NamedTuple):
    """Makes a matrix that weights can be put on: without gaps, without tails, standardised.

    Attributes
    ----------
    median, low, high, mean, deviation : ndarray, shape (n_features,)
        Of the training rows; a gap becomes the median, tails are pulled in to `low` and `high`.
    gaps : ndarray of int, shape (n_flags,)
        Features whose gaps are told by a column of their own: a bond without history is another kind of bond.
    """

    median: Floats
    low: Floats
    high: Floats
    mean: Floats
    deviation: Floats
    gaps: NDArray[np.int64]

    def scaled(self, matrix: Matrix) -> Floats:
        """Return the rows so made, shape (n_rows, n_features + n_flags)."""
        filled = np.where(np.isnan(matrix), self.median, matrix)
        standard = (np.clip(filled, self.low, self.high) - self.mean) / self.deviation
        return np.column_stack([standard, np.isnan(matrix[:, self.gaps]).astype(np.float64)])


def scaler(matrix: Matrix, tail: float) -> Scaler:
    """Learn a scaler from training rows; `tail` is the share of each tail of a feature that is pulled in."""
    known = ~np.isnan(matrix)
    whole = np.where(known.any(axis=0), matrix, np.float32(0.0)).astype(np.float64)
    median = np.nanmedian(whole, axis=0)
    filled = np.where(np.isnan(whole), median, whole)
    low, high = np.quantile(filled, [tail, 1.0 - tail], axis=0)
    clipped = np.clip(filled, low, high)
    deviation = clipped.std(axis=0)
    # Features that are missing in the same rows need one flag.
    _, first = np.unique(~known, axis=1, return_index=True)
    gaps = np.array(sorted(int(column) for column in first if not known[:, column].all()), dtype=np.int64)
    return Scaler(median, low, high, clipped.mean(axis=0), np.where(deviation > 0.0, deviation, 1.0), gaps)


class Layers(NamedTuple):
    """Weights that follow a scaler, layer by layer, with rectifiers between; one layer is a linear model.

    Attributes
    ----------
    scaler : Scaler
    weights : list of ndarray, shape (n_inputs, n_outputs)
    biases : list of ndarray, shape (n_outputs,)
    unit : float
        What the result is multiplied by.
    """

    scaler: Scaler
    weights: list[Floats]
    biases: list[Floats]
    unit: float

    def told(self, scaled: Floats) -> Floats:
        """Return the result for rows that are scaled; not by BLAS, where a row's bits depend on how many others."""
        values = scaled
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            values = np.einsum("ij,jk->ik", values if number == 0 else np.maximum(values, 0.0), weight) + bias
        return values[:, 0] * self.unit


def _prepared(sample: Sample, clip_share: float) -> tuple[Scaler, Floats, Floats, float]:
    """Return the scaler, the scaled rows, and the clipped target in its own deviations with that deviation."""
    made = scaler(sample.matrix, clip_share)
    target = sample.clipped(sample.bounds(clip_share))
    unit = float(target.std()) or 1.0
    return made, made.scaled(sample.matrix), target / unit, unit


@dataclass(frozen=True)
class Linear:
    """A ridge, made robust by weighting rows anew where it errs much (iteratively; the loss "fair", as in `boosting`).

    Parameters
    ----------
    penalty : float
        On squared standardised coefficients, for each row.
    bend : float
        Error at which the loss turns from square to absolute, in deviations of the target; infinite for a plain ridge.
    clip_share : float
        Each tail of the features and of the training target that is pulled in.
    """

    name: ClassVar[str] = "linear"
    random: ClassVar[bool] = False
    lengths: ClassVar[int] = 1

    penalty: float
    bend: float
    clip_share: float

    def learn(self, sample: Sample, length: int, seed: int) -> Layers:  # noqa: ARG002  it has one, and no chance in it
        """Return the coefficients."""
        made, matrix, target, unit = _prepared(sample, self.clip_share)
        cost = sample.weight()
        weight = cost
        ridge = Ridge(alpha=self.penalty * target.size, solver="cholesky")
        with threadpool_limits(1):  # the order of sums, and so their bits
            for _ in range(1 if np.isinf(self.bend) else REWEIGHTINGS):
                ridge.fit(matrix, target, sample_weight=weight / weight.mean())
                weight = cost / (1.0 + np.abs(target - ridge.predict(matrix)) / self.bend)
        return Layers(made, [ridge.coef_[:, None].copy()], [np.array([ridge.intercept_])], unit)

    def tell(self, state: Layers, matrix: Matrix) -> Floats:
        """Return the target that it tells of each row."""
        return state.told(state.scaler.scaled(matrix))

    def staged(self, state: Layers, matrix: Matrix) -> Iterator[Floats]:
        """Yield what it tells."""
        yield self.tell(state, matrix)


@dataclass(frozen=True)
class Network:
    """A neural network with one hidden layer (scikit-learn's, with squared errors).

    Parameters
    ----------
    width : int
        Hidden units.
    penalty : float
        On squared weights.
    step : float
        First step of the optimiser (Adam).
    epochs : int
        Passes over the rows.
    clip_share : float
        Each tail of the features and of the training target that is pulled in.
    """

    name: ClassVar[str] = "network"
    random: ClassVar[bool] = True
    lengths: ClassVar[int] = 1

    width: int
    penalty: float
    step: float
    epochs: int
    clip_share: float

    def learn(self, sample: Sample, length: int, seed: int) -> Layers:  # noqa: ARG002  it has one
        """Return the layers."""
        made, matrix, target, unit = _prepared(sample, self.clip_share)
        network = MLPRegressor(
            hidden_layer_sizes=(self.width,),
            alpha=self.penalty,
            learning_rate_init=self.step,
            batch_size=min(BATCH_ROWS, target.size),
            random_state=seed,
        )
        with threadpool_limits(1):
            for _ in range(self.epochs):  # without the early stop of `fit`, and its warning when there was none
                network.partial_fit(matrix, target, sample_weight=sample.weight())
        return Layers(made, [w.copy() for w in network.coefs_], [b.copy() for b in network.intercepts_], unit)

    def tell(self, state: Layers, matrix: Matrix) -> Floats:
        """Return the target that it tells of each row."""
        return state.told(state.scaler.scaled(matrix))

    def staged(self, state: Layers, matrix: Matrix) -> Iterator[Floats]:
        """Yield what it tells."""
        yield self.tell(state, matrix)
