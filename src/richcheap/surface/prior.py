"""The prior that one date's surface hands to the next."""

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.cholesky import inverse

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

DIFFUSE_BP = 1000.0
"""Prior deviation of a term that no date has informed yet."""


class SurfacePrior:
    """Terms of a surface that follow a random walk: nodes that move together, rating terms on their own.

    Parameters
    ----------
    node_correlation : ndarray, shape (n_nodes, n_nodes)
        Prior correlation of the nodes' moves.
    opening_nodes : ndarray, shape (n_nodes,)
        Nodes before any date has been fitted, bp.
    other_terms : int
        Number of terms after the nodes; they open at 0.
    """

    def __init__(self, node_correlation: Floats, opening_nodes: Floats, other_terms: int) -> None:
        self._nodes = node_correlation.shape[0]
        self._node_precision = inverse(node_correlation)
        self.mean = np.concatenate([opening_nodes, np.zeros(other_terms)])
        self._informed = np.zeros(self.mean.size, dtype=np.bool_)

    def shift_nodes(self, change: Floats) -> None:
        """Move the nodes by a change known from outside, bp."""
        self.mean[: self._nodes] += change

    def precision(self, node_deviation: float, other_deviation: Floats) -> Floats:
        """Return the prior precision of the next date's terms.

        Parameters
        ----------
        node_deviation : float
            Prior deviation of a node's move, bp.
        other_deviation : ndarray, shape (other_terms,)
            The same for the other terms.
        """
        nodes = self._nodes
        precision = np.zeros((self.mean.size, self.mean.size))
        deviation = node_deviation if self._informed[0] else DIFFUSE_BP
        precision[:nodes, :nodes] = self._node_precision / deviation**2
        others = np.where(self._informed[nodes:], other_deviation, DIFFUSE_BP)
        precision[range(nodes, self.mean.size), range(nodes, self.mean.size)] = others**-2.0
        return precision

    def learn(self, active: Flags, fitted: Floats) -> None:
        """Take over the fitted values of the terms that the date's bonds load on."""
        self.mean[active] = fitted
        self._informed |= active
