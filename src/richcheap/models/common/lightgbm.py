"""Gradient-boosted trees (LightGBM) as pure functions: candidates, their loss on a fold, the trees of a seed."""

from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from richcheap.models.common.base import Floats
from richcheap.models.common.target_space import TrainingSample
from richcheap.models.common.trees import grow, staged, sum_of_trees

Number = TypeVar("Number", int, float)


class TreeParams(NamedTuple):
    """Hyper-parameters that the search chooses.

    Attributes
    ----------
    leaves : int
        Most leaves of a tree.
    leaf_rows : int
        Fewest training rows in a leaf.
    feature_share, row_share : float
        Share of the features, and of the rows, that a tree is grown on.
    penalty : float
        On the squared value of a leaf, in rows of mean weight.
    bend : float
        Error at which the loss turns from square to absolute, in multiples of the noise.
    """

    leaves: int
    leaf_rows: int
    feature_share: float
    row_share: float
    penalty: float
    bend: float


DEFAULT_TREES = TreeParams(leaves=47, leaf_rows=20, feature_share=0.5, row_share=0.7, penalty=3.0, bend=0.3)


def random_tree_params(count: int, seed: int) -> list[TreeParams]:
    """Return `DEFAULT_TREES` and then random ones.

    Each has its own stream of random numbers, so that a larger budget tries the same candidates and more. They are
    drawn from steps rather than ranges, so that they have the same bits everywhere.
    """
    return [DEFAULT_TREES, *(_draw(np.random.default_rng([seed, number])) for number in range(1, count))]


def _draw(rng: np.random.Generator) -> TreeParams:
    def one(*values: Number) -> Number:
        return values[int(rng.integers(len(values)))]

    return TreeParams(
        leaves=one(7, 11, 15, 23, 31, 47, 63),
        leaf_rows=one(20, 40, 80, 160, 320),
        feature_share=one(0.2, 0.35, 0.5, 0.7, 0.9),
        row_share=one(0.5, 0.6, 0.7, 0.8, 0.9),
        penalty=one(0.3, 1.0, 3.0, 10.0, 30.0, 100.0),
        bend=one(0.3, 0.5, 1.0, 2.0),
    )


@dataclass(frozen=True)
class BoostingSchedule:
    """What all candidates have in common.

    Parameters
    ----------
    learning_rate : float
    rounds : int
        Most trees.
    step : int
        Trees between two evaluations of the loss.
    """

    learning_rate: float
    rounds: int
    step: int

    def lengths(self) -> list[int]:
        """Return the numbers of trees at which the loss is evaluated."""
        return [*range(self.step, self.rounds, self.step), self.rounds]


@dataclass(frozen=True)
class TreesFold:
    """One fold of the search: gives a candidate's loss at each number of trees.

    Parameters
    ----------
    train, test : TrainingSample
    clip_share : float
        Each tail of the training target that is winsorised.
    schedule : BoostingSchedule
    seed : int
    """

    train: TrainingSample
    test: TrainingSample
    clip_share: float
    schedule: BoostingSchedule
    seed: int

    def __call__(self, candidate: TreeParams) -> Floats:
        """Return the price error on the test rows as a multiple of that of no prediction, shape (n_lengths,)."""
        trainer = BoostedTreesTrainer(self.train, self.clip_share, self.schedule, candidate, self.schedule.rounds)
        base_error = self.test.price_error(np.zeros_like(self.test.target_bp)) or 1.0
        totals = staged(trainer(self.seed), self.test.matrix, self.schedule.lengths())
        return np.array([self.test.price_error(total) / base_error for total in totals])


@dataclass(frozen=True)
class BoostedTreesTrainer:
    """Grows the trees of one seed.

    Parameters
    ----------
    train : TrainingSample
    clip_share : float
    schedule : BoostingSchedule
    candidate : TreeParams
    rounds : int
        Trees.
    """

    train: TrainingSample
    clip_share: float
    schedule: BoostingSchedule
    candidate: TreeParams
    rounds: int

    def __call__(self, seed: int) -> str:
        """Return the trees as LightGBM writes them, which restores every bit.

        The loss is "fair", c^2 (|x| / c - ln(1 + |x| / c)): absolute for errors above the bend c, and smooth below it.
        """
        params = {
            "objective": "fair",
            "fair_c": self.candidate.bend * self.train.noise,
            "num_leaves": self.candidate.leaves,
            "min_data_in_leaf": self.candidate.leaf_rows,
            "feature_fraction": self.candidate.feature_share,
            "bagging_fraction": self.candidate.row_share,
            "lambda_l2": self.candidate.penalty,
            "learning_rate": self.schedule.learning_rate,
        }
        target = self.train.clipped(self.train.bounds(self.clip_share))
        return grow(self.train.matrix, target, self.train.weight(), self.rounds, seed, params)


def tree_seeds(seed: int, count: int) -> list[int]:
    """Return seeds for LightGBM, which takes 31 bits of them."""
    return [int(np.random.default_rng([seed, number]).integers(1 << 31)) for number in range(count)]


def predict_each(models: list[str], matrix: NDArray[np.float32], threads: int) -> Floats:
    """Return what each model predicts, in multiples of the noise, shape (n_rows, n_models)."""
    return np.column_stack([sum_of_trees(model, matrix, threads) for model in models])
