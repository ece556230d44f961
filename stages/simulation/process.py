"""The simulated process as states that revert to known means: what the oracle of `attainable` filters.

Given the regimes and the mixing variables of the fat tails, all states are Gaussian. In order: the curve's factors
(percent) and departures (bp), the market's log widening and each letter's own, the residual of each issuer, then that
of each bond (both in standard deviations of the normal regime).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy.stats import chi2

from stages.simulation.credit import RATING_HALF_LIFE_DAYS
from stages.simulation.names import RATINGS
from stages.simulation.params import SimulateParams
from stages.simulation.processes import Floats, Integers, daily_decay
from stages.simulation.yields import LOCAL_HATS, LOCAL_YEARS, NODE_YEARS, loadings

CURVE: Final = slice(0, 3 + LOCAL_YEARS.size)
CREDIT: Final = slice(CURVE.stop, CURVE.stop + 1 + len(RATINGS))
RESIDUALS: Final = slice(CREDIT.stop, None)
BLOCKS: Final = (CURVE, CREDIT, RESIDUALS)
"""States whose shocks share a mixing variable."""
TAIL_SHARES: Final = (0.02, 0.08, 0.2, 0.3, 0.4)
"""Shares of a mixing variable's distribution, the wildest days first: a value stands for each."""


class Process(NamedTuple):
    """How the states move from day to day: x[t] = means[t] + decay (x[t-1] - means[t]) + shock[t]."""

    start: Floats
    """State before the first day, shape (states,)."""
    variance: Floats
    """Of it, shape (states,)."""
    decay: Floats
    """Shape (states,)."""
    means: Floats
    """Of the states before `RESIDUALS`; those revert to nil; shape (days, common states)."""
    curve_shocks: Floats
    """Covariance of a day's shocks to the curve where ``scale`` is 1, shape (curve states, curve states)."""
    other_shocks: Floats
    """Variance of those to the other states, shape (other states,)."""
    scale: Floats
    """Variance of each day's shocks to each of `BLOCKS`, a multiple, shape (days, 3)."""
    tails: Floats
    """Degrees of freedom of each day's shocks, shape (days,)."""

    def mean(self, day: int) -> Floats:
        """Return what all states revert to on a day, shape (states,)."""
        mean = np.zeros_like(self.start)
        mean[: CREDIT.stop] = self.means[day]
        return mean

    def add_shocks(self, covariance: Floats, day: int, mixing: Floats) -> None:
        """Add the covariance of a day's shocks to that of the states.

        Parameters
        ----------
        mixing
            Multiple of the variance of each of `BLOCKS`, shape (3,).
        """
        multiples = self.scale[day] * mixing
        covariance[CURVE, CURVE] += self.curve_shocks * multiples[0]
        others = np.arange(CURVE.stop, self.start.size)
        covariance[others, others] += self._others(multiples)

    def seen_shocks(self, loadings: Floats, day: int) -> Floats:
        """Return the covariance that the shocks to each of `BLOCKS` give to what loads on the states.

        Parameters
        ----------
        loadings
            Shape (sights, states).

        Returns
        -------
        Of mixing variables of 1, shape (3, sights, sights).
        """
        curve, credit, residuals = (loadings[:, block] for block in BLOCKS)
        variance = self._others(self.scale[day])
        split = CREDIT.stop - CURVE.stop
        return np.stack(
            [
                curve @ (self.curve_shocks * self.scale[day, 0]) @ curve.T,
                (credit * variance[:split]) @ credit.T,
                (residuals * variance[split:]) @ residuals.T,
            ]
        )

    def _others(self, multiples: Floats) -> Floats:
        """Return the variance of the shocks to all states but the curve's."""
        letters = CREDIT.stop - CREDIT.start
        return self.other_shocks * np.repeat(multiples[1:], [letters, self.other_shocks.size - letters])


def process(params: SimulateParams, regimes: Integers, bonds: int) -> Process:
    """Return the process that `params` describe, given the regime of each day."""
    states = params.regimes.states
    volatility, residual = states.column("volatility")[regimes], states.column("residual")[regimes].copy()
    residual[0] = 1.0  # stationary at the start

    curve, credit = params.curve, params.credit
    local_decay = daily_decay(curve.local_half_life_days)
    curve_decay = np.append(daily_decay(np.array(curve.half_life_days)), np.full(LOCAL_YEARS.size, local_decay))
    curve_shocks = np.zeros((CURVE.stop, CURVE.stop))
    deviation = np.array(curve.volatility_bp) / 100.0
    curve_shocks[:3, :3] = curve.correlation_matrix() * np.outer(deviation, deviation)
    curve_shocks[3:, 3:] = np.eye(LOCAL_YEARS.size) * curve.local_bp**2 * (1.0 - local_decay**2)

    letters = len(RATINGS)
    credit_decay = daily_decay(np.append(credit.half_life_days, np.full(letters, RATING_HALF_LIFE_DAYS)))
    credit_variance = np.append(credit.volatility, np.full(letters, credit.rating_volatility)) ** 2

    half_lives = params.residuals.issuer_half_life_days, params.residuals.bond_half_life_days
    residual_decay = daily_decay(np.repeat(half_lives, [params.issuers, bonds]))

    means = np.zeros((regimes.size, CREDIT.stop))
    means[:, :3] = np.column_stack([states.column(name) for name in ("level", "slope", "curvature")])[regimes]
    means[:, CREDIT.start] = np.log(states.column("spread"))[regimes]
    return Process(
        start=np.append(means[0], np.zeros(residual_decay.size)),
        variance=np.append(np.zeros(CREDIT.stop), np.ones(residual_decay.size)),
        decay=np.concatenate([curve_decay, credit_decay, residual_decay]),
        means=means,
        curve_shocks=curve_shocks,
        other_shocks=np.append(credit_variance, 1.0 - residual_decay**2),
        scale=np.column_stack([volatility, volatility, residual]) ** 2,
        tails=states.column("tail_df")[regimes],
    )


def curve_loadings(decay: float) -> Floats:
    """Return what each state of the curve adds to the zero rate of each node, decimal, shape (nodes, curve states)."""
    return np.column_stack([loadings(NODE_YEARS, decay) / 100.0, LOCAL_HATS / 1e4])


def mixing_values(degrees_of_freedom: float, shares: Sequence[float] = TAIL_SHARES) -> Floats:
    """Return multiples of the variance that stand for the mixing variable of Student's t; their mean is 1.

    Each is the mean over a share of the distribution of (n - 2) / chi-square(n), from the wildest days to the calmest.
    """
    edges = chi2.ppf(np.append(0.0, np.minimum(np.cumsum(shares), 1.0)), degrees_of_freedom)
    edges[-1] = np.inf
    # E[1/X; X < x] of a chi-square of n degrees is P[chi-square(n - 2) < x] / (n - 2).
    return np.asarray(np.diff(chi2.cdf(edges, degrees_of_freedom - 2.0)) / np.array(shares))
