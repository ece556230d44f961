"""By how much predictions are shrunk: chosen on the validation block, apart for bonds without history."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.models.common.base import Floats, best_multiplier, finite_column

SHRINKAGE_STEPS = 20
"""Steps of the grid 0 ... 1 of multipliers: a twentieth of a prediction is less than the validation block can tell."""
AGE = "f_days_since_last"
"""Missing where the bond has no price yet: such a row starts from the matrix spread instead of its own last one."""


class Shrinkage(NamedTuple):
    """By what a prediction's distance from its anchor is multiplied.

    Attributes
    ----------
    multiplier : float
        For bonds with a last price, 0 to 1.
    cold_start_multiplier : float
        For bonds without one.
    """

    multiplier: float
    cold_start_multiplier: float

    def factor(self, rows: pl.DataFrame) -> Floats:
        """Return the multiplier of each row, shape (n_rows,)."""
        return np.where(without_history(rows), self.cold_start_multiplier, self.multiplier)

    def shrunk(self, rows: pl.DataFrame, prediction_bp: Floats, anchor_bp: Floats) -> Floats:
        """Return the prediction shrunk to its anchor, bp, shape as `prediction_bp`: (n_rows,) or (n_rows, n).

        `anchor_bp` has the shape (n_rows,).
        """
        shrunk: Floats = anchor_bp + (self.factor(rows) * (prediction_bp.T - anchor_bp))
        return shrunk.T


def without_history(rows: pl.DataFrame) -> NDArray[np.bool_]:
    """Return which rows are of bonds that have no price yet; `ColumnNotFoundError` without the feature `AGE`."""
    return rows[AGE].is_null().to_numpy()


def fit_shrinkage(
    rows: pl.DataFrame, prediction_bp: Floats, anchor_bp: Floats, *, steps: int, cold_start_rows: int
) -> Shrinkage:
    """Choose the multipliers that make the price error of rows not learned from least (`best_multiplier`).

    Parameters
    ----------
    rows : DataFrame
        Holds ``target_bp``, ``dv01`` and `AGE`.
    prediction_bp, anchor_bp : ndarray, shape (n_rows,)
        Added to the base spread.
    steps : int
        Steps of the grid 0 to 1.
    cold_start_rows : int
        Rows without history that are needed for a multiplier of their own; fewer take that of all rows.
    """
    distance, target = prediction_bp - anchor_bp, finite_column(rows, "target_bp") - anchor_bp
    dv01, without = finite_column(rows, "dv01"), without_history(rows)

    def best(chosen: NDArray[np.bool_]) -> float:
        return best_multiplier(distance[chosen], target[chosen], dv01[chosen], steps)

    if np.count_nonzero(without) < cold_start_rows:
        together = best(np.ones(rows.height, dtype=np.bool_))
        return Shrinkage(together, together)
    apart = best(without)
    return Shrinkage(apart if without.all() else best(~without), apart)
