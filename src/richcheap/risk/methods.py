"""Four ways to forecast tomorrow's profit and loss, each from the dates up to today.

=====================  ==========================  ========================
..                     volatility of the window    volatility of today
=====================  ==========================  ========================
the past's own shape   historical                  filtered historical
a Student shape        Monte Carlo                 parametric
=====================  ==========================  ========================
"""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from richcheap.bonds.units import BP
from richcheap.numerics.linear_algebra import product, singular_values
from richcheap.risk.portfolio import Position
from richcheap.risk.revaluation import CELLS, second_order
from richcheap.risk.tails import Tail, fit_degrees_of_freedom, sample_tail, student_draws, student_tail
from richcheap.risk.volatility import VolatilityFilter, ewma_weights

Floats = NDArray[np.float64]

METHODS: tuple[str, ...] = ("historical", "parametric", "monte_carlo", "filtered_historical")
IDIOSYNCRATIC_PRIOR_DATES = 20.0
"""Dates that the bonds' common idiosyncratic variance is worth against a bond's own."""


class EstimationWindow(NamedTuple):
    """What happened on the dates that a forecast is made from, the latest last.

    Attributes
    ----------
    moves : ndarray, shape (n_dates, n_nodes + n_buckets)
        Of the market, bp.
    scores : ndarray, shape (n_dates, n_factors)
        Of the factor model.
    remainder : ndarray, shape (n_dates, n_nodes + n_buckets)
        What the factors leave of the moves, bp.
    volatilities : ndarray, shape (n_dates + 1, n_factors)
        Volatility of the scores known before each date, and for tomorrow.
    idiosyncratic : ndarray, shape (n_dates, n_bonds)
        Idiosyncratic changes of the portfolio's bonds, bp.
    loadings : ndarray, shape (n_nodes + n_buckets, n_factors)
        What a score of 1 does to the market, bp.
    """

    moves: Floats
    scores: Floats
    remainder: Floats
    volatilities: Floats
    idiosyncratic: Floats
    loadings: Floats


class Forecast(Protocol):
    """The distribution of tomorrow's profit and loss, shares of the market value."""

    def tail(self, level: float) -> Tail:
        """Return value at risk and expected shortfall at a confidence level."""

    def draw(self, random: np.random.Generator, size: int) -> Floats:
        """Draw from it."""


class EmpiricalDistribution(NamedTuple):
    """Equally likely profits."""

    pnl: Floats

    def tail(self, level: float) -> Tail:
        """Return the tail of the sample."""
        return sample_tail(self.pnl, level)

    def draw(self, random: np.random.Generator, size: int) -> Floats:
        """Draw with replacement."""
        return self.pnl[random.integers(self.pnl.size, size=size)]


class StudentDistribution(NamedTuple):
    """A Student distribution of profits around 0."""

    std: float
    degrees_of_freedom: float

    def tail(self, level: float) -> Tail:
        """Return the tail in closed form."""
        return student_tail(self.std, self.degrees_of_freedom, level)

    def draw(self, random: np.random.Generator, size: int) -> Floats:
        """Draw from the distribution."""
        return self.std * student_draws(random, self.degrees_of_freedom, size, 1)[:, 0]


class Scenarios(NamedTuple):
    """States of the market and of the bonds: the arguments of `richcheap.risk.revaluation`."""

    moves: Floats
    idiosyncratic: Floats


def historical(window: EstimationWindow) -> Scenarios:
    """Repeat each past date as it was."""
    return Scenarios(window.moves, window.idiosyncratic)


def filtered_historical(window: EstimationWindow) -> Scenarios:
    """Repeat each past date with its factor scores rescaled from the volatility of that date to today's.

    Filtered historical simulation (Barone-Adesi, Giannopoulos and Vosper 1999); what no factor explains stays as it
    was.
    """
    before, tomorrow = window.volatilities[:-1], window.volatilities[-1]
    ratio = np.divide(tomorrow, before, out=np.ones_like(before), where=before > 0.0)
    return Scenarios(product(window.scores * ratio, window.loadings.T) + window.remainder, window.idiosyncratic)


