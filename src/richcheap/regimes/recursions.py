"""Forward and backward recursions of a hidden Markov chain, scaled so that nothing underflows."""

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementary import exp, log

Floats = NDArray[np.float64]


@kernel
def forward(log_densities: Floats, start: Floats, transition: Floats) -> tuple[Floats, Floats]:
    """Filter: what each date's state is, given the dates up to it (Hamilton 1989).

    Parameters
    ----------
    log_densities : ndarray, shape (n_dates, n_states)
        Log density of each date's observation in each state.
    start : ndarray, shape (n_states,)
        Probabilities of the first date's state before it is observed.
    transition : ndarray, shape (n_states, n_states)
        Row i holds the probabilities of the next date's states after state i.

    Returns
    -------
    filtered : ndarray, shape (n_dates, n_states)
        Row t follows from rows 0 ... t of `log_densities` alone.
    increments : ndarray, shape (n_dates,)
        Log density of each date's observation given those before; their sum is the log likelihood.
    """
    dates, states = log_densities.shape
    filtered = np.empty((dates, states))
    increments = np.empty(dates)
    predicted = start.copy()
    for t in range(dates):
        largest = -np.inf
        for j in range(states):
            largest = max(largest, log_densities[t, j])
        total = 0.0
        for j in range(states):
            filtered[t, j] = predicted[j] * exp(log_densities[t, j] - largest)
            total += filtered[t, j]
        increments[t] = log(total) + largest
        for j in range(states):
            filtered[t, j] /= total
        for j in range(states):
            predicted[j] = 0.0
            for i in range(states):
                predicted[j] += filtered[t, i] * transition[i, j]
    return filtered, increments


@kernel
def smooth(filtered: Floats, transition: Floats) -> tuple[Floats, Floats]:
    """Look back (for learning alone): states given all dates, and the expected number of moves between states.

    Parameters
    ----------
    filtered : ndarray, shape (n_dates, n_states)
        From `forward`.
    transition : ndarray, shape (n_states, n_states)

    Returns
    -------
    smoothed : ndarray, shape (n_dates, n_states)
    moves : ndarray, shape (n_states, n_states)
        Kim's (1994) recursion: expected moves from row to column.
    """
    dates, states = filtered.shape
    smoothed = np.empty((dates, states))
    smoothed[dates - 1] = filtered[dates - 1]
    moves = np.zeros((states, states))
    ratio = np.empty(states)
    for t in range(dates - 2, -1, -1):
        for j in range(states):
            predicted = 0.0
            for i in range(states):
                predicted += filtered[t, i] * transition[i, j]
            ratio[j] = smoothed[t + 1, j] / predicted if predicted > 0.0 else 0.0
        for i in range(states):
            smoothed[t, i] = 0.0
            for j in range(states):
                move = filtered[t, i] * transition[i, j] * ratio[j]
                moves[i, j] += move
                smoothed[t, i] += move
    return smoothed, moves
