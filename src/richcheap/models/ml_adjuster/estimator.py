"""A random forest that learns the clipped target, weighted by DV01, and is shrunk on the validation block."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from richcheap.models.common.base import (
    Floats,
    best_multiplier,
    clip_bounds,
    feature_matrix,
    finite_column,
)
from richcheap.models.common.contributions import by_feature, mean_contributions
from richcheap.models.common.estimator import SpreadEstimator
from richcheap.models.common.lightgbm import predict_each, tree_seeds
from richcheap.models.common.shrinkage import SHRINKAGE_STEPS
from richcheap.models.common.trees import MAX_FOREST_LEAVES, Matrix, grow_forest
from richcheap.pipeline.execution.map_tasks import MapTasks

PARTS = 4
"""Parts of a forest, each grown from a seed of its own: independent tasks, and members to compare seeds by."""


@dataclass(frozen=True)
class ForestTrainer:
    """Grows a part of a forest: a task is (trees, seed).

    Parameters
    ----------
    matrix : ndarray of float32, shape (n_rows, n_features)
    target, weight : ndarray, shape (n_rows,)
    leaf_rows : int
    feature_share, row_share : float
        As of `ForestAdjuster`.
    """

    matrix: Matrix
    target: Floats
    weight: Floats
    leaf_rows: int
    feature_share: float
    row_share: float

    def __call__(self, task: tuple[int, int]) -> str:
        """Return the trees as LightGBM writes them."""
        trees, seed = task
        return grow_forest(
            self.matrix,
            self.target,
            self.weight,
            trees=trees,
            leaves=MAX_FOREST_LEAVES,
            leaf_rows=self.leaf_rows,
            feature_share=self.feature_share,
            row_share=self.row_share,
            seed=seed,
        )


class ForestAdjuster(SpreadEstimator):
    """Predict the distance of a print's spread from its base spread, bp.

    Parameters
    ----------
    features : list of str
        Columns that it learns from; missing values are allowed.
    trees : int
    leaf_rows : int
        Fewest training rows in a leaf.
    feature_share : float
        Share of the features tried at each split.
    row_share : float
        Share of the rows drawn for each tree.
    target_clip_share : float
        Each tail of the training target that is winsorised.
    shrinkage_steps : int
        Steps of the grid from which the validation block picks the multiplier.
    seed : int
    n_jobs : int
        Cores that predict. It changes no result, but is part of a stored model's bytes.

    Attributes
    ----------
    clip_bounds_ : tuple of float
        Bounds of the target, bp.
    forests_ : list of str
        `PARTS` of the forest, as LightGBM writes them.
    multiplier_ : float
        What the forest's prediction is multiplied by, 0 to 1.
    """

    def __init__(
        self,
        *,
        features: list[str],
        trees: int = 200,
        leaf_rows: int = 50,
        feature_share: float = 0.4,
        row_share: float = 0.5,
        target_clip_share: float = 0.005,
        shrinkage_steps: int = SHRINKAGE_STEPS,
        seed: int = 0,
        n_jobs: int = 1,
    ) -> None:
        self.features = features
        self.trees = trees
        self.leaf_rows = leaf_rows
        self.feature_share = feature_share
        self.row_share = row_share
        self.target_clip_share = target_clip_share
        self.shrinkage_steps = shrinkage_steps
        self.seed = seed
        self.n_jobs = n_jobs

    def contributions(self, rows: pl.DataFrame) -> dict[str, Floats]:
        """Divide what `predict` gives among the features, bp."""
        found = mean_contributions(self.forests_, feature_matrix(rows, self.features), self.n_jobs)
        return by_feature(self.features, found, np.full(rows.height, self.multiplier_), np.zeros(rows.height))

    def _train(self, train: pl.DataFrame, validation: pl.DataFrame, run: MapTasks) -> None:
        target, dv01 = finite_column(train, "target_bp"), finite_column(train, "dv01")
        self.clip_bounds_ = clip_bounds(target, self.target_clip_share)
        trainer = ForestTrainer(
            feature_matrix(train, self.features),
            np.clip(target, *self.clip_bounds_),
            dv01 / dv01.mean(),
            self.leaf_rows,
            self.feature_share,
            self.row_share,
        )
        parts = min(PARTS, self.trees)
        sizes = [self.trees // parts + (part < self.trees % parts) for part in range(parts)]
        tasks = list(zip(sizes, tree_seeds(self.seed, parts), strict=True))
        self.forests_ = list(run(trainer, tasks, desc="forest", unit="part"))
        self.multiplier_ = best_multiplier(
            self._members(validation)[1].mean(axis=1),
            finite_column(validation, "target_bp"),
            finite_column(validation, "dv01"),
            self.shrinkage_steps,
        )

    def _members(self, rows: pl.DataFrame) -> tuple[None, Floats]:
        """Return what each part of the forest predicts, bp; it has no anchor but the base spread."""
        return None, predict_each(self.forests_, feature_matrix(rows, self.features), self.n_jobs)

    def _shrunk(self, rows: pl.DataFrame, anchor: None, predicted: Floats) -> Floats:  # noqa: ARG002
        return self.multiplier_ * predicted

    def _multipliers(self) -> dict[str, float]:
        return {"multiplier": self.multiplier_}
