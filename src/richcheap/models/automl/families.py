"""The families that automl selects among: each learns from rows, and predicts at several lengths of training."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from richcheap.models.common.base import Floats
from richcheap.models.common.lightgbm import BoostedTreesTrainer, BoostingSchedule, TreeParams
from richcheap.models.common.target_space import TrainingSample
from richcheap.models.common.trees import Matrix, grow_forest, staged, sum_of_trees


class Family(Protocol):
    """A kind of model with its hyper-parameters: frozen, and nothing but numbers, so that it is a key too."""

    name: ClassVar[str]
    random: ClassVar[bool]
    """Whether the seed makes a difference."""

    @property
    def lengths(self) -> int:
        """At how many lengths of training it is evaluated."""

    def learn(self, sample: TrainingSample, length: int, seed: int) -> Any:
        """Return what it has learned when trained to the length of that number, from 0 on; a worker can send it."""

    def predict(self, state: Any, matrix: Matrix) -> Floats:
        """Return the target that it predicts for each row; a row's does not depend on the others."""

    def staged(self, state: Any, matrix: Matrix) -> Iterator[Floats]:
        """Yield its prediction after each length, from what was learned at the last."""


class _Trees:
    """What the families of trees have in common: LightGBM's text is what they have learned."""

    def predict(self, state: str, matrix: Matrix) -> Floats:
        """Return the target that the trees predict for each row."""
        return sum_of_trees(state, matrix)


@dataclass(frozen=True)
class Boosting(_Trees):
    """Gradient-boosted trees with the loss "fair" (`richcheap.models.common.lightgbm`).

    Parameters
    ----------
    leaves, leaf_rows, feature_share, row_share, penalty, bend
        As of `richcheap.models.common.lightgbm.TreeParams`.
    learning_rate : float
    rounds : int
        Most trees.
    clip_share : float
        Each tail of the training target that is winsorised.
    """

    name: ClassVar[str] = "boosting"
    random: ClassVar[bool] = True
    LENGTHS: ClassVar[int] = 10

    leaves: int
    leaf_rows: int
    feature_share: float
    row_share: float
    penalty: float
    bend: float
    learning_rate: float
    rounds: int
    clip_share: float

    @property
    def lengths(self) -> int:
        """At how many lengths of training it is evaluated."""
        return self.LENGTHS

    def learn(self, sample: TrainingSample, length: int, seed: int) -> str:
        """Return the trees; the bend of the loss is in units of the target's spread, whatever the space."""
        spread = float(np.std(sample.clipped(sample.bounds(self.clip_share)))) or 1.0
        shape = (self.leaves, self.leaf_rows, self.feature_share, self.row_share, self.penalty, self.bend * spread)
        rounds = self._rounds(length)
        settings = BoostingSchedule(self.learning_rate, rounds, rounds)
        return BoostedTreesTrainer(sample, self.clip_share, settings, TreeParams(*shape), rounds)(seed)

    def staged(self, state: str, matrix: Matrix) -> Iterator[Floats]:
        """Return the predictions of the first trees, for each number of them."""
        return staged(state, matrix, [self._rounds(length) for length in range(self.lengths)])

    def _rounds(self, length: int) -> int:
        return max(1, round(self.rounds * (length + 1) / self.LENGTHS))


@dataclass(frozen=True)
class Forest(_Trees):
    """A random forest of histogram trees, or of extremely randomised ones, with squared errors.

    Parameters
    ----------
    trees : int
    leaves, leaf_rows : int
        Most leaves of a tree, and fewest rows in one.
    feature_share : float
        Share of the features tried at each split.
    row_share : float
        Share of the rows that a tree is grown on.
    extreme : bool
        One random threshold is tried for each feature (Geurts and others 2006), not all.
    clip_share : float
        Each tail of the training target that is winsorised.
    """

    name: ClassVar[str] = "forest"
    random: ClassVar[bool] = True
    lengths: ClassVar[int] = 1

    trees: int
    leaves: int
    leaf_rows: int
    feature_share: float
    row_share: float
    extreme: bool
    clip_share: float

    def learn(self, sample: TrainingSample, length: int, seed: int) -> str:  # noqa: ARG002  it has one
        """Return the trees."""
        return grow_forest(
            sample.matrix,
            sample.clipped(sample.bounds(self.clip_share)),
            sample.weight(),
            trees=self.trees,
            leaves=self.leaves,
            leaf_rows=self.leaf_rows,
            feature_share=self.feature_share,
            row_share=self.row_share,
            seed=seed,
            extreme=self.extreme,
        )

    def staged(self, state: str, matrix: Matrix) -> Iterator[Floats]:
        """Yield the prediction of all trees."""
        yield self.predict(state, matrix)
