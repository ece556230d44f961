"""Mean reversion and fat-tailed shocks in discrete business days."""

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.elementwise import powers

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def daily_decay(half_life_days: float | Floats) -> Floats:
    """Return phi, the share of a deviation left after one business day.

    >>> float(daily_decay(1.0))
    0.5
    """
    return powers(0.5, 1.0 / np.asarray(half_life_days, dtype=np.float64))


def fat_tailed(rng: np.random.Generator, degrees_of_freedom: Floats, columns: int) -> Floats:
    """Draw multivariate Student's t shocks of unit variance, one row a day.

    The shocks of one day share the mixing variable, so that a wild day is wild for all of them.

    Parameters
    ----------
    degrees_of_freedom
        Above 2, one a day, shape (days,).

    Returns
    -------
    Shocks, shape (days, columns).
    """
    normal = rng.standard_normal((degrees_of_freedom.size, columns))
    mixing = rng.chisquare(degrees_of_freedom)
    return np.asarray(normal * np.sqrt((degrees_of_freedom - 2.0) / mixing)[:, None])


def mean_reverting(start: Floats, means: Floats, decay: Floats, shocks: Floats) -> Floats:
    """Return the path x[t] = mean[t] + decay * (x[t-1] - mean[t]) + shock[t].

    The exact discretisation of an Ornstein-Uhlenbeck process whose mean is constant within a day, provided
    that the shocks carry the variance of a whole day.

    Parameters
    ----------
    start
        Value before the first day, shape (columns,).
    means, shocks
        Shape (days, columns).
    decay
        Shape (columns,) or a scalar.
    """
    path = np.empty_like(shocks)
    previous = start
    for day in range(shocks.shape[0]):
        previous = means[day] + decay * (previous - means[day]) + shocks[day]
        path[day] = previous
    return path
