"""A portfolio carried through time: what was held at each close, what was known then, and what came of it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.factors.changes import TERM_COLUMNS, Changes, Curves
from richcheap.factors.model import FactorModel
from richcheap.panel.ratings import BUCKETS
from richcheap.risk.backtesting.backtest import Backtested
from richcheap.risk.marks import Marks, MarkWalk, Prints, market_moves
from richcheap.risk.methods import Forecast, Past, forecasts, own_deviations
from richcheap.risk.params import TailRiskParams
from richcheap.risk.portfolio import Position, hold
from richcheap.risk.revaluation import full
from richcheap.risk.volatility import Filter, fit_filter

Floats = NDArray[np.float64]
Watch = Callable[[Iterable[Marks], int], Iterable[Marks]]


def _unwatched(dates: Iterable[Marks], total: int) -> Iterable[Marks]:  # noqa: ARG001  for those that show a bar
    return dates


class History(NamedTuple):
    """The market of one currency through the eyes of its factor model; row k is the move to the k-th date.

    Attributes
    ----------
    moves, remainder : ndarray, shape (n_dates, n_nodes + n_buckets)
        bp; the latter is what the factors leave.
    scores : ndarray, shape (n_dates, n_factors)
    loadings : ndarray, shape (n_nodes + n_buckets, n_factors)
    """

    moves: Floats
    remainder: Floats
    scores: Floats
    loadings: Floats

    @classmethod
    def of(cls, changes: Changes, model: FactorModel) -> "History":
        """Divide the market's moves into factors and remainder."""
        moves = market_moves(changes)
        nodes, factors = model.nodes_years.size, len(model.factor_names)
        places = [*range(nodes), *(nodes + BUCKETS.index(name) for name in model.buckets)]
        loadings = np.zeros((moves.shape[1], factors))
        loadings[places] = model.loadings_
        scores = np.vstack([np.zeros((1, factors)), model.transform(model.changes_of(changes))])
        return cls(moves, moves - scores @ loadings.T, scores, loadings)

    def fit_filter(self, stop: int, params: TailRiskParams) -> Filter:
        """Estimate the volatility filter on the dates before `stop`."""
        return fit_filter(self.scores[1:stop], params.ewma_decay, params.garch_dates)


class Holdings(NamedTuple):
    """The portfolio at the last close.

    Attributes
    ----------
    position : Position or None
        None when no bond is left.
    past : Past or None
        None when fewer dates are known than a forecast needs.
    left_out : mapping of str to int
        Bonds with a weight that are not held, by the reason.
    """

    position: Position | None
    past: Past | None
    left_out: Mapping[str, int]


