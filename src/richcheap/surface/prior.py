"""The prior that one date's surface hands to the next."""

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.cholesky import inverse
from richcheap.panel.snapshot import Snapshot

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

DIFFUSE_BP = 1000.0
"""Prior standard deviation of a term that no date has informed yet."""


class SurfacePrior:
    """Terms of a surface that follow a random walk: nodes that move together, rating terms on their own.

    Parameters
    ----------
    node_correlation : ndarray, shape (n_nodes, n_nodes)
        Prior correlation of the nodes' moves.
    initial_nodes : ndarray, shape (n_nodes,)
        Nodes before any date has been fitted, bp.
    other_terms : int
        Number of terms after the nodes; they open at 0.

    Attributes
    ----------
    mean : ndarray, shape (n_terms,)
    informed : ndarray of bool, shape (n_terms,)
        Terms that some date's bonds have loaded on.
    """

    def __init__(self, node_correlation: Floats, initial_nodes: Floats, other_terms: int) -> None:
        self._nodes = node_correlation.shape[0]
        self._node_precision = inverse(node_correlation)
        self.mean = np.concatenate([initial_nodes, np.zeros(other_terms)])
        self.informed = np.zeros(self.mean.size, dtype=np.bool_)

    def shift_nodes(self, change: Floats) -> None:
        """Move the nodes by a change known from outside, bp."""
        self.mean[: self._nodes] += change

    def precision(self, node_std: float, other_std: Floats) -> Floats:
        """Return the prior precision of the next date's terms.

        Parameters
        ----------
        node_std : float
            Prior standard deviation of a node's move, bp.
        other_std : ndarray, shape (other_terms,)
            The same for the other terms.
        """
        nodes = self._nodes
        precision = np.zeros((self.mean.size, self.mean.size))
        std = node_std if self.informed[0] else DIFFUSE_BP
        precision[:nodes, :nodes] = self._node_precision / std**2
        others = np.where(self.informed[nodes:], other_std, DIFFUSE_BP)
        precision[range(nodes, self.mean.size), range(nodes, self.mean.size)] = 1.0 / others**2
        return precision

    def update(self, active: Flags, fitted: Floats) -> None:
        """Replace the means of the terms that the date's bonds load on by their fitted values."""
        self.mean[active] = fitted
        self.informed |= active

    def snapshot(self) -> Snapshot:
        """Return the means, and which of them a date has informed."""
        return {"mean": self.mean.copy(), "informed": self.informed.copy()}

    def restore(self, snapshot: Snapshot) -> None:
        """Take up a snapshot."""
        self.mean[:], self.informed[:] = snapshot["mean"], snapshot["informed"]
