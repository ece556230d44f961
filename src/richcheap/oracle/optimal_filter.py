"""The optimal filter: the price that the simulated process, its parameters known, implies for every print.

It is the mean of the mid price given what a predictor may know of it: the other prints of the date and all earlier
ones, as they were printed, with their sides and how their bid-ask varies with size and frequency; static data and
ratings. It is told the parameters. It is told neither the regimes, the curve, the spreads, any residual or mid price,
nor anything later.

The states of `process` are filtered date by date, and with them the chances of the regimes: before a date's prints
those of the Markov chain, then weighed by how likely each regime makes them. In each regime the states have the same
past: after a date they are merged to one Gaussian of the same mean and covariance (a generalised pseudo-Bayesian filter
of order 1: G. A. Ackerson and K. S. Fu, IEEE Transactions on Automatic Control 15, 1970; H. A. P. Blom and Y.
Bar-Shalom, the same 33, 1988, keep one for each regime). Student's shocks are Gaussian given one mixing variable a date
for each of three blocks; these take few values, weighed likewise, and a regime's states move on with the mean of the
values. No print is seen by its own price, nor is the regime that it is foretold in (`left_out`).

Spreads are linearised as in `sighting`. These are approximations: the surprises' variance is as expected, but that of
bonds in such distress that their spread is clipped, which surprise more rarely and more than a Gaussian. It reads
neither the curve off the coupons of new and floating-rate bonds nor the regime off the pace of downgrades; which bonds
trade, and how much, says nothing of the regime.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from richcheap.oracle.leave_one_out import Cases, LeftOut, leave_one_out
from richcheap.oracle.measurement import Information, Measurement, MeasurementModel
from richcheap.oracle.state_space import BLOCKS, CREDIT, CURVE, RESIDUALS, TAIL_SHARES, Process, mixing_values, process
from richcheap.simulation.constants import REGIMES
from richcheap.simulation.params import SimulateParams
from richcheap.simulation.states.regimes import FIRST_REGIME, transition_matrix
from richcheap.simulation.states.stochastic import Floats, Integers

MOST_STATES: Final = 5_000
MOST_WORK: Final = 8e12
"""Of `work`: about five minutes; the default market has 4.2e10."""
LEAST_CHANCE: Final = 1e-6
"""Of a regime that is worked through."""


class ExpectedPrices(NamedTuple):
    """What is expected of every print, and of every day's regime."""

    clean: Floats
    """Mid price, per 100, shape (observations,)."""
    deviation: Floats
    """Standard deviation of the print around it, points per 100, shape (observations,)."""
    regimes: Floats
    """Chances of each regime given the prints up to the day, shape (days, regimes)."""


class Prediction(NamedTuple):
    """What is believed of a day before its prints."""

    regimes: Integers
    """Those that it may be in, indices into ``REGIMES``; what follows is of them."""
    chances: Floats
    means: Floats
    """Of the states, shape (regimes, states)."""
    scale: Floats
    """Variance of the shocks to each of `BLOCKS`, a multiple, shape (regimes, 3)."""
    mean: Floats
    """Whatever the regime, shape (states,)."""
    covariance: Floats
    """Whatever the regime, with shocks of their usual size, shape (states, states)."""


class RegimePosterior(NamedTuple):
    """What a day's prints say of the regimes that it may be in."""

    chances: Floats
    """Given all prints, shape (regimes,)."""
    mixing: Floats
    """Mean of the mixing variables in each regime given all prints, shape (regimes, 3)."""


