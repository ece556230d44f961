"""The linear baseline: ridge regression on the enhanced features, learning what the models learn."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.models.common.neural_network import Layers
from richcheap.models.common.neural_network import fit_ridge as fit_line
from richcheap.models.common.target_space import sample, space

Floats = NDArray[np.float64]


def fit_ridge(
    features: NDArray[np.float32], target: Floats, weight: Floats, penalty: float, clip_share: float
) -> Layers:
    """Fit the baseline on the training block, in multiples of the noise as the models do.

    A basis point is much for one bond and nothing for another: a line through spreads in basis points follows the
    noisiest bonds. Missing values become the column's median. Features and target are clipped at their training
    quantiles, because squares of rare errors would rule the fit.

    Parameters
    ----------
    features : ndarray of float32, shape (n_rows, n_features)
        Spreads among them as multiples of the noise; may hold NaN.
    target : ndarray, shape (n_rows,)
        Multiples of the noise.
    weight : ndarray, shape (n_rows,)
        What an error of one noise costs in price, in any unit: weights are taken as multiples of their mean, which
        the penalty is set against.
    penalty : float
        On squared standardised coefficients, for each row; above 0.
    clip_share : float
        Share of each tail that is winsorised.

    Returns
    -------
    Layers
        ``predict`` gives multiples of the noise.
    """
    low, high = np.quantile(target, [clip_share, 1.0 - clip_share])
    clipped = np.clip(target, low, high)
    return fit_line(features, clipped, weight / weight.mean(), penalty=penalty, clip_share=clip_share)


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
            learned.matrix,
            learned.target_bp / learned.unit_bp,
            learned.weight(),
            penalty,
            clip_share,
        )

    def predict(self, rows: pl.DataFrame) -> Floats:
        """Return one figure for each row, bp."""
        seen = space(rows, self._features)
        return seen.spread_bp(self._model.predict(seen.matrix))
