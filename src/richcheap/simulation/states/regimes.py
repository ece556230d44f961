"""Market regimes as a Markov chain."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from richcheap.simulation.constants import REGIMES
from richcheap.simulation.states.params import RegimeTransition
from richcheap.simulation.states.stochastic import Integers

FIRST_REGIME: Final = REGIMES.index("normal")


def transition_matrix(transition: RegimeTransition) -> NDArray[np.float64]:
    """Return the daily transition matrix, shape (7, 7)."""
    return np.array([getattr(transition, name) for name in REGIMES], dtype=np.float64)


def regime_path(matrix: NDArray[np.float64], periods: int, rng: np.random.Generator) -> Integers:
    """Return the regime of each day as an index into ``REGIMES``; the first day is normal."""
    upper = np.cumsum(matrix, axis=1)
    upper[:, -1] = 1.0
    draws = rng.random(periods)
    path = np.full(periods, FIRST_REGIME, dtype=np.int64)
    for day in range(1, periods):
        path[day] = np.searchsorted(upper[path[day - 1]], draws[day], side="right")
    return path
