"""The space that models learn in: the distance from an anchor, as a multiple of a unit.

The unit is the noise that is expected of the print, or a point per 100: models that learn in the one and in the other
err differently, so that their mean errs less. Features that are spreads are multiples of the noise in both.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.features.catalogue import FEATURES
from richcheap.models.common.base import (
    DatasetError,
    Floats,
    best_multiplier,
    clip_bounds,
    feature_matrix,
    finite_column,
)

NOISE_FEATURES = ("f_noise", "f_kalman_std")
"""Predicted standard deviations of a print, bp."""
DV01: Final = "f_dv01"
"""Feature that holds what one bp costs in points per 100."""
Unit = Literal["noise", "points"]
UNITS: Final[tuple[Unit, ...]] = get_args(Unit)
NO_SPREADS = frozenset({*NOISE_FEATURES, "f_curve_trend"})
"""Features in bp that are no distance between spreads."""


class Anchor(NamedTuple):
    """The spread that a model starts from: it learns how far prints lie from it.

    Attributes
    ----------
    offset : str or None
        Feature that holds the anchor's distance from the base spread, bp; None for the base spread itself.
    noise : str or None
        Feature that holds the predicted standard deviation of a print around the anchor, bp, above 0; None for 1 bp in
        every row, which leaves spreads as they are.
    """

    offset: str | None
    noise: str | None


OWN_LAST = Anchor(None, "f_noise")
"""The own last spread, moved with the curve: the base spread."""
KALMAN = Anchor("f_kalman_gap", "f_kalman_std")
"""The spread of the Kalman filter's price."""


class Space(NamedTuple):
    """Rows as a model sees them.

    Attributes
    ----------
    matrix : ndarray of float32, shape (n_rows, n_features)
        Features that are spreads as multiples of the noise; a missing value is NaN.
    anchor_bp : ndarray, shape (n_rows,)
        The anchor less the base spread.
    noise_bp : ndarray, shape (n_rows,)
    point_bp : ndarray, shape (n_rows,), or None
        What a point per 100 is worth; None where `DV01` is not among the features.
    """

    matrix: NDArray[np.float32]
    anchor_bp: Floats
    noise_bp: Floats
    point_bp: Floats | None

    def unit_bp(self, unit: Unit) -> Floats:
        """Return what one unit of the target is."""
        return self.noise_bp if unit == "noise" else _known(self.point_bp)

    def spread_bp(self, prediction: Floats) -> Floats:
        """Return what is added to the base spread, bp, from predictions in multiples of the noise.

        Their shape, (n_rows,) or (n_rows, n), is that of the result.
        """
        spread: Floats = self.anchor_bp + prediction.T * self.noise_bp
        return spread.T

    def take(self, positions: NDArray[np.int64]) -> "Space":
        """Return some of the rows."""
        point_bp = None if self.point_bp is None else self.point_bp[positions]
        return Space(self.matrix[positions], self.anchor_bp[positions], self.noise_bp[positions], point_bp)


