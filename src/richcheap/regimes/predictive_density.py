"""One measure for all methods: how well the regime of a date tells the changes of the next one."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.elementwise import exponentials, logarithms
from richcheap.numerics.linear_algebra import product

Floats = NDArray[np.float64]


class PredictiveDensity(NamedTuple):
    """What regimes say of the next date, learned from filtered probabilities of the training dates.

    Attributes
    ----------
    start : ndarray, shape (n_states,)
        Shares of the training dates.
    transition : ndarray, shape (n_states, n_states)
    variances : ndarray, shape (n_states, n_changes)
        Of the changes on dates of each regime.
    """

    start: Floats
    transition: Floats
    variances: Floats

    @classmethod
    def fit(cls, probabilities: Floats, changes: Floats, self_transition_dates: float, variance_dates: float) -> Self:
        """Count moves between regimes and average squared changes within them.

        Parameters
        ----------
        probabilities : ndarray, shape (n_dates, n_states)
            Filtered, of the training dates.
        changes : ndarray, shape (n_dates, n_changes)
            Of the same dates.
        self_transition_dates, variance_dates : float
            Dates that a stay in each regime, and the changes' mean square over all of them, are worth.
        """
        states = probabilities.shape[1]
        mass = probabilities.sum(axis=0)
        shares = mass / mass.sum() if mass.any() else np.full(states, 1.0 / states)
        moves = product(probabilities[:-1].T, probabilities[1:]) + self_transition_dates * np.eye(states) + shares
        usual = np.mean(changes**2, axis=0) if len(changes) else np.zeros(changes.shape[1])
        squares = product(probabilities.T, changes**2) + variance_dates * usual
        variances = squares / (mass[:, None] + variance_dates)
        floor = np.finfo(np.float64).tiny
        return cls(shares, moves / moves.sum(axis=1, keepdims=True), np.maximum(variances, floor))

    def expected(self, probabilities: Floats) -> Floats:
        """Return each date's regime as the dates before tell it, shape (n_dates, n_states)."""
        return np.vstack([self.start, product(probabilities[:-1], self.transition)])

    def log_densities(self, probabilities: Floats, changes: Floats) -> Floats:
        """Return the log density of each date's changes given the regimes of the dates before."""
        squares = changes[:, None, :] ** 2 / self.variances + logarithms(2.0 * np.pi * self.variances)
        expected = np.maximum(self.expected(probabilities), np.finfo(np.float64).tiny)
        terms = logarithms(expected) - 0.5 * squares.sum(axis=2)
        largest = terms.max(axis=1)
        densities: Floats = largest + logarithms(exponentials(terms - largest[:, None]).sum(axis=1))
        return densities


def one_hot(labels: NDArray[np.int64], states: int) -> Floats:
    """Return certain probabilities for labels, shape (n_dates, states)."""
    return np.eye(states)[labels]


def training_terciles(values: Floats, training: slice) -> NDArray[np.int64]:
    """Return 0, 1 or 2 for each date: the third of the training dates' values that its own would be in.

    Examples
    --------
    >>> training_terciles(np.array([1.0, 2.0, 3.0, 9.0]), slice(0, 3)).tolist()
    [0, 1, 2, 2]
    """
    return np.searchsorted(np.quantile(values[training], [1.0 / 3.0, 2.0 / 3.0]), values)
