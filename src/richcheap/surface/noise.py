"""How far a print may lie from its bond's value: a variance for each print, learned from earlier prints."""

import numpy as np
from numpy.typing import NDArray

from richcheap.panel.params import MarketParams
from richcheap.panel.ratings import BUCKETS
from richcheap.panel.snapshot import Snapshot, put_back, taken

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

LARGEST_SQUARED_INNOVATION = 25.0
"""Cap on one squared standardised error, so that a single bad print does not silence a bond for long."""
BUCKET_MEMORY_DATES = 20.0
SMALLEST_MULTIPLIER = 0.01


class NoiseModel:
    """Running estimate of each bond's noise as a multiple of a common shape.

    The variance of a print is ``multiplier * shape * (1 + growth * days since the last print)``; the shape
    is ``spread noise^2 + (price noise / points per bp)^2``, so that a tick weighs on short bonds. The
    multiplier follows the bond's own squared innovations, starting from that of its rating bucket.

    Parameters
    ----------
    bonds : int
        Number of bonds.
    params : MarketParams
    """

    def __init__(self, bonds: int, params: MarketParams) -> None:
        self._params = params
        self._own = np.ones(bonds)
        self._innovation_count = np.zeros(bonds)
        self._bucket = np.ones(len(BUCKETS))
        self._bucket_level = np.ones(len(BUCKETS))

    def shape(self, dv01: Floats) -> Floats:
        """Return the common shape, bp squared, from DV01s, points per bp."""
        price_noise_bp = self._params.price_noise_points / dv01
        variance: Floats = self._params.spread_noise_bp**2 + price_noise_bp**2
        return variance

    def growth(self, business_days: Floats) -> Floats:
        """Return the factor by which the variance grows over the days since the last print."""
        factor: Floats = 1.0 + self._params.variance_growth_per_day * business_days
        return factor

    def multiplier(self, bond: Ints, bucket: Ints) -> Floats:
        """Return each print's multiplier: the bond's own, or its bucket's before it has an innovation."""
        multiplier: Floats = np.where(self._innovation_count[bond] > 0.0, self._own[bond], self._bucket[bucket])
        return multiplier

    def level_variance(self, bucket: Ints) -> Floats:
        """Return the variance of bonds' levels around the surface, bp squared."""
        variance: Floats = self._params.level_noise_bp**2 * self._bucket_level[bucket]
        return variance

    def bucket_scale(self) -> Floats:
        """Return the standard deviation of each bucket's noise relative to the common shape."""
        scale: Floats = np.sqrt(self._bucket)
        return scale

    def update(
        self, bond: Ints, bucket: Ints, innovation: Floats, predicted_variance: Floats, level_residual: Floats
    ) -> None:
        """Update the multipliers by one date's prints, each bond at most once.

        Parameters
        ----------
        innovation : ndarray, shape (n_rows,)
            Print less its prediction, bp; NaN for a bond never seen before.
        predicted_variance : ndarray, shape (n_rows,)
            Predicted variance of the innovation: the print's, by `multiplier`, and that of the fit.
        level_residual : ndarray, shape (n_rows,)
            Residual to the refitted surface, bp.
        """
        known = np.isfinite(innovation)
        start = self.multiplier(bond, bucket)
        ratio = start * np.minimum(innovation**2 / predicted_variance, LARGEST_SQUARED_INNOVATION)
        self._innovation_count[bond[known]] += 1.0
        step = 1.0 / np.minimum(self._innovation_count[bond] + 2.0, self._params.noise_memory_prints)
        updated = np.maximum(start + step * (ratio - start), SMALLEST_MULTIPLIER)
        self._own[bond[known]] = updated[known]
        level_ratio = (level_residual / self._params.level_noise_bp) ** 2
        for code in range(len(BUCKETS)):
            member = bucket == code
            if (member & known).any():
                self._follow(self._bucket, code, float(ratio[member & known].mean()))
            if member.any():
                capped = np.minimum(level_ratio[member], LARGEST_SQUARED_INNOVATION * self._bucket_level[code])
                self._follow(self._bucket_level, code, float(capped.mean()))

    def snapshot(self, bonds: NDArray[np.int64]) -> Snapshot:
        """Return what has been learned, of bonds that of these."""
        return {
            **taken(self._by_bond(), bonds),
            "bucket": self._bucket.copy(),
            "bucket_level": self._bucket_level.copy(),
        }

    def restore(self, snapshot: Snapshot, bonds: Ints) -> None:
        """Take up a snapshot, whose bonds now have these numbers."""
        put_back(snapshot, self._by_bond(), bonds)
        self._bucket[:], self._bucket_level[:] = snapshot["bucket"], snapshot["bucket_level"]

    def _by_bond(self) -> Snapshot:
        return {"own": self._own, "innovation_count": self._innovation_count}

    @staticmethod
    def _follow(multipliers: Floats, code: int, latest: float) -> None:
        moved = multipliers[code] + (latest - multipliers[code]) / BUCKET_MEMORY_DATES
        multipliers[code] = max(moved, SMALLEST_MULTIPLIER)
