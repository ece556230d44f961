"""Prediction intervals that follow the market: conformal, conditional on cells, adapted from date to date.

The half-width of a row's interval is its predicted error scale times ``exp(loadings @ coefficients + level + steps)``:

- *coefficients*: a quantile regression of the log scores (error over scale) on the row's cells and on what else is
  known of it, over remembered rows with decaying weights. Its first-order condition is coverage in every cell at
  once, where a plain quantile has it on average (Gibbs, Cherian and Candes 2025; the cells' Mondrian quantiles of
  Vovk et al. 2005 are the case of one cut), shrunk towards the common quantile where rows are few;
- *level*: the weighted conformal quantile of what the regression leaves, over the latest dates (Barber et al. 2023);
- *steps*: after each date every cell's logarithm moves by the share of its rows that the intervals missed less the
  share that they may miss (adaptive conformal inference, Gibbs and Candes 2021; over overlapping groups: Bastani et
  al. 2022, Angelopoulos, Jordan and Tibshirani 2025), which makes coverage hold in each cell in the long run, whatever
  the market does.

Nothing is learned from a date before all of its intervals are made.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from richcheap.evaluation.intervals.quantile import QuantileLoss, conformal_quantile
from richcheap.evaluation.intervals.scale import log_scores
from richcheap.numerics.elementwise import exponentials, powers
from richcheap.numerics.linear_algebra import product

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

MEMORY_HALF_LIVES = 5.0
"""Dates older than so many half-lives weigh under a thirtieth and are forgotten."""
LEVEL_HALF_LIVES = 10.0
REFIT_SHARE = 0.1
"""The regression is fitted anew when so large a share of the remembered rows is new."""
MAX_FITTED_ROWS = 8000
"""Rows that the regression is fitted to, evenly spread over those remembered: it has some 25 coefficients."""
MAX_STANDARDISED = 3.0
"""What is known of a row counts as at most so far from the middle, so that no line runs off."""


class IntervalSettings(NamedTuple):
    """How intervals follow the market.

    Attributes
    ----------
    coverage : float
        Share of observations that the intervals should hold.
    half_life_dates : float
        Half-life of the scores that the regression learns from, dates.
    level_half_life_dates : float
        Half-life of the scores that set the level, dates.
    min_rows : int
        The level's window is longer where it would weigh less than so many rows.
    penalty : float
        Shrinkage of the regression's coefficients, rows.
    step : float
        Step of a cell's logarithm for a date whose rows were all missed.
    step_rows : float
        Rows of a cell and date that make half a step.
    """

    coverage: float
    half_life_dates: float
    level_half_life_dates: float
    min_rows: int
    penalty: float
    step: float
    step_rows: float


class IntervalRows(NamedTuple):
    """What is known of rows before their prices are.

    Attributes
    ----------
    day : ndarray of int, shape (n_rows,)
        Date, ascending.
    scale : ndarray, shape (n_rows,)
        Predicted standard deviation of the error, points.
    cell : ndarray of int, shape (n_rows, n_cuts)
        Cell of each cut, counted from 0; -1 for none.
    known : ndarray, shape (n_rows, n_known)
        Numbers that the width may depend on.
    """

    day: Codes
    scale: Floats
    cell: NDArray[Any]
    known: Floats

    def take(self, chosen: slice) -> "IntervalRows":
        """Return some of the rows."""
        return IntervalRows(self.day[chosen], self.scale[chosen], self.cell[chosen], self.known[chosen])


class _Date(NamedTuple):
    """The rows of one date, remembered as what their loadings follow from: those take ten times the memory.

    Attributes
    ----------
    scores : ndarray, shape (n_rows,)
    cell : ndarray of int8, shape (n_rows, n_cuts)
    known : ndarray, shape (n_rows, n_known)
        Standardised.
    """

    scores: Floats
    cell: NDArray[np.int8]
    known: Floats

    def take(self, chosen: slice | Codes) -> "_Date":
        """Return some of the rows."""
        return _Date(self.scores[chosen], self.cell[chosen], self.known[chosen])


class Widths(NamedTuple):
    """What the half-widths of one date follow from: all of it was learned before the date.

    Attributes
    ----------
    cells : ndarray of int
        Number of cells of each cut.
    middle, unit : ndarray, shape (n_known,)
        Middle and unit of what is known of a row.
    coefficients, steps : ndarray
        See `AdaptiveIntervals`.
    level : ndarray of no dimension
    """

    cells: Codes
    middle: Floats
    unit: Floats
    coefficients: Floats
    steps: Floats
    level: Floats

    def half_width(self, rows: IntervalRows) -> Floats:
        """Return the half-width of each row's interval, points; infinite where the level is."""
        width: Floats = rows.scale * exponentials(self.exponents(rows))
        return width

    def half_width_each(self, rows: IntervalRows) -> Floats:
        """Return the same, but for rounding: as answers to requests have it."""
        weights = self.coefficients.copy()
        weights[: self.steps.size] += self.steps
        known = _standardised(rows.known, self.middle, self.unit)
        exponents = _linear(float(self.level), weights, rows.cell, self.cells.tolist(), known)
        width: Floats = rows.scale * exponentials(exponents)
        return width

    def exponents(self, rows: IntervalRows) -> Floats:
        """Return the logarithms of the half-widths in units of the scale."""
        known, cells = _standardised(rows.known, self.middle, self.unit), self.cells.tolist()
        exponents = _linear(0.0, self.coefficients, rows.cell, cells, known) + float(self.level)
        return exponents + _linear(0.0, self.steps, rows.cell, cells, known[:, :0])


