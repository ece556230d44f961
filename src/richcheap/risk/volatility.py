"""How volatile each factor is tomorrow: GARCH(1,1) where there are dates enough, else exponential decay.

The parameters are estimated once on given dates; the filter then runs forward over any dates, so that a backtest is
filtered with what was known and estimated on what lay before it.
"""

from typing import NamedTuple

import numpy as np
from arch import arch_model
from numpy.typing import NDArray

from richcheap.numerics.elementwise import powers

Floats = NDArray[np.float64]

GARCH, EWMA = "garch", "ewma"
LONGEST_MEMORY = 0.999
"""Most that alpha + beta may be: above it shocks never fade, and the decay does as well."""


class VolatilityFilter(NamedTuple):
    """Recursion of conditional variances: v(t+1) = omega + alpha x(t)^2 + beta v(t), one column for each factor.

    Attributes
    ----------
    kind : list of str
        ``garch`` or ``ewma``.
    omega, alpha, beta, start : ndarray, shape (n_factors,)
    """

    kind: list[str]
    omega: Floats
    alpha: Floats
    beta: Floats
    start: Floats

    def volatilities(self, scores: Floats) -> Floats:
        """Return the volatility known before each date, and the one for the date after the last, (n_dates + 1, n)."""
        variance = np.empty((len(scores) + 1, scores.shape[1]))
        variance[0] = self.start
        for date, score in enumerate(scores):
            variance[date + 1] = self.omega + self.alpha * score**2 + self.beta * variance[date]
        return np.sqrt(variance)


def fit_filter(scores: Floats, decay: float, garch_dates: int) -> VolatilityFilter:
    """Estimate the filter.

    Parameters
    ----------
    scores : ndarray, shape (n_dates, n_factors)
        Factor returns with mean 0 of the dates to estimate on.
    decay : float
        Of the exponentially weighted variance.
    garch_dates : int
        Dates from which on GARCH(1,1) is fitted (quasi maximum likelihood, the arch package); a fit that does not
        converge, or whose shocks hardly fade, gives way to the decay.
    """
    variance = np.mean(scores**2, axis=0) if len(scores) else np.ones(scores.shape[1])
    kind = [EWMA] * scores.shape[1]
    omega, alpha = np.zeros(scores.shape[1]), np.full(scores.shape[1], 1.0 - decay)
    beta = np.full(scores.shape[1], decay)
    if len(scores) >= garch_dates:
        for place in np.flatnonzero(variance > 0.0).tolist():
            scale = np.sqrt(variance[place])
            fitted = arch_model(scores[:, place] / scale, mean="Zero", vol="GARCH", p=1, q=1, rescale=False).fit(
                disp="off", show_warning=False
            )
            found = fitted.params.to_numpy()
            if fitted.convergence_flag == 0 and found[1] > 0.0 and found[1] + found[2] <= LONGEST_MEMORY:
                kind[place] = GARCH
                omega[place], alpha[place], beta[place] = found[0] * variance[place], found[1], found[2]
    return VolatilityFilter(kind, omega, alpha, beta, variance)


def ewma_weights(dates: int, decay: float) -> Floats:
    """Return the weights of dates, the latest largest, summing to 1."""
    weights = powers(decay, np.arange(dates - 1, -1, -1, dtype=np.float64))
    normalised: Floats = weights / weights.sum()
    return normalised
