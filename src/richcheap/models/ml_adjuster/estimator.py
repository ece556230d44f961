"""A random forest that learns the clipped target, weighted by DV01, and is shrunk on the validation block."""

from collections import deque
from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestRegressor
from sklearn.utils.validation import check_is_fitted

from richcheap.models.common.base import (
    Floats,
    Watch,
    best_multiplier,
    clip_bounds,
    feature_matrix,
    finite_column,
)
from richcheap.models.common.estimator import SpreadEstimator
from richcheap.models.common.shrinkage import SHRINKAGE_STEPS
from richcheap.pipeline.execution.map_tasks import MapTasks

SEED_GROUPS = 4
"""Parts of a forest: every tree has a seed of its own, so that each part is a smaller forest from other seeds."""
TREES_PER_CORE = (
    4  # grown between two updates of the progress bar: few enough to see it move, enough to keep the cores busy
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
        Rows drawn for each tree, with replacement and in proportion to their DV01, as a share of all.
    target_clip_share : float
        Each tail of the training target that is winsorised.
    shrinkage_steps : int
        Steps of the grid from which the validation block picks the multiplier.
    seed : int
    n_jobs : int
        Cores for growing trees. It changes no result, but is part of a pickle's bytes.

    Attributes
    ----------
    clip_bounds_ : tuple of float
        Bounds of the target, bp.
    forest_ : RandomForestRegressor
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

    def predict(self, rows: pl.DataFrame) -> Floats:
        """Predict ``target_bp`` of each row, bp, shape by the whole forest: its parts may differ in size."""
        check_is_fitted(self)
        return self.multiplier_ * self._forest_prediction(rows)

    def _train(self, train: pl.DataFrame, validation: pl.DataFrame, watch: Watch, run: MapTasks) -> None:  # noqa: ARG002
        """Grow the forest, in threads of scikit-learn's own, then choose its multiplier."""
        target = finite_column(train, "target_bp")
        self.clip_bounds_ = clip_bounds(target, self.target_clip_share)
        self.forest_ = self._untrained(train.height)
        steps = self._grow(
            feature_matrix(train, self.features),
            np.clip(target, *self.clip_bounds_),
            finite_column(train, "dv01"),
        )
        deque(watch(steps, self.trees, "tree"), maxlen=0)
        # One core sums the trees in order; more would, in the order in which they happen to finish.
        self.forest_.set_params(n_jobs=1)
        # The training rows' weights, kept by scikit-learn for out-of-bag scores, would be stored with the model.
        vars(self.forest_).pop("_sample_weight", None)
        self.multiplier_ = best_multiplier(
            self._forest_prediction(validation),
            finite_column(validation, "target_bp"),
            finite_column(validation, "dv01"),
            self.shrinkage_steps,
        )

    def _members(self, rows: pl.DataFrame) -> tuple[None, Floats]:
        """Return what each of `SEED_GROUPS` parts of the forest predicts, bp; it has no anchor but the base spread."""
        trees = self.forest_.estimators_
        members = np.zeros((rows.height, min(SEED_GROUPS, len(trees))))
        if rows.height:
            matrix = feature_matrix(rows, self.features)
            for number, tree in enumerate(trees):
                members[:, number % members.shape[1]] += tree.predict(matrix, check_input=False)
        return None, members / np.bincount(np.arange(len(trees)) % members.shape[1])

    def _shrunk(self, rows: pl.DataFrame, anchor: None, predicted: Floats) -> Floats:  # noqa: ARG002
        return self.multiplier_ * predicted

    def _multipliers(self) -> dict[str, float]:
        return {"multiplier": self.multiplier_}

    def _untrained(self, rows: int) -> RandomForestRegressor:
        return RandomForestRegressor(
            criterion="squared_error",
            min_samples_leaf=self.leaf_rows,
            max_features=self.feature_share,
            # A count: a share would be of the sum of the weights, whatever their unit.
            max_samples=max(1, round(self.row_share * rows)),
            bootstrap=True,
            warm_start=True,
            random_state=self.seed,
            n_jobs=self.n_jobs,
        )

    def _grow(self, matrix: NDArray[np.float32], target: Floats, weight: Floats) -> Iterator[None]:
        """Grow the trees in batches, each tree from its own seed, so that the batches' size changes nothing."""
        forest, batch = self.forest_, TREES_PER_CORE * self.n_jobs
        for start in range(0, self.trees, batch):
            stop = min(start + batch, self.trees)
            forest.set_params(n_estimators=stop).fit(matrix, target, sample_weight=weight)
            yield from (None for _ in range(start, stop))

    def _forest_prediction(self, rows: pl.DataFrame) -> Floats:
        if not rows.height:
            return np.empty(0)
        prediction: Floats = self.forest_.predict(feature_matrix(rows, self.features))
        return prediction
