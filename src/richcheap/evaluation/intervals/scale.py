"""How large an error a row may have, before its price is known: what is predicted, and what trees add to it."""

from typing import Any, Self

import lightgbm
import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.elementwise import logarithms

Floats = NDArray[np.float64]

SMALLEST_ERROR = 1e-9
"""Errors count as at least so many points, so that a faultless prediction has a logarithm."""
LEAVES, LEAF_ROWS, LEARNING_RATE, FEATURE_SHARE, PENALTY = 15, 100, 0.05, 0.6, 10.0
"""Small trees, heavily shrunk: the noise is a broad function of few features."""


def error_scale(noise_bp: Floats, dv01: Floats, floor_points: float) -> Floats:
    """Return the predicted standard deviation of a price error, points per 100.

    Parameters
    ----------
    noise_bp : ndarray
        Predicted standard deviation of the spread, bp.
    dv01 : ndarray
        Points per bp.
    floor_points : float
        Added in quadrature: a price has a tick however short the bond.
    """
    scale: Floats = np.sqrt((noise_bp * dv01) ** 2 + floor_points**2)
    return scale


def log_scores(error: Floats, scale: Floats) -> Floats:
    """Return the logarithm of errors as multiples of their scale."""
    scores: Floats = logarithms(np.maximum(np.abs(error), SMALLEST_ERROR) / scale)
    return scores


class LearnedScale:
    """A quantile of the errors of the base price as a function of the features, learned on the training block.

    Boosted trees with the quantile loss. The base price is fitted to nothing, so its errors on the training rows
    are as large as on new ones, which a model's own are not.

    Parameters
    ----------
    coverage : float
        Which quantile of the log scores.
    trees : int
    max_rows : int
        Training rows that are used, evenly spread.
    seed : int
    """

    def __init__(self, coverage: float, trees: int, max_rows: int, seed: int) -> None:
        self.coverage = coverage
        self.trees = trees
        self.max_rows = max_rows
        self.seed = seed

    def fit(self, features: Floats, scores: Floats) -> Self:
        """Learn from rows of the training block.

        Parameters
        ----------
        features : ndarray, shape (n_rows, n_features)
            May hold NaN.
        scores : ndarray, shape (n_rows,)
            `log_scores` of the base price.
        """
        rows = np.arange(min(scores.size, self.max_rows)) * scores.size // min(scores.size, self.max_rows)
        params: dict[str, Any] = {
            "objective": "quantile",
            "alpha": self.coverage,
            "num_leaves": LEAVES,
            "min_data_in_leaf": LEAF_ROWS,
            "learning_rate": LEARNING_RATE,
            "feature_fraction": FEATURE_SHARE,
            "lambda_l2": PENALTY,
            "seed": self.seed % (1 << 31),  # LightGBM takes 31 bits
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbosity": -1,
        }
        data = lightgbm.Dataset(features[rows], scores[rows], params=params)
        self.model_ = lightgbm.train(params, data, self.trees).model_to_string()
        return self

    def predict(self, features: Floats, threads: int = 1) -> Floats:
        """Return the quantile of the log score of each row; `threads` changes no result."""
        if not len(features):
            return np.empty(0)
        booster = lightgbm.Booster(model_str=self.model_)
        predicted: Floats = np.asarray(booster.predict(features, num_threads=threads), dtype=np.float64)
        return predicted
