"""The Kalman filter of one currency's market: every print predicted from all others and from its own past.

A linear-Gaussian state space (Kalman 1960; Harvey 1989) in yields, z-spread plus reference curve, in basis points:

    yield = node loadings . curve nodes + rating level and slope + coupon premium + options + issuer + bond + noise

Nodes, ratings, the premium and what options add are random walks, an issuer's effect and a bond's residual revert to 0;
shocks are in proportion to spreads (`prediction`). A grade with a sign lies a third of the way to the next letter.
On each date every print is predicted without itself (`leave_one_out`), then the state is updated by all (`update`);
`prediction` moves it on to the next date, and `state_space` says what it holds.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.bonds.units import BP
from richcheap.kalman.asked import ROWS_AT_A_TIME, Market, Observed, predict_asked, without_new_issuers
from richcheap.kalman.decomposition import COLUMNS, parts_of, states_of
from richcheap.kalman.doubt import MIN_INNOVATIONS, remembered
from richcheap.kalman.leave_one_out import innovation_variance, normal_equations, predict_without
from richcheap.kalman.new_issues import NewIssues
from richcheap.kalman.prediction import (
    ObservationEquation,
    initialise_new,
    observation_equation,
    predict,
    rating_moves,
    reset_stale,
    scale_of,
    transition,
)
from richcheap.kalman.state_space import HyperParameters, Measurements, ReferenceCurves, State
from richcheap.kalman.update import BidAsk, update_noise, update_state
from richcheap.numerics.cholesky import inverse
from richcheap.panel.counts import Names
from richcheap.panel.params import KalmanParams
from richcheap.panel.print_history import NEVER
from richcheap.panel.ratings import BUCKETS, GOVERNMENT, printed_neighbours
from richcheap.panel.snapshot import Snapshot, names_at, nested, part_of, places
from richcheap.surface.loadings import OPTION_TERMS, PREMIUM_TERMS, add_rating_loadings, node_correlation
from richcheap.surface.outliers import RobustWeights, robust_weights, unit_weights
from richcheap.surface.prints import business_days

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

OPENING_BP, RATING_LEVEL_BP, RATING_SLOPE_BP = 100.0, 150.0, 30.0
"""Prior standard deviations of the first date's nodes, and of level and slope of a rating bucket that first appears:
wide beside the noise of a few basis points, so that the first prints decide."""


class Prediction(NamedTuple):
    """Leave-one-out predictions of prints.

    Attributes
    ----------
    spread : ndarray, shape (n_rows,)
        Over the reference curve, bp.
    std : ndarray, shape (n_rows,)
        Predicted standard deviation of the print around it, bp.
    details : ndarray, shape (n_rows, n_columns)
        The `COLUMNS` of `richcheap.kalman.decomposition`, bp; no column where they are not asked for.
    """

    spread: Floats
    std: Floats
    details: Floats


class DatePrediction(NamedTuple):
    """The prints of a date: leave-one-out predictions of yields, their variances, and details as in `Prediction`."""

    value: Floats
    variance: Floats
    details: Floats


class KalmanFilter:
    """One currency's filter, carried from date to date.

    Parameters
    ----------
    names : Names
    curves : ReferenceCurves
    hyperparameters : HyperParameters
    params : KalmanParams
    downweight_outliers : bool
        Whether a print far from its prediction weighs less for the others of its date; without, dates take less time.
    """

    def __init__(
        self,
        names: Names,
        curves: ReferenceCurves,
        hyperparameters: HyperParameters,
        params: KalmanParams,
        downweight_outliers: bool = True,
    ) -> None:
        self._names, self._curves, self._params = names, curves, params
        self._hyper, self._downweight_outliers = hyperparameters, downweight_outliers
        self._correlation = node_correlation(curves.nodes_years, hyperparameters.correlation_length)
        levels = [params.premium_level_bp, params.option_level_bp]
        self._premium_levels = np.repeat(levels, [PREMIUM_TERMS, OPTION_TERMS])
        self._maturity = np.full(names.bonds.len(), NEVER, dtype=np.int32)
        self._column = np.full(len(BUCKETS), -1, dtype=np.int32)
        self._bucket_of_column: list[int] = []
        self._printed = np.zeros(len(BUCKETS), dtype=np.bool_)
        self._state: State | None = None
        self._day = 0
        self._curve = -1
        self._bid_ask = BidAsk()
        self._new_issues = NewIssues(params.issue_price_points)

    def predict(self, prints: Measurements, with_details: bool = False) -> Prediction:
        """Predict the prints of the next dates, each without itself; details take more time and change no prediction.

        Parameters
        ----------
        prints : Measurements
        with_details : bool
            Whether the parts of the predictions, and the state after each date, are found too.
        """
        observed_yield, std = np.empty(prints.day.size), np.empty(prints.day.size)
        details = np.empty((prints.day.size, len(COLUMNS) if with_details else 0))
        for start, stop in pairwise(prints.date_start.tolist()):
            rows = start + np.argsort(prints.issuer[start:stop], kind="stable")
            found = self._one_date(prints.take(rows), with_details)
            observed_yield[rows] = found.value
            std[rows] = np.sqrt(found.variance)
            details[rows] = found.details
        return Prediction(observed_yield - prints.reference_yield, std, details)

    def snapshot(self) -> Snapshot:
        """Return what the dates so far leave for the next; empty before the first."""
        if self._state is None:
            return {}
        bonds, issuers = self._state.seen()
        return {
            "bonds": names_at(self._names.bonds, bonds),
            "issuers": names_at(self._names.issuers, issuers),
            "maturity": self._maturity[bonds],
            "buckets": np.array(self._bucket_of_column[::2], dtype=np.int64),
            "day": np.array(self._day),
            "curve": np.array(self._curve),
            **nested("state", self._state.snapshot()),
            **nested("bid_ask", self._bid_ask.snapshot()),
            **nested("new_issues", self._new_issues.snapshot()),
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Go on where the dates of a snapshot ended; its bonds and issuers must be among the names."""
        if not snapshot:
            return
        bonds, issuers = places(snapshot["bonds"], self._names.bonds), places(snapshot["issuers"], self._names.issuers)
        state = part_of(snapshot, "state")
        self._state = State.restored(state, bonds, issuers, self._names.bonds.len(), self._names.issuers.len())
        self._maturity[bonds] = snapshot["maturity"]
        first = self._curves.nodes_years.size + self._premium_levels.size
        for place, code in enumerate(snapshot["buckets"].tolist()):
            self._column[code] = first + 2 * place
            self._bucket_of_column += [code, code]
        self._printed[snapshot["buckets"]] = True
        self._day, self._curve = int(snapshot["day"]), int(snapshot["curve"])
        self._bid_ask.restore(part_of(snapshot, "bid_ask"))
        self._new_issues.restore(part_of(snapshot, "new_issues"))

    def ask(self, prints: Measurements | None, asked: Measurements) -> Prediction:
        """Predict bonds that are asked for on the next date, after which this filter cannot go on.

        Each is a print without weight: it gets what a print gets, and moves nothing (`richcheap.kalman.asked`).

        Parameters
        ----------
        prints : Measurements or None
            The prints of that date, if there are any; no bond of `asked` among them.
        asked : Measurements
            Of that date; the yields, NaN where there is none, move the states after the date alone.
        """
        state = self._predict_state(int(asked.day[0]), int(asked.curve[0]), np.arange(len(BUCKETS), dtype=np.int32))
        given, factor = None, np.empty(0)
        if prints is not None:
            self._printed[prints.bucket] = True
            prints = prints.take(np.argsort(prints.issuer, kind="stable"))
            given = self._observe(state, prints).observation
            factor = self._robust_weights(state, given, prints.bucket).factor
        rows = np.argsort(asked.issuer, kind="stable")
        market = Market(state, given, factor, self._curves.nodes_years.size)
        spread, std = np.empty(rows.size), np.empty(rows.size)
        details = np.empty((rows.size, len(COLUMNS)))
        for start in range(0, rows.size, ROWS_AT_A_TIME):
            chosen = rows[start : start + ROWS_AT_A_TIME]
            own, new_issuer = without_new_issuers(state, asked.take(chosen))
            observed = self._observe(state, own)
            unsure = (self._hyper.issuer_level * observed.scale) ** 2
            found = predict_asked(market, own, observed, np.where(new_issuer, unsure, 0.0), self._hyper.huber)
            spread[chosen], std[chosen] = found.spread, np.sqrt(found.variance)
            half_spread = self._bid_ask.half_spread(own.bucket, observed.trade_noise)
            details[chosen] = np.column_stack([found.parts, found.states, half_spread])
        return Prediction(spread, std, details)

    def _observe(self, state: State, prints: Measurements) -> Observed:
        """Take the bonds of one date into the state, those of an issuer together, and say how they observe it."""
        hyper, bond = self._hyper, prints.bond
        fresh = reset_stale(state, bond, self._day - self._params.window_days)
        self._maturity[bond] = prints.maturity
        loading = self._factor_loadings(prints, state.live)
        expected = predict(state, bond, prints.issuer, loading)
        scale = scale_of(expected - prints.reference_yield, self._params.scale_floor_bp)
        initialise_new(state, bond, prints.issuer, prints.bucket, fresh, scale, hyper.bond_level, hyper.issuer_level)
        price_noise = hyper.price_noise / prints.dv01
        trade_noise = state.multiplier[bond] * (hyper.spread_noise**2 + price_noise**2)
        around_mid = trade_noise * np.where(prints.is_reference, hyper.reference_noise**2, 1.0)
        offset, noise = self._bid_ask.offset_and_noise(prints.bucket, prints.side, around_mid)
        observation = observation_equation(
            state, bond, prints.issuer, loading, prints.observed_yield - offset - expected, noise
        )
        moved = hyper.daily_variance(scale) * prints.age
        issue = self._new_issues.issue_price(prints.par_yield, expected, fresh, scale / prints.dv01, moved)
        return Observed(fresh, loading, expected, scale, trade_noise, around_mid, offset, noise, issue, observation)

    def _one_date(self, prints: Measurements, with_details: bool) -> DatePrediction:
        state, hyper = self._predict_state(int(prints.day[0]), int(prints.curve[0]), prints.bucket), self._hyper
        bond, self._printed[prints.bucket] = prints.bond, True
        observed = self._observe(state, prints)
        fresh, expected, noise, around_mid = observed.fresh, observed.expected, observed.noise, observed.around_mid
        issue, observation = observed.issue, observed.observation
        precision = inverse(state.covariance)
        robust = self._robust_weights(state, observation, prints.bucket)
        update, variance = np.empty(bond.size), np.empty(bond.size)
        means = np.empty((bond.size if with_details else 0, state.covariance.shape[0] + 1))
        for factor, served in variants(robust):
            own = observation.own + noise / factor
            normal = normal_equations(observation, own, precision, state.issuer_variance)
            predict_without(observation, own, normal, served, update, variance, means)
        without_issue = (update, variance)
        update, variance = issue.added(update, variance, noise)
        details = np.empty((bond.size, len(COLUMNS) if with_details else 0))
        if with_details:
            spread = expected + update - prints.reference_yield
            parts = parts_of(
                state,
                observed.loading,
                prints.issuer,
                means,
                self._curves.nodes_years.size,
                prints.reference_yield,
                spread,
            )
            half_spread = self._bid_ask.half_spread(prints.bucket, observed.trade_noise)
        error = observation.innovation - update
        known = ~fresh & (state.innovation_count[bond] >= MIN_INNOVATIONS)
        weights = remembered(error, np.sqrt(variance), hyper.huber, known, state.doubt[bond])
        state.doubt[bond] = weights.doubt
        state.bond_variance[bond] += weights.opened
        state.noise[bond] = noise
        state.last_day[bond] = prints.day
        own = observation.own + weights.opened + noise / weights.factor
        update_state(state, observation, own, bond, self._alive(state))
        self._new_issues.update(issue, observation.innovation, noise, *without_issue)
        if with_details:
            details = np.column_stack([parts, states_of(state, bond, prints.issuer), half_spread])
        memory = self._params.noise_memory_prints
        error += observed.offset
        variance += around_mid - noise
        update_noise(state, bond, prints.bucket, ~fresh, error, variance, memory, hyper.bond_level)
        self._bid_ask.update(prints.bucket, prints.side, error, variance, around_mid)
        return DatePrediction(expected + update, variance, details)

    def _predict_state(self, day: int, curve: int, bucket: Ints) -> State:
        """Move the state on to a date, with terms for the rating buckets that appear on it."""
        params = self._params
        if self._state is None:
            initial = BP * self._curves.rates[curve]
            self._state = State.empty(
                np.append(initial, np.zeros_like(self._premium_levels)),
                self._initial_covariance(),
                params.memory_factors,
                self._names.bonds.len(),
                self._names.issuers.len(),
            )
        else:
            if self._curves.given[curve] and self._curves.given[self._curve]:
                change = BP * (self._curves.rates[curve] - self._curves.rates[self._curve])
                self._state.mean[: change.size] += change
            days = max(float(business_days(np.array([self._day], dtype=np.int32), day)[0]), 1.0)
            self._transition(self._state, days)
        self._day, self._curve = day, curve
        for code in np.unique(bucket).tolist():
            if code != GOVERNMENT and self._column[code] < 0:
                self._column[code] = self._state.live
                self._bucket_of_column += [code, code]
                self._state = self._state.with_terms(
                    np.array([RATING_LEVEL_BP**2, RATING_SLOPE_BP**2], dtype=np.float64)
                )
        return self._state

    def _transition(self, state: State, days: float) -> None:
        hyper, nodes = self._hyper, self._curves.nodes_years.size
        move = np.zeros((state.live, state.live))
        move[:nodes, :nodes] = hyper.node_move**2 * days * self._correlation
        first = nodes + self._premium_levels.size
        premiums = np.arange(nodes, first)
        share = hyper.premium_move / self._params.premium_level_bp
        move[premiums, premiums] = (share * self._premium_levels) ** 2 * days
        move[first:, first:] = days * rating_moves(
            state.mean[first:],
            state.bucket_multiplier[self._bucket_of_column],
            self._params.scale_floor_bp,
            hyper.rating_move,
            hyper.widening_move,
        )
        transition(
            state,
            move,
            days,
            hyper.issuer_move,
            hyper.issuer_half_life,
            hyper.bond_move,
            hyper.bond_half_life,
            self._alive(state),
        )

    def _initial_covariance(self) -> Floats:
        nodes = self._curves.nodes_years.size
        covariance = np.diag(np.append(np.zeros(nodes), self._premium_levels**2))
        covariance[:nodes, :nodes] = OPENING_BP**2 * self._correlation
        return covariance

    def _alive(self, state: State) -> NDArray[np.bool_]:
        """Say which bonds are kept: not redeemed, and printed within the window."""
        alive: NDArray[np.bool_] = (self._maturity >= self._day) & (
            state.last_day > self._day - self._params.window_days
        )
        return alive

    def _factor_loadings(self, prints: Measurements, live: int) -> Floats:
        loading = np.zeros((prints.day.size, live))
        nodes = self._curves.nodes_years.size
        loading[:, :nodes] = prints.loading
        loading[:, nodes : nodes + self._premium_levels.size] = prints.premiums
        neighbour = printed_neighbours(prints.bucket, prints.neighbour, self._printed)
        add_rating_loadings(loading, prints.bucket, neighbour, prints.slope, self._column)
        return loading

    def _robust_weights(self, state: State, observation: ObservationEquation, bucket: Ints) -> RobustWeights:
        if not self._downweight_outliers:
            return unit_weights(bucket.size)
        variance = innovation_variance(observation, state.covariance, state.issuer_variance)
        return robust_weights(observation.innovation / np.sqrt(variance), bucket, self._params.outlier_threshold_std)


def variants(robust: RobustWeights) -> Iterator[tuple[Floats, NDArray[np.bool_]]]:
    """Yield factors on precision, and the rows that they serve: an outlier is served at its full weight."""
    for number, factor in enumerate(robust.factors):
        served = robust.variant == number
        plain = served & (factor >= 1.0)
        if plain.any():
            yield factor, plain
        for row in np.flatnonzero(served & (factor < 1.0)).tolist():
            alone = np.zeros(factor.size, dtype=np.bool_)
            alone[row] = True
            yield np.where(alone, 1.0, factor), alone
