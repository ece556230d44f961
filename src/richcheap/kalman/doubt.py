"""Prints in doubt: what a bond is remembered by after a print that lies far from its prediction.

A single far print is either wrong or the first at a new level, and nothing at its date tells which. Its weight in the
update falls steeply (a redescending estimator, Hampel 1974), and how far it lay is kept as the bond's *doubt*. If the
next print lies as far, the level has shifted: the bond's own variance is opened for that print alone, so that it takes
the whole step (an intervention, West and Harrison 1997, chapter 11), and the way back becomes the doubt. Any other
print ends the doubt. All of it comes after the date's predictions: a print does not affect its own.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.surface.outliers import MIN_PRINTS, NORMAL_WIDTH, steep_weight

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FROM_WIDTHS: Final = 5.0
"""Distance from which a print is in doubt, widths."""
AGREEMENT: Final = 0.25
"""A print confirms a doubt when it lies within this share of it; the tolerance of docs/filters/price_moves.md."""
MIN_INNOVATIONS: Final = 1.0
"""Innovations that a bond needs before a print of its own is in doubt: of its first two prints either may be wrong."""


class Remembered(NamedTuple):
    """How the prints of a date enter the update.

    Attributes
    ----------
    factor : ndarray, shape (n_rows,)
        On the precision of each.
    opened : ndarray, shape (n_rows,)
        Variance by which the bond's residual is opened before the update, bp squared.
    doubt : ndarray, shape (n_rows,)
        How far the bond would have to shift, bp; 0 where nothing is in doubt.
    """

    factor: Floats
    opened: Floats
    doubt: Floats


def remembered(error: Floats, std: Floats, limit: float, known: Flags, doubt: Floats) -> Remembered:
    """Weigh a date's prints for the update.

    Parameters
    ----------
    error, std : ndarray, shape (n_rows,)
        Of each print's prediction from all others, bp.
    limit : float
        Widths beyond which a print weighs less.
    known : ndarray of bool, shape (n_rows,)
        Bonds with enough prints for one to be in doubt.
    doubt : ndarray, shape (n_rows,)
        What is in doubt of each bond from its print before, bp.
    """
    distance = np.abs(error) / std / width_of(error, std)
    suspect = known & (distance > FROM_WIDTHS)
    confirmed = suspect & (np.abs(error - doubt) <= AGREEMENT * np.abs(doubt))
    factor = np.where(confirmed, 1.0, weight(distance, limit, known))
    left = np.where(confirmed, -error, np.where(suspect, error, 0.0))
    return Remembered(factor, np.where(confirmed, error**2, 0.0), left)


def weight(distance: Floats, limit: float, known: Flags) -> Floats:
    """Return the factor on a print's precision by its distance, in widths: 1, or less beyond the limit.

    It falls with the distance (Huber 1964), and steeply where the print is in doubt.
    """
    factor = limit / np.maximum(distance, limit)
    found: Floats = np.where(known, factor * steep_weight(distance, FROM_WIDTHS), factor)
    return found


def width_of(error: Floats, std: Floats) -> float:
    """Return how much wider a date's errors are than predicted, at least 1: a jump of the market is no outlier."""
    return max(NORMAL_WIDTH * float(np.median(np.abs(error) / std)), 1.0) if error.size >= MIN_PRINTS else 1.0
