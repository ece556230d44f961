"""Changes and trends of a daily figure, with errors that hold when neighbouring dates resemble each other."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from statsmodels.regression.linear_model import OLS  # type: ignore[import-untyped]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MIN_DATES = 5  # in each window: below, the errors of the estimate are themselves a guess
FLAT = 1e-12


class Estimate(NamedTuple):
    """A change or slope with its 95 % interval; NaN where there are too few dates to tell.

    Attributes
    ----------
    value, low, high, p_value : float
    """

    value: float
    low: float
    high: float
    p_value: float


def daily_mean(values: Floats, day: Ints) -> Floats:
    """Return the mean of each date's known values, dates ascending; NaN for a date without any.

    Examples
    --------
    >>> daily_mean(np.array([1.0, 3.0, np.nan, 5.0]), np.array([1, 1, 2, 2])).tolist()
    [2.0, 5.0]
    """
    position = np.unique(day, return_inverse=True)[1]
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        means: Floats = np.bincount(position, np.where(known, values, 0.0)) / np.bincount(position, known)
    return means


def change(before: Floats, after: Floats) -> Estimate:
    """Return the mean of `after` less that of `before`, two windows of daily figures.

    Least squares on an indicator, with the errors of Newey and West (1987): a run of bad days counts as little more
    than one.
    """
    before, after = before[np.isfinite(before)], after[np.isfinite(after)]
    if min(before.size, after.size) < MIN_DATES:
        return Estimate(*[math.nan] * 4)
    return _slope(np.concatenate([before, after]), np.repeat([0.0, 1.0], [before.size, after.size]))


def trend(series: Floats) -> Estimate:
    """Return the slope of a daily figure, a date, with the same errors as `change`."""
    position = np.arange(series.size, dtype=np.float64)
    known = np.isfinite(series)
    if known.sum() < 2 * MIN_DATES:
        return Estimate(*[math.nan] * 4)
    return _slope(series[known], position[known])


def _slope(y: Floats, x: Floats) -> Estimate:
    design = np.column_stack([np.ones_like(x), x])
    if np.ptp(y) <= FLAT * max(1.0, float(np.abs(y).max())):
        return Estimate(0.0, 0.0, 0.0, 1.0)
    lags = int(4.0 * (y.size / 100.0) ** (2.0 / 9.0))  # Newey and West (1994)
    fitted = OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True)
    value = float(fitted.params[1])
    if not fitted.bse[1] > FLAT * abs(value):  # the windows differ and nothing else does
        return Estimate(value, value, value, 0.0)
    low, high = fitted.conf_int()[1]
    return Estimate(value, float(low), float(high), float(fitted.pvalues[1]))
