"""The estimator: the best of families, sets of features and spaces of the target, or a blend of the best few."""

from typing import Any, NamedTuple

import numpy as np
import polars as pl

from richcheap.models.automl.configurations import Configuration, configurations
from richcheap.models.automl.leaderboard import LeaderboardRow, Recorder, finalists, leaderboard
from richcheap.models.automl.search import ConfigurationFold, ConfigurationTrainer, OutOfFold, blend
from richcheap.models.automl.target_spaces import rows_in_spaces, spaces, training_rows
from richcheap.models.common.base import Floats
from richcheap.models.common.contributions import START, added, by_feature, mean_contributions
from richcheap.models.common.estimator import ShrunkEstimator
from richcheap.models.common.lightgbm import tree_seeds
from richcheap.models.common.search import halving_search
from richcheap.models.common.shrinkage import SHRINKAGE_STEPS
from richcheap.models.common.spread_differences import LEVEL, wide_sources
from richcheap.models.common.target_space import subsample
from richcheap.pipeline.execution.map_tasks import MapTasks


class EnsembleMember(NamedTuple):
    """A candidate that is part of the model.

    Attributes
    ----------
    candidate : Configuration
    length : int
        Number of its length of training.
    share : float
        Of the prediction, 0 to 1.
    """

    candidate: Configuration
    length: int
    share: float


