"""What bayesian_optimizer chooses: trees, their step, a memory and an anchor; their loss on a fold, their growing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from richcheap.models.bayesian_optimizer.search import Value, ranking
from richcheap.models.common import lightgbm
from richcheap.models.common.base import Floats
from richcheap.models.common.lightgbm import DEFAULT_TREES, BoostedTreesTrainer, BoostingSchedule
from richcheap.models.common.search import Trial
from richcheap.models.common.spread_differences import wide_sample
from richcheap.models.common.target_space import KALMAN, OWN_LAST, Anchor, TrainingSample, subsample
from richcheap.models.common.trees import staged
from richcheap.numerics.elementwise import powers

ANCHORS: dict[str, Anchor] = {"kalman": KALMAN, "own_last": OWN_LAST}
NO_DECAY = 8.0
"""Half-lives, in lengths of the training block, from which on no row is forgotten: the oldest would weigh 0.92."""
NEAR = 1.01
"""Losses up to this multiple of the least are within what folds can tell apart."""


class Hyperparameters(NamedTuple):
    """Hyper-parameters that the search chooses.

    Attributes
    ----------
    trees : TreeParams
    learning_rate : float
        What a tree's prediction is multiplied by.
    half_life : float
        Age at which a training row weighs half, in lengths of the whole training block.
    anchor : str
        Of `ANCHORS`.
    """

    trees: lightgbm.TreeParams
    learning_rate: float
    half_life: float
    anchor: str


class SearchBudget(NamedTuple):
    """What all candidates have in common.

    Attributes
    ----------
    min_learning_rate, max_learning_rate : float
        Bounds of the search.
    rounds : int
        Most trees at the lowest learning rate; others get so many that trees x rate is the same.
    evaluation_points : int
        Numbers of trees at which the loss is evaluated, evenly spread.
    clip_share : float
        Each tail of the training target that is winsorised.
    """

    min_learning_rate: float
    max_learning_rate: float
    rounds: int
    evaluation_points: int
    clip_share: float

    def lengths(self, learning_rate: float) -> list[int]:
        """Return the numbers of trees at which the loss is evaluated, ascending.

        Examples
        --------
        >>> SearchBudget(0.05, 0.2, 400, 4, 0.0).lengths(0.1)
        [50, 100, 150, 200]
        """
        most = self.rounds * self.min_learning_rate / learning_rate
        return [max(1, round(most * look / self.evaluation_points)) for look in range(1, self.evaluation_points + 1)]

    def space(self, anchors: list[str]) -> dict[str, BaseDistribution]:
        """Return what can be chosen, by name."""
        return {
            "leaves": IntDistribution(4, 63, log=True),
            "leaf_rows": IntDistribution(10, 400, log=True),
            "feature_share": FloatDistribution(0.15, 1.0),
            "row_share": FloatDistribution(0.4, 1.0),
            "penalty": FloatDistribution(0.1, 300.0, log=True),
            "bend": FloatDistribution(0.2, 5.0, log=True),
            "learning_rate": FloatDistribution(self.min_learning_rate, self.max_learning_rate, log=True),
            "half_life": FloatDistribution(0.25, NO_DECAY, log=True),
            "anchor": CategoricalDistribution(anchors),
        }

    def first(self, anchors: list[str]) -> dict[str, Value]:
        """Return the values of the first trial: a plain one."""
        rate = min(max(0.05, self.min_learning_rate), self.max_learning_rate)
        return {**DEFAULT_TREES._asdict(), "learning_rate": rate, "half_life": NO_DECAY, "anchor": anchors[0]}


def hyperparameters(values: Mapping[str, Value]) -> Hyperparameters:
    """Make a candidate of chosen values, rounded to three digits: no evaluation hangs on the last bit of a logarithm.

    Examples
    --------
    >>> values = {**DEFAULT_TREES._asdict(), "learning_rate": 0.061234, "half_life": 2.0, "anchor": "own_last"}
    >>> hyperparameters(values).learning_rate
    0.0612
    """
    rounded = {name: float(f"{value:.3g}") if isinstance(value, float) else value for name, value in values.items()}
    trees = {name: rounded.pop(name) for name in lightgbm.TreeParams._fields}
    return Hyperparameters(lightgbm.TreeParams(**trees), **rounded)  # type: ignore[arg-type]  # the space says which is what


def described(chosen: Hyperparameters) -> dict[str, float | str]:
    """Return a candidate's hyper-parameters by name."""
    return {
        **chosen.trees._asdict(),
        **{name: getattr(chosen, name) for name in Hyperparameters._fields if name != "trees"},
    }


