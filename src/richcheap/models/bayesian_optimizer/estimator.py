"""The estimator: boosted trees by a Bayesian search under walk-forward folds, the mean of the best few."""

from typing import Any, NamedTuple

import numpy as np
import polars as pl

from richcheap.models.bayesian_optimizer.search import Budget, bayesian_search
from richcheap.models.bayesian_optimizer.trees import (
    ANCHORS,
    Hyperparameters,
    SearchBudget,
    TreesTrainer,
    anchored_samples,
    described,
    folds,
    hyperparameters,
    near_best,
)
from richcheap.models.common.base import Floats
from richcheap.models.common.contributions import by_feature, mean_contributions
from richcheap.models.common.estimator import ShrunkEstimator
from richcheap.models.common.lightgbm import predict_each, tree_seeds
from richcheap.models.common.search import Trial, leaderboard
from richcheap.models.common.shrinkage import SHRINKAGE_STEPS
from richcheap.models.common.spread_differences import wide_sources, wide_space
from richcheap.models.common.target_space import KALMAN
from richcheap.pipeline.execution.map_tasks import MapTasks


class Choice(NamedTuple):
    """A candidate that is part of the model.

    Attributes
    ----------
    candidate : Hyperparameters
    rounds : int
        Trees of each of its seeds.
    """

    candidate: Hyperparameters
    rounds: int