class AutoAdjuster(ShrunkEstimator):
    """Predict the distance of a print's spread from its base spread, bp.

    Parameters
    ----------
    feature_sets : dict of str to list of str
        Columns by the name of their set, the widest last; missing values are allowed.
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
    budget_multiplier : float
        By what the sizes of ensembles and networks' passes over the rows are multiplied.
    finalists : int
        Best candidates, among them the best of each family, that the model may be a blend of.
    ensemble_size : int
        Most picks for the blend, with replacement.
    seeds : int
        Models of each member, each from its own seed.
    shrinkage_steps : int
        Steps of the grid from which the validation block picks the multipliers.
    cold_start_rows : int
        Validation rows without history that are needed for a multiplier of their own.
    seed : int
    n_jobs : int
        Not used: what could be shared among cores is shared by `run`.

    Attributes
    ----------
    leaderboard_ : list of LeaderboardRow
        The best trial first.
    members_ : list of EnsembleMember
    states_ : list of list
        What each member has learned, from each seed; from one where no random numbers are drawn.
    shrinkage_ : Shrinkage
        By what the distance from the anchor is multiplied.
    """

    def __init__(
        self,
        *,
        feature_sets: dict[str, list[str]],
        trials: int = 12,
        keep_share: float = 0.4,
        folds: int = 3,
        fold_share: float = 0.15,
        embargo_dates: int = 1,
        search_rows: int = 30_000,
        budget_multiplier: float = 1.0,
        finalists: int = 6,
        ensemble_size: int = 10,
        seeds: int = 3,
        shrinkage_steps: int = SHRINKAGE_STEPS,
        cold_start_rows: int = 30,
        seed: int = 0,
        n_jobs: int = 1,
    ) -> None:
        self.feature_sets = feature_sets
        self.trials = trials
        self.keep_share = keep_share
        self.folds = folds
        self.fold_share = fold_share
        self.embargo_dates = embargo_dates
        self.search_rows = search_rows
        self.budget_multiplier = budget_multiplier
        self.finalists = finalists
        self.ensemble_size = ensemble_size
        self.seeds = seeds
        self.shrinkage_steps = shrinkage_steps
        self.cold_start_rows = cold_start_rows
        self.seed = seed
        self.n_jobs = n_jobs

    @property
    def features(self) -> list[str]:
        """The columns that it reads: the widest set."""
        return self._widest()

    def contributions(self, rows: pl.DataFrame) -> dict[str, Floats]:
        """Divide what `predict` gives, bp: that of trees among the features, networks and lines as a whole."""
        all_spaces, factor = rows_in_spaces(rows, self._widest()), self.shrinkage_.factor(rows)
        found: dict[str, Floats] = {START: np.zeros(rows.height)}
        for (candidate, _, share), states in zip(self.members_, self.states_, strict=True):
            chosen = self.feature_sets[candidate.features]
            matrix = all_spaces.space(chosen, candidate.space).matrix
            start = share * all_spaces.anchor_bp(candidate.space)
            scale = factor * all_spaces.unit_bp(candidate.space)
            if all(isinstance(state, str) for state in states):
                sources = wide_sources(chosen) if LEVEL in chosen else chosen
                own = by_feature(sources, mean_contributions(states, matrix, 1), share * scale, start)
            else:
                each = [candidate.family.predict(state, matrix) for state in states]
                own = {START: start, candidate.family.name: share * scale * np.mean(each, axis=0)}
            found = added(found, own)
        return found

    def _search(self, train: pl.DataFrame, run: MapTasks) -> None:
        """Search on folds of `train`, and blend the best few."""
        folds, record = self._folds(train), Recorder(run)
        found = halving_search(
            configurations(
                self.trials, list(self.feature_sets), spaces(self._widest()), self.budget_multiplier, self.seed
            ),
            folds,
            self.keep_share,
            record,
        )
        chosen = finalists(found.trials, self.finalists)
        finals = [(found.trials[n].candidate, int(np.argmin(found.trials[n].losses))) for n in chosen]
        picked = self._blend(folds, finals, run)
        parts = [count / sum(picked) for count in picked]
        self.members_ = [
            EnsembleMember(*final, share) for final, share in zip(finals, parts, strict=True) if share > 0.0
        ]
        shares = dict(zip(chosen, parts, strict=True))
        self.leaderboard_: list[LeaderboardRow] = leaderboard(
            found.trials, record.calls, [fold.base_error for fold in folds], shares
        )

    def _widest(self) -> list[str]:
        return list(self.feature_sets.values())[-1]

    def _folds(self, train: pl.DataFrame) -> list[ConfigurationFold]:
        """Return the folds, the latest first: it has most to learn from, and is nearest to what comes."""
        known = training_rows(train, self._widest())
        seed = tree_seeds(self.seed, 1)[0]
        parts = [
            tuple(known.take(subsample(part, self.search_rows)) for part in split)
            for split in reversed(self._splits(train, "the search"))
        ]
        return [ConfigurationFold(trained, tested, self.feature_sets, seed) for trained, tested in parts]

    def _blend(
        self, folds: list[ConfigurationFold], tasks: list[tuple[Configuration, int]], run: MapTasks
    ) -> list[int]:
        """Return how often each finalist is picked, judged on the test rows of all folds, which count the same."""
        predicted: list[list[Floats]] = [[] for _ in tasks]
        for number, fold in enumerate(folds):
            desc = f"finalists, fold {number + 1} of {len(folds)}"
            for predictions, bp in zip(
                predicted, run(OutOfFold(fold), tasks, desc=desc, unit="candidate"), strict=True
            ):
                predictions.append(bp)
        target = np.concatenate([fold.test.target_bp for fold in folds])
        cost = np.concatenate([fold.test.dv01 / fold.base_error / fold.test.target_bp.size for fold in folds])
        return blend([np.concatenate(predictions) for predictions in predicted], target, cost, self.ensemble_size)

    def _train(self, train: pl.DataFrame, validation: pl.DataFrame, run: MapTasks) -> None:
        seeds = tree_seeds(self.seed, self.seeds)
        wanted = [seeds if member.candidate.family.random else seeds[:1] for member in self.members_]
        tasks = [(*member[:2], seed) for member, own in zip(self.members_, wanted, strict=True) for seed in own]
        trainer = ConfigurationTrainer(training_rows(train, self._widest()), self.feature_sets)
        states = iter(run(trainer, tasks, desc="final models", unit="model"))
        self.states_: list[list[Any]] = [[next(states) for _ in own] for own in wanted]
        anchor, members = self._members(validation)
        self.shrinkage_ = self._fit_shrinkage(validation, anchor, members.mean(axis=1))

    def _members(self, rows: pl.DataFrame) -> tuple[Floats, Floats]:
        """Return the anchor, shape (n_rows,), and what each seed adds to the base spread, (n_rows, n_seeds), bp."""
        all_spaces = rows_in_spaces(rows, self._widest())
        anchor, members = np.zeros(rows.height), np.zeros((rows.height, self.seeds))
        for (candidate, _, share), states in zip(self.members_, self.states_, strict=True):
            matrix = all_spaces.space(self.feature_sets[candidate.features], candidate.space).matrix
            each = [all_spaces.spread_bp(candidate.family.predict(s, matrix), candidate.space) for s in states]
            members += share * np.column_stack(each)  # one column stands for all where no random numbers are drawn
            anchor += share * all_spaces.anchor_bp(candidate.space)
        return anchor, members

    def _leaderboard(self) -> list[dict[str, Any]]:
        return [row._asdict() for row in self.leaderboard_]
