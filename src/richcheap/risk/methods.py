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
from richcheap.risk.portfolio import Position
from richcheap.risk.revaluation import second_order
from richcheap.risk.tails import Tail, fit_freedom, sample_tail, student_draws, student_tail
from richcheap.risk.volatility import Filter, ewma_weights

Floats = NDArray[np.float64]

METHODS: tuple[str, ...] = ("historical", "parametric", "monte_carlo", "filtered_historical")
OWN_PRIOR_DATES = 20.0
"""Dates that the bonds' common own variance is worth against a bond's own."""


class Past(NamedTuple):
    """What happened on the dates that a forecast is made from, the latest last.

    Attributes
    ----------
    moves : ndarray, shape (n_dates, n_nodes + n_buckets)
        Of the market, bp.
    scores : ndarray, shape (n_dates, n_factors)
        Of the factor model.
    remainder : ndarray, shape (n_dates, n_nodes + n_buckets)
        What the factors leave of the moves, bp.
    deviations : ndarray, shape (n_dates + 1, n_factors)
        Deviation of the scores known before each date, and for tomorrow.
    own : ndarray, shape (n_dates, n_bonds)
        Own changes of the portfolio's bonds, bp.
    loadings : ndarray, shape (n_nodes + n_buckets, n_factors)
        What a score of 1 does to the market, bp.
    """

    moves: Floats
    scores: Floats
    remainder: Floats
    deviations: Floats
    own: Floats
    loadings: Floats


class Forecast(Protocol):
    """The distribution of tomorrow's profit and loss, shares of the market value."""

    def tail(self, level: float) -> Tail:
        """Return value at risk and expected shortfall at a confidence level."""

    def draw(self, random: np.random.Generator, size: int) -> Floats:
        """Draw from it."""


class Sample(NamedTuple):
    """Equally likely profits."""

    pnl: Floats

    def tail(self, level: float) -> Tail:
        """Return the tail of the sample."""
        return sample_tail(self.pnl, level)

    def draw(self, random: np.random.Generator, size: int) -> Floats:
        """Draw with replacement."""
        return self.pnl[random.integers(self.pnl.size, size=size)]


class Student(NamedTuple):
    """A Student distribution of profits around 0."""

    deviation: float
    freedom: float

    def tail(self, level: float) -> Tail:
        """Return the tail in closed form."""
        return student_tail(self.deviation, self.freedom, level)

    def draw(self, random: np.random.Generator, size: int) -> Floats:
        """Draw from the distribution."""
        return self.deviation * student_draws(random, self.freedom, size, 1)[:, 0]


class Scenarios(NamedTuple):
    """States of the market and of the bonds: the arguments of `richcheap.risk.revaluation`."""

    moves: Floats
    own: Floats


def historical(past: Past) -> Scenarios:
    """Repeat each past date as it was."""
    return Scenarios(past.moves, past.own)


def filtered_historical(past: Past) -> Scenarios:
    """Repeat each past date with its factor scores as many of today's deviations as they were of their own.

    Filtered historical simulation (Barone-Adesi, Giannopoulos and Vosper 1999); what no factor knows stays as it was.
    """
    before, tomorrow = past.deviations[:-1], past.deviations[-1]
    ratio = np.divide(tomorrow, before, out=np.ones_like(before), where=before > 0.0)
    return Scenarios((past.scores * ratio) @ past.loadings.T + past.remainder, past.own)


def monte_carlo(past: Past, random: np.random.Generator, size: int) -> tuple[Scenarios, Floats, float]:
    """Draw market states through the factor model, and each bond's own change.

    Scores come from a multivariate Student distribution with the covariance of the past scores; its degrees of freedom
    are estimated, and one mixing variable makes their extremes come together. The factors' remainder is normal, with
    its past covariance. An own change is one of the past ones of all bonds, in units of its bond's deviation: most
    dates bring none, and some a large one.

    Returns
    -------
    scenarios : Scenarios
    scores : ndarray, shape (size, n_factors)
    freedom : float
    """
    factors = past.scores.shape[1]
    root = _root(past.scores)
    freedom = fit_freedom(_whitened(past.scores)) if factors else np.inf
    scores = student_draws(random, freedom, size, factors) @ root.T if factors else np.zeros((size, 0))
    remainder = random.standard_normal((size, past.moves.shape[1])) @ _root(past.remainder).T
    deviation = own_deviations(past.own)
    standard = np.divide(past.own, deviation, out=np.zeros_like(past.own), where=deviation > 0.0).ravel()
    own = standard[random.integers(standard.size, size=(size, deviation.size))] * deviation
    return Scenarios(scores @ past.loadings.T + remainder, own), scores, freedom


def parametric(position: Position, past: Past, decay: float) -> Student:
    """Forecast a Student distribution to first order (delta).

    The variance is that of the factors and of their remainder, both exponentially weighted, and of the bonds' own
    changes, which are independent. The degrees of freedom are those of the portfolio's past profits, to first order
    and each in units of the deviation known before it.
    """
    marks = position.marks
    slope = -position.weight * marks.duration / BP
    of_moves = slope @ marks.loadings
    of_scores = of_moves @ past.loadings
    own_variance = float((slope * own_deviations(past.own)) ** 2 @ np.ones(slope.size))
    common = np.column_stack([past.scores @ of_scores, past.remainder @ of_moves])
    weights = ewma_weights(len(common), decay)
    variance = float(weights @ (common**2).sum(axis=1)) + own_variance
    profits = common.sum(axis=1) + past.own @ slope
    start = np.array([np.mean(profits**2)])
    steady = Filter(["ewma"], np.zeros(1), np.array([1.0 - decay]), np.array([decay]), start)
    deviations = steady.deviations(profits[:, None])[:-1, 0]
    standard = np.divide(profits, deviations, out=np.zeros_like(profits), where=deviations > 0.0)
    scale = standard.std()
    freedom = fit_freedom(standard / scale) if scale > 0.0 else np.inf
    return Student(float(np.sqrt(variance)), freedom)


def forecasts(
    position: Position, past: Past, decay: float, random: np.random.Generator, simulations: int
) -> dict[str, Forecast]:
    """Return what each of `METHODS` forecasts, revalued to second order."""
    drawn, _, _ = monte_carlo(past, random, simulations)
    return {
        "historical": Sample(second_order(position, *historical(past))),
        "parametric": parametric(position, past, decay),
        "monte_carlo": Sample(second_order(position, *drawn)),
        "filtered_historical": Sample(second_order(position, *filtered_historical(past))),
    }


def own_deviations(own: Floats) -> Floats:
    """Return the deviation of each bond's own change of a date, bp, shrunk towards that of all bonds."""
    square = own**2
    shrunk = (square.sum(axis=0) + OWN_PRIOR_DATES * square.mean()) / (len(own) + OWN_PRIOR_DATES)
    deviation: Floats = np.sqrt(shrunk)
    return deviation


def _root(table: Floats) -> Floats:
    """Return a square root of the mean products of the columns, also where they are linearly dependent."""
    values, vectors = np.linalg.eigh(table.T @ table / max(len(table), 1))
    root: Floats = vectors * np.sqrt(np.maximum(values, 0.0))
    return root


def _whitened(scores: Floats) -> Floats:
    """Return the scores as uncorrelated columns of mean square 1."""
    values, vectors = np.linalg.eigh(scores.T @ scores / len(scores))
    alive = values > values[-1] * 1e-12
    white: Floats = scores @ vectors[:, alive] / np.sqrt(values[alive])
    return white
