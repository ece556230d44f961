"""The families of automl that learn weights: linear models and neural networks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from richcheap.models.common.base import Floats
from richcheap.models.common.neural_network import Layers, fit_linear, fit_network, fit_ridge
from richcheap.models.common.target_space import TrainingSample
from richcheap.models.common.trees import Matrix


class _Weights:
    """What the families of weights have in common: layers are what they have learned."""

    def predict(self, state: Layers, matrix: Matrix) -> Floats:
        """Return the target that the layers predict for each row."""
        return state.predict(matrix)

    def staged(self, state: Layers, matrix: Matrix) -> Iterator[Floats]:
        """Yield their prediction at their one length."""
        yield state.predict(matrix)


@dataclass(frozen=True)
class Linear(_Weights):
    """A ridge, or a linear model by Huber's loss.

    Parameters
    ----------
    penalty : float
        On squared coefficients of standardised features, for each row.
    robust : bool
        Huber's loss instead of squares.
    clip_share : float
        Each tail of the features and of the training target that is winsorised.
    """

    name: ClassVar[str] = "linear"
    random: ClassVar[bool] = False
    lengths: ClassVar[int] = 1

    penalty: float
    robust: bool
    clip_share: float

    def learn(self, sample: TrainingSample, length: int, seed: int) -> Layers:  # noqa: ARG002  it has one, and no chance in it
        """Return the coefficients."""
        target, unit = _standard(sample, self.clip_share)
        fit = fit_linear if self.robust else fit_ridge
        line = fit(sample.matrix, target, sample.weight(), penalty=self.penalty, clip_share=self.clip_share)
        return _in_units(line, unit)


@dataclass(frozen=True)
class Network(_Weights):
    """A neural network with one hidden layer, with squared errors.

    Parameters
    ----------
    width : int
        Hidden units.
    penalty : float
        On squared weights.
    step : float
        First step of the optimiser.
    epochs : int
        Passes over the rows.
    clip_share : float
        Each tail of the features and of the training target that is winsorised.
    """

    name: ClassVar[str] = "network"
    random: ClassVar[bool] = True
    lengths: ClassVar[int] = 1

    width: int
    penalty: float
    step: float
    epochs: int
    clip_share: float

    def learn(self, sample: TrainingSample, length: int, seed: int) -> Layers:  # noqa: ARG002  it has one
        """Return the layers."""
        target, unit = _standard(sample, self.clip_share)
        network = fit_network(
            sample.matrix,
            target,
            sample.weight(),
            hidden=(self.width,),
            penalty=self.penalty,
            epochs=self.epochs,
            learning_rate=self.step,
            clip_share=self.clip_share,
            seed=seed,
        )
        return _in_units(network, unit)


def _standard(sample: TrainingSample, clip_share: float) -> tuple[Floats, float]:
    """Return the clipped target in its own deviations, which optimisers are set for, and the deviation."""
    target = sample.clipped(sample.bounds(clip_share))
    unit = float(target.std()) or 1.0
    return target / unit, unit


def _in_units(layers: Layers, unit: float) -> Layers:
    """Return layers whose last one gives its result times `unit`."""
    weights = [[value * unit for value in row] for row in layers.weights[-1]]
    biases = [value * unit for value in layers.biases[-1]]
    return Layers(layers.scaling, [*layers.weights[:-1], weights], [*layers.biases[:-1], biases])
