"""Bonds that are asked for: prints without weight, predicted from all prints of the date, and with their own price.

A bond that is asked for stands in the observation equation with an infinite variance, after the prints of its issuer,
so that it adds exactly nothing to any sum: neither the prints nor what else is asked for changes a bit of its
prediction by being there or not. An issuer that has never printed is the bond's own: its variance is added to the
bond's, so that two of its bonds do not know of each other.

Where a bond has a price of its own, that price moves the state of this bond after the date (`STATES`), and nothing
else: not its prediction.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.kalman.decomposition import parts_of
from richcheap.kalman.doubt import MIN_INNOVATIONS, weight
from richcheap.kalman.leave_one_out import NormalEquations, normal_equations, predict_without
from richcheap.kalman.new_issues import IssuePrice
from richcheap.kalman.prediction import ObservationEquation
from richcheap.kalman.state_space import Measurements, State
from richcheap.numerics.cholesky import inverse, substitute

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

ROWS_AT_A_TIME = 8192
"""Bonds that are predicted together, which decides how much memory they need and nothing else."""


_OF_ROWS = ("innovation", "loading", "share", "issuer", "own", "noise")
"""Fields of an observation equation with an entry for each row."""


class Observed(NamedTuple):
    """How the bonds of a date observe the state, those of an issuer together.

    Attributes
    ----------
    fresh : ndarray of bool, shape (n_rows,)
        New or stale.
    loading : ndarray, shape (n_rows, n_live)
        On the live factors.
    expected, scale : ndarray, shape (n_rows,)
        Yields predicted from the dates before, bp, and the size of the bonds' shocks.
    trade_noise, around_mid, noise : ndarray, shape (n_rows,)
        Variances of a trade, of the print around mid, and of the print around its side, bp squared.
    offset : ndarray, shape (n_rows,)
        How far the print's side lies from mid, bp.
    issue : IssuePrice
    observation : ObservationEquation
    """

    fresh: NDArray[np.bool_]
    loading: Floats
    expected: Floats
    scale: Floats
    trade_noise: Floats
    around_mid: Floats
    offset: Floats
    noise: Floats
    issue: IssuePrice
    observation: ObservationEquation


class Market(NamedTuple):
    """What bonds are asked of.

    Attributes
    ----------
    state : State
        On the date, before its prints.
    prints : ObservationEquation or None
        Of the date.
    factor : ndarray, shape (n_prints,)
        On the precision of each print.
    nodes : int
        Live factors that are curve nodes.
    """

    state: State
    prints: ObservationEquation | None
    factor: Floats
    nodes: int


class Answer(NamedTuple):
    """What bonds are worth: ``spread`` over the reference curve (bp), variance, and what it is made of."""

    spread: Floats
    variance: Floats
    parts: Floats
    states: Floats


def without_new_issuers(state: State, asked: Measurements) -> tuple[Measurements, NDArray[np.bool_]]:
    """Return the rows with no issuer in place of one that has never printed, and which rows these are."""
    new = (asked.issuer >= 0) & (state.issuer_scale[asked.issuer] == 0.0)
    return asked._replace(issuer=np.where(new, -1, asked.issuer).astype(np.int32)), new


def predict_asked(
    market: Market, asked: Measurements, observed: Observed, issuer_variance: Floats, limit: float
) -> Answer:
    """Predict bonds that are asked for.

    Parameters
    ----------
    market : Market
    asked : Measurements
        Sorted by issuer.
    observed : Observed
        Of `asked`.
    issuer_variance : ndarray, shape (n_rows,)
        What a new issuer adds to a bond's own variance, bp squared.
    limit : float
        Standard deviations from which an own price weighs less.
    """
    state = market.state
    own = observed.observation._replace(
        innovation=np.zeros(asked.bond.size), own=observed.observation.own + issuer_variance
    )
    both, place, variance = _joined(market, own)
    normal = normal_equations(both, variance, inverse(state.covariance), state.issuer_variance)
    served = np.isinf(variance)
    update, predicted = np.empty(variance.size), np.empty(variance.size)
    means = np.empty((variance.size, state.covariance.shape[0] + 1))
    predict_without(both, variance, normal, served, update, predicted, means)
    by_prints, variance = update[place], predicted[place]
    update, predicted = observed.issue.added(by_prints, variance, own.noise)
    spread = observed.expected + update - asked.reference_yield
    parts = parts_of(state, observed.loading, asked.issuer, means[place], market.nodes, asked.reference_yield, spread)
    group = np.searchsorted(both.group, place, side="right") - 1
    bond, cross = _own_covariances(state, asked.bond, own, normal, group)
    error = asked.observed_yield - observed.offset - observed.expected - by_prints
    known = ~observed.fresh & (state.innovation_count[asked.bond] >= MIN_INNOVATIONS)
    towards_par = update - by_prints
    mean, left = _with_own_price(parts[:, -1] - towards_par, bond, cross, error, variance, observed.noise, limit, known)
    by_par = np.isnan(error)  # a bond with a price of its own forgets par
    share = (variance - predicted) / (variance - own.noise) ** 2
    mean += np.where(by_par, towards_par, 0.0)
    left -= np.where(by_par, cross**2 * share, 0.0)
    return Answer(
        spread,
        predicted + observed.around_mid - observed.noise,
        parts,
        np.column_stack([mean, np.sqrt(left), parts[:, -2]]),
    )


def _joined(market: Market, own: ObservationEquation) -> tuple[ObservationEquation, NDArray[np.int64], Floats]:
    """Put what is asked for behind the prints of its issuer; return also its places, and the variance of each row."""
    rows, prints = own.issuer.size, market.prints
    infinite = np.full(rows, np.inf)
    if prints is None:
        return own, np.arange(rows), infinite
    order = np.argsort(np.concatenate([prints.issuer, own.issuer]), kind="stable")
    columns = {name: np.concatenate([getattr(prints, name), getattr(own, name)])[order] for name in _OF_ROWS}
    starts = np.flatnonzero((columns["issuer"] < 0) | (np.diff(columns["issuer"], prepend=-2) != 0))
    variance = np.concatenate([prints.own + prints.noise / market.factor, infinite])[order]
    place = np.empty(order.size, dtype=np.int64)
    place[order] = np.arange(order.size)
    joined = ObservationEquation(**columns, group=np.append(starts, order.size))
    return joined, place[prints.issuer.size :], variance


def _own_covariances(
    state: State, bond: Ints, own: ObservationEquation, normal: NormalEquations, group: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Return the variance of each bond's own spread after the prints, and its covariance with the bond's yield."""
    spread, share = normal.spread[group], state.bond_share[bond]
    shift = normal.cross[group] * spread[:, None]
    residual = np.ascontiguousarray((state.bond_loading[bond] - share[:, None] * shift).T)
    in_yield = (own.loading - own.share[:, None] * shift).T
    solved = residual.copy()
    substitute(normal.lower, solved)
    variance = share * share * spread + state.bond_variance[bond]
    covariance = share * own.share * spread + state.bond_variance[bond]
    for one, other, column in zip(residual, in_yield, solved, strict=True):  # one by one: no product rounds by size
        variance += one * column
        covariance += other * column
    return variance, covariance


def _with_own_price(
    mean: Floats,
    variance: Floats,
    covariance: Floats,
    error: Floats,
    predicted: Floats,
    noise: Floats,
    limit: float,
    known: NDArray[np.bool_],
) -> tuple[Floats, Floats]:
    """Return mean and variance of the bonds' own spreads with their own prices, where they have any."""
    priced = np.isfinite(error)
    distance = np.where(priced, np.abs(error), 0.0) / np.sqrt(predicted)
    widened = predicted + noise * (1.0 / weight(distance, limit, known) - 1.0)
    gain = np.where(priced, covariance / widened, 0.0)
    return mean + gain * np.where(priced, error, 0.0), variance - gain * covariance
