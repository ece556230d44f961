"""How the prints of one date measure the simulated states, in basis points of spread.

A print's spread over the *expected* curve is, to first order, its true spread and what the curve departs from what was
expected. The spread is linear in the residuals; in the log widening, and where it is clipped at `WIDEST_SPREAD_BP`, it
is linearised statistically: by its exact mean, and the slope of the best line, under the predicted distribution of the
states (A. Gelb, ed., "Applied Optimal Estimation", MIT Press, 1974, section 6.2).
"""

from typing import Final, NamedTuple

import numpy as np
from scipy.special import ndtr

from richcheap.bonds.measures import accrued_interest
from richcheap.bonds.terms import BondTerms
from richcheap.curves.pricing import price_and_sensitivity, z_spread
from richcheap.numerics.elementwise import exponentials, logarithms, powers
from richcheap.numerics.linear_algebra import product
from richcheap.oracle.state_space import CREDIT, CURVE, RESIDUALS, curve_loadings
from richcheap.simulation.constants import DAYS_A_YEAR, RATINGS, TREASURY
from richcheap.simulation.market import Simulated, widest_spread
from richcheap.simulation.params import SimulateParams
from richcheap.simulation.states.credit import to_notches
from richcheap.simulation.states.params import letters
from richcheap.simulation.states.stochastic import Floats, Integers
from richcheap.simulation.states.yields import NODE_YEARS
from richcheap.simulation.trading.prints import SIDE_SIGN, print_noise, tick_size
from richcheap.simulation.universe.bonds import Universe

BUMP_BP: Final = 1.0
"""Move of a state of the curve by which prices are differentiated."""
SMALLEST_STD: Final = 1e-9
"""Bp: of a spread that is known."""
NO_INFORMATION: Final = 1e12
"""Variance of the noise of a print whose price has no spread, bp squared."""


class Information(NamedTuple):
    """The oracle's information on a market: no state that is hidden from predictors."""

    universe: Universe
    """Static data."""
    days: int
    day: Integers
    """Of each print; what follows is of each print too."""
    bond: Integers
    notch: Integers
    terms: BondTerms
    clean: Floats
    side: Integers
    half_spread: Floats
    """Points per 100 where the regime's multiple is 1; what the process makes of size and frequency."""


class Measurement(NamedTuple):
    """The prints of one date on the expected curve, in each of the regimes that it may be in."""

    rates: Floats
    """The expected curve's, one row."""
    terms: BondTerms
    accrued: Floats
    widest: Floats
    """Spread at which each bond is clipped, bp."""
    expected: Floats
    """Spread before the date's prints, bp."""
    printed: Floats
    """Spread of the print, cleared of half the regime's bid-ask on its side, bp, shape (regimes, prints)."""
    noise: Floats
    """Variance of the printed spread around the true one, bp squared, shape (regimes, prints)."""
    around_mid: Floats
    """Standard deviation of print minus mid, its side not known, points per 100, shape (regimes, prints)."""
    unexplained: Floats
    """Variance of the true spread around the loadings' line, bp squared; nil far below `widest`."""
    loadings: Floats
    """Shape (prints, states)."""
    dv01: Floats
    """Points per 100 and basis point, at the expected spread."""

    def price(self, spread: Floats, variance: Floats) -> Floats:
        """Return the expected clean price of bonds whose spread has this mean (bp) and variance."""
        dirty, _, convexity = _on_curve(self.terms, self.rates, np.minimum(spread, self.widest))
        return np.asarray(dirty * (1.0 + 0.5 * convexity * variance / 1e8) - self.accrued)


