"""The price that one who knows the simulated process expects of every print: the most that a predictor can attain.

It is the mean of the mid price given what a predictor may know of it: the other prints of the date and all earlier
ones, as they were printed, with their sides and the deviation of their noise; static data and ratings. It is told the
parameters and the regimes. It is not told the curve, the spreads, any residual or mid price, nor anything later.

The states of `process` are filtered date by date. Within a date the mean of print i given all others is
``y_i - [S^-1 e]_i / [S^-1]_ii``, e being the surprises and S their covariance: no print is seen by its own price.
Student's shocks are Gaussian given one mixing variable a date for each of three blocks; these take few values, weighed
by how likely they make the other prints, and the states move on with the mean of the values. Spreads are linearised as
in `sighting`. Both are approximations: the surprises' variance is as expected, but that of bonds in such distress that
their spread is clipped, which surprise more rarely and more than a Gaussian. It does not read
the curve off the coupons of floating-rate bonds.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import Final, NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

from stages.simulation.params import SimulateParams
from stages.simulation.process import BLOCKS, RESIDUALS, TAIL_SHARES, Process, mixing_values, process
from stages.simulation.processes import Floats
from stages.simulation.sighting import Known, Observer

MOST_STATES: Final = 5_000
MOST_WORK: Final = 1e12
"""Of `work`: about five minutes; the default market has 1.4e10."""


class Expected(NamedTuple):
    """What is expected of every print, arrays of shape (observations,)."""

    clean: Floats
    """Mid price, per 100."""
    deviation: Floats
    """Standard deviation of the print around it, points per 100."""


class LeftOut(NamedTuple):
    """What the other surprises of a date say of each one, arrays of shape (prints,)."""

    mean: Floats
    variance: Floats
    """With the noise."""
    mixing: Floats
    """Mean of the mixing variables given all surprises, shape (blocks,)."""


def expected_prices(
    params: SimulateParams, known: Known, tail_shares: Sequence[float] = TAIL_SHARES,
    watch: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> Expected:  # fmt: skip
    """Return what is expected of every print of a market.

    Parameters
    ----------
    tail_shares
        For each a value stands for a mixing variable; a single one, of 1, gives the best linear predictor.
    watch
        Wraps the days that are worked through, as a progress bar does.
    """
    moves = process(params, known.regimes, known.universe.kind.size)
    observer = Observer(params, known)
    beliefs = Beliefs(moves)
    chances = np.prod(list(product(tail_shares, repeat=len(BLOCKS))), axis=1)
    clean, deviation = np.empty(known.day.size), np.empty(known.day.size)
    for day in watch(range(known.regimes.size)):
        rows = observer.rows(day)
        mean, covariance = beliefs.before(day)
        sight = observer.look(day, mean, covariance)
        surprise = sight.printed - sight.expected
        noise = sight.noise + sight.unexplained
        steady = sight.loadings @ beliefs.covariance @ sight.loadings.T + np.diag(noise)
        values = np.array(list(product(mixing_values(moves.tails[day], tail_shares), repeat=len(BLOCKS))))
        found = leave_one_out(surprise, steady, moves.seen_shocks(sight.loadings, day), values, chances)
        mid = np.maximum(found.variance - sight.noise, 0.0)
        clean[rows] = sight.price(sight.expected + found.mean, mid)
        deviation[rows] = np.sqrt(mid * sight.price_risk**2 + known.noise[rows] ** 2)
        beliefs.learn(day, surprise, sight.loadings, noise, found.mixing)
    return Expected(clean, deviation)


def work(params: SimulateParams) -> float:
    """Return a measure of what `expected_prices` has to do, in operations."""
    prints = params.observations_per_period
    return float(params.periods * prints * (states(params) ** 2 + len(TAIL_SHARES) ** len(BLOCKS) * prints**2))


def states(params: SimulateParams) -> int:
    """Return about how many states there are; bonds that are issued later come on top."""
    return RESIDUALS.start + params.issuers + params.bonds


class Beliefs:
    """What is believed of the states: mean and covariance."""

    def __init__(self, moves: Process) -> None:
        self._moves = moves
        self.mean = moves.start.copy()
        self.covariance = np.diag(moves.variance)

    def before(self, day: int) -> tuple[Floats, Floats]:
        """Move on to a day; return mean and covariance with shocks of their usual size, which are not yet added."""
        mean, decay = self._moves.mean(day), self._moves.decay
        self.mean = mean + decay * (self.mean - mean)
        self.covariance *= decay[:, None]
        self.covariance *= decay
        covariance = self.covariance.copy()
        self._moves.add_shocks(covariance, day, np.ones(len(BLOCKS)))
        return self.mean, covariance

    def learn(self, day: int, surprise: Floats, loadings: Floats, noise: Floats, mixing: Floats) -> None:
        """Add the shocks of a day, then learn from its surprises."""
        self._moves.add_shocks(self.covariance, day, mixing)
        with_states = loadings @ self.covariance
        root = np.linalg.cholesky(with_states @ loadings.T + np.diag(noise))
        gain = solve_triangular(root, with_states, lower=True)
        self.mean = self.mean + solve_triangular(root, surprise, lower=True) @ gain
        self.covariance -= gain.T @ gain


def leave_one_out(surprise: Floats, steady: Floats, shocks: Floats, values: Floats, chances: Floats) -> LeftOut:
    """Return what the other surprises say of each one, when the covariance is one of several.

    Parameters
    ----------
    surprise
        Mean 0, shape (prints,).
    steady, shocks
        The covariance is ``steady + sum_b values[k, b] shocks[b]``; shapes (prints, prints), (blocks, prints, prints).
    values
        Of the mixing variables, shape (k, blocks).
    chances
        Of each row of values, shape (k,).
    """
    inverse = np.linalg.inv(steady + np.tensordot(values, shocks, 1))
    weighted = inverse @ surprise
    precision = np.diagonal(inverse, axis1=1, axis2=2)
    missed = weighted / precision
    likelihood = np.log(chances) + 0.5 * np.linalg.slogdet(inverse)[1] - 0.5 * weighted @ surprise
    of_others = likelihood[:, None] - 0.5 * np.log(precision) + 0.5 * weighted * missed
    chance = _normalised(of_others)
    miss = (chance * missed).sum(axis=0)
    variance = (chance * (1.0 / precision + (missed - miss) ** 2)).sum(axis=0)
    return LeftOut(surprise - miss, variance, _normalised(likelihood) @ values)


def _normalised(log_likelihood: Floats) -> Floats:
    """Return the chances of the first axis's cases."""
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=0))
    return np.asarray(likelihood / likelihood.sum(axis=0))
