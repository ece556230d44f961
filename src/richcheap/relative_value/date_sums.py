"""Ratios of sums over dates, with block-bootstrap intervals."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.evaluation.params import EvaluateParams
from richcheap.evaluation.skill import MIN_BLOCKS, resampled_sums

Floats = NDArray[np.float64]


class Estimate(NamedTuple):
    """A figure with the interval of its block bootstrap; NaN where it cannot be estimated.

    Attributes
    ----------
    value, low, high : float
    """

    value: float
    low: float
    high: float


class DateSums:
    """Gathers sums by date, then gives ratios of their totals, all on the same resamples of blocks of dates.

    Parameters
    ----------
    day : ndarray of int, shape (n_rows,)
        Position of each row's date.
    dates : int
    block_dates : int
        Length of a block: not below the dates over which outcomes overlap. On fewer than five blocks there is no
        interval: it would be too narrow.
    params : EvaluateParams
        Resamples and confidence.
    seed : int
    """

    def __init__(self, day: NDArray[np.int64], dates: int, block_dates: int, params: EvaluateParams, seed: int) -> None:
        self._day, self._dates, self._block_dates = day, dates, block_dates
        self._params, self._seed = params, seed
        self._columns: list[Floats] = []
        self._resampled: Floats | None = None

    def add(self, values: Floats) -> int:
        """Add up a figure of each row by date, NaN as nil; return the number by which `ratio` knows it."""
        by_date = np.bincount(self._day, np.nan_to_num(values, nan=0.0), self._dates)
        self._columns.append(by_date.astype(np.float64, copy=False))
        return len(self._columns) - 1

    def total(self, column: int) -> float:
        """Return the sum over all dates."""
        return float(self._columns[column].sum())

    def ratio(self, numerator: int, denominator: int) -> Estimate:
        """Return the ratio of two totals with its percentile interval; ask only when all columns are added."""
        return self._estimate([(numerator, denominator)])

    def difference(self, one: tuple[int, int], other: tuple[int, int]) -> Estimate:
        """Return by how much one ratio, a numerator and a denominator, is above another on the same resamples."""
        return self._estimate([one, other])

    def _estimate(self, ratios: list[tuple[int, int]]) -> Estimate:
        """Return the first ratio less the others."""
        value = _less([_ratio(self.total(over), self.total(under)) for over, under in ratios])
        if self._dates // MIN_BLOCKS < self._block_dates or not np.isfinite(value):
            return Estimate(float(value), np.nan, np.nan)
        if self._resampled is None:
            by_date = np.column_stack(self._columns)
            resamples = self._params.bootstrap_resamples
            self._resampled = resampled_sums(by_date, self._block_dates, resamples, self._seed)
        sums = self._resampled
        drawn = _less([_ratio(sums[:, over], sums[:, under]) for over, under in ratios])
        tails = [50.0 * (1.0 - self._params.confidence), 50.0 * (1.0 + self._params.confidence)]
        low, high = (float(bound) for bound in np.nanpercentile(drawn, tails))
        return Estimate(float(value), low, high)


def _ratio(over: Any, under: Any) -> Floats:
    return np.asarray(np.divide(over, under, out=np.full(np.shape(under), np.nan), where=np.not_equal(under, 0.0)))


def _less(ratios: list[Floats]) -> Floats:
    """Return the first less all others."""
    first, *others = ratios
    return np.asarray(first - sum(others))
