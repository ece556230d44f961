"""Which of two methods forecasts value at risk and expected shortfall better.

The pair has a strictly consistent score (Fissler and Ziegel 2016); of these, the one homogeneous of degree zero is used
(Patton, Ziegel and Chen 2019, eq. 6). Lower is better; differences of scores do not depend on the unit of the profits.
"""

from typing import NamedTuple

import numpy as np
from arch.bootstrap import CircularBlockBootstrap
from numpy.typing import NDArray
from scipy import stats

from richcheap.numerics.elementwise import logarithms

Floats = NDArray[np.float64]

MIN_BLOCKS = 5
CONFIDENCE = 0.95


class ScoreDifference(NamedTuple):
    """Mean score of a method less that of a reference.

    Attributes
    ----------
    difference : float
        Below 0 when the method is better.
    low, high : float
        Interval at confidence 95 % from a circular block bootstrap; NaN on fewer than `MIN_BLOCKS` dates.
    p_value : float
        Two-sided, of Diebold and Mariano (1995) for forecasts one step ahead, with the correction of Harvey, Leybourne
        and Newbold (1997); NaN where the difference never varies.
    """

    difference: float
    low: float
    high: float
    p_value: float

    @property
    def verdict(self) -> str:
        """``better`` or ``worse`` when the interval excludes 0, else ``not distinguishable``."""
        if self.high < 0.0:
            return "better"
        return "worse" if self.low > 0.0 else "not distinguishable"


def fissler_ziegel(pnl: Floats, var: Floats, es: Floats, level: float) -> Floats:
    """Score forecasts, one score for each date.

    Parameters
    ----------
    pnl : ndarray, shape (n_dates,)
        Profits.
    var, es : ndarray, shape (n_dates,)
        Losses forecast; the shortfall above 0.
    level : float

    Notes
    -----
    With v = -var, e = -es and p = 1 - level: -1{x <= v} (v - x) / (p e) + v / e + ln(-e) - 1. Its mean under the
    forecast distribution itself is ln(es).
    """
    if not (es > 0.0).all():
        raise ValueError(f"expected shortfall must be a loss above 0 on every date, got {es.min():.3g}")
    beyond = np.where(pnl <= -var, -var - pnl, 0.0)
    score: Floats = beyond / ((1.0 - level) * es) + var / es + logarithms(es) - 1.0
    return score


def compare_scores(score: Floats, reference: Floats, block_dates: int, resamples: int, seed: int) -> ScoreDifference:
    """Compare two methods by their scores on the same dates.

    Parameters
    ----------
    score, reference : ndarray, shape (n_dates,)
    block_dates : int
        Length of a block of dates; at most a fifth of them.
    resamples, seed : int
    """
    gap = score - reference
    dates = gap.size
    mean = float(gap.mean())
    if dates < MIN_BLOCKS:
        return ScoreDifference(mean, np.nan, np.nan, np.nan)
    bootstrap = CircularBlockBootstrap(max(1, min(block_dates, dates // MIN_BLOCKS)), gap, seed=seed)
    means = bootstrap.apply(np.mean, resamples)
    tails = [50.0 * (1.0 - CONFIDENCE), 50.0 * (1.0 + CONFIDENCE)]
    low, high = (float(value) for value in np.percentile(means, tails))
    std = float(gap.std())
    if std == 0.0:
        return ScoreDifference(mean, low, high, np.nan)
    # One step ahead the corrected statistic is that of Student's test with the usual sample variance.
    statistic = mean / (std / np.sqrt(dates - 1))
    return ScoreDifference(mean, low, high, float(2.0 * stats.t.sf(abs(statistic), dates - 1)))
