"""The meta-learner of a stacked ensemble: weights of its members, none negative, from out-of-fold predictions."""

import itertools

import numpy as np

from richcheap.models.common.base import Floats
from richcheap.numerics.linear_algebra import dot, product, solve

STEPS = 12
"""Reweighted fits; the weights have settled to three digits by then."""
SMALLEST_ERROR = 0.05
"""Errors below this, in multiples of the noise, count as this: a weight of one over an error of 0 has no end."""


def blend(predictions: Floats, target: Floats, weight: Floats, weight_shrinkage: float) -> Floats:
    """Return non-negative weights that make the mean absolute error of the members' mixture small.

    Least absolute deviations by reweighted least squares (Schlossmacher 1973), each step one non-negative least
    squares (Lawson and Hanson 1974) as Breiman (1996) asks of stacked regressions. Weights are shrunk towards equal
    ones, because few dates can hardly tell members apart whose predictions are alike.

    Parameters
    ----------
    predictions : ndarray, shape (n_rows, n_members)
        Of rows that the members have not learned from.
    target, weight : ndarray, shape (n_rows,)
    weight_shrinkage : float
        Penalty on squared differences from equal weights, as a share of the members' mean square.

    Returns
    -------
    ndarray, shape (n_members,)
        0 or above; they need not add up to 1.

    Examples
    --------
    >>> truth = np.array([1.0, -2.0, 3.0, 0.5])
    >>> blend(np.column_stack([truth, [1.0, 1.0, -1.0, -1.0]]), truth, np.ones(4), 1e-9).round(3).tolist()
    [1.0, 0.0]
    """
    members = predictions.shape[1]
    equal = np.full(members, 1.0 / members)
    found = equal
    for _ in range(STEPS):
        error = np.maximum(np.abs(target - product(predictions, found)), SMALLEST_ERROR)
        share = weight / error
        share = share / share.sum()
        gram = product((predictions * share[:, None]).T, predictions)
        hold = weight_shrinkage * max(float(np.trace(gram)) / members, np.finfo(np.float64).tiny)
        found = _non_negative(gram + hold * np.eye(members), product(predictions.T, share * target) + hold * equal)
    return found


def _non_negative(gram: Floats, right: Floats) -> Floats:
    """Return the minimum of ``x' gram x / 2 - right' x`` where no x is negative; all sets of members are tried."""
    best, least = np.zeros(right.size), 0.0
    for chosen in itertools.product((False, True), repeat=right.size):
        kept = np.flatnonzero(chosen)
        found = solve(gram[np.ix_(kept, kept)], right[kept, None])[:, 0]
        # At the minimum of its set, the loss is minus half of what the right side makes of it.
        if kept.size and (found >= 0.0).all() and (loss := -dot(right[kept], found)) < least:
            least, best = loss, np.zeros(right.size)
            best[kept] = found
    return best
