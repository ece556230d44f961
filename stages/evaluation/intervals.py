"""Prediction intervals: split conformal, scaled by the predicted noise, apart for each maturity cell.

Errors are divided by a scale that is known beforehand, so that one quantile fits quiet and noisy rows alike
(locally weighted conformal prediction, Lei et al. 2018, section 5.2); the quantile is taken within the row's
maturity cell (Mondrian conformal prediction, Vovk et al. 2005), because what the scale misses depends on
maturity most of all.
"""

import math
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


def error_scale(noise_bp: Floats, price_risk: Floats, floor_points: float) -> Floats:
    """Return the predicted deviation of a price error, points per 100.

    Parameters
    ----------
    noise_bp : ndarray
        Predicted deviation of the spread, bp.
    price_risk : ndarray
        Points per bp.
    floor_points : float
        Added in quadrature: a price has a tick however short the bond.
    """
    scale: Floats = np.hypot(noise_bp * price_risk, floor_points)
    return scale


def conformal_quantile(scores: Floats, coverage: float) -> float:
    """Return the ``ceil((n + 1) coverage)``-th smallest score, the quantile that covers finite samples.

    Infinite when there are too few scores for the coverage.

    Examples
    --------
    >>> conformal_quantile(np.arange(1.0, 20.0), 0.9)
    18.0
    """
    rank = math.ceil((scores.size + 1) * coverage)
    return float(np.sort(scores)[rank - 1]) if rank <= scores.size else math.inf


class ScaledIntervals:
    """Half-widths in units of the error scale, one for each cell.

    Parameters
    ----------
    coverage : float
        Share of observations that the intervals should hold.
    min_rows : int
        A cell with fewer calibration rows takes the quantile of all rows.
    """

    def __init__(self, coverage: float, min_rows: int) -> None:
        self.coverage = coverage
        self.min_rows = min_rows

    def fit(self, error: Floats, scale: Floats, cell: Codes, cells: int) -> Self:
        """Learn the quantiles from rows that no predictor was fitted to.

        Parameters
        ----------
        error, scale : ndarray, shape (n_rows,)
            Error of a prediction and its scale, points.
        cell : ndarray of int, shape (n_rows,)
        cells : int
            Number of cells.
        """
        scores = np.abs(error) / scale
        pooled = conformal_quantile(scores, self.coverage)
        self.quantiles_ = np.full(cells, pooled)
        for code in range(cells):
            members = scores[cell == code]
            if members.size >= self.min_rows:
                self.quantiles_[code] = conformal_quantile(members, self.coverage)
        return self

    def half_width(self, scale: Floats, cell: Codes) -> Floats:
        """Return the half-width of each row's interval, points."""
        width: Floats = self.quantiles_[cell] * scale
        return width
