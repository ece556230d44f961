"""The Kalman filter of one currency's market: every print predicted from all others and from its own past.

A linear-Gaussian state space (Kalman 1960; Harvey 1989) in quotes, in basis points:

    quote = node loads . curve nodes + rating level and slope + coupon premium + options + issuer + bond + noise

Nodes, ratings, the premium and what options add are random walks, an issuer's effect and a bond's residual revert to 0;
shocks are in proportion to spreads (`kalman_welcome`). A grade with a sign lies a third of the way to the next letter.
On each date every print is predicted without itself (`kalman_solve`), then all are taken in together (`kalman_learn`);
dates follow one another by `kalman_step`, and what is remembered is `kalman_state`.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.bonds.units import BP
from richcheap.kalman.leave_one_out import assemble, predict_without, prior_variance
from richcheap.kalman.prediction import (
    Observed,
    initialise_new,
    observe,
    predict,
    rating_moves,
    reset_stale,
    scale_of,
    transition,
)
from richcheap.kalman.state_space import Curves, Measurements, Settings, State
from richcheap.kalman.update import Sides, belief, follow, update_state
from richcheap.numerics.cholesky import inverse
from richcheap.panel.counts import Names
from richcheap.panel.params import KalmanParams
from richcheap.panel.print_history import NEVER
from richcheap.panel.ratings import BUCKETS, GOVERNMENT
from richcheap.surface.loadings import NOTCH_SHARE, OPTION_TERMS, PREMIUM_TERMS, node_correlation
from richcheap.surface.outliers import RobustWeights, full_trust, judge
from richcheap.surface.prints import business_days

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Predicted(NamedTuple):
    """What prints were worth without themselves.

    Attributes
    ----------
    spread : ndarray, shape (n_rows,)
        Over the reference curve, bp.
    deviation : ndarray, shape (n_rows,)
        Predicted deviation of the print around it, bp.
    """

    spread: Floats
    deviation: Floats


class Kalman:
    """One currency's filter, carried from date to date.

    Parameters
    ----------
    names : Names
    curves : Curves
    settings : Settings
    params : KalmanParams
    doubts : bool
        Whether a print far from what is expected weighs less for the others of its date; without, dates go by faster.
    """

    def __init__(
        self, names: Names, curves: Curves, settings: Settings, params: KalmanParams, doubts: bool = True
    ) -> None:
        self._names, self._curves, self._settings, self._params, self._doubts = names, curves, settings, params, doubts
        self._correlation = node_correlation(curves.nodes_years, settings.correlation_length)
        levels = [params.premium_level_bp, params.option_level_bp]
        self._premium_levels = np.repeat(levels, [PREMIUM_TERMS, OPTION_TERMS])
        self._maturity = np.full(names.bonds.len(), NEVER, dtype=np.int32)
        self._column = np.full(len(BUCKETS), -1, dtype=np.int64)
        self._bucket_of_column: list[int] = []
        self._state: State | None = None
        self._day = 0
        self._curve = -1
        self._sides = Sides()

    def predict(self, prints: Measurements) -> Predicted:
        """Work through the dates of some prints, which come after all before."""
        quote, deviation = np.empty(prints.day.size), np.empty(prints.day.size)
        for rows, value, variance in self._dates(prints):
            quote[rows] = value
            deviation[rows] = np.sqrt(variance)
        return Predicted(quote - prints.at_reference, deviation)

    def _dates(self, prints: Measurements) -> Iterator[tuple[NDArray[np.int64], Floats, Floats]]:
        for start, stop in pairwise(prints.date_start.tolist()):
            order = start + np.argsort(prints.issuer[start:stop], kind="stable")
            yield order, *self._one_date(prints.take(order))

    def _one_date(self, prints: Measurements) -> tuple[Floats, Floats]:
        state, settings = self._moved_on(int(prints.day[0]), int(prints.curve[0]), prints.bucket), self._settings
        bond = prints.bond
        oldest = self._day - self._params.window_days
        fresh = reset_stale(state, bond, oldest)
        self._maturity[bond] = prints.maturity
        load = self._live_load(prints, state.live)
        expected = predict(state, bond, prints.issuer, load)
        scale = scale_of(expected - prints.at_reference, self._params.scale_floor_bp)
        initialise_new(
            state, bond, prints.issuer, prints.bucket, fresh, scale, settings.bond_level, settings.issuer_level
        )
        price_noise = settings.price_noise / prints.points_per_bp
        around_mid = state.multiplier[bond] * (settings.spread_noise**2 + price_noise**2)
        around_mid *= np.where(prints.is_reference, settings.reference_noise**2, 1.0)
        offset, noise = self._sides.of(prints.bucket, prints.side, around_mid)
        observed = observe(state, bond, prints.issuer, load, prints.quote - offset - expected, noise)
        precision = inverse(state.covariance)
        trust = self._trust(state, observed, prints.bucket)
        update, variance = np.empty(bond.size), np.empty(bond.size)
        for factor, served in variants(trust):
            own = observed.own + noise / factor
            solved = assemble(observed, own, precision, state.issuer_variance)
            predict_without(observed, own, solved, served, update, variance)
        error = observed.innovation - update
        believed = noise / belief(error, np.sqrt(variance), settings.huber)
        state.noise[bond] = noise
        state.last_day[bond] = prints.day
        update_state(state, observed, observed.own + believed, bond, self._alive(state))
        memory = self._params.noise_memory_prints
        error += offset
        variance += around_mid - noise
        follow(state, bond, prints.bucket, ~fresh, error, variance, memory, settings.bond_level)
        self._sides.follow(prints.bucket, prints.side, error, variance, around_mid)
        return expected + update, variance

    def _moved_on(self, day: int, curve: int, bucket: Ints) -> State:
        """Move the state on to a date, with terms for the rating buckets that appear on it."""
        params = self._params
        if self._state is None:
            opening = BP * self._curves.rates[curve]
            self._state = State.blank(
                np.append(opening, np.zeros_like(self._premium_levels)),
                self._opening_covariance(),
                params.memory_factors,
                self._names.bonds.len(),
                self._names.issuers.len(),
            )
        else:
            if self._curves.given[curve] and self._curves.given[self._curve]:
                change = BP * (self._curves.rates[curve] - self._curves.rates[self._curve])
                self._state.mean[: change.size] += change
            days = max(float(business_days(np.array([self._day], dtype=np.int32), day)[0]), 1.0)
            self._advance(self._state, days)
        self._day, self._curve = day, curve
        for code in np.unique(bucket).tolist():
            if code != GOVERNMENT and self._column[code] < 0:
                self._column[code] = self._state.live
                self._bucket_of_column += [code, code]
                self._state = self._state.with_terms(
                    np.array([params.rating_level_bp**2, params.rating_slope_bp**2], dtype=np.float64)
                )
        return self._state

    def _advance(self, state: State, days: float) -> None:
        settings, nodes = self._settings, self._curves.nodes_years.size
        move = np.zeros((state.live, state.live))
        move[:nodes, :nodes] = settings.node_move**2 * days * self._correlation
        first = nodes + self._premium_levels.size
        premiums = np.arange(nodes, first)
        share = settings.premium_move / self._params.premium_level_bp
        move[premiums, premiums] = (share * self._premium_levels) ** 2 * days
        move[first:, first:] = days * rating_moves(
            state.mean[first:],
            state.bucket_multiplier[self._bucket_of_column],
            self._params.scale_floor_bp,
            settings.rating_move,
            settings.widening_move,
        )
        transition(
            state,
            move,
            days,
            settings.issuer_move,
            settings.issuer_half_life,
            settings.bond_move,
            settings.bond_half_life,
            self._alive(state),
        )

    def _opening_covariance(self) -> Floats:
        nodes = self._curves.nodes_years.size
        covariance = np.diag(np.append(np.zeros(nodes), self._premium_levels**2))
        covariance[:nodes, :nodes] = self._params.opening_bp**2 * self._correlation
        return covariance

    def _alive(self, state: State) -> NDArray[np.bool_]:
        """Say which bonds are remembered: not redeemed, and seen within the window."""
        alive: NDArray[np.bool_] = (self._maturity >= self._day) & (
            state.last_day > self._day - self._params.window_days
        )
        return alive

    def _live_load(self, prints: Measurements, live: int) -> Floats:
        load = np.zeros((prints.day.size, live))
        nodes = self._curves.nodes_years.size
        load[:, :nodes] = prints.load
        load[:, nodes : nodes + self._premium_levels.size] = prints.premiums
        rated = np.flatnonzero(prints.bucket != GOVERNMENT)
        own, other = (self._column[codes[rated]] for codes in (prints.bucket, prints.neighbour))
        other = np.where(other < 0, own, other)
        leaning = np.where(other != own, NOTCH_SHARE, 0.0)
        for column, share in ((own, 1.0 - leaning), (other, leaning)):
            load[rated, column] += share
            load[rated, column + 1] += share * prints.slope[rated]
        return load

    def _trust(self, state: State, observed: Observed, bucket: Ints) -> RobustWeights:
        if not self._doubts:
            return full_trust(bucket.size)
        variance = prior_variance(observed, state.covariance, state.issuer_variance)
        return judge(observed.innovation / np.sqrt(variance), bucket, self._params.doubt_deviations)


def variants(trust: RobustWeights) -> Iterator[tuple[Floats, NDArray[np.bool_]]]:
    """Yield factors on precision, and the rows that they serve: a doubted row is served as if it were not."""
    for number, factor in enumerate(trust.factors):
        served = trust.variant == number
        plain = served & (factor >= 1.0)
        if plain.any():
            yield factor, plain
        for row in np.flatnonzero(served & (factor < 1.0)).tolist():
            alone = np.zeros(factor.size, dtype=np.bool_)
            alone[row] = True
            yield np.where(alone, 1.0, factor), alone
