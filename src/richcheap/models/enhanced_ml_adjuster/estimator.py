"""The estimator: boosted trees found by a search under walk-forward folds, shrunk on the validation block."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.models.common.base import Floats
from richcheap.models.common.contributions import by_feature, mean_contributions
from richcheap.models.common.estimator import SpreadEstimator, WalkForwardMixin
from richcheap.models.common.lightgbm import (
    BoostedTreesTrainer,
    BoostingSchedule,
    TreeParams,
    TreesFold,
    predict_each,
    random_tree_params,
    tree_seeds,
)
from richcheap.models.common.search import Trial, halving_search, leaderboard, ranked
from richcheap.models.common.shrinkage import SHRINKAGE_STEPS
from richcheap.models.common.target_space import OWN_LAST, Anchor, Space, sample, space, subsample
from richcheap.pipeline.execution.map_tasks import MapTasks


class BoostedAdjuster(WalkForwardMixin, SpreadEstimator):
    """Predict the distance of a print's spread from its base spread, bp.

    Parameters
    ----------
    features : list of str
        Columns that it learns from; missing values are allowed.
    anchor : Anchor
        The spread that it starts from, and the noise.
    trials : int
        Candidates that the search tries.
    keep_share : float
        Share of them that go on from one fold to the next.
    folds : int
        Walk-forward folds of the training block.
    fold_share : float
        Share of the training block's dates that each fold is tested on.
    embargo_dates : int
        Dates dropped before each fold's test dates.
    search_rows : int
        Most rows that one evaluation trains on, and most that it is judged on; they are spread evenly over the fold.
    learning_rate : float
    rounds : int
        Most trees.
    round_step : int
        Trees between two evaluations of the loss, when the search chooses their number.
    seeds : int
        Models, each grown from its own seed, whose mean is the prediction.
    target_clip_share : float
        Each tail of the training target that is winsorised.
    shrinkage_steps : int
        Steps of the grid from which the validation block picks the multiplier.
    seed : int
    n_jobs : int
        Cores that predict. It changes no result, but is part of a stored model's bytes.

    Attributes
    ----------
    best_ : TreeParams
    rounds_ : int
        Trees of each model.
    trials_ : list of Trial
        What the search learned of each candidate, in their order.
    models_ : list of str
        As LightGBM writes them.
    multiplier_ : float
        What the mean is multiplied by, 0 to 1; at 0 the prediction is the anchor.
    """

    def __init__(
        self,
        *,
        features: list[str],
        anchor: Anchor = OWN_LAST,
        trials: int = 12,
        keep_share: float = 0.4,
        folds: int = 3,
        fold_share: float = 0.15,
        embargo_dates: int = 1,
        search_rows: int = 100_000,
        learning_rate: float = 0.05,
        rounds: int = 400,
        round_step: int = 25,
        seeds: int = 4,
        target_clip_share: float = 0.005,
        shrinkage_steps: int = SHRINKAGE_STEPS,
        seed: int = 0,
        n_jobs: int = 1,
    ) -> None:
        self.features = features
        self.anchor = anchor
        self.trials = trials
        self.keep_share = keep_share
        self.folds = folds
        self.fold_share = fold_share
        self.embargo_dates = embargo_dates
        self.search_rows = search_rows
        self.learning_rate = learning_rate
        self.rounds = rounds
        self.round_step = round_step
        self.seeds = seeds
        self.target_clip_share = target_clip_share
        self.shrinkage_steps = shrinkage_steps
        self.seed = seed
        self.n_jobs = n_jobs

    def contributions(self, rows: pl.DataFrame) -> dict[str, Floats]:
        """Divide what `predict` gives among the features, bp; all of it, since all members are trees."""
        seen = space(rows, self.features, self.anchor)
        added = mean_contributions(self.models_, seen.matrix, self.n_jobs)
        return by_feature(self.features, added, self.multiplier_ * seen.noise_bp, seen.anchor_bp)

    def _search(self, train: pl.DataFrame, run: MapTasks) -> None:
        """Find the best candidate, and its number of trees, on folds of `train`."""
        candidates = random_tree_params(self.trials, self.seed)
        found = halving_search(candidates, self._folds(train), self.keep_share, run)
        self.best_: TreeParams = found.trials[found.number].candidate
        self.rounds_ = self._schedule().lengths()[found.length]
        self.trials_: list[Trial[TreeParams]] = found.trials

    def _train(self, train: pl.DataFrame, validation: pl.DataFrame, run: MapTasks) -> None:
        learned, kept = sample(train, self.features, self.anchor), sample(validation, self.features, self.anchor)
        trainer = BoostedTreesTrainer(learned, self.target_clip_share, self._schedule(), self.best_, self.rounds_)
        self.models_ = list(run(trainer, tree_seeds(self.seed, self.seeds), desc="final models", unit="model"))
        self.multiplier_ = kept.best_multiplier(self._each(kept.matrix).mean(axis=1), self.shrinkage_steps)

    def _members(self, rows: pl.DataFrame) -> tuple[Space, Floats]:
        """Return the rows' space, and what each seed's trees predict in multiples of the noise, (n_rows, n_seeds)."""
        seen = space(rows, self.features, self.anchor)
        return seen, self._each(seen.matrix)

    def _shrunk(self, rows: pl.DataFrame, anchor: Space, predicted: Floats) -> Floats:  # noqa: ARG002
        return anchor.spread_bp(self.multiplier_ * predicted)

    def _multipliers(self) -> dict[str, float]:
        return {"multiplier": self.multiplier_}

    def _leaderboard(self) -> list[dict[str, Any]]:
        return leaderboard(self.trials_, TreeParams._asdict, {ranked(self.trials_)[0]: 1.0})

    def _schedule(self) -> BoostingSchedule:
        return BoostingSchedule(self.learning_rate, self.rounds, min(self.round_step, self.rounds))

    def _folds(self, train: pl.DataFrame) -> list[TreesFold]:
        """Return the folds, the latest first: it has most to learn from, and is nearest to what comes."""
        learned = sample(train, self.features, self.anchor)
        return [
            TreesFold(
                learned.take(subsample(before, self.search_rows)),
                learned.take(subsample(test, self.search_rows)),
                clip_share=self.target_clip_share,
                schedule=self._schedule(),
                seed=tree_seeds(self.seed, 1)[0],
            )
            for before, test in reversed(self._splits(train, "the search"))
        ]

    def _each(self, matrix: NDArray[np.float32]) -> Floats:
        return predict_each(self.models_, matrix, self.n_jobs)
