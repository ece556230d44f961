"""The optimal filter: the price that the simulated process, its parameters known, implies for every print.

It is the mean of the mid price given the information of a predictor: the other prints of the date and all earlier
ones, as they were printed, with their sides and how their bid-ask varies with size and frequency; static data and
ratings. The filter knows the parameters of the process. It knows neither the regimes, the curve, the spreads, any
residual or mid price, nor anything later.

The states of `process` are filtered date by date, and with them the probabilities of the regimes: before a date's
prints those of the Markov chain, then weighed by their likelihood in each regime. In each regime the states have the
same past: after a date they are merged to one Gaussian of the same mean and covariance (a generalised pseudo-Bayesian
filter of order 1: G. A. Ackerson and K. S. Fu, IEEE Transactions on Automatic Control 15, 1970; H. A. P. Blom and Y.
Bar-Shalom, the same 33, 1988, keep one for each regime). Student's shocks are Gaussian given one mixing variable a date
for each of three blocks; these take few values, weighed likewise, and a regime's states move on with the mean of the
values. No own price enters the prediction of a print, nor the probabilities of its regimes (`leave_one_out`).

Spreads are linearised as in `measurement`. These are approximations: innovations have the predicted variance, but those
of bonds in such distress that their spread is clipped are rarer and larger than a Gaussian's. The filter reads
neither the curve off the coupons of new and floating-rate bonds nor the regime off the pace of downgrades; which bonds
trade, and how much, says nothing of the regime.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from richcheap.numerics.linear_algebra import cholesky, product, solve_lower
from richcheap.oracle.leave_one_out import LeaveOneOutPosterior, MixtureComponents, leave_one_out
from richcheap.oracle.measurement import Information, Measurement, MeasurementModel
from richcheap.oracle.state_space import BLOCKS, CREDIT, CURVE, RESIDUALS, TAIL_SHARES, Process, mixing_values, process
from richcheap.simulation.constants import REGIMES
from richcheap.simulation.params import SimulateParams
from richcheap.simulation.states.regimes import FIRST_REGIME, transition_matrix
from richcheap.simulation.states.stochastic import Floats, Integers

MAX_STATES: Final = 5_000
MAX_WORK: Final = 8e12
"""Of `work`: about five minutes; the default market has 4.2e10."""
MIN_PROBABILITY: Final = 1e-6
"""Of a regime that is worked through."""


class ExpectedPrices(NamedTuple):
    """Predictions of every print, its bond's filtered residual, and filtered probabilities of every day's regime."""

    clean: Floats
    """Mid price, per 100, shape (observations,)."""
    std: Floats
    """Standard deviation of the print around it, points per 100, shape (observations,)."""
    bond_residual: Floats
    """Of the print's bond, given all prints up to its day, itself among them, bp, shape (observations,)."""
    regimes: Floats
    """Probabilities of each regime given the prints up to the day, shape (days, regimes)."""


class Prediction(NamedTuple):
    """Predicted states and regimes of a day, before its prints."""

    regimes: Integers
    """Those that it may be in, indices into ``REGIMES``; what follows is of them."""
    probabilities: Floats
    means: Floats
    """Of the states, shape (regimes, states)."""
    scale: Floats
    """Variance of the shocks to each of `BLOCKS`, a multiple, shape (regimes, 3)."""
    mean: Floats
    """Whatever the regime, shape (states,)."""
    covariance: Floats
    """Whatever the regime, with shocks of their usual size, shape (states, states)."""


class RegimePosterior(NamedTuple):
    """Probabilities of a day's regimes given its prints."""

    probabilities: Floats
    """Given all prints, shape (regimes,)."""
    mixing: Floats
    """Mean of the mixing variables in each regime given all prints, shape (regimes, 3)."""