class AdaptiveIntervals:
    """Half-widths of the intervals of one predictor, learned from its errors as their dates pass.

    `fit` on the errors of a block that the predictor was not fitted to; then for each date `half_width` of its rows
    and, once their prices are known, `update`; `walk` does both for a block. The state is plain arrays: it can be
    stored between two dates.

    Parameters
    ----------
    settings : IntervalSettings
    cells : sequence of int
        Number of cells of each cut.

    Attributes
    ----------
    coefficients_ : ndarray
        Of the regression: the constant, then every cell of every cut, then what else is known.
    steps_ : ndarray
        What the adaptive steps of the constant and of every cell add up to.
    walked_ : list of (int, Widths)
        Of the last `walk`: each date, and what its half-widths followed from.
    """

    def __init__(self, settings: IntervalSettings, cells: tuple[int, ...]) -> None:
        self.settings = settings
        self.cells = cells

    def fit(self, rows: IntervalRows, error: Floats) -> Self:
        """Learn from a whole block, forgetting what was learned before.

        Parameters
        ----------
        rows : IntervalRows
            At least one.
        error : ndarray, shape (n_rows,)
            Of the predicted prices, points; the sign does not matter.
        """
        self._middle = np.median(rows.known, axis=0)
        std = rows.known.std(axis=0)
        self._unit = np.where(std > 0.0, std, 1.0)
        self.steps_ = np.zeros(1 + sum(self.cells))
        self._memory: list[_Date] = []
        self._remember(rows, error)
        self.coefficients_ = np.zeros(self.steps_.size + rows.known.shape[1])
        self.coefficients_[0] = np.quantile(log_scores(error, rows.scale), self.settings.coverage)
        self._fit_regression()
        return self

    def half_width(self, rows: IntervalRows) -> Floats:
        """Return the half-width of each row's interval for the date after those learned from, points.

        Infinite while there are too few errors for the coverage.
        """
        return self.widths().half_width(rows)

    def widths(self) -> Widths:
        """Return what the half-widths of the date after those learned from follow from."""
        level = np.array(self._level())
        return Widths(np.array(self.cells), self._middle, self._unit, self.coefficients_, self.steps_, level)

    def update(self, rows: IntervalRows, error: Floats) -> None:
        """Learn from one date, now that its prices are known."""
        if math.isfinite(self._level()):  # an infinite interval cannot miss, which says nothing of its width
            aimed = self.widths().exponents(rows)
            missed = (log_scores(error, rows.scale) > aimed) - (1.0 - self.settings.coverage)
            member = _loadings(rows.cell, self.cells, np.empty((error.size, 0)))
            share = product(member.T, missed) / (member.sum(axis=0) + self.settings.step_rows)
            self.steps_ = self.steps_ + self.settings.step * share
        self._remember(rows, error)
        self._new_rows += error.size
        if self._new_rows >= REFIT_SHARE * sum(date.scores.size for date in self._memory):
            self._fit_regression()

    def walk(self, rows: IntervalRows, error: Floats) -> Floats:
        """Return the half-widths of a block, each date's from the dates before it alone, and learn from it.

        Parameters
        ----------
        rows : IntervalRows
        error : ndarray, shape (n_rows,)
            Of the predicted prices, points.
        """
        widths = np.empty(error.size)
        self.walked_ = []
        for date in _dates(rows.day):
            now = rows.take(date)
            self.walked_.append((int(now.day[0]), self.widths()))
            widths[date] = self.half_width(now)
            self.update(now, error[date])
        return widths

    def snapshot(self) -> dict[str, NDArray[Any]]:
        """Return all that was learned as arrays by name."""
        return {
            "middle": self._middle,
            "unit": self._unit,
            "coefficients": self.coefficients_,
            "steps": self.steps_,
            "new_rows": np.array(self._new_rows),
            "date_rows": np.array([date.scores.size for date in self._memory]),
            **_joined(self._memory)._asdict(),
        }

    def restore(self, snapshot: Mapping[str, NDArray[Any]]) -> Self:
        """Go on where a snapshot was taken."""
        self._middle, self._unit = snapshot["middle"], snapshot["unit"]
        self.coefficients_, self.steps_ = snapshot["coefficients"], snapshot["steps"]
        self._new_rows = int(snapshot["new_rows"])
        self._known_level: float | None = None
        whole, ends = _Date(*(snapshot[name] for name in _Date._fields)), np.cumsum([0, *snapshot["date_rows"]])
        self._memory = [whole.take(slice(start, end)) for start, end in pairwise(ends.tolist())]
        return self

    def _remember(self, rows: IntervalRows, error: Floats) -> None:
        """Add dates to the memory, and drop from it those too old to matter."""
        known = _standardised(rows.known, self._middle, self._unit)
        whole = _Date(log_scores(error, rows.scale), rows.cell.astype(np.int8, copy=False), known)
        self._memory += [whole.take(date) for date in _dates(rows.day)]
        del self._memory[: -math.ceil(MEMORY_HALF_LIVES * self.settings.half_life_dates)]
        self._known_level = None

    def _remembered(self, half_life: float, half_lives: float) -> tuple[_Date, Floats]:
        """Return the rows of the latest dates, and their weights."""
        dates = self._memory[-math.ceil(half_lives * half_life) :]
        ages = np.arange(len(dates) - 1, -1, -1)
        weights = np.repeat(powers(0.5, ages / half_life), [date.scores.size for date in dates])
        return _joined(dates), weights

    def _fit_regression(self) -> None:
        remembered, weights = self._remembered(self.settings.half_life_dates, MEMORY_HALF_LIVES)
        count = min(weights.size, MAX_FITTED_ROWS)
        rows = np.arange(count) * weights.size // count
        scores, cell, known = remembered.take(rows)
        loadings = _loadings(cell, self.cells, known)
        loss = QuantileLoss(loadings, scores, weights[rows], self.settings.coverage, self.settings.penalty)
        self.coefficients_ = loss.minimum(self.coefficients_)
        self._new_rows = 0
        self._known_level = None

    def _level(self) -> float:
        if self._known_level is None:
            rows_a_date = sum(date.scores.size for date in self._memory) / len(self._memory)
            half_life = max(self.settings.level_half_life_dates, math.log(2.0) * self.settings.min_rows / rows_a_date)
            (scores, cell, known), weights = self._remembered(half_life, LEVEL_HALF_LIVES)
            left = scores - _linear(0.0, self.coefficients_, cell, self.cells, known)
            self._known_level = conformal_quantile(left, self.settings.coverage, weights)
        return self._known_level