class TrainingSample(NamedTuple):
    """Rows to learn from.

    Attributes
    ----------
    matrix : ndarray of float32, shape (n_rows, n_features)
    unit_bp : ndarray, shape (n_rows,)
        What one unit of the target is.
    target_bp : ndarray, shape (n_rows,)
        Distance of the print from the anchor.
    dv01 : ndarray, shape (n_rows,)
        Points per 100 of face for one bp.
    point_bp : ndarray, shape (n_rows,), or None
        As of `Space`.
    noise : float
        Of a print on average, in units of the target.
    """

    matrix: NDArray[np.float32]
    unit_bp: Floats
    target_bp: Floats
    dv01: Floats
    point_bp: Floats | None = None
    noise: float = 1.0

    def measured_in(self, unit: Unit) -> "TrainingSample":
        """Return the rows, as they are measured in multiples of the noise, in a unit."""
        if unit == "noise":
            return self
        point_bp = _known(self.point_bp)
        return self._replace(unit_bp=point_bp, noise=float(np.mean(self.unit_bp / point_bp)))

    def take(self, positions: NDArray[np.int64]) -> "TrainingSample":
        """Return some of the rows."""
        point_bp = None if self.point_bp is None else self.point_bp[positions]
        return TrainingSample(
            self.matrix[positions],
            self.unit_bp[positions],
            self.target_bp[positions],
            self.dv01[positions],
            point_bp,
            self.noise,
        )

    def clipped(self, bounds: tuple[float, float]) -> Floats:
        """Return the target as multiples of the unit, winsorised at `bounds`."""
        clipped: Floats = np.clip(self.target_bp / self.unit_bp, *bounds)
        return clipped

    def bounds(self, clip_share: float) -> tuple[float, float]:
        """Return the quantiles that cut `clip_share` of the target, in multiples of the unit, off at each end."""
        return clip_bounds(self.target_bp / self.unit_bp, clip_share)

    def weight(self) -> Floats:
        """Return what an error of one unit costs in price, mean 1."""
        cost = self.dv01 * self.unit_bp
        weight: Floats = cost / cost.mean()
        return weight

    def price_error(self, prediction: Floats) -> float:
        """Return the mean absolute price error of a prediction in multiples of the unit, points per 100."""
        return float(np.mean(np.abs(self.target_bp - prediction * self.unit_bp) * self.dv01))

    def best_multiplier(self, prediction: Floats, steps: int) -> float:
        """Return by what a prediction in multiples of the unit is best multiplied (`best_multiplier`)."""
        return best_multiplier(prediction * self.unit_bp, self.target_bp, self.dv01, steps)


def sample(rows: pl.DataFrame, features: Sequence[str], anchor: Anchor = OWN_LAST) -> TrainingSample:
    """Take from rows of the dataset what a model learns from; `DatasetError` when it is not there or not finite."""
    seen = space(rows, features, anchor)
    target_bp = finite_column(rows, "target_bp") - seen.anchor_bp
    return TrainingSample(seen.matrix, seen.noise_bp, target_bp, finite_column(rows, "dv01"), seen.point_bp)


def space(rows: pl.DataFrame, features: Sequence[str], anchor: Anchor = OWN_LAST) -> Space:
    """Return the features, spreads among them as multiples of the noise, with the anchor and the noise.

    A tree cannot divide: whether a peer's move of 5 bp is much depends on how far this bond's prints scatter.

    Raises
    ------
    DatasetError
        A column is missing or holds an infinite value, the anchor is not known in every row, or the noise or DV01 is
        not above zero.
    """
    matrix = feature_matrix(rows, features)
    noise_bp = np.ones(rows.height) if anchor.noise is None else positive_column(rows, anchor.noise)
    point_bp = 1.0 / positive_column(rows, DV01) if DV01 in features else None
    anchor_bp = np.zeros(rows.height) if anchor.offset is None else finite_column(rows, anchor.offset)
    spreads = {feature.name for feature in FEATURES if feature.unit == "bp"} - NO_SPREADS
    columns = [position for position, name in enumerate(features) if name in spreads]
    matrix[:, columns] /= noise_bp.astype(np.float32)[:, None]
    return Space(matrix, anchor_bp, noise_bp, point_bp)


def positive_column(rows: pl.DataFrame, name: str) -> Floats:
    """Return a column; `DatasetError` when it is missing or a value is not finite or not above zero."""
    values = finite_column(rows, name)
    if (values <= 0.0).any():
        raise DatasetError(f"{name} must be above 0 in every row, got {int((values <= 0.0).sum())} that are not")
    return values


def units(features: Sequence[str]) -> list[Unit]:
    """Return the units that the target can be measured in with these features."""
    return list(UNITS) if DV01 in features else ["noise"]


def _known(point_bp: Floats | None) -> Floats:
    if point_bp is None:
        raise ValueError(f"the target can be measured in points only with {DV01} among the features")
    return point_bp


def subsample(positions: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Return at most `most` of the positions, evenly spread over them.

    Examples
    --------
    >>> subsample(np.arange(10), 4)
    array([0, 2, 5, 7])
    """
    if positions.size <= most:
        return positions
    kept: NDArray[np.int64] = positions[np.arange(most, dtype=np.int64) * positions.size // most]
    return kept