def expected_prices(
    params: SimulateParams,
    known: Information,
    tail_shares: Sequence[float] = TAIL_SHARES,
    told: Integers | None = None,
    watch: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> ExpectedPrices:  # fmt: skip
    """Return what is expected of every print of a market.

    Parameters
    ----------
    tail_shares
        For each a value stands for a mixing variable; a single one, of 1, takes all days of a regime as alike.
    told
        The regime of each day, for what can be attained by one who is told; None infers it.
    watch
        Wraps the days that are worked through, as a progress bar does.
    """
    moves, chain = process(params, known.universe.kind.size), transition_matrix(params.regimes.transition)
    observer, beliefs = MeasurementModel(params, known), FilterState(moves)
    values = np.array([mixing_values(tail, tail_shares) for tail in moves.tails])
    shares = np.array(tail_shares)
    certain = np.eye(len(REGIMES))
    clean, deviation = np.empty(known.day.size), np.empty(known.day.size)
    regimes = np.zeros((known.days, len(REGIMES)))
    chances = certain[FIRST_REGIME]
    for day in watch(range(known.days)):
        rows = observer.rows(day)
        ahead = beliefs.before(day, chances if told is None else certain[told[day]])
        sight = observer.look(day, ahead.mean, ahead.covariance, ahead.regimes, ahead.chances)
        found = leave_one_out(cases(moves, beliefs.covariance, ahead, sight, values[ahead.regimes], shares))
        mid = np.maximum(found.variance, 0.0)
        clean[rows] = sight.price(found.mean, mid)
        around_mid = (of_regimes(found, ahead) * sight.around_mid**2).sum(axis=0)
        deviation[rows] = np.sqrt(mid * sight.price_risk**2 + around_mid)
        learned = learn_regimes(found, values[ahead.regimes])
        beliefs.learn(ahead, sight, learned)
        regimes[day, ahead.regimes] = learned.chances
        chances = regimes[day] @ chain
    return ExpectedPrices(clean, deviation, regimes)


def work(params: SimulateParams) -> float:
    """Return a measure of what `expected_prices` has to do, in operations."""
    prints, few = params.observations_per_period, len(TAIL_SHARES)
    for_shocks = few * prints**2 + few ** len(BLOCKS) * RESIDUALS.start**2
    return float(params.periods * len(REGIMES) * prints * (states(params) ** 2 + for_shocks))


def states(params: SimulateParams) -> int:
    """Return about how many states there are; bonds that are issued later come on top."""
    return RESIDUALS.start + params.issuers + params.bonds


def too_large(params: SimulateParams) -> str:
    """Say why a market would take more than minutes, or nothing."""
    if states(params) <= MOST_STATES and work(params) <= MOST_WORK:
        return ""
    return f"the market is too large ({states(params):,} states, work {work(params):.1g} of {MOST_WORK:.1g})"


class FilterState:
    """What is believed of the states: mean and covariance."""

    def __init__(self, moves: Process) -> None:
        self._moves = moves
        self.mean = moves.start.copy()
        self.covariance = np.diag(moves.variance)

    def before(self, day: int, chances: Floats) -> Prediction:
        """Move on to a day, which is in each regime with these chances; its shocks are not yet added."""
        moves = self._moves
        regimes, chances = _likely(chances)
        means = moves.means[regimes] + moves.decay * (self.mean - moves.means[regimes])
        self.covariance *= moves.decay[:, None]
        self.covariance *= moves.decay
        self.mean = chances @ means
        scale = moves.scale_on(day)[regimes]
        covariance = self.covariance + _between(means, chances)
        moves.add_shocks(covariance, chances @ scale)
        return Prediction(regimes, chances, means, scale, self.mean, covariance)

    def learn(self, ahead: Prediction, sight: Measurement, learned: RegimePosterior) -> None:
        """Learn from the prints of a day in each regime, then merge the regimes."""
        likely, chances = _likely(learned.chances)
        multiples = ahead.scale[likely] * learned.mixing[likely]
        loadings, noise = sight.loadings, sight.noise[likely] + sight.unexplained
        with_states = loadings @ self.covariance + self._moves.with_shocks(loadings, multiples)
        roots = np.linalg.cholesky(with_states @ loadings.T + np.eye(len(loadings)) * noise[:, None])
        white = np.linalg.inv(roots)
        gains = white @ with_states
        scores = white @ innovations(ahead, sight)[likely][..., None]
        means = ahead.means[likely] + (scores * gains).sum(axis=1)
        gain = (np.sqrt(chances)[:, None, None] * gains).reshape(-1, self.mean.size)
        self.mean = chances @ means
        self._moves.add_shocks(self.covariance, chances @ multiples)
        self.covariance -= gain.T @ gain
        self.covariance += _between(means, chances)


def innovations(ahead: Prediction, sight: Measurement) -> Floats:
    """Return by how much the spreads of a day's prints surprise in each regime, bp, shape (regimes, prints)."""
    return sight.printed - sight.expected - (ahead.means - ahead.mean) @ sight.loadings.T


def cases(
    moves: Process, covariance: Floats, ahead: Prediction, sight: Measurement, values: Floats, shares: Floats
) -> Cases:
    """Return what the prints of a day may be: regimes and residuals' mixing variables, by those of curve and spreads.

    Parameters
    ----------
    covariance
        Of the states, without the day's shocks.
    values
        Of the mixing variables in each regime, shape (regimes, values).
    shares
        Their chances, shape (values,).
    """
    loadings, prints, few = sight.loadings, sight.expected.size, shares.size
    surprise = innovations(ahead, sight)
    steady = loadings @ covariance @ loadings.T
    residual = moves.with_shocks(loadings, np.array([[0.0, 0.0, 1.0]]))[0] @ loadings.T
    noise = np.eye(prints) * (sight.noise + sight.unexplained)[:, None, :]
    own = (ahead.scale[:, 2:] * values)[..., None, None] * residual
    sizes = np.sqrt(ahead.scale[:, :2, None] * values[:, None, :])
    curve, credit = np.repeat(sizes[:, 0], few, axis=1), np.tile(sizes[:, 1], few)
    roots = moves.shared_roots(loadings)
    widths = [CURVE.stop - CURVE.start, CREDIT.stop - CREDIT.start]
    return Cases(
        expected=np.repeat(sight.printed - surprise, few, axis=0),
        surprise=np.repeat(surprise, few, axis=0),
        noise=np.repeat(sight.noise, few, axis=0),
        covariance=(steady + noise[:, None] + own).reshape(-1, prints, prints),
        roots=roots,
        sizes=np.repeat(np.repeat(np.stack([curve, credit], axis=2), widths, axis=2), few, axis=0),
        chances=np.outer(np.outer(ahead.chances, shares), np.outer(shares, shares)),
    )


def of_regimes(found: LeftOut, ahead: Prediction) -> Floats:
    """Return the chances of the regimes given all prints but the one, shape (regimes, prints)."""
    return np.asarray(found.given_others.reshape(ahead.regimes.size, -1, found.mean.size).sum(axis=1))


def learn_regimes(found: LeftOut, values: Floats) -> RegimePosterior:
    """Return what all prints of a day say of its regimes and of the mixing variables; `values` as in `cases`."""
    regimes, few = values.shape
    joint = found.given_all.reshape(regimes, few, few, few)  # by residuals', curve's and spreads' values
    chances = joint.sum(axis=(1, 2, 3))
    blocks = np.stack([joint.sum(axis=axes) for axes in ((1, 3), (1, 2), (2, 3))], axis=1)
    mixing = (blocks * values[:, None]).sum(axis=2) / np.maximum(chances, np.finfo(float).tiny)[:, None]
    return RegimePosterior(chances, mixing)


def _likely(chances: Floats) -> tuple[Integers, Floats]:
    """Return where chances are not negligible, and those chances, which sum to 1."""
    likely = np.flatnonzero(chances > LEAST_CHANCE)
    return likely, chances[likely] / chances[likely].sum()


def _between(means: Floats, chances: Floats) -> Floats:
    """Return the covariance of means that have these chances."""
    apart = np.sqrt(chances)[:, None] * (means - chances @ means)
    return np.asarray(apart.T @ apart)
