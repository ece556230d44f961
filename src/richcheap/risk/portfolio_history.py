"""A portfolio carried through time: what was held at each close, what was known then, and what came of it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.factors.changes import TERM_COLUMNS, Changes, CurveHistory
from richcheap.factors.model import FactorModel
from richcheap.numerics.linear_algebra import product
from richcheap.panel.ratings import BUCKETS
from richcheap.risk.backtesting.backtest import WORST_BONDS, Backtested, BondProfit
from richcheap.risk.marks import Marks, MarkToMarket, PrintPanel, market_moves
from richcheap.risk.methods import EstimationWindow, Forecast, forecasts, idiosyncratic_std
from richcheap.risk.params import TailRiskParams
from richcheap.risk.portfolio import Position, form_portfolio
from richcheap.risk.revaluation import full_revaluation
from richcheap.risk.volatility import VolatilityFilter, fit_filter

Floats = NDArray[np.float64]
Progress = Callable[[Iterable[Marks], int], Iterable[Marks]]


def _no_progress(dates: Iterable[Marks], total: int) -> Iterable[Marks]:  # noqa: ARG001  for those that show a bar
    return dates


class MarketHistory(NamedTuple):
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
    def of(cls, changes: Changes, model: FactorModel) -> "MarketHistory":
        """Divide the market's moves into factors and remainder."""
        moves = market_moves(changes)
        nodes, factors = model.nodes_years.size, len(model.factor_names)
        places = [*range(nodes), *(nodes + BUCKETS.index(name) for name in model.buckets)]
        loadings = np.zeros((moves.shape[1], factors))
        loadings[places] = model.loadings_
        scores = np.vstack([np.zeros((1, factors)), model.transform(model.changes_of(changes))])
        return cls(moves, moves - product(scores, loadings.T), scores, loadings)

    def fit_filter(self, stop: int, params: TailRiskParams) -> VolatilityFilter:
        """Estimate the volatility filter on the dates before `stop`."""
        return fit_filter(self.scores[1:stop], params.ewma_decay, params.garch_dates)


class Holdings(NamedTuple):
    """The portfolio at the last close.

    Attributes
    ----------
    position : Position or None
        None when no bond is left.
    window : EstimationWindow or None
        None when fewer dates are known than a forecast needs.
    excluded : mapping of str to int
        Bonds with a weight that are not held, by the reason.
    """

    position: Position | None
    window: EstimationWindow | None
    excluded: Mapping[str, int]


class PortfolioBacktest:
    """Carries a portfolio from close to close.

    Parameters
    ----------
    prints : PrintPanel
    curves : CurveHistory
    history : MarketHistory
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
        prints: PrintPanel,
        curves: CurveHistory,
        history: MarketHistory,
        weights: Floats | None,
        params: TailRiskParams,
        seed: int,
        threads: int = 1,
    ) -> None:
        self._walk = MarkToMarket(prints, curves, history.moves, params.mark_clip_std, threads)
        self._bonds, self._curves, self._history, self._weights = prints.bonds, curves, history, weights
        self._params, self._seed, self._threads = params, seed, threads

    def backtest(self, tested: range, progress: Progress = _no_progress) -> tuple[list[Backtested], Holdings]:
        """Walk through all dates; forecast each tested one at the close before it.

        Parameters
        ----------
        tested : range
            Places of the tested dates. The volatility filter is estimated on what lies before them, and for the last
            close on all dates.
        progress : callable
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
        for marks in progress(self._walk, self._curves.dates.len()):
            today = marks.position
            if held is not None:
                position, made = held
                idiosyncratic = self._idiosyncratic(today, today + 1, position.marks)
                profits = full_revaluation(
                    position, self._history.moves[today : today + 1], idiosyncratic, self._threads
                )[0]
                worst = worst_bonds(position, profits, self._bonds)
                done.append(Backtested(self._curves.dates[today], float(profits.sum()), made, worst))
            held = self._forecast(marks, steady) if today + 1 in tested else None
        if marks is None:
            raise ValueError("a portfolio needs at least one date")
        last, excluded = form_portfolio(marks, self._weights, self._params.max_mark_age_days)
        latest = self._history.fit_filter(marks.position + 1, self._params)
        return done, Holdings(last, None if last is None else self._window(last, latest), excluded)

    def _forecast(self, marks: Marks, steady: VolatilityFilter) -> tuple[Position, dict[str, Forecast]] | None:
        position, _ = form_portfolio(marks, self._weights, self._params.max_mark_age_days)
        window = None if position is None else self._window(position, steady)
        if position is None or window is None:
            return None
        random = np.random.default_rng([self._seed, marks.position])
        simulations = self._params.backtest_simulations
        return position, forecasts(position, window, self._params.ewma_decay, random, simulations)

    def _window(self, position: Position, volatility: VolatilityFilter) -> EstimationWindow | None:
        last = position.marks.position
        first = max(1, last + 1 - self._params.window_dates)
        if last + 1 - first < self._params.min_dates:
            return None
        span = slice(first, last + 1)
        volatilities = volatility.volatilities(self._history.scores[1 : last + 1])
        return EstimationWindow(
            moves=self._history.moves[span],
            scores=self._history.scores[span],
            remainder=self._history.remainder[span],
            volatilities=volatilities[first - 1 :],
            idiosyncratic=self._idiosyncratic(first, last + 1, position.marks),
            loadings=self._history.loadings,
        )

    def _idiosyncratic(self, first: int, last: int, marks: Marks) -> Floats:
        idiosyncratic: Floats = self._walk.idiosyncratic_changes(first, last)[:, marks.bond].toarray()
        return idiosyncratic


def worst_bonds(position: Position, profits: Floats, bonds: pl.Series) -> list[BondProfit]:
    """Return the bonds of a position with the least profit, the least first; `bonds` names them by their numbers."""
    order = np.argsort(profits, kind="stable")[:WORST_BONDS]
    names = bonds[position.marks.bond[order].tolist()].to_list()
    weight, profit = position.weight[order], profits[order]
    return [
        BondProfit(*one)
        for one in zip(names, weight.tolist(), profit.tolist(), (profit / weight).tolist(), strict=True)
    ]


def portfolio_table(
    position: Position, window: EstimationWindow | None, prints: PrintPanel, curves: CurveHistory
) -> pl.DataFrame:
    """Return one row for each bond held: who it is, what it is worth, and the terms to reprice it.

    Returns
    -------
    DataFrame
        ``bond_id``, ``weight`` (share of market value), ``dirty_price``, ``duration`` (years), ``convexity`` (years
        squared), ``spread`` (decimal, over ``reference_curve``), ``rating_bucket``, ``price_age_days``, ``noise_bp``
        (of its latest print), ``own_std_bp`` (of a date; null where dates are too few), ``callable``, and its
        terms.
    """
    marks = position.marks
    rows = prints.rows[marks.last_row.tolist()]
    day = curves.dates[marks.position]
    std = None if window is None else idiosyncratic_std(window.idiosyncratic)
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
        own_std_bp=pl.Series(np.full(marks.bond.size, np.nan) if std is None else std).fill_nan(None),
    )
    return table


def describe_portfolio(position: Position, table: pl.DataFrame) -> dict[str, Any]:
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