def _joined(dates: Sequence[_Date]) -> _Date:
    return _Date(*map(np.concatenate, zip(*dates, strict=True)))


def _standardised(known: Floats, middle: Floats, unit: Floats) -> Floats:
    standardised: Floats = np.clip((known - middle) / unit, -MAX_STANDARDISED, MAX_STANDARDISED)
    return standardised


def _linear(start: float, weights: Floats, cell: NDArray[Any], cells: Sequence[int], known: Floats) -> Floats:
    """Return a start and the product of `_loadings` with weights, to the bit, without them.

    Of the cells of a cut all loadings but one at most are 0 and add nothing.
    """
    total, place = np.full(len(cell), start + weights[0]), 1
    for cut, count in enumerate(cells):
        total += np.append(weights[place : place + count], 0.0)[cell[:, cut]]  # the last is that of no cell, -1
        place += count
    for column, weight in zip(known.T, weights[place:], strict=True):
        total += column * weight
    return total


def _loadings(cell: NDArray[Any], cells: Sequence[int], known: Floats) -> Floats:
    """Return the constant, an indicator for each cell of each cut, and what else is known, standardised."""
    indicators = [cell[:, [cut]] == np.arange(count, dtype=np.int64) for cut, count in enumerate(cells)]
    return np.hstack([np.ones((len(cell), 1)), *indicators, known])


def _dates(day: Codes) -> list[slice]:
    """Return the rows of each date, in order."""
    bounds = [*np.flatnonzero(np.diff(day, prepend=day[:1] - 1)).tolist(), day.size]
    return [slice(start, stop) for start, stop in pairwise(bounds)]
