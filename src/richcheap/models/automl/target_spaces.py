"""What automl's candidates learn from: sets of features, and the spaces that the target can be measured in."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.units import BP
from richcheap.features.catalogue import FEATURES
from richcheap.models.common.base import Floats, feature_matrix, finite_column
from richcheap.models.common.shrinkage import AGE
from richcheap.models.common.spread_differences import ESTIMATES, LEVEL
from richcheap.models.common.target_space import DV01, KALMAN, NO_SPREADS, OWN_LAST, TrainingSample, positive_column

SPACES: dict[str, str] = {
    "kalman": "distance from the Kalman filter's spread, in its predicted standard deviations",
    "points": "fall of the price from the Kalman filter's, points per 100",
    "noise": "distance from the own last spread, in multiples of the expected noise",
    "spread": "distance from the own last spread, bp",
}
"""The spaces of the target. In each of them the target is an affine function of the spread: (bp - offset) / scale."""
FROM_KALMAN = frozenset({"kalman", "points"})
"""Spaces that start from the Kalman filter's spread."""
SEEN_AS = {"kalman": "kalman", "points": "kalman", "noise": "noise"}
"""By whose unit features that are spreads are divided, by space; in `spread` they stand as they are."""


def spaces(features: list[str]) -> list[str]:
    """Return the spaces that the features allow, the most promising first."""
    needs: dict[str, list[str | None]] = {"kalman": [KALMAN.offset], "points": [KALMAN.offset, DV01]}
    return [name for name in SPACES if all(column in features for column in needs.get(name, ()))]


@dataclass(frozen=True)
class Rows:
    """Rows in all spaces at once.

    Parameters
    ----------
    names : tuple of str
        Features.
    matrix : ndarray of float32, shape (n_rows, n_features)
        As they stand in the dataset; a missing value is NaN.
    estimates_bp : ndarray, shape (n_rows, n_opinions)
        Estimates of the spread less the base spread (`spread_differences`); none unless `LEVEL` is among the features.
    offset_bp, scale_bp : dict of str to ndarray, shape (n_rows,)
        By space: where the target is zero, added to the base spread, and what one unit of it is.
    """

    names: tuple[str, ...]
    matrix: NDArray[np.float32]
    estimates_bp: Floats
    offset_bp: dict[str, Floats]
    scale_bp: dict[str, Floats]

    def take(self, positions: NDArray[np.int64]) -> "Rows":
        """Return some of the rows."""
        return Rows(
            self.names,
            self.matrix[positions],
            self.estimates_bp[positions],
            {name: values[positions] for name, values in self.offset_bp.items()},
            {name: values[positions] for name, values in self.scale_bp.items()},
        )

    def features(self, chosen: list[str], space: str) -> NDArray[np.float32]:
        """Return the matrix of some features, as a model in a space sees them: with `LEVEL`, contrasts too."""
        seen_as = SEEN_AS.get(space, space)
        columns = [self.names.index(name) for name in chosen]
        matrix = np.ascontiguousarray(self.matrix[:, columns])
        if space in SEEN_AS:
            spreads = {feature.name for feature in FEATURES if feature.unit == "bp"} - NO_SPREADS
            columns = [position for position, name in enumerate(chosen) if name in spreads]
            matrix[:, columns] /= self.scale_bp[seen_as].astype(np.float32)[:, None]
        return np.hstack([matrix, self._contrasts(seen_as)]) if LEVEL in chosen else matrix

    def _contrasts(self, space: str) -> NDArray[np.float32]:
        """Return what `wide_space` adds, with the space's zero and unit for an anchor and its noise."""
        scale_bp = self.scale_bp[space]
        distance = (self.estimates_bp - self.offset_bp[space][:, None]) / scale_bp[:, None]
        level_bp = BP * self.matrix[:, self.names.index(LEVEL)].astype(np.float64)
        without = np.isnan(self.matrix[:, self.names.index(AGE)])
        added = [distance, level_bp, level_bp / scale_bp, scale_bp / self.scale_bp["noise"], without]
        return np.column_stack(added).astype(np.float32)

    def spread_bp(self, predicted: Floats, space: str) -> Floats:
        """Return what is added to the base spread, bp, from a prediction in a space."""
        spread: Floats = self.offset_bp[space] + predicted * self.scale_bp[space]
        return spread


@dataclass(frozen=True)
class FittedSpace:
    """Rows to learn from, or to be scored on.

    Parameters
    ----------
    rows : Rows
    target_bp, dv01 : ndarray, shape (n_rows,)
    """

    rows: Rows
    target_bp: Floats
    dv01: Floats

    def take(self, positions: NDArray[np.int64]) -> "FittedSpace":
        """Return some of the rows."""
        return FittedSpace(self.rows.take(positions), self.target_bp[positions], self.dv01[positions])

    def sample(self, chosen: list[str], space: str) -> TrainingSample:
        """Return the rows as a model in a space learns from them; one unit of the space is the sample's noise."""
        distance = self.target_bp - self.rows.offset_bp[space]
        return TrainingSample(self.rows.features(chosen, space), self.rows.scale_bp[space], distance, self.dv01)

    def price_error(self, prediction_bp: Floats) -> float:
        """Return the mean absolute price error, points per 100."""
        return float(np.mean(np.abs(self.target_bp - prediction_bp) * self.dv01))


def rows_in_spaces(rows: pl.DataFrame, features: list[str]) -> Rows:
    """Return rows of the dataset in all spaces; `DatasetError` when a column is missing or not finite where it must be.

    Prices change to first order, which makes every space affine in the spread: an error that the second
    order makes is far below what a print scatters.
    """
    allowed = spaces(features)
    zero, one = np.zeros(rows.height), np.ones(rows.height)
    offset, scale = {"noise": zero, "spread": zero}, {"noise": positive_column(rows, OWN_LAST.noise), "spread": one}
    if "kalman" in allowed:
        offset["kalman"] = finite_column(rows, str(KALMAN.offset))
        scale["kalman"] = positive_column(rows, KALMAN.noise)
    if "points" in allowed:
        offset["points"], scale["points"] = offset["kalman"], 1.0 / positive_column(rows, DV01)
    estimates = ESTIMATES if LEVEL in features else ()
    estimates_bp = rows.select(each.less_base.cast(pl.Float64).alias(each.name) for each in estimates).to_numpy()
    return Rows(
        tuple(features),
        feature_matrix(rows, features),
        estimates_bp.reshape(rows.height, len(estimates)),
        offset,
        scale,
    )


def training_rows(rows: pl.DataFrame, features: list[str]) -> FittedSpace:
    """Return rows of the dataset with their target."""
    return FittedSpace(rows_in_spaces(rows, features), finite_column(rows, "target_bp"), finite_column(rows, "dv01"))
