"""The estimator: a stacked ensemble whose meta-learner sees forward-chained predictions alone."""

from typing import Any, Self

import numpy as np
import polars as pl

from richcheap.models.advanced_ml_adjuster.base_learners import (
    KINDS,
    UNIT,
    BaseLearner,
    BaseLearnerTrainer,
    Kind,
    Learned,
    OutOfFoldPrediction,
    Sizes,
    predict,
)
from richcheap.models.advanced_ml_adjuster.meta_learner import blend
from richcheap.models.common.base import Floats, require_rows
from richcheap.models.common.contributions import by_feature, mean_contributions
from richcheap.models.common.estimator import ShrunkEstimator
from richcheap.models.common.lightgbm import tree_seeds
from richcheap.models.common.shrinkage import SHRINKAGE_STEPS, Shrinkage, without_history
from richcheap.models.common.splitter import Positions
from richcheap.models.common.spread_differences import wide_sample, wide_sources, wide_space
from richcheap.models.common.target_space import OWN_LAST, Anchor, Space, TrainingSample, subsample, units
from richcheap.numerics.linear_algebra import product
from richcheap.pipeline.execution.map_tasks import MapTasks, map_here


class StackedAdjuster(ShrunkEstimator):
    """Predict the distance of a print's spread from its base spread, bp.

    Parameters
    ----------
    features : list of str
        Columns that it learns from, those of `spread_differences` among them; missing values are allowed.
    sizes : Sizes
        What the members are made of.
    anchor : Anchor
        The spread that it starts from, and the noise.
    folds : int
        Walk-forward folds of the training block.
    fold_share : float
        Share of the training block's dates that each fold is tested on.
    embargo_dates : int
        Dates dropped before each fold's test dates.
    member_rows : int
        Most rows that a member learns from; they are spread evenly.
    seeds : int
        Members of each kind, whose mean counts.
    weight_shrinkage : float
        How strongly the kinds' weights are shrunk towards equal ones (`meta_learner.blend`).
    shrinkage_steps : int
        Steps of the grid of multipliers.
    cold_start_rows : int
        Rows without history, predicted out of fold or of the validation block, that a multiplier of their own needs.
    seed : int
    n_jobs : int
        Cores that predict. It changes no result, but is part of a stored model's bytes.

    Attributes
    ----------
    weights_ : dict of str to float
        Of each kind of member, 0 or above.
    members_ : dict of str to list
        For each kind what each seed has learned.
    shrinkage_ : Shrinkage
        What the distance from the anchor is multiplied by.
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
        weight_shrinkage: float = 0.1,
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
        self.weight_shrinkage = weight_shrinkage
        self.shrinkage_steps = shrinkage_steps
        self.cold_start_rows = cold_start_rows
        self.seed = seed
        self.n_jobs = n_jobs

    def fit(self, train: pl.DataFrame, validation: pl.DataFrame, run: MapTasks = map_here) -> Self:
        """Weigh the kinds of base learners by out-of-fold predictions on `train`, then let all learn from all of it.

        The multiplier of bonds without history, which are rare, is chosen on rows predicted out of fold as well; the
        rest is as in `SpreadEstimator.fit`.
        """
        require_rows(train, validation)
        learned = wide_sample(train, self.features, self.anchor)
        positions, predicted = self._out_of_fold(train, learned, run)
        test = learned.take(positions)
        weights = blend(predicted, test.target_bp / test.unit_bp, test.weight(), self.weight_shrinkage)
        self.weights_: dict[Kind, float] = dict(zip(self._kinds(), weights.tolist(), strict=True))
        self._train_members(learned, run)

        start, spread_bp = self._unshrunk(validation)
        warm = self._fit_shrinkage(validation, start, spread_bp).multiplier
        rows, anchor_bp = train[positions], train["target_bp"].to_numpy()[positions] - test.target_bp
        out_of_fold_bp = anchor_bp + test.unit_bp * product(predicted, weights)
        cold = without_history(rows)
        start = np.concatenate([anchor_bp[cold], start])
        spread_bp = np.concatenate([out_of_fold_bp[cold], spread_bp])
        both = self._fit_shrinkage(pl.concat([rows.filter(cold), validation]), start, spread_bp)
        self.shrinkage_ = Shrinkage(warm, both.cold_start_multiplier)
        return self

    def contributions(self, rows: pl.DataFrame) -> dict[str, Floats]:
        """Divide what `predict` gives, bp: that of the trees among the features, networks and line as a whole."""
        space, sources = wide_space(rows, self.features, self.anchor), wide_sources(self.features)
        added_bp, whole = np.zeros((rows.height, len(sources) + 1)), {}
        factor = self.shrinkage_.factor(rows)
        for kind, weight in self.weights_.items():
            trees = [member for member in self.members_[kind] if isinstance(member, str)]
            if weight > 0.0 and trees:
                unit_bp = space.unit_bp(UNIT[kind])[:, None]
                added_bp += weight * unit_bp * mean_contributions(trees, space.matrix, self.n_jobs)
            elif weight > 0.0:
                each = [predict(member, space.matrix, self.n_jobs) for member in self.members_[kind]]
                whole[kind] = factor * space.unit_bp(UNIT[kind]) * (weight * np.mean(each, axis=0))
        return by_feature(sources, added_bp, factor, space.anchor_bp) | whole

    def _train(self, train: pl.DataFrame, validation: pl.DataFrame, run: MapTasks) -> None:
        """Train on other rows, with the weights, and the multiplier of bonds without history, that `fit` found."""
        self._train_members(wide_sample(train, self.features, self.anchor), run)
        warm = self._fit_shrinkage(validation, *self._unshrunk(validation)).multiplier
        self.shrinkage_ = Shrinkage(warm, self.shrinkage_.cold_start_multiplier)

    def _members(self, rows: pl.DataFrame) -> tuple[Space, Floats]:
        """Return the rows' space, and each seed's mixture in multiples of the noise, shape (n_rows, n_seeds)."""
        space = wide_space(rows, self.features, self.anchor)
        mixture = np.zeros((len(space.matrix), self.seeds))
        for kind, learned in self.members_.items():
            if self.weights_[kind] > 0.0:
                for seed in range(self.seeds):
                    # One member of a kind stands for all seeds.
                    if seed < len(learned):
                        predicted = predict(learned[seed], space.matrix, self.n_jobs)
                        predicted = predicted * (space.unit_bp(UNIT[kind]) / space.noise_bp)
                    mixture[:, seed] += self.weights_[kind] * predicted
        return space, mixture

    def _shrunk(self, rows: pl.DataFrame, anchor: Space, predicted: Floats) -> Floats:
        return self.shrinkage_.shrunk(rows, anchor.spread_bp(predicted), anchor.anchor_bp)

    def _leaderboard(self) -> list[dict[str, Any]]:
        """Return the weight of each kind of base learners, the largest first."""
        ordered = sorted(self.weights_.items(), key=lambda item: -item[1])
        return [{"rank": rank, "family": kind, "share": weight} for rank, (kind, weight) in enumerate(ordered, start=1)]

    def _out_of_fold(self, rows: pl.DataFrame, learned: TrainingSample, run: MapTasks) -> tuple[Positions, Floats]:
        """Return training rows' positions, and what base learners that had seen only earlier dates predict for them.

        The predictions are means over the seeds, in multiples of the noise, shape (n_positions, n_kinds).
        """
        splits = self._splits(rows, "stacking")
        learners, folds = self._base_learners(), []
        for number, (before, test) in enumerate(splits):
            trainer = BaseLearnerTrainer(learned.take(subsample(before, self.member_rows)), self.sizes)
            function = OutOfFoldPrediction(trainer, learned.take(test))
            desc = f"stack, fold {number + 1} of {len(splits)}"
            parts = dict(zip(learners, run(function, learners, desc=desc, unit="member"), strict=True))
            folds.append(
                np.column_stack(
                    [np.mean([parts[m] for m in learners if m.kind == kind], axis=0) for kind in self._kinds()]
                )
            )
        return np.concatenate([test for _, test in splits]), np.vstack(folds)

    def _train_members(self, learned: TrainingSample, run: MapTasks) -> None:
        rows = subsample(np.arange(learned.unit_bp.size), self.member_rows)
        trainer, learners = BaseLearnerTrainer(learned.take(rows), self.sizes), self._base_learners()
        results = list(zip(learners, run(trainer, learners, desc="final members", unit="member"), strict=True))
        self.members_: dict[Kind, list[Learned]] = {
            kind: [result for learner, result in results if learner.kind == kind] for kind in self._kinds()
        }

    def _base_learners(self) -> list[BaseLearner]:
        """Return what is to be learned; the line, which has nothing to draw, once."""
        seeds = tree_seeds(self.seed, self.seeds)
        return [BaseLearner(kind, seed) for kind in self._kinds() for seed in (seeds[:1] if kind == "line" else seeds)]

    def _kinds(self) -> list[Kind]:
        return [kind for kind in KINDS if UNIT[kind] in units(self.features)]

    def _unshrunk(self, rows: pl.DataFrame) -> tuple[Floats, Floats]:
        """Return what predictions are shrunk to, and the predictions, added to the base spread, bp."""
        space, mixture = self._members(rows)
        return space.anchor_bp, space.spread_bp(mixture.mean(axis=1))
