"""The space that boosting learns in: spreads as multiples of the noise that was expected of the print."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stages.models.base import DatasetError, Floats, clip_bounds, feature_matrix, finite_column
from stages.spreads.feature_table import FEATURES

NOISE = "f_noise"
"""Predicted deviation of a print around its value, bp: what the others are divided by."""
NO_SPREADS = frozenset({NOISE, "f_curve_trend"})
"""Features in bp that are no distance between spreads."""


class Sample(NamedTuple):
    """Rows to learn from.

    Attributes
    ----------
    matrix : ndarray of float32, shape (n_rows, n_features)
    noise_bp : ndarray, shape (n_rows,)
    target_bp : ndarray, shape (n_rows,)
    price_risk : ndarray, shape (n_rows,)
        Points per 100 of face for one bp.
    """

    matrix: NDArray[np.float32]
    noise_bp: Floats
    target_bp: Floats
    price_risk: Floats

    def take(self, positions: NDArray[np.int64]) -> "Sample":
        """Return some of the rows."""
        return Sample(
            self.matrix[positions], self.noise_bp[positions], self.target_bp[positions], self.price_risk[positions]
        )

    def clipped(self, bounds: tuple[float, float]) -> Floats:
        """Return the target as multiples of the noise, pulled in to `bounds`."""
        clipped: Floats = np.clip(self.target_bp / self.noise_bp, *bounds)
        return clipped

    def bounds(self, clip_share: float) -> tuple[float, float]:
        """Return the quantiles that cut `clip_share` of the target, in multiples of the noise, off at each end."""
        return clip_bounds(self.target_bp / self.noise_bp, clip_share)

    def weight(self) -> Floats:
        """Return what an error of one noise costs in price, mean 1."""
        cost = self.price_risk * self.noise_bp
        weight: Floats = cost / cost.mean()
        return weight

    def price_error(self, prediction: Floats) -> float:
        """Return the mean absolute price error of a prediction in multiples of the noise, points per 100."""
        return float(np.mean(np.abs(self.target_bp - prediction * self.noise_bp) * self.price_risk))


def sample(rows: pl.DataFrame, features: Sequence[str]) -> Sample:
    """Take from rows of the dataset what boosting learns from; `DatasetError` when it is not there or not finite."""
    matrix, noise_bp = scaled_matrix(rows, features)
    return Sample(matrix, noise_bp, finite_column(rows, "target_bp"), finite_column(rows, "price_risk"))


def scaled_matrix(rows: pl.DataFrame, features: Sequence[str]) -> tuple[NDArray[np.float32], Floats]:
    """Return the features, spreads among them as multiples of the noise, and the noise.

    A tree cannot divide: whether a peer's move of 5 bp is much depends on how far this bond's prints scatter.

    Returns
    -------
    matrix : ndarray of float32, shape (n_rows, n_features)
        A missing value is NaN.
    noise_bp : ndarray, shape (n_rows,)

    Raises
    ------
    DatasetError
        A column is missing or holds an infinite value, or the noise is not above zero.
    """
    matrix = feature_matrix(rows, features)
    noise_bp = finite_column(rows, NOISE)
    if (noise_bp <= 0.0).any():
        raise DatasetError(f"{NOISE} must be above 0 in every row, got {int((noise_bp <= 0.0).sum())} that are not")
    spreads = {feature.name for feature in FEATURES if feature.unit == "bp"} - NO_SPREADS
    columns = [position for position, name in enumerate(features) if name in spreads]
    matrix[:, columns] /= noise_bp.astype(np.float32)[:, None]
    return matrix, noise_bp


def thinned(positions: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return at most `most` of the positions, evenly spread over them.

    Examples
    --------
    >>> thinned(np.arange(10), 4)
    array([0, 2, 5, 7])
    """
    if positions.size <= most:
        return positions
    kept: NDArray[np.int64] = positions[np.arange(most, dtype=np.int64) * positions.size // most]
    return kept