class MeasurementModel:
    """Measures the states of the process by the prints of a date, its parameters known."""

    def __init__(self, params: SimulateParams, information: Information) -> None:
        self._params, self._information = params, information
        self._curve = curve_loadings(params.curve.decay)
        self._base_bp = exponentials(to_notches(logarithms(letters(params.credit.spread_bp))))
        self._exponent = to_notches(letters(params.credit.term_exponent))
        own = to_notches(np.eye(len(RATINGS))).T
        self._log_multiple = np.column_stack([np.ones(len(own)), own])  # of each grade, in the states of CREDIT
        self._bid_ask = params.regimes.states.column("bid_ask")
        self._ends = np.searchsorted(information.day, np.arange(information.days + 1))

    def rows(self, day: int) -> slice:
        """Return where the prints of a day stand."""
        return slice(int(self._ends[day]), int(self._ends[day + 1]))

    def measure(
        self, day: int, mean: Floats, covariance: Floats, regimes: Integers, probabilities: Floats
    ) -> Measurement:
        """Measure the states by the prints of a day, given the prediction of states and regimes before them.

        Parameters
        ----------
        mean, covariance
            Of the states, whatever the regime.
        regimes, probabilities
            Possible ones, indices into ``REGIMES``.
        """
        information, rows = self._information, self.rows(day)
        universe, bond = information.universe, information.bond[rows]
        terms = information.terms.rows(rows)
        years = (universe.maturity[bond] - terms.settlement) / DAYS_A_YEAR
        loadings, rating = self._spread_loadings(bond, information.notch[rows], years, mean, covariance)
        total = rating + self._options(bond) + product(loadings[:, RESIDUALS], mean[RESIDUALS])
        widest = widest_spread(years)
        std = np.sqrt((product(loadings, covariance) * loadings).sum(axis=1))
        expected, slope, unexplained = clipped_moments(total, std, widest)
        loadings *= slope[:, None]

        rates = product(self._curve, mean[CURVE])
        risk, loadings[:, CURVE] = self._curve_loadings(terms, rates, expected)
        accrued = accrued_interest(terms)
        trading, bid_ask = self._params.trading, self._bid_ask[regimes]
        usual = product(probabilities, bid_ask)
        half = bid_ask[:, None] * information.half_spread[rows]
        tick = tick_size(universe.kind[bond] == TREASURY)
        noise = ((trading.scatter_share * half) ** 2 + tick**2 / 12.0) / risk**2
        ask = SIDE_SIGN[information.side[rows]] * information.half_spread[rows]
        spread, _ = z_spread(terms, information.clean[rows] - usual * ask + accrued, NODE_YEARS, rates[None], 0)
        there = np.isfinite(spread)
        # The regimes' bid-asks differ by so little that the spread is linear in them.
        printed = np.where(there, 1e4 * spread, expected) + (bid_ask - usual)[:, None] * ask / risk
        return Measurement(
            rates[None], terms, accrued, widest, expected, printed, np.where(there, noise, NO_INFORMATION),
            print_noise(trading, half, tick), unexplained, loadings, risk,
        )  # fmt: skip

    def bond_residuals(self, day: int, mean: Floats) -> Floats:
        """Return the residuals of the bonds that print on a day at this mean of the states, bp."""
        rows = self.rows(day)
        bond = self._information.bond[rows]
        own = RESIDUALS.start + self._params.issuers + bond
        return np.asarray(self._bond_scale(self._levels(bond, self._information.notch[rows])) * mean[own])

    def _levels(self, bond: Integers, notch: Integers) -> Floats:
        """Return the spread level of each bond's grade, nil for Treasuries, bp."""
        return np.where(self._information.universe.kind[bond] == TREASURY, 0.0, self._base_bp[notch])

    def _bond_scale(self, level: Floats) -> Floats:
        """Return the standard deviation of bonds' residuals in the normal regime, bp."""
        scale = self._params.residuals
        return scale.bond_share * level + scale.bond_floor_bp

    def _spread_loadings(
        self, bond: Integers, notch: Integers, years: Floats, mean: Floats, covariance: Floats
    ) -> tuple[Floats, Floats]:
        """Return the loadings of the unclipped spreads on the states, and the expected rating spreads, bp."""
        scale, universe = self._params.residuals, self._information.universe
        level = self._levels(bond, notch)
        log_multiple = self._log_multiple[notch]
        variance = (product(log_multiple, covariance[CREDIT, CREDIT]) * log_multiple).sum(axis=1)
        widening = exponentials(product(log_multiple, mean[CREDIT]) + 0.5 * variance)
        rating = level * widening * powers(np.clip(years, 0.5, 30.0) / 5.0, self._exponent[notch])
        loadings = np.zeros((bond.size, mean.size))
        loadings[:, CREDIT] = rating[:, None] * log_multiple
        owned = np.flatnonzero(level)
        loadings[owned, RESIDUALS.start + universe.issuer[bond[owned]]] = scale.issuer_share * level[owned]
        own = RESIDUALS.start + self._params.issuers + bond
        loadings[np.arange(bond.size), own] = self._bond_scale(level)
        return loadings, rating

    def _options(self, bond: Integers) -> Floats:
        """Return what calls and conversion rights add to the spreads, bp."""
        universe, credit = self._information.universe, self._params.credit
        return universe.callable[bond] * credit.callable_bp + universe.convertible[bond] * credit.convertible_bp

    def _curve_loadings(self, terms: BondTerms, rates: Floats, spread: Floats) -> tuple[Floats, Floats]:
        """Return the DV01, and how the spread over `rates` at a price moves with the true curve's states."""
        size = BUMP_BP * np.array([0.01 if state < 3 else 1.0 for state in range(CURVE.stop)])
        moved = (self._curve * size).T
        curves = np.vstack([rates, rates + moved, rates - moved])
        repeated = terms.rows(np.tile(np.arange(terms.settlement.size), len(curves)))
        dirty, duration, _ = _on_curve(repeated, curves, np.tile(spread, len(curves)))
        risk = duration[: spread.size] * dirty[: spread.size] / 1e4
        up, down = dirty[spread.size :].reshape(2, size.size, spread.size)
        return risk, np.asarray(((down - up) / (2.0 * size[:, None] * risk)).T)


def information(params: SimulateParams, market: Simulated) -> Information:
    """Return the information that the oracle has of a simulated market."""
    prints, bid_ask = market.prints, params.regimes.states.column("bid_ask")
    return Information(
        market.universe, market.regimes.size, market.day, market.bond, market.notch, market.terms,
        prints.clean, prints.side, prints.half_spread / bid_ask[market.regimes[market.day]],
    )  # fmt: skip


def clipped_moments(mean: Floats, std: Floats, most: Floats) -> tuple[Floats, Floats, Floats]:
    """Return mean, slope of the best line and variance around it of min(x, most), x being Gaussian.

    >>> [float(figure[0]) for figure in clipped_moments(np.array([5.0]), np.array([1.0]), np.array([100.0]))]
    [5.0, 1.0, 0.0]
    """
    distance = (most - mean) / np.maximum(std, SMALLEST_STD)
    below, density = ndtr(distance), exponentials(-0.5 * distance**2) / np.sqrt(2.0 * np.pi)
    expected = mean * below + most * (1.0 - below) - std * density
    square = (mean**2 + std**2) * below - std * (mean + most) * density + most**2 * (1.0 - below)
    return expected, below, np.maximum(square - expected**2 - (below * std) ** 2, 0.0)


def _on_curve(terms: BondTerms, rates: Floats, spread: Floats) -> tuple[Floats, Floats, Floats]:
    """Return dirty price, duration and convexity; each curve is that of as many bonds, in turn."""
    curve = np.repeat(np.arange(len(rates)), spread.size // len(rates))
    return price_and_sensitivity(terms, NODE_YEARS, rates, curve.astype(np.int32), spread / 1e4)
