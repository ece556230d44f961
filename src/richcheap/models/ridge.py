"""The linear baseline: ridge regression on the enhanced features, learning what the models learn."""

from collections.abc import Sequence
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from richcheap.models.common.target_space import sample, space

Floats = NDArray[np.float64]


class Winsoriser(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types
    """Winsorise each feature at its training quantiles.

    Parameters
    ----------
    share : float
        Share of the training rows in each tail.
    """

    def __init__(self, share: float = 0.0) -> None:
        self.share = share

    def fit(self, X: Floats, y: Floats | None = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Learn the quantiles of each column."""
        self.low_, self.high_ = np.quantile(X, [self.share, 1.0 - self.share], axis=0)
        return self

    def transform(self, X: Floats) -> Floats:
        """Clip each column."""
        clipped: Floats = np.clip(X, self.low_, self.high_)
        return clipped


def fit_ridge(features: Floats, target: Floats, weight: Floats, penalty: float, clip_share: float) -> Pipeline:
    """Fit the baseline on the training block, in multiples of the noise as the models do.

    A basis point is much for one bond and nothing for another: a line through spreads in basis points follows the
    noisiest bonds. Missing values become the column's median. Features and target are clipped at their training
    quantiles, because squares of rare errors would rule the fit.

    Parameters
    ----------
    features : ndarray, shape (n_rows, n_features)
        Spreads among them as multiples of the noise; may hold NaN.
    target : ndarray, shape (n_rows,)
        Multiples of the noise.
    weight : ndarray, shape (n_rows,)
        What an error of one noise costs in price, in any unit: weights are taken as multiples of their mean, which
        the penalty is set against.
    penalty : float
        On squared standardised coefficients, for each row.
    clip_share : float
        Share of each tail that is winsorised.

    Returns
    -------
    Pipeline
        ``predict`` gives multiples of the noise.
    """
    low, high = np.quantile(target, [clip_share, 1.0 - clip_share])
    model = Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            ("clip", Winsoriser(clip_share)),
            ("scale", StandardScaler()),
            ("ridge", Ridge(alpha=penalty * target.size, solver="cholesky")),
        ]
    )
    model.fit(features, np.clip(target, low, high), ridge__sample_weight=weight / weight.mean())
    return model


class RidgeBaseline:
    """The linear baseline as a predictor of basis points to add to the base spread; it learns in units of the noise.

    Parameters
    ----------
    train : DataFrame
        The training block: the features, ``target_bp`` and ``dv01``.
    features : sequence of str
    penalty, clip_share : float
        As in `fit_ridge`.
    """

    def __init__(self, train: pl.DataFrame, features: Sequence[str], penalty: float, clip_share: float) -> None:
        self._features = features
        learned = sample(train, features)
        self._model = fit_ridge(
            learned.matrix.astype(np.float64),
            learned.target_bp / learned.noise_bp,
            learned.weight(),
            penalty,
            clip_share,
        )

    def predict(self, rows: pl.DataFrame) -> Floats:
        """Return one figure for each row, bp."""
        seen = space(rows, self._features)
        return seen.spread_bp(self._model.predict(seen.matrix.astype(np.float64)))
