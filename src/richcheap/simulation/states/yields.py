"""The government zero curve: dynamic Nelson-Siegel with regimes.

Source: F. X. Diebold and C. Li, "Forecasting the term structure of government bond yields", Journal of
Econometrics 130 (2006). Regime-dependent means follow C. Bernadell, J. Coche and K. Nyholm, "Yield curve
prediction for the strategic investor", ECB working paper 472 (2005).
"""

from typing import Final, NamedTuple

import numpy as np

from richcheap.numerics.elementwise import exponentials, exponentials_less_one
from richcheap.numerics.linear_algebra import cholesky, product
from richcheap.simulation.states.params import CurveParams, RegimeStates
from richcheap.simulation.states.stochastic import Floats, Integers, daily_decay, fat_tailed, mean_reverting

NODE_YEARS: Final = np.array(
    [0.08, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 15.0, 20.0, 25.0, 30.0]
)
"""Maturities of the zero-rate nodes, years."""
LOCAL_YEARS: Final = np.array([0.25, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0])
"""Tenors at which the curve departs from Nelson-Siegel, years."""
LOCAL_HATS: Final = np.column_stack([np.interp(NODE_YEARS, LOCAL_YEARS, hat) for hat in np.eye(LOCAL_YEARS.size)])
"""What a departure at each tenor adds to each node, shape (nodes, tenors)."""


class CurvePath(NamedTuple):
    """The curve of each day."""

    factors: Floats
    """Level, slope, curvature; percent, shape (days, 3)."""
    rates: Floats
    """Zero rates at ``NODE_YEARS``; decimal, continuously compounded, shape (days, nodes)."""

    def at(self, day: Integers, years: Floats) -> Floats:
        """Return the zero rate for each pair of day and maturity, linear between nodes, flat outside."""
        years = np.clip(years, NODE_YEARS[0], NODE_YEARS[-1])
        right = np.clip(np.searchsorted(NODE_YEARS, years), 1, NODE_YEARS.size - 1)
        share = (years - NODE_YEARS[right - 1]) / (NODE_YEARS[right] - NODE_YEARS[right - 1])
        return np.asarray((1.0 - share) * self.rates[day, right - 1] + share * self.rates[day, right])


def loadings(years: Floats, decay: float) -> Floats:
    """Return the Nelson-Siegel loadings of level, slope and curvature, shape (maturities, 3).

    >>> loadings(np.array([1e-9]), 0.73).round(6).tolist()
    [[1.0, 1.0, 0.0]]
    """
    scaled = decay * years
    slope = -exponentials_less_one(-scaled) / scaled
    return np.column_stack([np.ones_like(years), slope, slope - exponentials(-scaled)])


def curve_path(params: CurveParams, states: RegimeStates, regimes: Integers, rng: np.random.Generator) -> CurvePath:
    """Simulate the curve of each day; it starts at the first regime's means."""
    tails = states.column("tail_df")[regimes]
    factor_draws, local_draws = np.hsplit(fat_tailed(rng, tails, 3 + LOCAL_YEARS.size), [3])
    volatility = states.column("volatility")[regimes][:, None]

    means = np.column_stack([states.column(name) for name in ("level", "slope", "curvature")])[regimes]
    correlated = product(factor_draws, cholesky(params.correlation_matrix()).T)
    shocks = correlated * volatility * (np.array(params.volatility_bp) / 100.0)
    factors = mean_reverting(means[0], means, daily_decay(np.array(params.half_life_days)), shocks)

    decay = daily_decay(params.local_half_life_days)
    local_shocks = local_draws * volatility * params.local_bp * np.sqrt(1.0 - decay**2)
    local = mean_reverting(np.zeros(LOCAL_YEARS.size), np.zeros_like(local_shocks), decay, local_shocks)

    rates = product(factors, loadings(NODE_YEARS, params.decay).T) / 100.0 + product(local, LOCAL_HATS.T) / 1e4
    return CurvePath(factors, rates)
