"""How noisy bonds are, learned print by print, and how much a strange print is believed for what is remembered."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from stages.bonds.compiled import kernel
from stages.spreads.kalman_state import State

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

LARGEST_SURPRISE: Final = 25.0
"""Cap on one squared standardised error, so that a single bad print does not silence a bond for long."""
BUCKET_MEMORY_DATES: Final = 20.0
SMALLEST_MULTIPLIER: Final = 0.01
NORMAL_WIDTH: Final = 1.4826
"""Standard deviation of a normal variable over its median absolute value."""
FEWEST: Final = 6
"""Prints of a date from which its own width is taken."""


def belief(error: Floats, deviation: Floats, limit: float) -> Floats:
    """Return the factor on each print's precision where it is remembered: 1, or less beyond the limit.

    Errors are measured in deviations, and where the whole date is wider than predicted in its own width, so that a jump
    of the market is no outlier. The factor falls with the square of the distance (a redescending estimator, Hampel
    1974).

    Parameters
    ----------
    error, deviation : ndarray, shape (n_rows,)
        Of each print's prediction from all others.
    limit : float
        Widths beyond which a print is believed less.
    """
    distance = np.abs(error) / deviation
    width = max(NORMAL_WIDTH * float(np.median(distance)), 1.0) if error.size >= FEWEST else 1.0
    factor: Floats = (limit / np.maximum(distance / width, limit)) ** 2
    return factor


@kernel
def follow(
    state: State, bond: Ints, bucket: Ints, seen: NDArray[np.bool_], error: Floats, variance: Floats,
    memory: float, level: float,
) -> None:  # fmt: skip
    """Take the errors of one date's predictions into the multipliers of bonds and buckets.

    Parameters
    ----------
    state : State
        Changed in place; the residuals of the bonds are those after the date.
    bond, bucket : ndarray of int32, shape (n_rows,)
    seen : ndarray of bool, shape (n_rows,)
        The bond has printed before.
    error, variance : ndarray, shape (n_rows,)
        Of each print's prediction from all others; bp, bp squared.
    memory : float
        Of a bond's own multiplier, prints.
    level : float
        Deviation of the residual of a bond never seen, bp, at a scale of 1.
    """
    buckets = state.bucket_multiplier.shape[0]
    ratio_sum, ratio_count = np.zeros(buckets), np.zeros(buckets)
    level_sum, level_count = np.zeros(buckets), np.zeros(buckets)
    for i in range(bond.shape[0]):
        b, c = bond[i], bucket[i]
        if seen[i]:
            start = state.multiplier[b]
            ratio = start * min(error[i] * error[i] / variance[i], LARGEST_SURPRISE)
            state.surprises[b] += 1.0
            step = 1.0 / min(state.surprises[b] + 2.0, memory)
            state.multiplier[b] = max(start + step * (ratio - start), SMALLEST_MULTIPLIER)
            ratio_sum[c] += ratio
            ratio_count[c] += 1.0
        scaled = state.bond_mean[b] / (level * state.bond_scale[b])
        level_sum[c] += min(scaled * scaled, LARGEST_SURPRISE * state.bucket_level[c])
        level_count[c] += 1.0
    for c in range(buckets):
        if ratio_count[c] > 0.0:
            moved = (ratio_sum[c] / ratio_count[c] - state.bucket_multiplier[c]) / BUCKET_MEMORY_DATES
            state.bucket_multiplier[c] = max(state.bucket_multiplier[c] + moved, SMALLEST_MULTIPLIER)
        if level_count[c] > 0.0:
            moved = (level_sum[c] / level_count[c] - state.bucket_level[c]) / BUCKET_MEMORY_DATES
            state.bucket_level[c] = max(state.bucket_level[c] + moved, SMALLEST_MULTIPLIER)
