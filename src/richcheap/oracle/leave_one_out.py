"""Leave-one-out predictions of one date's prints under a Gaussian mixture.

Within a component the mean of print i given all others is ``y_i - [S^-1 e]_i / [S^-1]_ii``, e being the innovations
and S their covariance: no own price enters a prediction. Nor does it enter the probabilities of the components, each
of which is weighed by the likelihood of the other prints.
"""

from typing import NamedTuple

import numpy as np

from richcheap.simulation.states.stochastic import Floats


class MixtureComponents(NamedTuple):
    """The components of the mixture: some covariances, and for each of them several sizes of the shared shocks."""

    expected: Floats
    """Of the true values, shape (cases, prints)."""
    innovation: Floats
    """Printed minus expected, shape (cases, prints)."""
    noise: Floats
    """Variance of the print around the true value, shape (cases, prints)."""
    covariance: Floats
    """Of the innovations but for the shared shocks, shape (cases, prints, prints)."""
    roots: Floats
    """How each shared shock is seen in each print, shape (prints, shocks)."""
    sizes: Floats
    """Standard deviation of the shared shocks, shape (cases, sizes, shocks)."""
    probabilities: Floats
    """Prior probabilities, shape (cases, sizes)."""


class LeaveOneOutPosterior(NamedTuple):
    """Moments of each print's true value given the other prints, and probabilities of the components."""

    mean: Floats
    """Of the true value, shape (prints,)."""
    variance: Floats
    """Of the true value, shape (prints,)."""
    given_others: Floats
    """Probabilities of the components given all prints but the one, shape (cases, prints)."""
    given_all: Floats
    """Probabilities given all prints, shape (cases, sizes)."""


def leave_one_out(mixture_components: MixtureComponents) -> LeaveOneOutPosterior:
    """Predict each print from all others of its date.

    The shared shocks are few: each component is inverted once and then updated for the sizes of its shocks (Woodbury's
    identity).
    """
    innovation, roots, size = mixture_components.innovation, mixture_components.roots, mixture_components.sizes
    inverse = np.linalg.inv(mixture_components.covariance)
    seen = inverse @ roots
    inner = np.eye(roots.shape[1]) + size[..., :, None] * (roots.T @ seen)[:, None] * size[..., None, :]
    core = size[..., :, None] * np.linalg.inv(inner) * size[..., None, :]
    through = seen[:, None] @ core
    precision = np.diagonal(inverse, axis1=1, axis2=2)[:, None] - np.einsum("cspk,cpk->csp", through, seen)
    shared = np.einsum("cpk,cp->ck", seen, innovation)
    weighted = np.einsum("cpq,cq->cp", inverse, innovation)[:, None] - np.einsum("cspk,ck->csp", through, shared)
    log_determinant = np.linalg.slogdet(inner)[1] - np.linalg.slogdet(inverse)[1][:, None]
    distance = np.einsum("csp,cp->cs", weighted, innovation)
    likelihood = np.log(mixture_components.probabilities) - 0.5 * (log_determinant + distance)
    residual = weighted / precision
    probability = _normalised(likelihood[..., None] - 0.5 * np.log(precision) + 0.5 * weighted * residual)
    predicted = (mixture_components.expected + innovation)[:, None] - residual
    mean = (probability * predicted).sum(axis=(0, 1))
    within = 1.0 / precision - mixture_components.noise[:, None]
    variance = (probability * (within + (predicted - mean) ** 2)).sum(axis=(0, 1))
    return LeaveOneOutPosterior(mean, variance, probability.sum(axis=1), _normalised(likelihood))


def _normalised(log_likelihood: Floats) -> Floats:
    """Normalise likelihoods over the first two axes."""
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=(0, 1)))
    return np.asarray(likelihood / likelihood.sum(axis=(0, 1)))