def near_best(trials: Sequence[Trial[Hyperparameters]], count: int) -> list[int]:
    """Return the positions of at most `count` trials whose loss is near the least, the best first.

    They are taken from the anchors in turn: models that start from different spreads err differently, so that their
    mean errs less.
    """
    order = ranking(trials)
    most = NEAR * min(trials[order[0]].losses)
    near = [number for number in order if min(trials[number].losses) <= most]
    taken = {name: [number for number in near if trials[number].candidate.anchor == name] for name in ANCHORS}
    turn = {number: place for numbers in taken.values() for place, number in enumerate(numbers)}
    return sorted(sorted(near, key=lambda number: (turn[number], near.index(number)))[:count], key=near.index)


@dataclass(frozen=True)
class AnchoredSamples:
    """Rows as seen from each anchor.

    Parameters
    ----------
    samples : dict of str to TrainingSample
        By the anchor's name.
    age : ndarray, shape (n_rows,)
        Dates from the row's to the last one, in lengths of the whole training block.
    """

    samples: dict[str, TrainingSample]
    age: Floats

    def take(self, positions: NDArray[np.int64]) -> "AnchoredSamples":
        """Return some of the rows."""
        return AnchoredSamples({name: view.take(positions) for name, view in self.samples.items()}, self.age[positions])

    def decayed(self, anchor: str, half_life: float) -> TrainingSample:
        """Return the rows with their cost in price halved for each half-life of their age."""
        view = self.samples[anchor]
        if half_life >= NO_DECAY:
            return view
        return view._replace(dv01=view.dv01 * powers(0.5, self.age / half_life))


def anchored_samples(rows: pl.DataFrame, features: list[str], anchors: list[str]) -> AnchoredSamples:
    """Take from training rows what candidates learn from; `DatasetError` when it is not there or not finite."""
    dates = rows["date"].unique().sort()
    age = (dates.len() - 1 - dates.search_sorted(rows["date"]).to_numpy()) / dates.len()
    return AnchoredSamples({name: wide_sample(rows, features, ANCHORS[name]) for name in anchors}, age)


@dataclass(frozen=True)
class TreesTrainer:
    """Grows the trees of a candidate from a seed: a task is (candidate, trees, seed).

    Parameters
    ----------
    train : AnchoredSamples
    clip_share : float
        Each tail of the training target that is winsorised.
    """

    train: AnchoredSamples
    clip_share: float

    def __call__(self, task: tuple[Hyperparameters, int, int]) -> str:
        """Return the trees as LightGBM writes them."""
        chosen, rounds, seed = task
        learned = self.train.decayed(chosen.anchor, chosen.half_life)
        settings = BoostingSchedule(chosen.learning_rate, rounds, rounds)
        return BoostedTreesTrainer(learned, self.clip_share, settings, chosen.trees, rounds)(seed)


@dataclass(frozen=True)
class AnchoredFold:
    """One fold of the search: gives a candidate's loss at each number of trees.

    Parameters
    ----------
    train, test : AnchoredSamples
    base_error : float
        Price error of the base spread on the test rows, points per 100: losses from all anchors are shares of it.
    budget : SearchBudget
    seed : int
    """

    train: AnchoredSamples
    test: AnchoredSamples
    base_error: float
    budget: SearchBudget
    seed: int

    def __call__(self, candidate: Hyperparameters) -> Floats:
        """Return the price error on the test rows as a share of that of the base spread, shape (n_lengths,)."""
        lengths = self.budget.lengths(candidate.learning_rate)
        model = TreesTrainer(self.train, self.budget.clip_share)((candidate, lengths[-1], self.seed))
        seen = self.test.samples[candidate.anchor]
        return np.array([seen.price_error(total) / self.base_error for total in staged(model, seen.matrix, lengths)])


def folds(
    learned: AnchoredSamples,
    splits: Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]],
    rows: int,
    budget: SearchBudget,
    seed: int,
) -> list[AnchoredFold]:
    """Return a fold of at most `rows` training and as many test rows for each split."""
    made = []
    for train, test in splits:
        judged = learned.take(subsample(test, rows))
        own = judged.samples["own_last"]
        base_error = own.price_error(np.zeros_like(own.target_bp)) or 1.0
        made.append(AnchoredFold(learned.take(subsample(train, rows)), judged, base_error, budget, seed))
    return made
