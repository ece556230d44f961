"""The estimator: boosted trees found by a search under walk-forward folds, shrunk on the validation block."""

from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from richcheap.models.common.base import Floats, Run, Watch, require_rows, run_here
from richcheap.models.common.lightgbm import (
    BoostedTreesTrainer,
    Candidate,
    Fold,
    Settings,
    candidates,
    predict_each,
    tree_seeds,
)
from richcheap.models.common.search import Trial, halving_search, leaderboard, standing
from richcheap.models.common.shrinkage import SHRINKAGE_STEPS
from richcheap.models.common.target_space import OWN_LAST, Anchor, Sample, sample, space, subsample
from richcheap.models.common.walk_forward import WalkForwardMixin


class BoostedAdjuster(WalkForwardMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
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
        Trees between two looks at the loss, when the search chooses their number.
    seeds : int
        Models, each grown from its own seed, whose mean is the prediction.
    target_clip_share : float
        Each tail of the training target that is pulled in to its quantile.
    shrinkage_steps : int
        Steps of the grid from which the validation block picks the multiplier.
    seed : int
    n_jobs : int
        Cores that predict. It changes no result, but is part of a pickle's bytes.

    Attributes
    ----------
    best_ : Candidate
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
        trials: int = 16,
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

    def fit(
        self,
        train: pl.DataFrame,
        validation: pl.DataFrame,
        watch: Watch,  # noqa: ARG002  all its work is done, and shown, by `run`
        run: Run = run_here,
    ) -> Self:
        """Search on folds of `train`, grow the models of the best candidate on all of it, shrink them on `validation`.

        Parameters
        ----------
        train, validation : DataFrame
            Blocks of the dataset: ``date``, the features, ``target_bp`` and ``price_risk``.
        watch : callable
        run : callable
            Does evaluations and grows models, wherever.

        Raises
        ------
        DatasetError
            A block has no rows, the training block has too few dates for the folds, a column is missing, or a value
            is not finite where it must be.
        """
        require_rows(train, validation)
        learned, kept = sample(train, self.features, self.anchor), sample(validation, self.features, self.anchor)
        found = halving_search(candidates(self.trials, self.seed), self._folds(train, learned), self.keep_share, run)
        self.best_: Candidate = found.trials[found.number].candidate
        self.rounds_ = self._settings().lengths()[found.length]
        self.trials_: list[Trial[Candidate]] = found.trials
        return self._grow(learned, kept, run)

    def refit(
        self,
        train: pl.DataFrame,
        validation: pl.DataFrame,
        watch: Watch,  # noqa: ARG002  as in `fit`
        run: Run = run_here,
    ) -> Self:
        """Grow the models of the candidate that `fit` found on other rows, and shrink them on their validation block.

        Raises
        ------
        DatasetError
            A block has no rows, a column is missing, or a value is not finite where it must be.
        """
        check_is_fitted(self)
        require_rows(train, validation)
        return self._grow(
            sample(train, self.features, self.anchor), sample(validation, self.features, self.anchor), run
        )

    def predict(self, rows: pl.DataFrame) -> Floats:
        """Predict ``target_bp`` of each row.

        Parameters
        ----------
        rows : DataFrame
            Holds the features, and what the anchor names.

        Returns
        -------
        ndarray, shape (n_rows,)
            bp.
        """
        check_is_fitted(self)
        seen = space(rows, self.features, self.anchor)
        return seen.spread_bp(self.multiplier_ * self._each(seen.matrix).mean(axis=1))

    def member_predictions(self, rows: pl.DataFrame) -> Floats:
        """Predict ``target_bp`` of each row by each seed's model alone, bp, shape (n_rows, n_seeds)."""
        check_is_fitted(self)
        seen = space(rows, self.features, self.anchor)
        members = [seen.spread_bp(self.multiplier_ * member) for member in self._each(seen.matrix).T]
        return np.column_stack(members)

    def findings(self) -> dict[str, Any]:
        """Return the multiplier, and what every trial reached, the best first."""
        check_is_fitted(self)
        board = leaderboard(self.trials_, Candidate._asdict, {standing(self.trials_)[0]: 1.0})
        return {"multiplier": self.multiplier_, "leaderboard": board}

    def _settings(self) -> Settings:
        return Settings(self.learning_rate, self.rounds, min(self.round_step, self.rounds))

    def _folds(self, rows: pl.DataFrame, learned: Sample) -> list[Fold]:
        """Return the folds, the latest first: it has most to learn from, and is nearest to what comes."""
        return [
            Fold(
                learned.take(subsample(train, self.search_rows)),
                learned.take(subsample(test, self.search_rows)),
                clip_share=self.target_clip_share,
                settings=self._settings(),
                seed=tree_seeds(self.seed, 1)[0],
            )
            for train, test in reversed(self._splits(rows, "the search"))
        ]

    def _grow(self, learned: Sample, kept: Sample, run: Run) -> Self:
        growing = BoostedTreesTrainer(learned, self.target_clip_share, self._settings(), self.best_, self.rounds_)
        self.models_ = list(run(growing, tree_seeds(self.seed, self.seeds), desc="final models", unit="model"))
        self.multiplier_ = kept.best_multiplier(self._each(kept.matrix).mean(axis=1), self.shrinkage_steps)
        return self

    def _each(self, matrix: NDArray[np.float32]) -> Floats:
        return predict_each(self.models_, matrix, self.n_jobs)