def expected_prices(
    params: SimulateParams,
    information: Information,
    tail_shares: Sequence[float] = TAIL_SHARES,
    known_regimes: Integers | None = None,
    progress: Callable[[Iterable[int]], Iterable[int]] = iter,
) -> ExpectedPrices:  # fmt: skip
    """Predict every print of a market from all others and from earlier ones.

    Parameters
    ----------
    tail_shares
        For each a value stands for a mixing variable; a single one, of 1, takes all days of a regime as alike.
    known_regimes
        The regime of each day, for a filter that knows it; None infers it.
    progress
        Wraps the days that are worked through, as a progress bar does.
    """
    moves, chain = process(params, information.universe.kind.size), transition_matrix(params.regimes.transition)
    model, state = MeasurementModel(params, information), FilterState(moves)
    values = np.array([mixing_values(tail, tail_shares) for tail in moves.tails])
    shares = np.array(tail_shares)
    certain = np.eye(len(REGIMES))
    clean, std, residual = (np.empty(information.day.size) for _ in range(3))
    regimes = np.zeros((information.days, len(REGIMES)))
    probabilities = certain[FIRST_REGIME]
    for day in progress(range(information.days)):
        rows = model.rows(day)
        prediction = state.predict(day, probabilities if known_regimes is None else certain[known_regimes[day]])
        measurement = model.measure(
            day, prediction.mean, prediction.covariance, prediction.regimes, prediction.probabilities
        )
        found = leave_one_out(
            mixture_components(moves, state.covariance, prediction, measurement, values[prediction.regimes], shares)
        )
        mid = np.maximum(found.variance, 0.0)
        clean[rows] = measurement.price(found.mean, mid)
        around_mid = (of_regimes(found, prediction) * measurement.around_mid**2).sum(axis=0)
        std[rows] = np.sqrt(mid * measurement.dv01**2 + around_mid)
        posterior = regime_posterior(found, values[prediction.regimes])
        state.update(prediction, measurement, posterior)
        residual[rows] = model.bond_residuals(day, state.mean)
        regimes[day, prediction.regimes] = posterior.probabilities
        probabilities = product(regimes[day], chain)
    return ExpectedPrices(clean, std, residual, regimes)


def operation_count(params: SimulateParams) -> float:
    """Return a measure of what `expected_prices` has to do, in operations."""
    prints, few = params.observations_per_period, len(TAIL_SHARES)
    for_shocks = few * prints**2 + few ** len(BLOCKS) * RESIDUALS.start**2
    return float(params.periods * len(REGIMES) * prints * (state_count(params) ** 2 + for_shocks))


def state_count(params: SimulateParams) -> int:
    """Return about how many states there are; bonds that are issued later come on top."""
    return RESIDUALS.start + params.issuers + params.bonds


def too_large(params: SimulateParams) -> str:
    """Say why a market would take more than minutes, or nothing."""
    states, operations = state_count(params), operation_count(params)
    if states <= MAX_STATES and operations <= MAX_WORK:
        return ""
    return f"the market is too large ({states:,} states, work {operations:.1g} of {MAX_WORK:.1g})"


class FilterState:
    """Mean and covariance of the states, carried from day to day."""

    def __init__(self, moves: Process) -> None:
        self._moves = moves
        self.mean = moves.start.copy()
        self.covariance = np.diag(moves.variance)

    def predict(self, day: int, probabilities: Floats) -> Prediction:
        """Predict a day whose regimes have these probabilities; its shocks are not yet added."""
        moves = self._moves
        regimes, probabilities = _likely(probabilities)
        means = moves.means[regimes] + moves.decay * (self.mean - moves.means[regimes])
        self.covariance *= moves.decay[:, None]
        self.covariance *= moves.decay
        self.mean = product(probabilities, means)
        scale = moves.scale_on(day)[regimes]
        covariance = self.covariance + _between_covariance(means, probabilities)
        moves.add_shocks(covariance, product(probabilities, scale))
        return Prediction(regimes, probabilities, means, scale, self.mean, covariance)

    def update(self, prediction: Prediction, measurement: Measurement, posterior: RegimePosterior) -> None:
        """Update the states by the prints of a day in each regime, then merge the regimes."""
        likely, probabilities = _likely(posterior.probabilities)
        multiples = prediction.scale[likely] * posterior.mixing[likely]
        loadings, noise = measurement.loadings, measurement.noise[likely] + measurement.unexplained
        with_states = product(loadings, self.covariance) + self._moves.with_shocks(loadings, multiples)
        roots = cholesky(product(with_states, loadings.T) + np.eye(len(loadings)) * noise[:, None])
        gains = solve_lower(roots, with_states)
        scores = solve_lower(roots, innovations(prediction, measurement)[likely][..., None])
        means = prediction.means[likely] + (scores * gains).sum(axis=1)
        gain = (np.sqrt(probabilities)[:, None, None] * gains).reshape(-1, self.mean.size)
        self.mean = product(probabilities, means)
        self._moves.add_shocks(self.covariance, product(probabilities, multiples))
        self.covariance -= product(gain.T, gain)
        self.covariance += _between_covariance(means, probabilities)


