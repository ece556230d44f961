"""A score from 1 to 10 for how sure a price is: the width of its interval, in ten steps of the validation block."""

from typing import Any, Final, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SCORES: Final = 10


class ConfidenceScores(NamedTuple):
    """Turns half-widths of intervals into scores; no price of the row takes part, for none is in its interval.

    Attributes
    ----------
    edges : ndarray, shape (9,)
        Half-widths between one step and the next, points, ascending.
    labels : ndarray of int, shape (10,)
        Score of each step; steps whose errors were out of order share the lower one.
    """

    edges: Floats
    labels: Ints

    @classmethod
    def calibrated(cls, half_width: Floats, error: Floats) -> Self:
        """Take the deciles of half-widths, and let scores fall as errors rise (pool adjacent violators).

        Parameters
        ----------
        half_width, error : ndarray, shape (n_rows,)
            Of rows that no predictor was fitted to, points.
        """
        places = -(-np.arange(1, SCORES) * half_width.size // SCORES)
        edges = np.sort(half_width)[np.minimum(places, half_width.size - 1)]  # as they are: they may be infinite
        step = np.searchsorted(edges, half_width, side="right")
        count = np.bincount(step, minlength=SCORES)
        total = np.bincount(step, np.abs(error), minlength=SCORES)
        pools: list[list[float]] = []  # steps, rows and summed errors of steps that share a score
        for rows, errors in zip(count.tolist(), total.tolist(), strict=True):
            pools.append([1, rows, errors])
            while len(pools) > 1 and pools[-1][2] * pools[-2][1] < pools[-2][2] * pools[-1][1]:
                last = pools.pop()
                pools[-1] = [one + other for one, other in zip(pools[-1], last, strict=True)]
        sizes = [int(pool[0]) for pool in pools]
        return cls(edges, SCORES + 1 - np.repeat(np.cumsum(sizes), sizes))

    def scores(self, half_width: Floats) -> Ints:
        """Return the score of each row; 1 where the half-width is infinite or not known.

        Examples
        --------
        >>> scores = ConfidenceScores(np.arange(1.0, 10.0), np.arange(10, 0, -1))
        >>> scores.scores(np.array([0.5, 1.5, 100.0, np.inf, np.nan])).tolist()
        [10, 9, 1, 1, 1]
        """
        found: Ints = self.labels[np.searchsorted(self.edges, half_width, side="right")]
        return found


def errors_by_score(scores: Ints, half_width: Floats, error: Floats) -> list[dict[str, Any]]:
    """Return rows, mean absolute error, mean half-width (points) and coverage of each score, the best first."""
    table = []
    for score in range(SCORES, 0, -1):
        held = scores == score
        if held.any():
            missed = np.abs(error[held])
            table.append(
                {
                    "score": score,
                    "rows": int(held.sum()),
                    "mae": float(missed.mean()),
                    "half_width": float(half_width[held].mean()),
                    "coverage": float((missed <= half_width[held]).mean()),
                }
            )
    return table
