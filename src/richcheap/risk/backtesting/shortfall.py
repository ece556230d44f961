"""Whether expected shortfall is right: the first two tests of Acerbi and Szekely (2014), with simulated p-values.

With profits X, tail probability p, and I = 1 where X falls below minus the value at risk:

    Z1 = sum(X I / ES) / sum(I) + 1        Z2 = sum(X I / (p ES)) / dates + 1

Both are 0 on average when the forecasts hold and negative when they are too small. Their distribution follows from the
forecasts themselves: outcomes are drawn from each date's predictive distribution, many times over.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Statistic(NamedTuple):
    """A statistic and the share of simulated ones that are as low; NaN where no loss exceeded the value at risk."""

    statistic: float
    p_value: float


class Shortfall(NamedTuple):
    """Both tests of one method at one level.

    Attributes
    ----------
    z1, z2 : Statistic
        Z1 looks at the size of the exceedances, given that there are any; Z2 at their size and number.
    """

    z1: Statistic
    z2: Statistic


def shortfall_test(pnl: Floats, var: Floats, es: Floats, level: float, drawn: Floats) -> Shortfall:
    """Test forecasts of expected shortfall.

    Parameters
    ----------
    pnl, var, es : ndarray, shape (n_dates,)
        Profit of each date, and the losses forecast for it.
    level : float
    drawn : ndarray, shape (n_dates, n_paths)
        Draws from the predictive distribution of each date.
    """
    z1, z2 = statistics(pnl[:, None], var, es, level)
    simulated = statistics(drawn, var, es, level)
    return Shortfall(_against(float(z1[0]), simulated[0]), _against(float(z2[0]), simulated[1]))


def statistics(pnl: Floats, var: Floats, es: Floats, level: float) -> tuple[Floats, Floats]:
    """Return Z1 and Z2 of each column of outcomes, shape (n_dates, n_paths); Z1 is NaN without an exceedance."""
    beyond = pnl < -var[:, None]
    ratio = np.where(beyond, pnl / es[:, None], 0.0).sum(axis=0)
    count = beyond.sum(axis=0)
    z1 = np.divide(ratio, count, out=np.full(ratio.shape, np.nan), where=count > 0) + 1.0
    return z1, ratio / (pnl.shape[0] * (1.0 - level)) + 1.0


def _against(observed: float, simulated: Floats) -> Statistic:
    known = simulated[np.isfinite(simulated)]
    if not np.isfinite(observed) or not known.size:
        return Statistic(np.nan, np.nan)
    # Counting the observation itself keeps the p-value of a simulated test valid (Davison and Hinkley 1997, eq. 4.11).
    return Statistic(observed, float(((known <= observed).sum() + 1) / (known.size + 1)))
