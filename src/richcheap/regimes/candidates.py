"""Ways to tell regimes apart, each with the number of regimes that an information criterion asks for."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from richcheap.numerics.elementwise import logarithms
from richcheap.numerics.linear_algebra import product
from richcheap.regimes.gaussian import GaussianStates
from richcheap.regimes.hidden_markov import Chain, ChainPrior, entropy, fit_chain
from richcheap.regimes.observations import CREDIT_CHANGE, Observations
from richcheap.regimes.params import RegimeParams

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NO_REGIME, K_MEANS, MIXTURE = "no_regime", "k_means", "gaussian_mixture"
HIDDEN_MARKOV, HIDDEN_MARKOV_LEVEL = "hidden_markov", "hidden_markov_level"
METHODS: tuple[str, ...] = (K_MEANS, MIXTURE, HIDDEN_MARKOV, HIDDEN_MARKOV_LEVEL)
SMALLEST_VARIANCE = 1e-3
"""Of a mixture's component, in training variances of the feature."""
MAX_STEPS = 300
"""Of expectation maximisation: fits end by the tolerance, and this only bounds the time of one that does not."""
TOLERANCE = 1e-6
"""Gain of the log posterior for each date at which a fit ends: far below what tells numbers of regimes apart."""


@dataclass(frozen=True)
class RegimeCandidate:
    """One method, fitted.

    Attributes
    ----------
    method : str
        One of `METHODS`, or `NO_REGIME`.
    states : GaussianStates
        Over what `seen_by` the method.
    criteria : dict of int to float
        Information criterion for each number of states tried; the smallest has been taken.
    """

    method: str
    states: GaussianStates
    criteria: dict[int, float]

    def probabilities(self, observations: Observations) -> Floats:
        """Return filtered probabilities, shape (n_dates, n_states): row t follows from dates up to t alone."""
        return self.states.filter(seen_by(self.method, observations))[0]


def seen_by(method: str, observations: Observations) -> Floats:
    """Return what a method looks at.

    A chain sees the changes themselves, whose variance tells the state, and one of the two the level of spreads
    besides; methods without a memory see the trailing volatilities and that level. One regime needs to see nothing.
    """
    if method == NO_REGIME:
        return np.empty((observations.dates.len(), 0))
    if method == HIDDEN_MARKOV:
        return observations.changes
    if method == HIDDEN_MARKOV_LEVEL:
        return np.hstack([observations.changes, observations.spread_level])
    return observations.features


class _Fitted(NamedTuple):
    states: GaussianStates
    bic: float
    entropy: float


class _Task(NamedTuple):
    method: str
    observations: Observations
    training: slice
    params: RegimeParams
    seed: int


def fit_candidates(
    observations: Observations, training: slice, params: RegimeParams, seed: int
) -> list[RegimeCandidate]:
    """Fit every method on the training dates, with 1 ... as many states as there is room for.

    Without a level of spreads the chain that sees one is left out. Threads are held to one: how scikit-learn cuts a
    sum among them decides its last bits. A fit that has not settled, or has fewer clusters than were asked for, is
    judged like any other.
    """
    most = max_states(training.stop - training.start, params)
    no_level = observations.spread_level.shape[1] == 0
    methods = [method for method in METHODS if not (no_level and method == HIDDEN_MARKOV_LEVEL)]
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return [_choose(_Task(method, observations, training, params, seed), most) for method in methods]


