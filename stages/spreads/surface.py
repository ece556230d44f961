"""The spread surface, date by date: what every print was worth before its own price is looked at.

Each date's quotes are explained by the nodes of a curve that all bonds share (`loadings`) and by a level and
a slope for each rating bucket. A quote is the z-spread over the reference curve plus the reference curve at
the bond, so that it does not depend on which reference curve was used. Three fits are made, each with its fit
of the date before as its prior:

* the *level* fit explains the quotes themselves, changes slowly, and gives the matrix price;
* the *refit* does the same, all but free of the date before: the textbook method, kept as a baseline;
* the *move* fit explains each bond's quote less its own last residual, so that a date on which other bonds
  print than on the date before does not look like a move of the market.

Every print is valued by fits that left it out (`leave_one_out`) and by peers that do not include it
(`peers`). All arithmetic is in basis points.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from stages.spreads.benchmark import FITTED, FLAT, GIVEN, GivenCurves
from stages.spreads.circles import shrink
from stages.spreads.coefficients import Coefficients
from stages.spreads.leave_one_out import LeaveOneOut, fitted, solve_leave_one_out
from stages.spreads.loadings import node_correlation, rating_terms
from stages.spreads.noise import NoiseModel
from stages.spreads.panel import Panel
from stages.spreads.params import MarketParams
from stages.spreads.peers import History, PeerStatistics, Today, peer_statistics
from stages.spreads.prints import DateResult, Prints, business_days, read_prints
from stages.spreads.ratings import GOVERNMENT
from stages.spreads.units import BP, DAYS_PER_YEAR

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

SHORTEST_YEARS = 1.0 / DAYS_PER_YEAR


class Surface:
    """One currency's market, carried from date to date.

    Parameters
    ----------
    panel : Panel
    given : GivenCurves
        Published benchmark curves; may hold none.
    params : MarketParams
    """

    def __init__(self, panel: Panel, given: GivenCurves, params: MarketParams) -> None:
        self._panel, self._given, self._params = panel, given, params
        self._nodes = np.asarray(params.curve_nodes_years)
        correlation = node_correlation(self._nodes, params.move_correlation_length)
        self._fitted_rates: Floats | None = None
        self._last_day = int(panel.day[0])
        self._last_reference, self._last_source = self._known_curve(self._last_day)
        opening = BP * self._last_reference
        self._level = Coefficients(correlation, opening, rating_terms())
        self._refit = Coefficients(correlation, opening, rating_terms())
        self._move = Coefficients(correlation, opening, rating_terms())
        self._close = Coefficients(correlation, opening, 0)
        bonds, slots = panel.maturity.size, panel.day.size
        self._noise = NoiseModel(bonds, params)
        self._history = History(
            first_slot=panel.first_slot,
            latest_slot=np.full(bonds, -1, dtype=np.int32),
            day=np.zeros(slots, dtype=np.int32),
            move_residual=np.zeros(slots),
            level_residual=np.zeros(slots),
            bucket=np.zeros(bonds, dtype=np.int32),
            variance=np.ones(bonds),
        )
        self._refit_residual = np.zeros(slots)
        self._surface_at_slot = np.zeros(slots)
        self._row_of_bond = np.full(bonds, -1, dtype=np.int32)

    def dates(self) -> Iterator[DateResult]:
        """Work through the dates in order."""
        starts = self._panel.date_start.tolist()
        for start, stop in pairwise(starts):
            yield self._one_date(slice(start, stop))

    def _one_date(self, rows: slice) -> DateResult:
        day = int(self._panel.day[rows.start])
        reference, source = self._reference(day)
        prints = read_prints(self._panel, rows, self._nodes, reference)
        elapsed = max(float(business_days(np.array([self._last_day], dtype=np.int32), day)[0]), 1.0)
        shape = self._noise.shape(prints.points_per_bp)
        spread_shape = shape * self._noise.growth(prints.gap)
        variance = spread_shape * self._noise.multiplier(prints.bond, prints.bucket)
        last_residual = self._at(self._history.move_residual, prints.last_slot)
        level_variance = self._noise.level_variance(prints.bucket)

        # Terms that no bond of the date loads on keep their values and cost nothing.
        active = (prints.loadings != 0.0).any(axis=0)
        active[: self._nodes.size] = True
        loadings = np.ascontiguousarray(prints.loadings[:, active])
        level_weight = 1.0 / (variance + level_variance)
        moved = np.where(prints.seen, prints.quote - last_residual, 0.0)
        move_weight = np.where(prints.seen, 1.0 / variance, 0.0)
        level, refit, move = self._fit(loadings, active, prints.quote, level_weight, moved, move_weight, elapsed)

        level_at_bond = fitted(loadings, level.without)
        move_at_bond = fitted(loadings, move.without)
        peers = self._peers(prints, loadings, level, move, shape)
        result = DateResult(
            rows=rows,
            source=source,
            reference_rates=reference,
            close_rates=self._fit_close(prints, level_weight, reference, source, elapsed),
            spread=prints.quote - prints.at_reference,
            surface=level_at_bond - prints.at_reference,
            move_surface=move_at_bond - prints.at_reference,
            refit_surface=fitted(loadings, refit.without) - prints.at_reference,
            last_refit=self._at(self._refit_residual, prints.last_slot),
            last_level=self._at(self._history.level_residual, prints.last_slot),
            last_residual=last_residual,
            level_residual=prints.quote - fitted(loadings, level.full),
            move_residual=prints.quote - fitted(loadings, move.full),
            move_since_last=move_at_bond - self._at(self._surface_at_slot, prints.last_slot),
            move_today=move_at_bond - fitted(loadings, self._move.mean[active]),
            peers=peers,
            peer_move=shrink(peers.move, peers.move_count, self._params.peer_shrinkage),
            peer_level=shrink(peers.level, peers.level_count, self._params.peer_shrinkage),
            noise=np.sqrt(variance + np.where(prints.seen, move.variance, level.variance + level_variance)),
        )
        self._noise.learn(
            prints.bond,
            prints.bucket,
            prints.quote - move_at_bond - last_residual,
            variance + move.variance,
            result.level_residual,
        )
        self._remember(prints, result, shape)
        slots = self._panel.slot[rows]
        self._refit_residual[slots] = prints.quote - fitted(loadings, refit.full)
        self._surface_at_slot[slots] = fitted(loadings, move.full)
        self._level.learn(active, level.full)
        self._refit.learn(active, refit.full)
        self._move.learn(active, move.full)
        self._last_day, self._last_reference, self._last_source = day, reference, source
        return result

    def _known_curve(self, day: int) -> tuple[Floats, str]:
        """Return the curve known before the date's prices, and where it comes from."""
        given = self._given.as_of(day)
        if given is not None:
            return given, GIVEN
        if self._fitted_rates is not None:
            return self._fitted_rates, FITTED
        return np.full(self._nodes.size, self._params.risk_free_rate), FLAT

    def _reference(self, day: int) -> tuple[Floats, str]:
        """Return the known curve; the surface moves along with a published one, but not when the first one appears."""
        rates, source = self._known_curve(day)
        if source == GIVEN == self._last_source:
            change = BP * (rates - self._last_reference)
            for coefficients in (self._level, self._refit, self._move):
                coefficients.shift_nodes(change)
        return rates, source

    @staticmethod
    def _at(values: Floats, slot: Ints) -> Floats:
        """Look up a bond's own last print; NaN where there is none."""
        found: Floats = np.where(slot >= 0, values[slot], np.nan)
        return found

    def _fit(
        self,
        loadings: Floats,
        active: NDArray[np.bool_],
        quote: Floats,
        level_weight: Floats,
        moved: Floats,
        move_weight: Floats,
        elapsed: float,
    ) -> tuple[LeaveOneOut, LeaveOneOut, LeaveOneOut]:
        """Make the level fit, the refit and the move fit."""
        params, steps = self._params, np.sqrt(elapsed)
        scale = np.repeat(self._noise.bucket_scale()[1:], 2)
        calm_scale = np.maximum(scale, 1.0)

        def solve(state: Coefficients, target: Floats, weight: Floats, prior_bp: float, scale: Floats) -> LeaveOneOut:
            precision = state.precision(prior_bp * steps, prior_bp * steps * scale)[np.ix_(active, active)]
            return solve_leave_one_out(loadings, target, weight, state.mean[active], precision)

        return (
            solve(self._level, quote, level_weight, params.level_prior_bp, calm_scale),
            solve(self._refit, quote, level_weight, params.refit_prior_bp, calm_scale),
            solve(self._move, moved, move_weight, params.move_prior_bp, scale),
        )

    def _fit_close(self, prints: Prints, weight: Floats, reference: Floats, source: str, elapsed: float) -> Floats:
        """Fit the benchmark curve to all governments of the date: the next date's reference curve."""
        government = prints.bucket == GOVERNMENT
        if source == GIVEN or int(government.sum()) < self._params.min_government_bonds:
            return reference
        nodes = self._nodes.size
        deviation = self._params.refit_prior_bp * np.sqrt(elapsed)
        fit = solve_leave_one_out(
            np.ascontiguousarray(prints.loadings[government, :nodes]),
            prints.quote[government],
            weight[government],
            self._close.mean,
            self._close.precision(deviation, np.empty(0)),
        )
        self._close.learn(np.ones(nodes, dtype=np.bool_), fit.full)
        self._fitted_rates = fit.full / BP
        return self._fitted_rates

    def _peers(
        self, prints: Prints, loadings: Floats, level: LeaveOneOut, move: LeaveOneOut, shape: Floats
    ) -> PeerStatistics:
        panel, history = self._panel, self._history
        new = ~prints.seen
        expected = shape * self._noise.multiplier(prints.bond, prints.bucket)
        history.variance[prints.bond[new]] = expected[new]
        slots = panel.slot[prints.rows]
        history.latest_slot[prints.bond] = slots
        history.day[slots] = prints.day
        history.bucket[prints.bond] = prints.bucket
        self._row_of_bond[prints.bond] = np.arange(prints.bond.size, dtype=np.int32)
        years = np.maximum((panel.maturity - prints.day) / DAYS_PER_YEAR, SHORTEST_YEARS)
        today = Today(
            day=prints.day,
            row_of_bond=self._row_of_bond,
            bond=prints.bond,
            issuer=panel.issuer[prints.rows],
            bucket=prints.bucket,
            own_last_day=prints.last_day,
            log_maturity=np.log(years),
            quote=prints.quote,
            loadings=loadings,
            move_without=move.without,
            level_without=level.without,
        )
        statistics = peer_statistics(today, history, panel.circles, self._params.peers, self._params.peer_max_age_days)
        self._row_of_bond[prints.bond] = -1
        return statistics

    def _remember(self, prints: Prints, result: DateResult, shape: Floats) -> None:
        """Write the date into the history that later dates look back on."""
        slots = self._panel.slot[prints.rows]
        self._history.move_residual[slots] = result.move_residual
        self._history.level_residual[slots] = result.level_residual
        self._history.variance[prints.bond] = shape * self._noise.multiplier(prints.bond, prints.bucket)
