"""Which side of mid prints were made on: half-spreads, learned from past prints whose side is known.

A customer buys above mid and sells below, so that most of a print's distance from mid is known once its side is. The
half-spread is counted in deviations of the print's noise around mid, which each bond earns by its own past errors
(`kalman_noise`): a multiple for each rating bucket, by weighted least squares. The side of the print that is valued is
never used for it: it tells what the others of its date, and later dates, learn from that print.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from stages.spreads.ratings import BUCKETS

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

MEMORY_DATES: Final = 250.0
"""Memory of a bucket's half-spread and of its share of prints away from mid."""
PRIOR_PRINTS: Final = 5.0
"""Prints at mid that a bucket starts from."""
LEAST_LEFT: Final = 0.1
"""Share of the noise's variance that is left at least once the side is known."""
LARGEST_SURPRISE: Final = 4.0
"""Cap on one standardised distance, so that a bad print teaches little."""


class Sides:
    """Half-spreads of one currency, followed from date to date."""

    def __init__(self) -> None:
        self._sided, self._known = np.zeros(len(BUCKETS)), np.full(len(BUCKETS), PRIOR_PRINTS)
        self._moment, self._weight = np.zeros(len(BUCKETS)), np.full(len(BUCKETS), PRIOR_PRINTS)

    def of(self, bucket: Ints, side: Floats, noise: Floats) -> tuple[Floats, Floats]:
        """Return how far the prints' sides lie from mid, bp of quote, and the variance of prints around their sides.

        Parameters
        ----------
        bucket : ndarray of int32, shape (n_rows,)
        side : ndarray, shape (n_rows,)
            Of `Prints`; where it is unknown the two are 0 and the noise.
        noise : ndarray, shape (n_rows,)
            Variance of prints around mid, bp squared.
        """
        half = np.maximum(self._moment / self._weight, 0.0)
        left = np.maximum(1.0 - half**2 * self._sided / self._known, LEAST_LEFT)
        known = ~np.isnan(side)
        offset = np.where(known, -np.where(known, side, 0.0) * half[bucket] * np.sqrt(noise), 0.0)
        return offset, np.where(known, left[bucket], 1.0) * noise

    def follow(self, bucket: Ints, side: Floats, error: Floats, variance: Floats, noise: Floats) -> None:
        """Take in a date.

        Parameters
        ----------
        bucket, side, noise : ndarray, shape (n_rows,)
            See `of`.
        error, variance : ndarray, shape (n_rows,)
            Of each quote around what all others predict, the print's own side not known; bp, bp squared.
        """
        known = ~np.isnan(side)
        if not known.any():
            return
        size = len(BUCKETS)
        count = np.bincount(bucket[known], minlength=size)
        sided = known & (side != 0.0)
        standard = error[sided] / np.sqrt(variance[sided])
        share = noise[sided] / variance[sided]
        lean = -side[sided] * np.clip(standard, -LARGEST_SURPRISE, LARGEST_SURPRISE) * np.sqrt(share)
        kept = np.where(count > 0, 1.0 - 1.0 / MEMORY_DATES, 1.0)
        self._known = kept * self._known + count
        self._sided = kept * self._sided + np.bincount(bucket[sided], minlength=size)
        self._moment = kept * self._moment + np.bincount(bucket[sided], lean, minlength=size)
        self._weight = kept * self._weight + np.bincount(bucket[sided], share, minlength=size)
