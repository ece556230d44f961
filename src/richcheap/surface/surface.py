"""The spread surface, date by date: what every print was worth before its own price is looked at.

Each date's yields are explained by the nodes of a curve that all bonds share (`loadings`) and by a level and
a slope for each rating bucket; a grade with a sign lies a third of the way to the next letter. A yield is here
the z-spread over the reference curve plus the reference curve at the bond, so that it does not depend on which
reference curve was used. Two fits are made, each with its fit of the date before as its prior:

* the *level* fit explains the yields themselves, changes slowly, and gives the matrix price;
* the *move* fit explains each bond's yield less its own last residual, so that a date on which other bonds
  print than on the date before does not look like a move of the market.

Every print is valued by fits that left it out (`leave_one_out`) and by peers that do not include it
(`peers`), and a print that is far from what was expected of it, while its market is not, weighs little for the
others (`outliers`). All arithmetic is in basis points.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from richcheap.bonds.units import BP, DAYS_PER_YEAR
from richcheap.curves.benchmark import FITTED, FLAT, GIVEN, GivenCurves
from richcheap.numerics.elementwise import logarithms
from richcheap.panel.panel import Panel
from richcheap.panel.params import MarketParams
from richcheap.panel.peer_groups import shrink
from richcheap.panel.print_history import NEVER, PrintHistory
from richcheap.panel.ratings import GOVERNMENT
from richcheap.panel.snapshot import Snapshot, names_at, nested, part_of, places
from richcheap.panel.universe import Universe
from richcheap.surface.fits import ExpectedSpreads, Fits, Fitter
from richcheap.surface.leave_one_out import fitted, solve
from richcheap.surface.loadings import node_correlation, rating_columns
from richcheap.surface.noise import NoiseModel
from richcheap.surface.outliers import RobustWeights
from richcheap.surface.peers import CrossSection, PeerStatistics, PeerWindow, peer_statistics
from richcheap.surface.prints import DatePrints, DateResult, business_days, measure_date
from richcheap.surface.prior import SurfacePrior

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

SHORTEST_YEARS = 1.0 / DAYS_PER_YEAR


class Surface:
    """One currency's market, carried from date to date.

    Parameters
    ----------
    universe : Universe
    given : GivenCurves
        Published benchmark curves; may hold none.
    params : MarketParams
    threads : int
        Does not affect the result.
    """

    def __init__(self, universe: Universe, given: GivenCurves, params: MarketParams, threads: int = 1) -> None:
        self._universe, self._given, self._params, self._threads = universe, given, params, threads
        self._nodes = np.asarray(params.curve_nodes_years)
        correlation = node_correlation(self._nodes, params.move_correlation_length)
        self._fitted_rates: Floats | None = None
        self._begun = False
        self._last_day = int(universe.days[0])
        self._last_reference, self._last_source = self._known_curve(self._last_day)
        initial_nodes = BP * self._last_reference
        self._fitter = Fitter(correlation, initial_nodes, params, threads)
        self._close = SurfacePrior(correlation, initial_nodes, 0)
        bonds = universe.maturity.size
        self._noise = NoiseModel(bonds, params)
        self._history = PrintHistory.empty(universe, params.peer_window_days)
        self._window = PeerWindow(params.peers, params.peer_max_age_days, params.peer_window_days)
        self._row_of_bond = np.full(bonds, -1, dtype=np.int32)

    def dates(self, panel: Panel) -> Iterator[DateResult]:
        """Work through the dates of a panel, which come after those of the panel before."""
        for start, stop in pairwise(panel.date_start.tolist()):
            day = int(panel.day[start])
            reference, source = self._reference(day)
            prints = self._measure(panel, slice(start, stop), reference, self._fitter.printed_buckets())
            if prints.rows.size:
                yield self._one_date(prints, reference, source)
            self._last_day, self._last_reference, self._last_source = day, reference, source
            self._begun = True

    def snapshot(self) -> Snapshot:
        """Return what the dates so far leave for the next; empty before the first."""
        if not self._begun:
            return {}
        seen = np.flatnonzero(self._history.day != NEVER)
        fitted_rates = {} if self._fitted_rates is None else {"fitted_rates": self._fitted_rates}
        return {
            "bonds": names_at(self._universe.bonds, seen),
            "last_day": np.array(self._last_day),
            "last_reference": self._last_reference,
            "last_source": np.array(self._last_source),
            **fitted_rates,
            **nested("fits", self._fitter.snapshot()),
            **nested("close", self._close.snapshot()),
            **nested("noise", self._noise.snapshot(seen)),
            **nested("history", self._history.snapshot(seen, self._last_day - self._window.window_days)),
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Go on where the dates of a snapshot ended; its bonds must be among those of the universe."""
        if not snapshot:
            return
        bonds = places(snapshot["bonds"], self._universe.bonds)
        self._begun, self._last_day = True, int(snapshot["last_day"])
        self._last_reference, self._last_source = snapshot["last_reference"], str(snapshot["last_source"])
        self._fitted_rates = snapshot.get("fitted_rates")
        self._fitter.restore(part_of(snapshot, "fits"))
        self._close.restore(part_of(snapshot, "close"))
        self._noise.restore(part_of(snapshot, "noise"), bonds)
        self._history.restore(part_of(snapshot, "history"), bonds)

    def ask(self, panel: Panel | None, asked: Panel) -> DateResult:
        """Value bonds that are asked for on the next date, after which this surface cannot go on.

        Each gets what a print gets, from all prints of the date: it is a print without weight, and no peer. It depends
        on no other that is asked for.

        Parameters
        ----------
        panel : Panel or None
            The prints of that date, if there are any; no bond of `asked` among them.
        asked : Panel
            Of that date; the price, where there is one, moves ``spread`` alone, and is NaN where there is none.

        Returns
        -------
        DateResult
            Of the bonds that can be discounted: ``rows`` are those of `asked`. Residuals mean nothing.
        """
        day = int(asked.day[0])
        reference, source = self._reference(day)
        history, printed = self._history, self._fitter.printed_buckets()
        prints, factor = None, np.empty(0)
        if panel is not None:
            prints = self._measure(panel, slice(0, panel.day.size), reference, printed)
            expected = self._fitter.predict(prints, history.move_residual[prints.bond], self._noise, self._elapsed(day))
            factor = self._fitter.robust_weights(prints, expected).factor
            printed[prints.bucket] = True
        wanted = self._measure(asked, slice(0, asked.day.size), reference, printed, asked=True)
        prints = wanted.none() if prints is None else prints
        factor = np.append(factor, np.ones(wanted.rows.size))
        robust = RobustWeights(factor, np.zeros(factor.size, dtype=np.int64), factor[None, :])
        both = prints.and_asked(wanted)
        expected = self._fitter.predict(
            both, history.move_residual[both.bond], self._noise, self._elapsed(day), all_terms=True
        )
        result = self._result(both, expected, self._fitter.fit(both, expected, robust), robust, reference, source)
        return result.last(wanted.rows.size)

    def _measure(
        self, panel: Panel, rows: slice, reference: Floats, printed: NDArray[np.bool_], asked: bool = False
    ) -> DatePrints:
        return measure_date(panel, rows, self._history, self._nodes, reference, printed, self._threads, asked)

    def _elapsed(self, day: int) -> float:
        """Return the business days since the last date, one at least."""
        return max(float(business_days(np.array([self._last_day], dtype=np.int32), day)[0]), 1.0)

    def _one_date(self, prints: DatePrints, reference: Floats, source: str) -> DateResult:
        history, bond = self._history, prints.bond
        elapsed = self._elapsed(prints.day)
        expected = self._fitter.predict(prints, history.move_residual[bond], self._noise, elapsed)
        robust = self._fitter.robust_weights(prints, expected)
        fits = self._fitter.fit(prints, expected, robust)
        result = self._result(prints, expected, fits, robust, reference, source)
        close_rates = self._fit_close(prints, expected, robust, reference, source, elapsed)
        result = result._replace(close_rates=close_rates)
        variance = expected.variance
        innovation = prints.observed_yield - fitted(expected.loadings, fits.move.without) - expected.last_residual
        self._noise.update(bond, prints.bucket, innovation, variance + fits.move.variance, result.level_residual)
        history.update(
            bond,
            prints.day,
            level=result.level_residual,
            move=result.move_residual,
            surface=fitted(expected.loadings, fits.move.full),
            robust_weight=robust.factor,
        )
        history.bucket[bond] = prints.bucket
        history.variance[bond] = expected.shape * self._noise.multiplier(bond, prints.bucket)
        self._fitter.update(expected, fits)
        return result

    def _result(
        self,
        prints: DatePrints,
        expected: ExpectedSpreads,
        fits: Fits,
        robust: RobustWeights,
        reference: Floats,
        source: str,
    ) -> DateResult:
        """Return what the fits say of each row; the curve at the close is yet to be fitted."""
        history, bond, loadings = self._history, prints.bond, expected.loadings
        level_at_bond = fitted(loadings, fits.level.without)
        move_at_bond = fitted(loadings, fits.move.without)
        peers = self._peers(prints, expected, fits, robust)
        unsure = np.where(prints.seen, fits.move.variance, fits.level.variance + expected.level_variance)
        return DateResult(
            rows=prints.rows,
            day=prints.day,
            source=source,
            reference_rates=reference,
            close_rates=reference,
            spread=prints.observed_yield - prints.reference_yield,
            surface=level_at_bond - prints.reference_yield,
            move_surface=move_at_bond - prints.reference_yield,
            last_level=history.level_residual[bond],
            last_residual=expected.last_residual,
            level_residual=prints.observed_yield - fitted(loadings, fits.level.full),
            move_residual=prints.observed_yield - fitted(loadings, fits.move.full),
            move_since_last=move_at_bond - history.surface[bond],
            move_today=move_at_bond - self._fitter.move_before(expected),
            peers=peers,
            peer_move=shrink(peers.move, peers.move_count, self._params.peer_shrinkage),
            peer_level=shrink(peers.level, peers.level_count, self._params.peer_shrinkage),
            noise=np.sqrt(expected.variance + unsure),
        )

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
            self._fitter.shift_nodes(change)
        return rates, source

    def _fit_close(
        self,
        prints: DatePrints,
        expected: ExpectedSpreads,
        robust: RobustWeights,
        reference: Floats,
        source: str,
        elapsed: float,
    ) -> Floats:
        """Fit the benchmark curve to all governments of the date: the next date's reference curve."""
        government = prints.bucket == GOVERNMENT
        if source == GIVEN or int(government.sum()) < self._params.min_government_bonds:
            return reference
        nodes = self._nodes.size
        weight = robust.factor / (expected.variance + expected.level_variance)
        coefficients = solve(
            prints.loadings[government, :nodes],
            prints.observed_yield[government],
            weight[government],
            self._close.mean,
            self._close.precision(self._params.refit_prior_bp * np.sqrt(elapsed), np.empty(0)),
        )
        self._close.update(np.ones(nodes, dtype=np.bool_), coefficients)
        self._fitted_rates = coefficients / BP
        return self._fitted_rates

    def _peers(
        self, prints: DatePrints, expected: ExpectedSpreads, fits: Fits, robust: RobustWeights
    ) -> PeerStatistics:
        new = ~prints.seen
        noise = expected.shape * self._noise.multiplier(prints.bond, prints.bucket)
        self._history.variance[prints.bond[new]] = noise[new]
        printed = prints.bond[~prints.asked]
        self._row_of_bond[printed] = np.arange(printed.size, dtype=np.int32)
        years = np.maximum((self._universe.maturity - prints.day) / DAYS_PER_YEAR, SHORTEST_YEARS)
        nodes = self._nodes.size
        columns = rating_columns(nodes)
        columns = np.where(columns < 0, -1, (np.cumsum(expected.active) - 1)[columns])
        leans = np.where(prints.neighbour != prints.bucket, columns[prints.neighbour], -1)
        cross_section = CrossSection(
            day=prints.day,
            row_of_bond=self._row_of_bond,
            bond=prints.bond,
            issuer=prints.issuer,
            bucket=prints.bucket,
            own_last_day=prints.last_day,
            log_maturity=logarithms(years),
            observed_yield=prints.observed_yield,
            nodes=nodes,
            pairs=np.column_stack([columns[prints.bucket], leans]).astype(np.int32),
            loadings=expected.loadings,
            move_without=fits.move.without,
            level_without=fits.level.without,
            variant=robust.variant,
            factors=robust.factors,
        )
        statistics = peer_statistics(
            cross_section, self._history, self._universe.peer_groups, self._window, self._threads
        )
        self._row_of_bond[printed] = -1
        return statistics
