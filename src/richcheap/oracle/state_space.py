"""The simulated process as states that revert to known means: what the optimal filter runs on.

Given the regimes and the mixing variables of the fat tails, all states are Gaussian; a regime has its own means, sizes
of shocks and tails. In order: the curve's factors (percent) and departures (bp), the market's log widening and each
letter's own, the residual of each issuer, then that of each bond (both in standard deviations of the normal regime).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy.stats import chi2

from richcheap.numerics.elementwise import logarithms
from richcheap.numerics.linear_algebra import cholesky, product
from richcheap.simulation.constants import RATINGS
from richcheap.simulation.params import SimulateParams
from richcheap.simulation.states.credit import RATING_HALF_LIFE_DAYS
from richcheap.simulation.states.regimes import FIRST_REGIME
from richcheap.simulation.states.stochastic import Floats, daily_decay
from richcheap.simulation.states.yields import LOCAL_HATS, LOCAL_YEARS, NODE_YEARS, loadings

CURVE: Final = slice(0, 3 + LOCAL_YEARS.size)
CREDIT: Final = slice(CURVE.stop, CURVE.stop + 1 + len(RATINGS))
RESIDUALS: Final = slice(CREDIT.stop, None)
BLOCKS: Final = (CURVE, CREDIT, RESIDUALS)
"""States whose shocks share a mixing variable."""
TAIL_SHARES: Final = (0.02, 0.08, 0.2, 0.3, 0.4)
"""Shares of a mixing variable's distribution, the wildest days first: a value stands for each."""


class Process(NamedTuple):
    """How the states move on a day of regime r: x[t] = means[r] + decay (x[t-1] - means[r]) + shock[t]."""

    start: Floats
    """State before the first day, shape (states,)."""
    variance: Floats
    """Of it, shape (states,)."""
    decay: Floats
    """Shape (states,)."""
    means: Floats
    """What the states revert to, shape (regimes, states)."""
    curve_root: Floats
    """Root of the covariance of a day's shocks to the curve's states where ``scale`` is 1, square."""
    other_shocks: Floats
    """Variance of those to the other states, shape (other states,)."""
    scale: Floats
    """Variance of a day's shocks to each of `BLOCKS`, a multiple, shape (regimes, 3)."""
    tails: Floats
    """Degrees of freedom of a day's shocks, shape (regimes,)."""

    def scale_on(self, day: int) -> Floats:
        """Return ``scale`` on a day: on the first one the residuals are stationary."""
        if day:
            return self.scale
        return np.column_stack([self.scale[:, :2], np.ones(len(self.scale))])

    def add_shocks(self, covariance: Floats, multiples: Floats) -> None:
        """Add the covariance of a day's shocks to that of the states.

        Parameters
        ----------
        multiples
            Of the variance of each of `BLOCKS`, shape (3,).
        """
        covariance[CURVE, CURVE] += product(self.curve_root, self.curve_root.T) * multiples[0]
        others = np.arange(CURVE.stop, self.start.size)
        covariance[others, others] += self._others(multiples)

    def shared_roots(self, loadings: Floats) -> Floats:
        """Return how the independent shocks to the curve and to spreads are seen, where ``scale`` is 1.

        Parameters
        ----------
        loadings
            Shape (sights, states).

        Returns
        -------
        Shape (sights, states before `RESIDUALS`).
        """
        std = np.sqrt(self.other_shocks[: CREDIT.stop - CURVE.stop])
        return np.hstack([product(loadings[:, CURVE], self.curve_root), loadings[:, CREDIT] * std])

    def with_shocks(self, loadings: Floats, multiples: Floats) -> Floats:
        """Return the covariance of what loads on the states with the states, as a day's shocks give it.

        Parameters
        ----------
        loadings
            Shape (sights, states).
        multiples
            Of the variance of each of `BLOCKS`, shape (cases, 3).

        Returns
        -------
        Shape (cases, sights, states).
        """
        curve = product(product(loadings[:, CURVE], self.curve_root), self.curve_root.T) * multiples[:, :1, None]
        others = loadings[:, CURVE.stop :] * self._others(multiples)[:, None]
        return np.concatenate([curve, others], axis=2)

    def _others(self, multiples: Floats) -> Floats:
        """Return the variance of the shocks to all states but the curve's, shape (..., other states)."""
        letters = CREDIT.stop - CREDIT.start
        return self.other_shocks * np.repeat(multiples[..., 1:], [letters, self.other_shocks.size - letters], axis=-1)


def process(params: SimulateParams, bonds: int) -> Process:
    """Return the process that `params` describe."""
    states = params.regimes.states
    volatility, residual = states.column("volatility"), states.column("residual")

    curve, credit = params.curve, params.credit
    local_decay = daily_decay(curve.local_half_life_days)
    curve_decay = np.append(daily_decay(np.array(curve.half_life_days)), np.full(LOCAL_YEARS.size, local_decay))
    curve_root = np.zeros((CURVE.stop, CURVE.stop))
    std = np.array(curve.volatility_bp) / 100.0
    curve_root[:3, :3] = std[:, None] * cholesky(curve.correlation_matrix())
    curve_root[3:, 3:] = np.eye(LOCAL_YEARS.size) * curve.local_bp * np.sqrt(1.0 - local_decay**2)

    letters = len(RATINGS)
    credit_decay = daily_decay(np.append(credit.half_life_days, np.full(letters, RATING_HALF_LIFE_DAYS)))
    credit_variance = np.append(credit.volatility, np.full(letters, credit.rating_volatility)) ** 2

    half_lives = params.residuals.issuer_half_life_days, params.residuals.bond_half_life_days
    residual_decay = daily_decay(np.repeat(half_lives, [params.issuers, bonds]))

    decay = np.concatenate([curve_decay, credit_decay, residual_decay])
    means = np.zeros((volatility.size, decay.size))
    means[:, :3] = np.column_stack([states.column(name) for name in ("level", "slope", "curvature")])
    means[:, CREDIT.start] = logarithms(states.column("spread"))
    return Process(
        start=means[FIRST_REGIME],
        variance=np.append(np.zeros(CREDIT.stop), np.ones(residual_decay.size)),
        decay=decay,
        means=means,
        curve_root=curve_root,
        other_shocks=np.append(credit_variance, 1.0 - residual_decay**2),
        scale=np.column_stack([volatility, volatility, residual]) ** 2,
        tails=states.column("tail_df"),
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