def innovations(prediction: Prediction, measurement: Measurement) -> Floats:
    """Return the innovations of a day's spreads in each regime, bp, shape (regimes, prints)."""
    return (
        measurement.printed - measurement.expected - product(prediction.means - prediction.mean, measurement.loadings.T)
    )


def mixture_components(
    moves: Process, covariance: Floats, prediction: Prediction, measurement: Measurement, values: Floats, shares: Floats
) -> MixtureComponents:
    """Return the mixture that a day's prints follow: regimes and mixing variables of residuals, by those of the rest.

    Parameters
    ----------
    covariance
        Of the states, without the day's shocks.
    values
        Of the mixing variables in each regime, shape (regimes, values).
    shares
        Their probabilities, shape (values,).
    """
    loadings, prints, few = measurement.loadings, measurement.expected.size, shares.size
    innovation = innovations(prediction, measurement)
    steady = product(product(loadings, covariance), loadings.T)
    residual = product(moves.with_shocks(loadings, np.array([[0.0, 0.0, 1.0]]))[0], loadings.T)
    noise = np.eye(prints) * (measurement.noise + measurement.unexplained)[:, None, :]
    own = (prediction.scale[:, 2:] * values)[..., None, None] * residual
    sizes = np.sqrt(prediction.scale[:, :2, None] * values[:, None, :])
    curve, credit = np.repeat(sizes[:, 0], few, axis=1), np.tile(sizes[:, 1], few)
    roots = moves.shared_roots(loadings)
    widths = [CURVE.stop - CURVE.start, CREDIT.stop - CREDIT.start]
    return MixtureComponents(
        expected=np.repeat(measurement.printed - innovation, few, axis=0),
        innovation=np.repeat(innovation, few, axis=0),
        noise=np.repeat(measurement.noise, few, axis=0),
        covariance=(steady + noise[:, None] + own).reshape(-1, prints, prints),
        roots=roots,
        sizes=np.repeat(np.repeat(np.stack([curve, credit], axis=2), widths, axis=2), few, axis=0),
        probabilities=np.outer(np.outer(prediction.probabilities, shares), np.outer(shares, shares)),
    )


def of_regimes(found: LeaveOneOutPosterior, prediction: Prediction) -> Floats:
    """Return the probabilities of the regimes given all prints but the one, shape (regimes, prints)."""
    return np.asarray(found.given_others.reshape(prediction.regimes.size, -1, found.mean.size).sum(axis=1))


def regime_posterior(found: LeaveOneOutPosterior, values: Floats) -> RegimePosterior:
    """Return what all prints of a day say of regimes and mixing variables; `values` as in `mixture_components`."""
    regimes, few = values.shape
    joint = found.given_all.reshape(regimes, few, few, few)  # by residuals', curve's and spreads' values
    probabilities = joint.sum(axis=(1, 2, 3))
    blocks = np.stack([joint.sum(axis=axes) for axes in ((1, 3), (1, 2), (2, 3))], axis=1)
    mixing = (blocks * values[:, None]).sum(axis=2) / np.maximum(probabilities, np.finfo(float).tiny)[:, None]
    return RegimePosterior(probabilities, mixing)


def _likely(probabilities: Floats) -> tuple[Integers, Floats]:
    """Return where probabilities are not negligible, and those probabilities, which sum to 1."""
    likely = np.flatnonzero(probabilities > MIN_PROBABILITY)
    return likely, probabilities[likely] / probabilities[likely].sum()


def _between_covariance(means: Floats, probabilities: Floats) -> Floats:
    """Return the covariance between means of these probabilities."""
    apart = np.sqrt(probabilities)[:, None] * (means - product(probabilities, means))
    return np.asarray(product(apart.T, apart))
