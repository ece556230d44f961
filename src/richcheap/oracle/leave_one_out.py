"""Leave-one-out predictions of one date's prints under a Gaussian mixture.

Within a component the mean of print i given all others is ``y_i - [S^-1 e]_i / [S^-1]_ii``, e being the innovations
and S their covariance: no own price enters a prediction. Nor does it enter the probabilities of the components, each
of which is weighed by the likelihood of the other prints.
"""

from typing import NamedTuple

import numpy as np

from richcheap.numerics.elementwise import exponentials, logarithms
from richcheap.numerics.linear_algebra import cholesky, inverses, log_determinant, product
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
    roots_of_all = cholesky(mixture_components.covariance)
    inverse = inverses(mixture_components.covariance)
    seen = product(inverse, roots)
    inner = np.eye(roots.shape[1]) + size[..., :, None] * product(roots.T, seen)[:, None] * size[..., None, :]
    core = size[..., :, None] * inverses(inner) * size[..., None, :]
    through = product(seen[:, None], core)
    precision = np.diagonal(inverse, axis1=1, axis2=2)[:, None] - (through * seen[:, None]).sum(axis=-1)
    shared = product(innovation[:, None], seen)[:, 0]
    weighted = (
        product(inverse, innovation[..., None])[:, None, :, 0] - product(through, shared[:, None, :, None])[..., 0]
    )
    log_determinants = log_determinant(cholesky(inner)) + log_determinant(roots_of_all)[:, None]
    distance = (weighted * innovation[:, None]).sum(axis=-1)
    likelihood = logarithms(mixture_components.probabilities) - 0.5 * (log_determinants + distance)
    residual = weighted / precision
    probability = _normalised(likelihood[..., None] - 0.5 * logarithms(precision) + 0.5 * weighted * residual)
    predicted = (mixture_components.expected + innovation)[:, None] - residual
    mean = (probability * predicted).sum(axis=(0, 1))
    within = 1.0 / precision - mixture_components.noise[:, None]
    variance = (probability * (within + (predicted - mean) ** 2)).sum(axis=(0, 1))
    return LeaveOneOutPosterior(mean, variance, probability.sum(axis=1), _normalised(likelihood))


def _normalised(log_likelihood: Floats) -> Floats:
    """Normalise likelihoods over the first two axes."""
    likelihood = exponentials(log_likelihood - log_likelihood.max(axis=(0, 1)))
    return np.asarray(likelihood / likelihood.sum(axis=(0, 1)))
