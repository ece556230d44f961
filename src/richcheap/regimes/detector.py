"""Choose among the methods, put their regimes in order and name them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.linear_algebra import product
from richcheap.regimes.candidates import NO_REGIME, RegimeCandidate, fit_candidates, max_states
from richcheap.regimes.gaussian import GaussianStates
from richcheap.regimes.observations import Observations
from richcheap.regimes.params import RegimeParams
from richcheap.regimes.predictive_density import PredictiveDensity, one_hot, training_terciles

Floats = NDArray[np.float64]

REGIME_NAMES: tuple[tuple[str, ...], ...] = (
    ("normal",),
    ("calm", "stressed"),
    ("calm", "normal", "stressed"),
    ("calm", "normal", "elevated", "stressed"),
    ("calm", "normal", "elevated", "stressed", "crisis"),
    ("quiet", "calm", "normal", "elevated", "stressed", "crisis"),
    ("quiet", "calm", "normal", "elevated", "stressed", "crisis", "extreme"),
)
"""Names of one, two, ... regimes, from the least to the most volatile."""
VOLATILITY_TERCILES = "volatility_terciles"
NOTHING_MOVES = "one regime: the market has no factors whose changes could tell more"


@dataclass(frozen=True)
class DetectedRegimes:
    """Regimes of one method, in order.

    Attributes
    ----------
    candidate : RegimeCandidate or None
        None for the baselines.
    probabilities : ndarray, shape (n_dates, n_states)
        Filtered; states from the least to the most volatile.
    predictive : PredictiveDensity
    log_densities : ndarray, shape (n_dates,)
        Of each date's changes, given the dates before.
    """

    candidate: RegimeCandidate | None
    probabilities: Floats
    predictive: PredictiveDensity
    log_densities: Floats

    @property
    def labels(self) -> NDArray[np.int64]:
        """The most probable regime of each date; the calmer one of equals."""
        labels: NDArray[np.int64] = np.argmax(self.probabilities, axis=1)
        return labels

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each regime."""
        return REGIME_NAMES[self.probabilities.shape[1] - 1]


@dataclass(frozen=True)
class RegimeModel:
    """The chosen method, ready to filter: all that follows from the training dates.

    Attributes
    ----------
    candidate : RegimeCandidate
        States in their order.
    predictive : PredictiveDensity
    names : tuple of str
    status : str
        Why there is one regime only; empty otherwise.
    """

    candidate: RegimeCandidate
    predictive: PredictiveDensity
    names: tuple[str, ...]
    status: str

    def probabilities(self, observations: Observations) -> Floats:
        """Return filtered probabilities, shape (n_dates, n_states)."""
        return self.candidate.probabilities(observations)

    def expected(self, observations: Observations) -> Floats:
        """Return each date's probabilities as the dates before tell them: no price of the date itself takes part."""
        return self.predictive.expected(self.probabilities(observations))


class Detection:
    """All methods and baselines on one market.

    Parameters
    ----------
    observations : Observations
    training, validation : slice
        Their dates: methods are fitted on the former and chosen on the latter.
    params : RegimeParams
    seed : int
    """

    def __init__(
        self, observations: Observations, training: slice, validation: slice, params: RegimeParams, seed: int
    ) -> None:
        self._observations, self._training, self._params = observations, training, params
        self.status = _status(observations, training, params)
        self.found: dict[str, DetectedRegimes] = {}
        dates = observations.dates.len()
        self.found[NO_REGIME] = self._detected(None, np.ones((dates, 1)))
        if observations.features.shape[1]:
            tercile = training_terciles(observations.features[:, 0], training)
            self.found[VOLATILITY_TERCILES] = self._detected(None, one_hot(tercile, 3))
        methods = [] if self.status else fit_candidates(observations, training, params, seed)
        for candidate in methods:
            ordered = self._in_order(candidate)
            self.found[ordered.method] = self._detected(ordered, ordered.probabilities(observations))
        self.chosen = NO_REGIME
        if methods:
            self.chosen = max(
                (one.method for one in methods),
                key=lambda name: float(self.found[name].log_densities[validation].mean()),
            )

    def model(self) -> RegimeModel:
        """Return the chosen method."""
        chosen = self.found[self.chosen]
        certain = GaussianStates(np.ones(1), np.ones((1, 1)), np.zeros((1, 0)), np.ones((1, 0)))
        found = chosen.candidate or RegimeCandidate(NO_REGIME, certain, {})
        return RegimeModel(found, chosen.predictive, chosen.names, self.status)

    def _predictive(self, probabilities: Floats) -> PredictiveDensity:
        params, training = self._params, self._training
        return PredictiveDensity.fit(
            probabilities[training],
            self._observations.changes[training],
            params.self_transition_prior_dates,
            params.variance_prior_dates,
        )

    def _detected(self, candidate: RegimeCandidate | None, probabilities: Floats) -> DetectedRegimes:
        predictive = self._predictive(probabilities)
        return DetectedRegimes(
            candidate, probabilities, predictive, predictive.log_densities(probabilities, self._observations.changes)
        )

    def _in_order(self, candidate: RegimeCandidate) -> RegimeCandidate:
        """Return the same states from the least to the most volatile, those alike by the level of spreads."""
        probabilities = candidate.probabilities(self._observations)
        volatility = self._predictive(probabilities).variances.mean(axis=1)
        weights = probabilities[self._training]
        level = self._observations.spread_level[self._training].sum(axis=1)
        spreads = product(weights.T, level) / np.maximum(weights.sum(axis=0), np.finfo(np.float64).tiny)
        order = np.lexsort((spreads, volatility))
        return RegimeCandidate(candidate.method, candidate.states.ordered(order), candidate.criteria)


def _status(observations: Observations, training: slice, params: RegimeParams) -> str:
    """Say why no regimes are looked for, or nothing."""
    if not observations.changes.shape[1]:
        return NOTHING_MOVES
    dates = training.stop - training.start
    if max_states(dates, params) < 2:
        needed = 2 * params.dates_per_state
        return f"one regime: {dates} training dates, two regimes ask for {needed} (regime_detector.dates_per_state)"
    return ""