class Book:
    """Carries a portfolio from close to close.

    Parameters
    ----------
    prints : Prints
    curves : Curves
    history : History
        Of the same dates.
    weights : ndarray, shape (n_bonds,) or None
        Shares of market value at each close, before what is left out; None for equal ones.
    params : TailRiskParams
    seed : int
    threads : int
        Does not affect the result.
    """

    def __init__(
        self,
        prints: Prints,
        curves: Curves,
        history: History,
        weights: Floats | None,
        params: TailRiskParams,
        seed: int,
        threads: int = 1,
    ) -> None:
        self._walk = MarkWalk(prints, curves, history.moves, params.mark_clip_deviations, threads)
        self._curves, self._history, self._weights = curves, history, weights
        self._params, self._seed, self._threads = params, seed, threads

    def backtest(self, tested: range, watch: Watch = _unwatched) -> tuple[list[Backtested], Holdings]:
        """Walk through all dates; forecast each tested one at the close before it.

        Parameters
        ----------
        tested : range
            Places of the tested dates. The volatility filter is estimated on what lies before them, and for the last
            close on all dates.
        watch : callable
            Shows the work as it goes: takes the dates and their number, and returns the same dates.

        Returns
        -------
        list of Backtested
            The tested dates that could be forecast.
        Holdings
        """
        steady = self._history.fit_filter(tested.start, self._params)
        done: list[Backtested] = []
        held: tuple[Position, dict[str, Forecast]] | None = None
        marks = None
        for marks in watch(self._walk, self._curves.dates.len()):
            today = marks.position
            if held is not None:
                position, made = held
                own = self._own(today, today + 1, position.marks)
                profit = full(position, self._history.moves[today : today + 1], own, self._threads).sum()
                done.append(Backtested(self._curves.dates[today], float(profit), made))
            held = self._forecast(marks, steady) if today + 1 in tested else None
        if marks is None:
            raise ValueError("a portfolio needs at least one date")
        last, left_out = hold(marks, self._weights, self._params.max_mark_age_days)
        latest = self._history.fit_filter(marks.position + 1, self._params)
        return done, Holdings(last, None if last is None else self._past(last, latest), left_out)

    def _forecast(self, marks: Marks, steady: Filter) -> tuple[Position, dict[str, Forecast]] | None:
        position, _ = hold(marks, self._weights, self._params.max_mark_age_days)
        past = None if position is None else self._past(position, steady)
        if position is None or past is None:
            return None
        random = np.random.default_rng([self._seed, marks.position])
        simulations = self._params.backtest_simulations
        return position, forecasts(position, past, self._params.ewma_decay, random, simulations)

    def _past(self, position: Position, volatility: Filter) -> Past | None:
        last = position.marks.position
        first = max(1, last + 1 - self._params.window_dates)
        if last + 1 - first < self._params.fewest_dates:
            return None
        window = slice(first, last + 1)
        deviations = volatility.deviations(self._history.scores[1 : last + 1])
        return Past(
            moves=self._history.moves[window],
            scores=self._history.scores[window],
            remainder=self._history.remainder[window],
            deviations=deviations[first - 1 :],
            own=self._own(first, last + 1, position.marks),
            loadings=self._history.loadings,
        )

    def _own(self, first: int, last: int, marks: Marks) -> Floats:
        own: Floats = self._walk.own_changes(first, last)[:, marks.bond].toarray()
        return own


def portfolio_table(position: Position, past: Past | None, prints: Prints, curves: Curves) -> pl.DataFrame:
    """Return one row for each bond held: who it is, what it is worth, and the terms to reprice it.

    Returns
    -------
    DataFrame
        ``bond_id``, ``weight`` (share of market value), ``dirty_price``, ``duration`` (years), ``convexity`` (years
        squared), ``spread`` (decimal, over ``reference_curve``), ``rating_bucket``, ``price_age_days``, ``noise_bp``
        (of its latest print), ``own_deviation_bp`` (of a date; null where dates are too few), ``callable``, and its
        terms.
    """
    marks = position.marks
    rows = prints.rows[marks.last_row.tolist()]
    day = curves.dates[marks.position]
    deviation = None if past is None else own_deviations(past.own)
    table: pl.DataFrame = rows.select("bond_id", "callable", "noise_bp", *TERM_COLUMNS).with_columns(
        settlement_date=pl.Series(marks.terms.settlement).cast(pl.Date),
        date=pl.lit(day),
        reference_curve=pl.lit(int(curves.numbers[marks.position]), dtype=pl.Int32),
        weight=pl.Series(position.weight),
        dirty_price=pl.Series(marks.price),
        duration=pl.Series(marks.duration),
        convexity=pl.Series(marks.convexity),
        spread=pl.Series(marks.spread),
        rating_bucket=pl.Series([BUCKETS[code] for code in marks.bucket.tolist()], dtype=pl.String),
        price_age_days=pl.Series(marks.age_days),
        own_deviation_bp=pl.Series(np.full(marks.bond.size, np.nan) if deviation is None else deviation).fill_nan(None),
    )
    return table


def describe(position: Position, table: pl.DataFrame) -> dict[str, Any]:
    """Say what the portfolio is, for metrics/tail_risk.json."""
    return {
        "bonds": position.weight.size,
        "price": position.price,
        "duration": position.duration,
        "largest_weight": float(np.abs(position.weight).max()),
        "callable_bonds": int(table["callable"].fill_null(value=False).sum()),
        "callable_weight": float(position.weight[table["callable"].fill_null(value=False).to_numpy()].sum()),
        "oldest_price_days": int(position.marks.age_days.max()),
    }
