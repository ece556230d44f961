"""The history of each bond's prints, carried from date to date; its size depends on the bonds, not on the prints."""

from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.compiled import kernel
from richcheap.panel.snapshot import Snapshot, fields, put_back, taken
from richcheap.panel.universe import Universe

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

NEVER: Final = -(2**31)
"""Day of the last print of a bond that has not printed."""
LATEST: Final = (
    *("day", "level_residual", "move_residual", "surface", "robust_weight", "bucket", "variance"),
    "prints",
)
"""Fields that have one value a bond."""


class PrintHistory(NamedTuple):
    """Each bond's latest print, and the prints of its last years.

    The prints of a bond lie in a ring of its own, as long as there can be prints in the window in which they are
    looked up: a bond prints at most once a date.

    Attributes
    ----------
    day : ndarray of int32, shape (n_bonds,)
        Day of the latest print, or `NEVER`.
    level_residual, move_residual : ndarray, shape (n_bonds,)
        Residuals of the latest print to the two fits, bp.
    surface : ndarray, shape (n_bonds,)
        Move fit at the bond on that day, bp.
    robust_weight : ndarray, shape (n_bonds,)
        Factor on the weight of the latest print, see `richcheap.surface.outliers`.
    bucket : ndarray of int32, shape (n_bonds,)
        Rating bucket at the latest print.
    variance : ndarray, shape (n_bonds,)
        Variance of a print's residual, bp squared, from earlier prints: of its bucket's where the bond has none.
    prints : ndarray of int64, shape (n_bonds,)
        Prints so far.
    ring_start : ndarray of int64, shape (n_bonds + 1,)
        Where each bond's ring starts.
    ring_day : ndarray of int32, shape (n_slots,)
    ring_residual : ndarray, shape (n_slots,)
        Residuals to the move fit, bp; NaN for an outlier.
    """

    day: Ints
    level_residual: Floats
    move_residual: Floats
    surface: Floats
    robust_weight: Floats
    bucket: Ints
    variance: Floats
    prints: NDArray[np.int64]
    ring_start: NDArray[np.int64]
    ring_day: Ints
    ring_residual: Floats

    @classmethod
    def empty(cls, universe: Universe, window_days: int) -> Self:
        """Return a history without prints; those up to ``window_days`` old can be looked up later."""
        bonds = universe.maturity.size
        until = np.searchsorted(universe.days, universe.days + window_days, side="right")
        dates_in_window = int((until - np.arange(universe.days.size)).max())
        ring = np.minimum(universe.prints, dates_in_window)
        start = np.concatenate([[0], np.cumsum(ring)])
        return cls(
            day=np.full(bonds, NEVER, dtype=np.int32),
            level_residual=np.full(bonds, np.nan),
            move_residual=np.full(bonds, np.nan),
            surface=np.full(bonds, np.nan),
            robust_weight=np.ones(bonds),
            bucket=np.zeros(bonds, dtype=np.int32),
            variance=np.ones(bonds),
            prints=np.zeros(bonds, dtype=np.int64),
            ring_start=start,
            ring_day=np.zeros(int(start[-1]), dtype=np.int32),
            ring_residual=np.zeros(int(start[-1])),
        )

    def update(self, bond: Ints, day: int, level: Floats, move: Floats, surface: Floats, robust_weight: Floats) -> None:
        """Add one date's prints, each bond at most once: residuals to the two fits, bp, and the move fit."""
        self.day[bond] = day
        self.level_residual[bond] = level
        self.move_residual[bond] = move
        self.surface[bond] = surface
        self.robust_weight[bond] = robust_weight
        size = self.ring_start[bond + 1] - self.ring_start[bond]
        slot = self.ring_start[bond] + self.prints[bond] % size
        self.ring_day[slot] = day
        self.ring_residual[slot] = np.where(robust_weight < 1.0, np.nan, move)
        self.prints[bond] += 1

    def snapshot(self, bonds: NDArray[np.int64], oldest_day: int) -> Snapshot:
        """Return what is known of some bonds, and of their prints those of `oldest_day` and later, oldest first."""
        held = np.minimum(self.prints[bonds], np.diff(self.ring_start)[bonds])
        slot = self._slots(bonds, held)
        recent = self.ring_day[slot] >= oldest_day
        of = np.repeat(np.arange(bonds.size), held)
        return {
            **taken(fields(self, LATEST), bonds),
            "ring_count": np.bincount(of[recent], minlength=bonds.size),
            "ring_day": self.ring_day[slot[recent]],
            "ring_residual": self.ring_residual[slot[recent]],
        }

    def restore(self, snapshot: Snapshot, bonds: Ints) -> None:
        """Take up a snapshot, whose bonds now have these numbers."""
        put_back(snapshot, fields(self, LATEST), bonds)
        slot = self._slots(bonds, snapshot["ring_count"])
        self.ring_day[slot] = snapshot["ring_day"]
        self.ring_residual[slot] = snapshot["ring_residual"]

    def _slots(self, bonds: NDArray[Any], counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where the latest so many prints of each bond lie, oldest first, one bond after another."""
        bond = np.repeat(bonds, counts)
        back = np.repeat(np.cumsum(counts), counts) - np.arange(bond.size)
        start = self.ring_start[bond]
        slots: NDArray[np.int64] = start + (self.prints[bond] - back) % (self.ring_start[bond + 1] - start)
        return slots


@kernel
def residual_at(history: PrintHistory, bond: int, day: int, oldest_day: int) -> float:
    """Return the bond's residual to the move fit at its latest print of ``oldest_day`` to ``day``; NaN without one."""
    start = history.ring_start[bond]
    size = history.ring_start[bond + 1] - start
    high = history.prints[bond]
    low = max(0, high - size)
    first = low
    while low < high:
        middle = (low + high) // 2
        if history.ring_day[start + middle % size] <= day:
            low = middle + 1
        else:
            high = middle
    if low == first:
        return np.nan
    slot = start + (low - 1) % size
    return history.ring_residual[slot] if history.ring_day[slot] >= oldest_day else np.nan
