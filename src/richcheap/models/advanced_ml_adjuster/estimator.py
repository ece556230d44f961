"""The estimator: a stacked ensemble whose meta-learner sees forward-chained predictions alone."""

from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from richcheap.models.advanced_ml_adjuster.base_learners import (
    KINDS,
    Learned,
    Learning,
    Member,
    OutOfFoldPrediction,
    Sizes,
    predict,
)
from richcheap.models.advanced_ml_adjuster.meta_learner import blend
from richcheap.models.common.base import Floats, Run, Watch, require_rows, run_here
from richcheap.models.common.lightgbm import tree_seeds
from richcheap.models.common.shrinkage import SHRINKAGE_STEPS, Shrinkage, fit_shrinkage, start_bp, without_history
from richcheap.models.common.spread_differences import wide_sample, wide_space
from richcheap.models.common.target_space import OWN_LAST, Anchor, Sample, Space, subsample
from richcheap.models.common.walk_forward import WalkForwardMixin


class StackedAdjuster(WalkForwardMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Predict the distance of a print's spread from its base spread, bp.

    Parameters
    ----------
    features : list of str
        Columns that it learns from, those of `contrasts` among them; missing values are allowed.
    sizes : Sizes
        What the members are made of.
    anchor : Anchor
        The spread that it starts from, and the noise.
    folds : int
        Walk-forward folds of the training block.
    fold_share : float
        Share of the training block's dates that each fold foretells.
    embargo_dates : int
        Dates dropped before each fold's test dates.
    member_rows : int
        Most rows that a member learns from; they are spread evenly.
    seeds : int
        Members of each kind, whose mean counts.
    pull : float
        How strongly the kinds' weights are pulled towards equal ones (`blending.blend`).
    shrinkage_steps : int
        Steps of the grid of multipliers.
    cold_start_rows : int
        Rows without history, foretold or of the validation block, that are needed for a multiplier of their own.
    seed : int
    n_jobs : int
        Cores that predict. It changes no result, but is part of a pickle's bytes.

    Attributes
    ----------
    weights_ : dict of str to float
        Of each kind of member, 0 or above.
    members_ : dict of str to list
        For each kind what each seed has learned.
    belief_ : Shrinkage
        What the distance from the anchor is multiplied by; for bonds without history that from the matrix spread.
    """

    def __init__(
        self,
        *,
        features: list[str],
        sizes: Sizes,
        anchor: Anchor = OWN_LAST,
        folds: int = 3,
        fold_share: float = 0.15,
        embargo_dates: int = 1,
        member_rows: int = 200_000,
        seeds: int = 4,
        pull: float = 0.1,
        shrinkage_steps: int = SHRINKAGE_STEPS,
        cold_start_rows: int = 20,
        seed: int = 0,
        n_jobs: int = 1,
    ) -> None:
        self.features = features
        self.sizes = sizes
        self.anchor = anchor
        self.folds = folds
        self.fold_share = fold_share
        self.embargo_dates = embargo_dates
        self.member_rows = member_rows
        self.seeds = seeds
        self.pull = pull
        self.shrinkage_steps = shrinkage_steps
        self.cold_start_rows = cold_start_rows
        self.seed = seed
        self.n_jobs = n_jobs

    @property
    def multiplier_(self) -> float:
        """What the distance from the anchor is multiplied by where there is history, 0 to 1."""
        return self.belief_.multiplier

    def fit(
        self,
        train: pl.DataFrame,
        validation: pl.DataFrame,
        watch: Watch,  # noqa: ARG002  all its work is done, and shown, by `run`
        run: Run = run_here,
    ) -> Self:
        """Weigh the kinds of members by what they foretold on folds of `train`, then let all learn from all of it.

        Parameters
        ----------
        train, validation : DataFrame
            Blocks of the dataset: ``date``, the features, ``target_bp`` and ``price_risk``.
        watch : callable
        run : callable
            Lets members learn, wherever.

        Raises
        ------
        DatasetError
            A block has no rows, the training block has too few dates for the folds, a column is missing, or a value
            is not finite where it must be.
        """
        require_rows(train, validation)
        learned = wide_sample(train, self.features, self.anchor)
        positions, told = self._foretell(train, learned, run)
        there = learned.take(positions)
        weights = blend(told, there.target_bp / there.noise_bp, there.weight(), self.pull)
        self.weights_: dict[str, float] = dict(zip(KINDS, weights.tolist(), strict=True))
        self._learn(learned, run)
        anchor_bp = train["target_bp"].to_numpy()[positions] - there.target_bp
        told_bp = anchor_bp + there.noise_bp * (told @ weights)
        self.belief_ = self._believe(validation, train[positions], told_bp)
        return self

    def refit(
        self,
        train: pl.DataFrame,
        validation: pl.DataFrame,
        watch: Watch,  # noqa: ARG002  as in `fit`
        run: Run = run_here,
    ) -> Self:
        """Let the members learn from other rows, with the weights and the trust in cold starts that `fit` found.

        Raises
        ------
        DatasetError
            A block has no rows, a column is missing, or a value is not finite where it must be.
        """
        check_is_fitted(self)
        require_rows(train, validation)
        self._learn(wide_sample(train, self.features, self.anchor), run)
        now = self._believe(validation, train.clear(), np.empty(0))
        self.belief_ = Shrinkage(now.multiplier, self.belief_.cold_multiplier)
        return self

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
        seen = wide_space(rows, self.features, self.anchor)
        spread_bp = seen.spread_bp(self._by_seed(seen).mean(axis=1))
        return self.belief_.shrunk(rows, spread_bp, start_bp(rows, seen.anchor_bp))

    def member_predictions(self, rows: pl.DataFrame) -> Floats:
        """Predict ``target_bp`` of each row by the members of each seed alone, bp, shape (n_rows, n_seeds)."""
        check_is_fitted(self)
        seen = wide_space(rows, self.features, self.anchor)
        spreads_bp = np.column_stack([seen.spread_bp(prediction) for prediction in self._by_seed(seen).T])
        return self.belief_.shrunk(rows, spreads_bp, start_bp(rows, seen.anchor_bp))

    def findings(self) -> dict[str, Any]:
        """Return the multipliers, and the weight of each kind of members, the largest first."""
        check_is_fitted(self)
        ordered = sorted(self.weights_.items(), key=lambda item: -item[1])
        board = [{"rank": rank, "family": kind, "share": w} for rank, (kind, w) in enumerate(ordered, start=1)]
        return {**self.belief_._asdict(), "leaderboard": board}

    def _foretell(self, rows: pl.DataFrame, learned: Sample, run: Run) -> tuple[NDArray[np.int64], Floats]:
        """Return training rows' positions, and what members that had seen only earlier dates say of them.

        The predictions are means over the seeds, in multiples of the noise, shape (n_told, n_kinds).
        """
        splits = self._splits(rows, "stacking")
        members, told = self._members(), []
        for number, (past, test) in enumerate(splits):
            learning = Learning(learned.take(subsample(past, self.member_rows)), self.sizes)
            function = OutOfFoldPrediction(learning, learned.matrix[test])
            desc = f"stack, fold {number + 1} of {len(splits)}"
            parts = dict(zip(members, run(function, members, desc=desc, unit="member"), strict=True))
            told.append(
                np.column_stack([np.mean([parts[m] for m in members if m.kind == kind], axis=0) for kind in KINDS])
            )
        return np.concatenate([test for _, test in splits]), np.vstack(told)

    def _learn(self, learned: Sample, run: Run) -> None:
        learning = Learning(learned.take(subsample(np.arange(learned.noise_bp.size), self.member_rows)), self.sizes)
        members = self._members()
        results = list(zip(members, run(learning, members, desc="final members", unit="member"), strict=True))
        self.members_: dict[str, list[Learned]] = {
            kind: [result for member, result in results if member.kind == kind] for kind in KINDS
        }

    def _members(self) -> list[Member]:
        """Return what is to be learned; the line, which has nothing to draw, once."""
        seeds = tree_seeds(self.seed, self.seeds)
        return [Member(kind, seed) for kind in KINDS for seed in (seeds[:1] if kind == "line" else seeds)]

    def _by_seed(self, seen: Space) -> Floats:
        """Return the mixture of each seed's members, in multiples of the noise, shape (n_rows, n_seeds)."""
        mixture = np.zeros((len(seen.matrix), self.seeds))
        for kind, learned in self.members_.items():
            if self.weights_[kind] > 0.0:
                for seed in range(self.seeds):
                    # One member of a kind stands for all seeds.
                    if seed < len(learned):
                        predicted = predict(learned[seed], seen.matrix, self.n_jobs)
                    mixture[:, seed] += self.weights_[kind] * predicted
        return mixture

    def _believe(self, validation: pl.DataFrame, told: pl.DataFrame, told_bp: Floats) -> Shrinkage:
        """Choose the multipliers on the validation block; for cold starts, which are rare, on rows foretold as well.

        Parameters
        ----------
        validation : DataFrame
        told : DataFrame
            Training rows that were foretold.
        told_bp : ndarray, shape (n_told,)
            What was said of them, added to the base spread.
        """
        seen = wide_space(validation, self.features, self.anchor)
        spread_bp, start = seen.spread_bp(self._by_seed(seen).mean(axis=1)), start_bp(validation, seen.anchor_bp)
        warm = self._best(validation, spread_bp, start).multiplier
        without = without_history(told)
        rows = pl.concat([told.filter(without), validation])
        spread_bp = np.concatenate([told_bp[without], spread_bp])
        start = np.concatenate([np.zeros(np.count_nonzero(without)), start])
        return Shrinkage(warm, self._best(rows, spread_bp, start).cold_multiplier)

    def _best(self, rows: pl.DataFrame, spread_bp: Floats, start: Floats) -> Shrinkage:
        return fit_shrinkage(rows, spread_bp, start, steps=self.shrinkage_steps, cold_start_rows=self.cold_start_rows)
