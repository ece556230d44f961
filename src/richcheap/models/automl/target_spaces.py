"""What automl's candidates learn from: sets of features, and the spaces that the target can be measured in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.models.common.base import Floats, finite_column
from richcheap.models.common.spread_differences import LEVEL, wide_space
from richcheap.models.common.target_space import KALMAN, OWN_LAST, Anchor, Space, TrainingSample, Unit, units


class TargetSpace(NamedTuple):
    """Where the target is zero, and what one unit of it is."""

    anchor: Anchor
    unit: Unit


SPACES: dict[str, TargetSpace] = {
    "kalman": TargetSpace(KALMAN, "noise"),
    "points": TargetSpace(KALMAN, "points"),
    "noise": TargetSpace(OWN_LAST, "noise"),
    "spread": TargetSpace(Anchor(None, None), "noise"),
}
"""The most promising first; in `spread` features and target are in bp, as they stand in the dataset."""


def spaces(features: Sequence[str]) -> list[str]:
    """Return the spaces that the features allow, the most promising first."""
    known = {None, *features}
    return [name for name, (anchor, unit) in SPACES.items() if anchor.offset in known and unit in units(features)]


@dataclass(frozen=True)
class Rows:
    """Rows in all spaces at once.

    Parameters
    ----------
    features : tuple of str
        The widest set: the first columns of each matrix; with `LEVEL` among them, those of `wide_space` follow.
    seen : dict of Anchor to Space
        The rows as distances from each anchor.
    """

    features: tuple[str, ...]
    seen: dict[Anchor, Space]

    def take(self, positions: NDArray[np.int64]) -> "Rows":
        """Return some of the rows."""
        return Rows(self.features, {anchor: space.take(positions) for anchor, space in self.seen.items()})

    def space(self, chosen: Sequence[str], name: str) -> Space:
        """Return the rows as a model with some of the features sees them in a space."""
        whole = self.seen[SPACES[name].anchor]
        columns = [self.features.index(feature) for feature in chosen]
        if LEVEL in chosen:
            columns += range(len(self.features), whole.matrix.shape[1])
        return whole._replace(matrix=np.ascontiguousarray(whole.matrix[:, columns]))

    def anchor_bp(self, name: str) -> Floats:
        """Return where the target is zero in a space, added to the base spread."""
        return self.seen[SPACES[name].anchor].anchor_bp

    def unit_bp(self, name: str) -> Floats:
        """Return what one unit of the target is in a space."""
        return self.seen[SPACES[name].anchor].unit_bp(SPACES[name].unit)

    def spread_bp(self, predicted: Floats, name: str) -> Floats:
        """Return what is added to the base spread, bp, from a prediction in a space."""
        spread: Floats = self.anchor_bp(name) + predicted * self.unit_bp(name)
        return spread


@dataclass(frozen=True)
class KnownRows:
    """Rows to learn from, or to be scored on.

    Parameters
    ----------
    rows : Rows
    target_bp, dv01 : ndarray, shape (n_rows,)
    """

    rows: Rows
    target_bp: Floats
    dv01: Floats

    def take(self, positions: NDArray[np.int64]) -> "KnownRows":
        """Return some of the rows."""
        return KnownRows(self.rows.take(positions), self.target_bp[positions], self.dv01[positions])

    def sample(self, chosen: Sequence[str], name: str) -> TrainingSample:
        """Return the rows as a model with some of the features learns from them in a space."""
        distance = self.target_bp - self.rows.anchor_bp(name)
        return TrainingSample(self.rows.space(chosen, name).matrix, self.rows.unit_bp(name), distance, self.dv01)

    def price_error(self, prediction_bp: Floats) -> float:
        """Return the mean absolute price error, points per 100."""
        return float(np.mean(np.abs(self.target_bp - prediction_bp) * self.dv01))


def rows_in_spaces(rows: pl.DataFrame, features: Sequence[str]) -> Rows:
    """Return rows of the dataset in all spaces; `DatasetError` when a column is missing or not finite where it must be.

    Prices change to first order, which makes every space affine in the spread: an error that the second
    order makes is far below what a print scatters.
    """
    anchors = dict.fromkeys(SPACES[name].anchor for name in spaces(features))
    return Rows(tuple(features), {anchor: wide_space(rows, features, anchor) for anchor in anchors})


def training_rows(rows: pl.DataFrame, features: Sequence[str]) -> KnownRows:
    """Return rows of the dataset with their target."""
    return KnownRows(rows_in_spaces(rows, features), finite_column(rows, "target_bp"), finite_column(rows, "dv01"))
