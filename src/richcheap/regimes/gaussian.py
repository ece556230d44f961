"""Gaussian states of the market: a chain of them (hidden Markov model), or dates that do not follow on (mixture)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.elementwise import logarithms
from richcheap.regimes.recursions import forward

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class GaussianStates:
    """States, each with independent Gaussian features.

    Attributes
    ----------
    start : ndarray, shape (n_states,)
        Probabilities of the first date's state.
    transition : ndarray, shape (n_states, n_states)
        Rows of probabilities of the next date's state. A mixture has equal rows: the date before says nothing.
    means, variances : ndarray, shape (n_states, n_features)
    """

    start: Floats
    transition: Floats
    means: Floats
    variances: Floats

    def log_densities(self, features: Floats) -> Floats:
        """Return the log density of each date's features in each state, shape (n_dates, n_states)."""
        squares = (features[:, None, :] - self.means) ** 2 / self.variances
        densities: Floats = -0.5 * np.sum(squares + logarithms(2.0 * np.pi * self.variances), axis=2)
        return densities

    def filter(self, features: Floats) -> tuple[Floats, Floats]:
        """Return filtered probabilities and the log density of each date given the dates before, see `forward`."""
        filtered, increments = forward(self.log_densities(features), self.start, self.transition)
        return filtered, increments

    def ordered(self, order: Ints) -> "GaussianStates":
        """Return the same states in another order."""
        return GaussianStates(
            self.start[order], self.transition[np.ix_(order, order)], self.means[order], self.variances[order]
        )

    @property
    def durations(self) -> Floats:
        """Expected length of a stay in each state, dates."""
        expected_durations: Floats = 1.0 / np.maximum(1.0 - np.diag(self.transition), np.finfo(np.float64).eps)
        return expected_durations
