"""Fit a hidden Markov model with Gaussian states by expectation maximisation (Baum et al. 1970)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.elementwise import logarithms
from richcheap.numerics.linear_algebra import product
from richcheap.regimes.gaussian import GaussianStates
from richcheap.regimes.recursions import smooth

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SMALLEST_MOVES = 1e-3
"""Moves between any two states that are supposed to have been seen, so that none is ruled out for ever."""


class ChainPrior(NamedTuple):
    """What is supposed of a chain before any date is seen.

    Attributes
    ----------
    stays : float
        Moves of each state to itself (Fox et al. 2011 call such a chain sticky).
    variance : ndarray, shape (n_features,)
        Of the features over all dates, of which each state's are multiples.
    variance_dates : float
        Dates that a multiple of 1 is worth; it keeps rare states from collapsing on a few dates.
    free_mean : ndarray of bool, shape (n_features,)
        Whether the mean of a feature differs between states; that of the others is 0 in all.
    groups : ndarray of int, shape (n_features,)
        Features of one group (0, 1 ...) share the multiple by which a state scales their variances.
    """

    stays: float
    variance: Floats
    variance_dates: float
    free_mean: NDArray[np.bool_]
    groups: Ints

    def log_density(self, states: GaussianStates) -> float:
        """Return what the prior adds to the log likelihood, up to a constant."""
        stays = self.stays * float(np.sum(logarithms(np.diag(states.transition))))
        moves = SMALLEST_MOVES * float(np.sum(logarithms(states.transition)))
        ratios = self.by_group(states.variances / self.variance)
        spread = logarithms(ratios) + 1.0 / ratios
        return stays + moves - 0.5 * self.variance_dates * float(np.sum(spread))

    def parameters(self, states: int) -> int:
        """Count the free parameters of a chain."""
        return states**2 - 1 + states * (int(self.groups.max()) + 1 + int(self.free_mean.sum()))

    def by_group(self, columns: Floats) -> Floats:
        """Average columns, one for each feature, over each group: (n_states, n_features) to (n_states, n_groups)."""
        members = np.eye(int(self.groups.max()) + 1)[self.groups]
        averages: Floats = product(columns, members) / members.sum(axis=0)
        return averages


class Chain(NamedTuple):
    """A fitted chain.

    Attributes
    ----------
    states : GaussianStates
    log_posterior : float
        What the fit has made as large as it could.
    log_likelihood : float
    entropy : float
        Of the smoothed states of the training dates, nats: how unsure the classes are.
    """

    states: GaussianStates
    log_posterior: float
    log_likelihood: float
    entropy: float


def fit_chain(features: Floats, labels: Ints, states: int, prior: ChainPrior, steps: int, tolerance: float) -> Chain:
    """Climb to the nearest maximum of the posterior from a first labelling of the dates.

    Parameters
    ----------
    features : ndarray, shape (n_dates, n_features)
        Of the training dates.
    labels : ndarray of int, shape (n_dates,)
        From 0 to ``states - 1``.
    states : int
    prior : ChainPrior
    steps : int
        At most.
    tolerance : float
        Gain of the log posterior for each date at which to stop.
    """
    weights = np.eye(states)[labels]
    fitted = maximise(features, weights, product(weights[:-1].T, weights[1:]), prior)
    best = _expect(features, fitted, prior)
    for _ in range(steps):
        filtered = fitted.filter(features)[0]
        smoothed, moves = smooth(filtered, fitted.transition)
        fitted = maximise(features, smoothed, moves, prior)
        step = _expect(features, fitted, prior)
        gain = step.log_posterior - best.log_posterior
        best = step if gain > 0.0 else best
        if gain < tolerance * features.shape[0]:
            break
    return best


def maximise(features: Floats, weights: Floats, moves: Floats, prior: ChainPrior) -> GaussianStates:
    """Return the most probable states for given weights of the dates and expected moves.

    Parameters
    ----------
    features : ndarray, shape (n_dates, n_features)
    weights : ndarray, shape (n_dates, n_states)
        Probability of each state on each date.
    moves : ndarray, shape (n_states, n_states)
        Expected moves from row to column.
    prior : ChainPrior
    """
    mass = weights.sum(axis=0)[:, None]
    means = np.where(prior.free_mean, product(weights.T, features) / np.maximum(mass, np.finfo(np.float64).tiny), 0.0)
    squares = (weights[:, :, None] * (features[:, None, :] - means) ** 2).sum(axis=0)
    multiples = (prior.by_group(squares / prior.variance) + prior.variance_dates) / (mass + prior.variance_dates)
    variances = multiples[:, prior.groups] * prior.variance
    counted = moves + prior.stays * np.eye(weights.shape[1]) + SMALLEST_MOVES
    return GaussianStates(weights[0], counted / counted.sum(axis=1, keepdims=True), means, variances)


def _expect(features: Floats, states: GaussianStates, prior: ChainPrior) -> Chain:
    filtered, increments = states.filter(features)
    smoothed = smooth(filtered, states.transition)[0]
    likelihood = float(increments.sum())
    return Chain(states, likelihood + prior.log_density(states), likelihood, entropy(smoothed))


def entropy(probabilities: Floats) -> float:
    """Return the entropy of the rows of a table of probabilities, summed, in nats."""
    return float(-np.sum(probabilities * logarithms(np.maximum(probabilities, np.finfo(np.float64).tiny))))