def max_states(training_dates: int, params: RegimeParams) -> int:
    """Return the most states tried, so that each has room for ``dates_per_state`` training dates."""
    return max(1, min(params.max_states, training_dates // params.dates_per_state))


def _choose(task: _Task, most: int) -> RegimeCandidate:
    fits = {states: FITS[task.method](task, states) for states in range(1, most + 1)}
    surplus = 2.0 if task.params.criterion == "icl" else 0.0
    criteria = {states: fit.bic + surplus * fit.entropy for states, fit in fits.items()}
    return RegimeCandidate(task.method, fits[min(criteria, key=lambda states: criteria[states])].states, criteria)


def _k_means(task: _Task, states: int) -> _Fitted:
    """Nearest centre, as states of equal weight and one common variance (Pelleg and Moore 2000 count so)."""
    features = task.observations.features[task.training]
    dates, width = features.shape
    found = KMeans(states, n_init=task.params.starts, random_state=task.seed).fit(features)
    variance = max(float(found.inertia_) / (dates * width), SMALLEST_VARIANCE)
    even = np.full(states, 1.0 / states)
    centres = found.cluster_centers_.astype(np.float64)
    nearest = GaussianStates(even, np.tile(even, (states, 1)), centres, np.full((states, width), variance))
    filtered, increments = nearest.filter(features)
    return _Fitted(nearest, _bic(float(increments.sum()), states * width + 1, dates), entropy(filtered))


def _mixture(task: _Task, states: int) -> _Fitted:
    """Fit by expectation maximisation (Dempster, Laird and Rubin 1977), each start from a clustering."""
    params, features = task.params, task.observations.features[task.training]
    random = np.random.RandomState(task.seed)
    starts = (
        _fit_mixture(features, KMeans(states, n_init=1, random_state=random).fit(features).labels_, states)
        for _ in range(params.starts)
    )
    mixture, _ = max(starts, key=lambda fitted: fitted[1])
    parameters = 2 * states * features.shape[1] + states - 1
    filtered, increments = mixture.filter(features)
    return _Fitted(mixture, _bic(float(increments.sum()), parameters, features.shape[0]), entropy(filtered))


def _fit_mixture(features: Floats, labels: Ints, states: int) -> tuple[GaussianStates, float]:
    """Return the mixture that a labelling leads to, and the mean log density that its last step began with."""
    mixture, before = _maximise_mixture(features, np.eye(states)[labels]), -np.inf
    for _ in range(MAX_STEPS):
        weights, increments = mixture.filter(features)
        mixture, reached = _maximise_mixture(features, weights), float(increments.mean())
        if abs(reached - before) < TOLERANCE:
            break
        before = reached
    return mixture, reached


def _maximise_mixture(features: Floats, weights: Floats) -> GaussianStates:
    """Return the mixture of the dates' probabilities of each state, shape (n_dates, n_states)."""
    mass = weights.sum(axis=0) + np.finfo(np.float64).eps
    share = mass / mass.sum()
    means = product(weights.T, features) / mass[:, None]
    squares = product(weights.T, features**2) / mass[:, None] - means**2
    return GaussianStates(share, np.tile(share, (share.size, 1)), means, squares + SMALLEST_VARIANCE)


def _hidden_markov(task: _Task, states: int) -> _Fitted:
    params, observations = task.params, task.observations
    features = seen_by(task.method, observations)[task.training]
    changes = observations.changes.shape[1]
    prior = ChainPrior(
        stays=params.self_transition_prior_dates,
        variance=features.var(axis=0) + SMALLEST_VARIANCE,
        variance_dates=params.variance_prior_dates,
        free_mean=np.arange(features.shape[1]) >= changes,
        groups=_groups(observations, features.shape[1]),
    )
    best = best_chain(features, observations.features[task.training], states, prior, params.starts, task.seed)
    return _Fitted(best.states, _bic(best.log_likelihood, prior.parameters(states), features.shape[0]), best.entropy)


def best_chain(seen: Floats, clustered: Floats, states: int, prior: ChainPrior, starts: int, seed: int) -> Chain:
    """Fit a hidden Markov model from several first labellings; return the most probable chain.

    Parameters
    ----------
    seen : ndarray, shape (n_dates, n_features)
        What the chain sees.
    clustered : ndarray, shape (n_dates, n_columns)
        What the first labellings are clusters of.
    states : int
    prior : ChainPrior
    starts : int
        Labellings; one state has one.
    seed : int
    """
    labellings = _first_labels(clustered, states, starts if states > 1 else 1, seed)
    chains = (fit_chain(seen, labels, states, prior, MAX_STEPS, TOLERANCE) for labels in labellings)
    return max(chains, key=lambda chain: chain.log_posterior)


def _groups(observations: Observations, seen: int) -> Ints:
    """Number the kinds of what a chain sees: the curve's factors, the credit change, the level of spreads."""
    kinds = [int(name == CREDIT_CHANGE) for name in observations.change_names]
    groups: Ints = np.unique([*kinds, 2][:seen], return_inverse=True)[1].astype(np.int64)
    return groups


def _first_labels(features: Floats, states: int, starts: int, seed: int) -> Iterator[Ints]:
    """Yield a labelling of the dates for each start: one clustering each, from seeds of its own."""
    for source in np.random.SeedSequence(seed).generate_state(starts).tolist():
        yield KMeans(states, n_init=1, random_state=source).fit_predict(features).astype(np.int64)


def _bic(log_likelihood: float, parameters: int, dates: int) -> float:
    return -2.0 * log_likelihood + parameters * float(logarithms(dates))


FITS: dict[str, Callable[[_Task, int], _Fitted]] = {
    K_MEANS: _k_means,
    MIXTURE: _mixture,
    HIDDEN_MARKOV: _hidden_markov,
    HIDDEN_MARKOV_LEVEL: _hidden_markov,
}