def monte_carlo(window: EstimationWindow, random: np.random.Generator, size: int) -> tuple[Scenarios, Floats, float]:
    """Draw market states through the factor model, and each bond's idiosyncratic change.

    Scores come from a multivariate Student distribution with the covariance of the past scores; its degrees of freedom
    are estimated, and one mixing variable makes their extremes come together. The factors' remainder is normal, with
    its past covariance. An idiosyncratic change is one of all bonds' past ones, in units of its bond's standard
    deviation: most dates bring none, and some a large one.

    Returns
    -------
    scenarios : Scenarios
    scores : ndarray, shape (size, n_factors)
    degrees_of_freedom : float
    """
    factors = window.scores.shape[1]
    root = _root(window.scores)
    degrees_of_freedom = fit_degrees_of_freedom(_whitened(window.scores)) if factors else np.inf
    scores = (
        product(student_draws(random, degrees_of_freedom, size, factors), root.T) if factors else np.zeros((size, 0))
    )
    remainder = product(random.standard_normal((size, window.moves.shape[1])), _root(window.remainder).T)
    std = idiosyncratic_std(window.idiosyncratic)
    standard = np.divide(window.idiosyncratic, std, out=np.zeros_like(window.idiosyncratic), where=std > 0.0).ravel()
    idiosyncratic, step = np.empty((size, std.size)), max(1, CELLS // std.size)
    for first in range(0, size, step):  # in parts, for the places that are drawn take as much memory as the changes
        part = idiosyncratic[first : first + step]
        part[:] = standard[random.integers(standard.size, size=part.shape)] * std
    return Scenarios(product(scores, window.loadings.T) + remainder, idiosyncratic), scores, degrees_of_freedom


def parametric(position: Position, window: EstimationWindow, decay: float) -> StudentDistribution:
    """Forecast a Student distribution to first order (delta).

    The variance is that of the factors and of their remainder, both exponentially weighted, and of the bonds' own
    changes, which are independent. The degrees of freedom are those of the portfolio's past profits, to first order
    and each in units of the volatility known before it.
    """
    marks = position.marks
    slope = -position.weight * marks.duration / BP
    of_moves = product(slope, marks.loadings)
    of_scores = product(of_moves, window.loadings)
    idiosyncratic_variance = float(product((slope * idiosyncratic_std(window.idiosyncratic)) ** 2, np.ones(slope.size)))
    common = np.column_stack([product(window.scores, of_scores), product(window.remainder, of_moves)])
    weights = ewma_weights(len(common), decay)
    variance = float(product(weights, (common**2).sum(axis=1))) + idiosyncratic_variance
    profits = common.sum(axis=1) + product(window.idiosyncratic, slope)
    start = np.array([np.mean(profits**2)])
    steady = VolatilityFilter(["ewma"], np.zeros(1), np.array([1.0 - decay]), np.array([decay]), start)
    volatilities = steady.volatilities(profits[:, None])[:-1, 0]
    standard = np.divide(profits, volatilities, out=np.zeros_like(profits), where=volatilities > 0.0)
    scale = standard.std()
    degrees_of_freedom = fit_degrees_of_freedom(standard / scale) if scale > 0.0 else np.inf
    return StudentDistribution(float(np.sqrt(variance)), degrees_of_freedom)


def forecasts(
    position: Position, window: EstimationWindow, decay: float, random: np.random.Generator, simulations: int
) -> dict[str, Forecast]:
    """Return what each of `METHODS` forecasts, revalued to second order."""
    drawn, _, _ = monte_carlo(window, random, simulations)
    return {
        "historical": EmpiricalDistribution(second_order(position, *historical(window))),
        "parametric": parametric(position, window, decay),
        "monte_carlo": EmpiricalDistribution(second_order(position, *drawn)),
        "filtered_historical": EmpiricalDistribution(second_order(position, *filtered_historical(window))),
    }


def idiosyncratic_std(idiosyncratic: Floats) -> Floats:
    """Return each bond's standard deviation of idiosyncratic changes, bp a date, shrunk towards that of all bonds."""
    square = idiosyncratic**2
    shrunk = (square.sum(axis=0) + IDIOSYNCRATIC_PRIOR_DATES * square.mean()) / (
        len(idiosyncratic) + IDIOSYNCRATIC_PRIOR_DATES
    )
    std: Floats = np.sqrt(shrunk)
    return std


def _root(table: Floats) -> Floats:
    """Return the symmetric square root of the mean products of the columns, also where they are linearly dependent."""
    values, vectors = singular_values(table)
    return product(vectors.T * values / np.sqrt(max(len(table), 1)), vectors)


def _whitened(scores: Floats) -> Floats:
    """Return the scores as uncorrelated columns of mean square 1."""
    values, vectors = singular_values(scores)
    alive = values > values[0] * 1e-6
    white: Floats = product(scores, vectors[alive].T) / values[alive] * np.sqrt(len(scores))
    return white
