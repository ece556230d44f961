"""Principal components of one block of market changes."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from richcheap.factors.shapes import name_by_shape
from richcheap.numerics.linear_algebra import product, singular_values

Floats = NDArray[np.float64]


class Components(NamedTuple):
    """Factors of one block of changes (the curve's nodes, or the spreads of rating buckets).

    Changes are not centred: a drift over some training dates is no forecast. Scores have mean square 1 over the
    training dates, so that a loading is what a factor's usual move does to a change, in bp.

    Attributes
    ----------
    names : list of str
        Of the factors, in the order of the variance they explain.
    columns : list of str
        Of the changes.
    scale : ndarray, shape (n_changes,)
        What changes are divided by before the components are found, bp.
    directions : ndarray, shape (n_changes, n_factors)
        Orthonormal directions of the scaled changes.
    std : ndarray, shape (n_factors,)
        Root mean square, over the training dates, of the scaled changes along each direction.
    """

    names: list[str]
    columns: list[str]
    scale: Floats
    directions: Floats
    std: Floats

    @classmethod
    def fit(cls, changes: Floats, columns: Sequence[str], shapes: Sequence[str], factors: int, *, scaled: bool) -> Self:
        """Find the components of training changes by a singular value decomposition.

        Parameters
        ----------
        changes : ndarray, shape (n_dates, n_changes)
            Of the training dates alone, bp.
        columns : sequence of str
            Names of the changes.
        shapes : sequence of str
            See `name_by_shape`.
        factors : int
            Most factors to keep; those without variance are left out.
        scaled : bool
            Whether each change is divided by its root mean square first, so that wide ones do not decide alone.
        """
        std = np.sqrt(np.mean(changes**2, axis=0))
        scale = np.where(std > 0.0, std, 1.0) if scaled else np.ones(changes.shape[1])
        singular, rows = singular_values(changes / scale)
        alive = int(np.count_nonzero(singular > singular[0] * 1e-9)) if singular[0] > 0.0 else 0
        kept = min(factors, alive)
        directions = rows[:kept].T
        names, signs = name_by_shape(directions, shapes)
        return cls(names, list(columns), scale, directions * signs, singular[:kept] / np.sqrt(changes.shape[0]))

    @classmethod
    def none(cls, columns: Sequence[str]) -> Self:
        """Return a block without factors."""
        size = len(columns)
        return cls([], list(columns), np.ones(size), np.zeros((size, 0)), np.zeros(0))

    @property
    def loadings(self) -> Floats:
        """What a score of 1 does to each change, bp, shape (n_changes, n_factors)."""
        return self.directions * self.std * self.scale[:, None]

    def scores(self, changes: Floats) -> Floats:
        """Return the factor scores of changes, shape (n_dates, n_factors)."""
        scores: Floats = product(changes / self.scale, self.directions) / self.std
        return scores

    def explained(self, changes: Floats) -> Floats:
        """Return the share of the (scaled) changes' mean square that the first 1, 2, ... factors explain.

        On other dates than the training dates this is the variance explained out of sample. NaN where nothing moved.
        """
        scaled = changes / self.scale
        total = float(np.sum(scaled**2))
        along = np.sum(product(scaled, self.directions) ** 2, axis=0)
        shares: Floats = np.cumsum(along) / total if total > 0.0 else np.full(along.size, np.nan)
        return shares

    def max_explained(self, changes: Floats) -> float:
        """Return the share that as many components found on these very changes explain: the most there is."""
        singular, _ = singular_values(changes / self.scale)
        total = float(np.sum(singular**2))
        return float(np.sum(singular[: len(self.names)] ** 2)) / total if total > 0.0 else float("nan")