class BayesianAdjuster(ShrunkEstimator):
    """Predict the distance of a print's spread from its base spread, bp.

    Parameters
    ----------
    features : list of str
        Columns that it learns from, those of `spread_differences` among them; missing values are allowed. With the
        Kalman filter's among them, the search chooses whether to start from its spread or from the bond's own last.
    trials : int
        Candidates that the search tries.
    batch : int
        Candidates that are tried at the same time.
    keep_share : float
        A candidate goes on to the next fold while it is among this share of those tried on all.
    folds : int
        Walk-forward folds of the training block.
    fold_share : float
        Share of the training block's dates that each fold is tested on.
    embargo_dates : int
        Dates dropped before each fold's test dates.
    search_rows : int
        Most rows that one evaluation trains on, and most that it is judged on; they are spread evenly over the fold.
    min_learning_rate, max_learning_rate : float
        Bounds of the search.
    rounds : int
        Most trees at the lowest learning rate.
    evaluation_points : int
        Numbers of trees at which the loss is evaluated.
    blend : int
        Most of the best candidates whose mean is the prediction (`near_best`).
    seeds : int
        Models of each of them, each grown from its own seed.
    target_clip_share : float
        Each tail of the training target that is winsorised.
    shrinkage_steps : int
        Steps of the grid from which the validation block picks the multipliers.
    cold_start_rows : int
        Validation rows without history that are needed for a multiplier of their own.
    seed : int
    n_jobs : int
        Cores that predict. It changes no result, but is part of a stored model's bytes.

    Attributes
    ----------
    trials_ : list of Trial
        What the search learned of each candidate, in their order.
    chosen_ : list of Choice
        The best first.
    models_ : list of str
        As LightGBM writes them: the seeds of the first choice, then those of the second, and so on.
    shrinkage_ : Shrinkage
        By what the distance from the anchor is multiplied.
    """

    def __init__(
        self,
        *,
        features: list[str],
        trials: int = 16,
        batch: int = 8,
        keep_share: float = 0.3,
        folds: int = 3,
        fold_share: float = 0.15,
        embargo_dates: int = 1,
        search_rows: int = 30_000,
        min_learning_rate: float = 0.04,
        max_learning_rate: float = 0.2,
        rounds: int = 300,
        evaluation_points: int = 12,
        blend: int = 4,
        seeds: int = 3,
        target_clip_share: float = 0.005,
        shrinkage_steps: int = SHRINKAGE_STEPS,
        cold_start_rows: int = 30,
        seed: int = 0,
        n_jobs: int = 1,
    ) -> None:
        self.features = features
        self.trials = trials
        self.batch = batch
        self.keep_share = keep_share
        self.folds = folds
        self.fold_share = fold_share
        self.embargo_dates = embargo_dates
        self.search_rows = search_rows
        self.min_learning_rate = min_learning_rate
        self.max_learning_rate = max_learning_rate
        self.rounds = rounds
        self.evaluation_points = evaluation_points
        self.blend = blend
        self.seeds = seeds
        self.target_clip_share = target_clip_share
        self.shrinkage_steps = shrinkage_steps
        self.cold_start_rows = cold_start_rows
        self.seed = seed
        self.n_jobs = n_jobs

    def contributions(self, rows: pl.DataFrame) -> dict[str, Floats]:
        """Divide what `predict` gives among the features, bp; all of it, since all members are trees."""
        sources = wide_sources(self.features)
        anchor, added = np.zeros(rows.height), np.zeros((rows.height, len(sources) + 1))
        for number, choice in enumerate(self.chosen_):
            space = wide_space(rows, self.features, ANCHORS[choice.candidate.anchor])
            models = self.models_[number * self.seeds : (number + 1) * self.seeds]
            anchor += space.anchor_bp
            added += space.noise_bp[:, None] * mean_contributions(models, space.matrix, self.n_jobs)
        count = len(self.chosen_)
        return by_feature(sources, added / count, self.shrinkage_.factor(rows), anchor / count)

    def _search(self, train: pl.DataFrame, run: MapTasks) -> None:
        """Search on folds of `train`, the latest first: it has most to learn from, and is nearest to what comes."""
        budget, anchors = self._budget(), self._anchors()
        found = bayesian_search(
            budget.space(anchors),
            budget.first(anchors),
            hyperparameters,
            folds(
                anchored_samples(train, self.features, anchors),
                self._splits(train, "the search")[::-1],
                self.search_rows,
                budget,
                tree_seeds(self.seed, 1)[0],
            ),
            Budget(self.trials, self.batch, self.keep_share),
            self.seed,
            run,
        )
        self.trials_: list[Trial[Hyperparameters]] = found.trials
        self.chosen_ = [self._choice(number) for number in near_best(found.trials, self.blend)]

    def _train(self, train: pl.DataFrame, validation: pl.DataFrame, run: MapTasks) -> None:
        trainer = TreesTrainer(anchored_samples(train, self.features, self._anchors()), self.target_clip_share)
        seeds = tree_seeds(self.seed, self.seeds)
        tasks = [(*choice, seed) for choice in self.chosen_ for seed in seeds]
        self.models_ = list(run(trainer, tasks, desc="final models", unit="model"))
        anchor, members = self._members(validation)
        self.shrinkage_ = self._fit_shrinkage(validation, anchor, members.mean(axis=1))

    def _members(self, rows: pl.DataFrame) -> tuple[Floats, Floats]:
        """Return the mean anchor, shape (n_rows,), and what each seed adds to the base spread, (n_rows, n_seeds)."""
        anchor, members = np.zeros(rows.height), np.zeros((rows.height, self.seeds))
        for number, choice in enumerate(self.chosen_):
            space = wide_space(rows, self.features, ANCHORS[choice.candidate.anchor])
            models = self.models_[number * self.seeds : (number + 1) * self.seeds]
            anchor += space.anchor_bp
            members += space.spread_bp(predict_each(models, space.matrix, self.n_jobs))
        return anchor / len(self.chosen_), members / len(self.chosen_)

    def _leaderboard(self) -> list[dict[str, Any]]:
        numbers = near_best(self.trials_, self.blend)
        return leaderboard(self.trials_, described, dict.fromkeys(numbers, 1.0 / len(numbers)))

    def _budget(self) -> SearchBudget:
        rates = (self.min_learning_rate, self.max_learning_rate)
        return SearchBudget(*rates, self.rounds, min(self.evaluation_points, self.rounds), self.target_clip_share)

    def _anchors(self) -> list[str]:
        return [name for name, anchor in ANCHORS.items() if anchor is not KALMAN or anchor.offset in self.features]

    def _choice(self, number: int) -> Choice:
        trial = self.trials_[number]
        lengths = self._budget().lengths(trial.candidate.learning_rate)
        return Choice(trial.candidate, lengths[int(np.argmin(trial.losses))])
