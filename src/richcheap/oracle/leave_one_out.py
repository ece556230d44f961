"""What the other prints of a date say of each one, when the date is one of several cases, Gaussian each.

Within a case the mean of print i given all others is ``y_i - [S^-1 e]_i / [S^-1]_ii``, e being the surprises and S
their covariance: no print is seen by its own price. Nor do the chances of the cases see it, as each case is weighed by
how likely it makes the others.
"""

from typing import NamedTuple

import numpy as np

from richcheap.simulation.states.stochastic import Floats


class Cases(NamedTuple):
    """What the prints of a date may be: some covariances, and for each of them several sizes of the shared shocks."""

    expected: Floats
    """Of the true values, shape (cases, prints)."""
    surprise: Floats
    """Printed minus expected, shape (cases, prints)."""
    noise: Floats
    """Variance of the print around the true value, shape (cases, prints)."""
    covariance: Floats
    """Of the surprises but for the shared shocks, shape (cases, prints, prints)."""
    roots: Floats
    """How each shared shock is seen in each print, shape (prints, shocks)."""
    sizes: Floats
    """Standard deviation of the shared shocks, shape (cases, sizes, shocks)."""
    chances: Floats
    """Before the prints, shape (cases, sizes)."""


class LeftOut(NamedTuple):
    """What the other prints of a date say of each one."""

    mean: Floats
    """Of the true value, shape (prints,)."""
    variance: Floats
    """Of the true value, shape (prints,)."""
    given_others: Floats
    """Chances of the cases given all prints but the one, shape (cases, prints)."""
    given_all: Floats
    """Chances given all prints, shape (cases, sizes)."""


def leave_one_out(cases: Cases) -> LeftOut:
    """Return what the other prints say of each one.

    The shared shocks are few: each case is inverted once and then updated for the sizes of its shocks (Woodbury's
    identity).
    """
    surprise, roots, size = cases.surprise, cases.roots, cases.sizes
    inverse = np.linalg.inv(cases.covariance)
    seen = inverse @ roots
    inner = np.eye(roots.shape[1]) + size[..., :, None] * (roots.T @ seen)[:, None] * size[..., None, :]
    core = size[..., :, None] * np.linalg.inv(inner) * size[..., None, :]
    through = seen[:, None] @ core
    precision = np.diagonal(inverse, axis1=1, axis2=2)[:, None] - np.einsum("cspk,cpk->csp", through, seen)
    shared = np.einsum("cpk,cp->ck", seen, surprise)
    weighted = np.einsum("cpq,cq->cp", inverse, surprise)[:, None] - np.einsum("cspk,ck->csp", through, shared)
    log_determinant = np.linalg.slogdet(inner)[1] - np.linalg.slogdet(inverse)[1][:, None]
    distance = np.einsum("csp,cp->cs", weighted, surprise)
    likelihood = np.log(cases.chances) - 0.5 * (log_determinant + distance)
    missed = weighted / precision
    chance = _normalised(likelihood[..., None] - 0.5 * np.log(precision) + 0.5 * weighted * missed)
    foretold = (cases.expected + surprise)[:, None] - missed
    mean = (chance * foretold).sum(axis=(0, 1))
    within = 1.0 / precision - cases.noise[:, None]
    variance = (chance * (within + (foretold - mean) ** 2)).sum(axis=(0, 1))
    return LeftOut(mean, variance, chance.sum(axis=1), _normalised(likelihood))


def _normalised(log_likelihood: Floats) -> Floats:
    """Return the chances of the first two axes' cases."""
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=(0, 1)))
    return np.asarray(likelihood / likelihood.sum(axis=(0, 1)))
