"""Quantiles for intervals: of weighted scores, and as a function of what is known of a row."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.elementwise import logistic, softplus
from richcheap.numerics.linear_algebra import product, solve

Floats = NDArray[np.float64]

BANDWIDTH = 0.2
"""Width over which the kink of the quantile loss is rounded, in the unit of the scores (logarithms of errors)."""
GRADIENT_TOLERANCE = 1e-9
MAX_STEPS = 100
FIRST_DAMPING = 1e-3
LESS_DAMPING = 0.1
"""What the damping is multiplied by after a step that lowers the loss, and divided by after one that does not."""


def conformal_quantile(scores: Floats, coverage: float, weights: Floats | None = None) -> float:
    """Return the quantile of scores that covers the next one, at its weight, with the probability asked for.

    The smallest score at which the weights up to it reach ``coverage`` of all weights and that of the next row,
    which is the largest of them (weighted conformal prediction, Tibshirani et al. 2019; Barber et al. 2023 with
    weights that decay in time). With equal weights it is the ``ceil((n + 1) coverage)``-th smallest score.

    Parameters
    ----------
    scores : ndarray, shape (n_rows,)
    coverage : float
    weights : ndarray, shape (n_rows,), optional
        Above zero; equal by default.

    Returns
    -------
    float
        Infinite when there are too few scores for the coverage.

    Examples
    --------
    >>> conformal_quantile(np.arange(1.0, 20.0), 0.9)
    18.0
    """
    weights = np.ones(scores.size) if weights is None else weights
    order = np.argsort(scores, kind="stable")
    reached = np.cumsum(weights[order])
    needed = coverage * (reached[-1] + weights.max()) if scores.size else np.inf
    position = int(np.searchsorted(reached, needed * (1.0 - 1e-12)))
    return float(scores[order[position]]) if position < scores.size else np.inf


class QuantileLoss(NamedTuple):
    """The rounded quantile loss of a linear function, for rows and weights.

    The loss ``coverage * r + bandwidth * ln(1 + exp(-r / bandwidth))`` of the residual r is the quantile loss of
    Koenker and Bassett (1978) with its kink rounded by a logistic kernel, which leaves it convex and makes it smooth
    (Fernandes, Guerre and Horta 2021; He et al. 2023).

    Attributes
    ----------
    loadings : ndarray, shape (n_rows, n_loadings)
        The first is the constant 1, which is not penalised.
    scores : ndarray, shape (n_rows,)
    weights : ndarray, shape (n_rows,)
    coverage : float
    penalty : float
        On half the sum of squared coefficients, in rows of weight 1.
    """

    loadings: Floats
    scores: Floats
    weights: Floats
    coverage: float
    penalty: float

    def value(self, coefficients: Floats) -> float:
        """Return the mean loss."""
        residual = self.scores - product(self.loadings, coefficients)
        loss = self.coverage * residual + BANDWIDTH * softplus(-residual / BANDWIDTH)
        penalty = 0.5 * self.penalty * float((coefficients[1:] ** 2).sum())
        return (float((self.weights * loss).sum()) + penalty) / self._total

    def gradient(self, coefficients: Floats) -> Floats:
        """Return the derivative: in each cell, how far coverage is from its aim."""
        excess = self._below(coefficients) - self.coverage
        slope: Floats = product(self.loadings.T, self.weights * excess) + self._ridge * coefficients
        return slope / self._total

    def curvature(self, coefficients: Floats) -> Floats:
        """Return the second derivative, shape (n_loadings, n_loadings)."""
        below = self._below(coefficients)
        density = self.weights * below * (1.0 - below) / BANDWIDTH
        curvature: Floats = product(self.loadings.T * density, self.loadings) + np.diag(self._ridge)
        return curvature / self._total

    def minimum(self, start: Floats) -> Floats:
        """Return the coefficients of the least loss; a start near them saves steps."""
        point, value, damping = start, self.value(start), FIRST_DAMPING
        for _ in range(MAX_STEPS):  # Newton's method, damped as Levenberg and Marquardt do
            slope = self.gradient(point)
            if np.sqrt((slope**2).sum()) < GRADIENT_TOLERANCE:
                break
            curvature = self.curvature(point)
            damped = curvature + damping * np.diag(curvature).mean() * np.eye(point.size)
            moved = point - solve(damped, slope[:, None])[:, 0]
            if (found := self.value(moved)) < value:
                point, value, damping = moved, found, damping * LESS_DAMPING
            else:
                damping /= LESS_DAMPING
        return point

    @property
    def _total(self) -> float:
        return float(self.weights.sum())

    @property
    def _ridge(self) -> Floats:
        penalty = np.full(self.loadings.shape[1], self.penalty)
        penalty[0] = 0.0
        return penalty

    def _below(self, coefficients: Floats) -> Floats:
        """Return by how much each score counts as covered, 0 to 1."""
        below: Floats = logistic((product(self.loadings, coefficients) - self.scores) / BANDWIDTH)
        return below
