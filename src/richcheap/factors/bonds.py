"""Each bond's own changes between its prints: what the factors say of them, and what is left."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.units import BP
from richcheap.factors.changes import TERM_COLUMNS, CurveExposures, CurveHistory, curve_exposures
from richcheap.factors.model import FactorModel
from richcheap.features.own_history import lagged
from richcheap.panel.encoding import encode
from richcheap.surface.leave_one_out import fitted

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

SMALLEST_DV01 = 1e-6
"""Points per bp; a bond on its last day or a floating-rate one has all but none."""
PRINT_COLUMNS: tuple[str, ...] = (
    *("bond_id", "date", "reference_curve", "z_spread_bp", "noise_bp", "years_to_maturity", *TERM_COLUMNS),
)
"""What is read of a valued print to see how its bond moved."""


class BondChanges(NamedTuple):
    """Changes of bonds' yields from one own print to the next, in the order of the rows.

    Attributes
    ----------
    bond, bucket : ndarray of int32, shape (n_changes,)
        Number of the bond, and position in `richcheap.panel.ratings.BUCKETS`.
    position : ndarray of int64
        Place of the later print's date among the curves' dates.
    gap : ndarray
        Dates of the market between the two prints.
    change : ndarray
        Of the yield, bp: the spread's change plus the reference curve's change at the bond, without roll-down.
    scores : ndarray, shape (n_changes, n_factors)
        Sum of the factor scores of the dates in between.
    exposures : ndarray, shape (n_changes, n_factors)
        Analytic, at the later print.
    noise_bp : ndarray
        Predicted standard deviation of the later print around its value, found without the print.
    scale : ndarray
        See `relative_scale`.
    """

    bond: Ints
    bucket: Ints
    position: NDArray[np.int64]
    gap: Floats
    change: Floats
    scores: Floats
    exposures: Floats
    noise_bp: Floats
    scale: Floats

    def where(self, chosen: NDArray[np.bool_]) -> "BondChanges":
        """Return some of the changes."""
        return BondChanges(**{name: column[chosen] for name, column in self._asdict().items()})

    def explained(self, corrections: Floats | None = None) -> Floats:
        """Return what the factors say of each change, bp.

        Parameters
        ----------
        corrections : ndarray, shape (n_bonds, n_factors), optional
            What is added to each bond's analytic exposures.
        """
        exposures = self.exposures if corrections is None else self.exposures + corrections[self.bond]
        return fitted(self.scores, exposures)


class BondBatch(NamedTuple):
    """A batch of prints: who they are of, and the changes that end in one of them."""

    bond: Ints
    exposed: CurveExposures
    exposures: Floats
    changes: BondChanges


class BondChangeTracker:
    """Goes through the prints of a market in the order of dates; what it remembers is each bond's last print.

    Parameters
    ----------
    bonds : Series of String
        Distinct, sorted; no others come.
    curves : CurveHistory
    model : FactorModel
    scores : ndarray, shape (n_dates - 1, n_factors)
        Of all dates of `curves` but the first.
    noise_dv01 : float
        See `relative_scale`.
    threads : int
        Does not affect the result.
    """

    def __init__(
        self,
        bonds: pl.Series,
        curves: CurveHistory,
        model: FactorModel,
        scores: Floats,
        noise_dv01: float,
        threads: int = 1,
    ) -> None:
        self._bonds, self._curves, self._model, self._threads = bonds, curves, model, threads
        self._noise_dv01 = noise_dv01
        self._so_far = np.vstack([np.zeros((1, scores.shape[1])), np.cumsum(scores, axis=0)])
        self._last = np.full((bonds.len(), 2), np.nan)

    def add(self, batch: pl.DataFrame) -> BondBatch:
        """Take the next prints, whole dates sorted by (date, bond_id), with the columns `PRINT_COLUMNS`."""
        exposed = curve_exposures(batch, self._curves, self._threads)
        bond = encode(exposed.rows["bond_id"], self._bonds)
        spread, noise_bp = exposed.rows.select("z_spread_bp", "noise_bp").to_numpy().T
        last = lagged(bond, np.column_stack([exposed.position.astype(np.float64), spread]), self._last)
        exposures = self._model.bond_exposures(exposed.shares, exposed.bucket)
        seen = np.isfinite(last[:, 0])
        now, then = exposed.position[seen], last[seen, 0].astype(np.int64)
        curve = BP * fitted(exposed.shares[seen], self._curves.rates[now] - self._curves.rates[then])
        changes = BondChanges(
            bond=bond[seen],
            bucket=exposed.bucket[seen],
            position=now,
            gap=(now - then).astype(np.float64),
            change=spread[seen] - last[seen, 1] + curve,
            scores=self._so_far[now] - self._so_far[then],
            exposures=exposures[seen],
            noise_bp=noise_bp[seen],
            scale=relative_scale(exposed.dv01[seen], self._noise_dv01),
        )
        return BondBatch(bond, exposed, exposures, changes)


def relative_scale(dv01: Floats, noise_dv01: float) -> Floats:
    """Return how much wider than a long bond's a bond's own changes are in bp.

    A price has an error in points besides that of its spread in bp, and a point is many bp where the DV01 is
    small: the variance is proportional to ``1 + (noise_dv01 / DV01)^2``.

    Examples
    --------
    >>> relative_scale(np.array([0.01, 1.0]), 0.01).round(2).tolist()
    [1.41, 1.0]
    """
    scale: Floats = np.sqrt(1.0 + (noise_dv01 / np.maximum(dv01, SMALLEST_DV01)) ** 2)
    return scale
