"""A bond's own past, carried from batch to batch: what it printed last, and summaries of all it printed before.

Rows come in the order of their dates, whatever their bonds; a bond prints at most once a date. Each kernel reads a
bond's state before it takes in the bond's row, so that a row never enters its own past.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementary import exp

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

_LOG_TWO: Final = 0.6931471805599453
SMALLEST_DECAY: Final = 1e-100
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


class Past(NamedTuple):
    """What is kept of every bond; the decayed sums stand as they were at its last print, without it.

    Attributes
    ----------
    prints, day : ndarray of int32, shape (n_bonds,)
        Prints so far, and the day of the last.
    residual, price : ndarray, shape (n_bonds,)
        Of the last print.
    change, repeats : ndarray, shape (n_bonds,)
        Change of the residual at the last print, and whether (0 or 1) it repeated the price; of no meaning before
        the second print.
    weight, total : ndarray, shape (n_bonds,)
        Decayed sums over prints: of ones, of residuals.
    change_weight, square, repeated : ndarray, shape (n_bonds,)
        Decayed sums over changes: of ones, of squares, of repeated prices.
    in_window : ndarray of int32, shape (n_bonds,)
        Prints within the window that ends at the last print, with it.
    printed : ndarray of bool, shape (n_bonds, window_days + 1)
        Whether the bond printed on each of those days; day d stands at d modulo the length.
    """

    prints: Ints
    day: Ints
    residual: Floats
    price: Floats
    change: Floats
    repeats: Floats
    weight: Floats
    total: Floats
    change_weight: Floats
    square: Floats
    repeated: Floats
    in_window: Ints
    printed: NDArray[np.bool_]


def no_past(bonds: int, window_days: int) -> Past:
    """Return the state of bonds that have not printed yet; the window is in calendar days."""
    return Past(
        prints=np.zeros(bonds, dtype=np.int32),
        day=np.zeros(bonds, dtype=np.int32),
        residual=np.zeros(bonds),
        price=np.zeros(bonds),
        change=np.zeros(bonds),
        repeats=np.zeros(bonds),
        weight=np.zeros(bonds),
        total=np.zeros(bonds),
        change_weight=np.zeros(bonds),
        square=np.zeros(bonds),
        repeated=np.zeros(bonds),
        in_window=np.zeros(bonds, dtype=np.int32),
        printed=np.zeros((bonds, window_days + 1), dtype=np.bool_),
    )


@kernel
def own_history(
    past: Past, bond: Ints, day: Ints, residual: Floats, price: Floats, half_life_days: float
) -> OwnHistory:
    """Summarise each row's past, then take the row into it.

    Parameters
    ----------
    past : Past
        Changed in place.
    bond : ndarray of int32, shape (n_rows,)
        Bond numbers.
    day : ndarray of int32, shape (n_rows,)
        Days since 1970-01-01, never descending, here or from batch to batch.
    residual : ndarray, shape (n_rows,)
        Residual of each print, bp.
    price : ndarray, shape (n_rows,)
        Observed clean price.
    half_life_days : float
        Half-life of the weights, calendar days.

    Returns
    -------
    OwnHistory
        Row i depends on earlier rows of the same bond, and on nothing else.
    """
    rows = bond.shape[0]
    found = OwnHistory(
        np.full(rows, np.nan), np.full(rows, np.nan), np.zeros(rows), np.zeros(rows), np.full(rows, np.nan)
    )
    length = past.printed.shape[1]
    for i in range(rows):
        b = bond[i]
        before = past.prints[b]
        if before > 0:
            gap = day[i] - past.day[b]
            decay = max(exp(-_LOG_TWO * gap / half_life_days), SMALLEST_DECAY)
            past.weight[b] = (past.weight[b] + 1.0) * decay
            past.total[b] = (past.total[b] + past.residual[b]) * decay
            found.decayed_mean[i] = past.total[b] / past.weight[b]
            if before > 1:
                past.square[b] = (past.square[b] + past.change[b] * past.change[b]) * decay
                past.repeated[b] = (past.repeated[b] + past.repeats[b]) * decay
                past.change_weight[b] = (past.change_weight[b] + 1.0) * decay
                found.deviation[i] = np.sqrt(past.square[b] / past.change_weight[b])
                found.unchanged_share[i] = past.repeated[b] / past.change_weight[b]
            # The days since the last print take the places of days that have left the window.
            for d in range(day[i] - min(gap, length) + 1, day[i] + 1):
                past.in_window[b] -= past.printed[b, d % length]
                past.printed[b, d % length] = False
            past.change[b] = residual[i] - past.residual[b]
            past.repeats[b] = 1.0 if price[i] == past.price[b] else 0.0
        found.prints_in_window[i] = past.in_window[b]
        found.prints[i] = before
        past.prints[b] = before + 1
        past.day[b] = day[i]
        past.residual[b] = residual[i]
        past.price[b] = price[i]
        past.in_window[b] += 1
        past.printed[b, day[i] % length] = True
    return found


@kernel
def lagged(bond: Ints, values: Floats, last: Floats) -> Floats:
    """Return the values of the bond's own print before each row, then take the row's as its last.

    Parameters
    ----------
    bond : ndarray of int32, shape (n_rows,)
        Bond numbers.
    values : ndarray, shape (n_rows, n_values)
    last : ndarray, shape (n_bonds, n_values)
        Values of each bond's last print, NaN before the first; changed in place.

    Returns
    -------
    ndarray, shape (n_rows, n_values)
    """
    previous = np.empty_like(values)
    for i in range(bond.shape[0]):
        previous[i] = last[bond[i]]
        last[bond[i]] = values[i]
    return previous
