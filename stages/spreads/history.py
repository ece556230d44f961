"""A bond's own past: summaries of the prints strictly before each print."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.bonds.compiled import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

SMALLEST_DECAY = 1e-100
"""A gap of many half-lives leaves the past its proportions: weights of exactly 0 would leave 0 / 0."""


class OwnHistory(NamedTuple):
    """Summaries of the prints before each print; NaN where there are too few.

    Attributes
    ----------
    decayed_mean : ndarray, shape (n_rows,)
        Mean of the bond's earlier residuals, weighted by ``0.5 ** (age / half-life)``.
    deviation : ndarray, shape (n_rows,)
        Root mean square change of consecutive earlier residuals, decayed alike.
    prints_in_window : ndarray, shape (n_rows,)
        Earlier prints within the window before the print.
    prints : ndarray, shape (n_rows,)
        All earlier prints.
    unchanged_share : ndarray, shape (n_rows,)
        Share of the earlier prints that repeated the price before them, decayed alike.
    """

    decayed_mean: Floats
    deviation: Floats
    prints_in_window: Floats
    prints: Floats
    unchanged_share: Floats


@kernel
def own_history(
    bond: Ints, day: Ints, residual: Floats, price: Floats, half_life_days: float, window_days: int
) -> OwnHistory:
    """Summarise each bond's past.

    Parameters
    ----------
    bond : ndarray of int32, shape (n_rows,)
        Bond numbers; rows sorted by (bond, day), each pair once.
    day : ndarray of int32, shape (n_rows,)
        Days since 1970-01-01.
    residual : ndarray, shape (n_rows,)
        Residual of each print, bp.
    price : ndarray, shape (n_rows,)
        Observed clean price.
    half_life_days : float
        Half-life of the weights, calendar days.
    window_days : int
        Window of `prints_in_window`, calendar days.

    Returns
    -------
    OwnHistory
        Row i depends on rows of the same bond before i, and on nothing else.
    """
    rows = bond.shape[0]
    decayed_mean = np.full(rows, np.nan)
    deviation = np.full(rows, np.nan)
    in_window = np.zeros(rows)
    prints = np.zeros(rows)
    unchanged = np.full(rows, np.nan)
    start = 0
    oldest = 0
    weight = total = square = change_weight = same = 0.0
    for i in range(rows):
        if i == 0 or bond[i] != bond[i - 1]:
            start = oldest = i
            weight = total = square = change_weight = same = 0.0
            continue
        decay = max(0.5 ** ((day[i] - day[i - 1]) / half_life_days), SMALLEST_DECAY)
        weight = (weight + 1.0) * decay
        total = (total + residual[i - 1]) * decay
        if i - 1 > start:
            change = residual[i - 1] - residual[i - 2]
            square = (square + change * change) * decay
            same = (same + (1.0 if price[i - 1] == price[i - 2] else 0.0)) * decay
            change_weight = (change_weight + 1.0) * decay
            deviation[i] = np.sqrt(square / change_weight)
            unchanged[i] = same / change_weight
        else:
            change_weight *= decay
        decayed_mean[i] = total / weight
        while day[i] - day[oldest] > window_days:
            oldest += 1
        in_window[i] = i - oldest
        prints[i] = i - start
    return OwnHistory(decayed_mean, deviation, in_window, prints, unchanged)
