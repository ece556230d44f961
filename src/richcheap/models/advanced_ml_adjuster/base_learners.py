"""The members of the stacked ensemble, as pure functions: a forest, boosted trees, networks and a line."""

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from richcheap.models.common.base import Floats
from richcheap.models.common.lightgbm import BoostedTreesTrainer, BoostingSchedule, TreeParams
from richcheap.models.common.neural_network import Layers, fit_linear, fit_network
from richcheap.models.common.target_space import TrainingSample, Unit
from richcheap.models.common.trees import MAX_FOREST_LEAVES, grow_forest, sum_of_trees

Kind = Literal["forest", "boosting", "boosting_points", "network", "line"]
KINDS: tuple[Kind, ...] = get_args(Kind)
UNIT: dict[Kind, Unit] = {kind: "points" if kind == "boosting_points" else "noise" for kind in KINDS}
"""That the target of each kind is measured in."""
FOREST_FEATURE_SHARE = 0.3
"""Share of the features tried at each split: a third, as Breiman (2001) recommends for regression."""
FOREST_ROW_SHARE = 0.5
LINE_PENALTY = 0.001

Learned: TypeAlias = str | Layers
"""A member that has learned: trees as LightGBM writes them, or layers."""


class Sizes(NamedTuple):
    """What members are made of (section ``models.advanced_ml_adjuster``).

    Attributes
    ----------
    forest_trees, forest_leaf_rows : int
    rounds : int
        Boosted trees.
    learning_rate : float
    trees : TreeParams
        The boosted trees' other hyper-parameters.
    hidden : tuple of int
        Units of the network's hidden layers.
    network_penalty : float
    network_epochs : int
    network_learning_rate : float
    clip_share : float
        Each tail of the training target, and of the inputs of networks and line, that is winsorised.
    """

    forest_trees: int
    forest_leaf_rows: int
    rounds: int
    learning_rate: float
    trees: TreeParams
    hidden: tuple[int, ...]
    network_penalty: float
    network_epochs: int
    network_learning_rate: float
    clip_share: float


class BaseLearner(NamedTuple):
    """Which member is learned.

    Attributes
    ----------
    kind : str
    seed : int
    """

    kind: Kind
    seed: int


@dataclass(frozen=True)
class BaseLearnerTrainer:
    """Learns a member from rows.

    Parameters
    ----------
    train : TrainingSample
    sizes : Sizes
    """

    train: TrainingSample
    sizes: Sizes

    def __call__(self, member: BaseLearner) -> Learned:
        """Return the member, learned from the clipped target in multiples of its unit."""
        sizes, train = self.sizes, self.train.measured_in(UNIT[member.kind])
        if member.kind in {"boosting", "boosting_points"}:
            settings = BoostingSchedule(sizes.learning_rate, sizes.rounds, sizes.rounds)
            return BoostedTreesTrainer(train, sizes.clip_share, settings, sizes.trees, sizes.rounds)(member.seed)
        target, weight = train.clipped(train.bounds(sizes.clip_share)), train.weight()
        if member.kind == "forest":
            return grow_forest(
                train.matrix,
                target,
                weight,
                trees=sizes.forest_trees,
                leaves=MAX_FOREST_LEAVES,
                leaf_rows=sizes.forest_leaf_rows,
                feature_share=FOREST_FEATURE_SHARE,
                row_share=FOREST_ROW_SHARE,
                seed=member.seed,
            )
        if member.kind == "network":
            return fit_network(
                train.matrix,
                target,
                weight,
                hidden=sizes.hidden,
                penalty=sizes.network_penalty,
                epochs=sizes.network_epochs,
                learning_rate=sizes.network_learning_rate,
                clip_share=sizes.clip_share,
                seed=member.seed,
            )
        return fit_linear(train.matrix, target, weight, penalty=LINE_PENALTY, clip_share=sizes.clip_share)


@dataclass(frozen=True)
class OutOfFoldPrediction:
    """Learns a member from the rows before a fold's test dates, and predicts those.

    Parameters
    ----------
    learning : BaseLearnerTrainer
    test : TrainingSample
    """

    learning: BaseLearnerTrainer
    test: TrainingSample

    def __call__(self, member: BaseLearner) -> Floats:
        """Return the predictions in multiples of the noise, shape (n_rows,)."""
        predicted = predict(self.learning(member), self.test.matrix, 1)
        return predicted * (self.test.measured_in(UNIT[member.kind]).unit_bp / self.test.unit_bp)


def predict(member: Learned, matrix: NDArray[np.float32], threads: int) -> Floats:
    """Return what a member predicts, in multiples of its unit; `threads` does not affect the result."""
    if not len(matrix):
        return np.empty(0)
    if isinstance(member, Layers):
        return member.predict(matrix)
    return sum_of_trees(member, matrix, threads)
