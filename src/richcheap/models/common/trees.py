"""Trees of LightGBM, grown and asked so that the same rows give the same bytes: the one place where models call it."""

from collections.abc import Iterable, Iterator
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from richcheap.models.common.base import Floats

Matrix = NDArray[np.float32]

AVERAGED, HEADER = "average_output", 1000
"""Line by which LightGBM marks a forest, and how much of the text is looked through for it."""

MIN_WEIGHT = 0.001
"""Of a leaf, in rows of mean weight. At 0 LightGBM may split off a leaf without a row, and fails: it knows the rows of
light leaves by differences of sums alone (lightgbm-org/LightGBM#3679)."""
MAX_FOREST_LEAVES = 255
"""Of a tree of a forest, where no search chooses; more of them gain nothing on the default market."""
ALWAYS: dict[str, Any] = {
    "min_sum_hessian_in_leaf": MIN_WEIGHT,  # rows are what counts: a weight is a price, not evidence
    "bagging_freq": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,  # candidates and seeds are what is done at the same time; part of the bytes
    "verbosity": -1,
}


def grow(matrix: Matrix, target: Floats, weight: Floats, rounds: int, seed: int, params: dict[str, Any]) -> str:
    """Return trees as LightGBM writes them, which restores every bit; `params` stand beside `ALWAYS`."""
    full = {**params, **ALWAYS, "seed": seed}
    data = lightgbm.Dataset(matrix, target, weight=weight, params=full)
    return lightgbm.train(full, data, rounds).model_to_string()


def grow_forest(
    matrix: Matrix,
    target: Floats,
    weight: Floats,
    *,
    trees: int,
    leaves: int,
    leaf_rows: int,
    feature_share: float,
    row_share: float,
    seed: int,
    extreme: bool = False,
) -> str:
    """Return a random forest (Breiman 2001), or one of extremely randomised trees, as LightGBM writes it.

    LightGBM grows it in under half the time of scikit-learn's, on bins of the features, and errs no more (docs/models/
    ml_adjuster.md).
    """
    params = {
        "objective": "regression",
        "boosting": "rf",
        "extra_trees": extreme,
        "num_leaves": leaves,
        "min_data_in_leaf": leaf_rows,
        "feature_fraction_bynode": feature_share,
        "bagging_fraction": row_share,
    }
    return grow(matrix, target, weight, trees, seed, params)


def sum_of_trees(model: str, matrix: Matrix, threads: int = 1) -> Floats:
    """Return the sum of all trees of a model for each row; one thread sums a row, so `threads` does not affect it."""
    return _prediction(lightgbm.Booster(model_str=model), matrix, 0, -1, threads)


def contributions_of_trees(model: str, matrix: Matrix, threads: int = 1) -> Floats:
    """Return what each column adds to `sum_of_trees` (SHAP values), and last their mean, (n_rows, n_columns + 1)."""
    booster = lightgbm.Booster(model_str=model)
    if not len(matrix):
        return np.empty((0, booster.num_feature() + 1))
    added: Floats = np.asarray(booster.predict(matrix, pred_contrib=True, num_threads=threads), dtype=np.float64)
    # LightGBM gives the mean of a forest's trees as its prediction, but the sum of their contributions.
    return added / booster.num_trees() if AVERAGED in model[:HEADER].splitlines() else added


def staged(model: str, matrix: Matrix, lengths: Iterable[int]) -> Iterator[Floats]:
    """Yield what the first trees tell of each row, for each of ascending numbers of them."""
    booster = lightgbm.Booster(model_str=model)
    total, done = np.zeros(len(matrix)), 0
    for length in lengths:
        if length > done:
            total = total + _prediction(booster, matrix, done, length - done, 1)
            done = length
        yield total


def _prediction(booster: lightgbm.Booster, matrix: Matrix, start: int, count: int, threads: int) -> Floats:
    if not len(matrix):
        return np.empty(0)
    predicted: Floats = np.asarray(
        booster.predict(matrix, start_iteration=start, num_iteration=count, num_threads=threads), dtype=np.float64
    )
    return predicted
