"""A small market with its factor model and a portfolio in it, for tests of risk."""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from richcheap.factors.changes import CurveHistory, market_changes, read_curves
from richcheap.factors.model import FactorModel, fit_factors
from richcheap.factors.params import FactorParams
from richcheap.risk.marks import Marks, MarkToMarket, PrintPanel
from richcheap.risk.methods import EstimationWindow
from richcheap.risk.params import TailRiskParams
from richcheap.risk.portfolio import Position, form_portfolio
from richcheap.risk.portfolio_history import MarketHistory, PortfolioBacktest
from richcheap.surface.valuation import Valuation
from tests.surface.markets import small_market, valued

FACTORS = FactorParams(
    curve_factors=3,
    spread_factors=2,
    min_dates=8,
    bucket_coverage=0.3,
    move_prior_bp=10.0,
    move_noise_bp=1.0,
    move_correlation_length=4.0,
    noise_dv01=0.01,
    exposure_prior_dates=100.0,
    residual_prior_changes=20.0,
    clip_std=5.0,
)
RISK: dict[str, Any] = {
    "weights": "equal_weights.csv",
    "max_mark_age_days": 90,
    "levels": (0.9, 0.99),
    "window_dates": 30,
    "min_dates": 10,
    "ewma_decay": 0.94,
    "garch_dates": 250,
    "simulations": 2000,
    "backtest_simulations": 500,
    "mark_clip_std": 8.0,
    "bootstrap_resamples": 100,
    "bootstrap_block_dates": 2,
}
TRAINING = slice(0, 15)
TESTED = range(19, 24)


class Market(NamedTuple):
    """What the stage reads, and what it makes of it before any forecast."""

    valuation: Valuation
    curves: CurveHistory
    prints: PrintPanel
    model: FactorModel
    history: MarketHistory


def params(**changes: Any) -> TailRiskParams:
    """Return the section of the tests."""
    return TailRiskParams(**(RISK | changes))


def market_of(bonds: pl.DataFrame) -> Market:
    """Value a market and find its factors on the first dates."""
    found = valued(bonds)
    curves = read_curves(found.curves, "USD")
    changes = market_changes([found.prints], curves, FACTORS)
    model = fit_factors(changes, TRAINING, "USD", FACTORS)
    return Market(found, curves, PrintPanel.of(found.prints, curves), model, MarketHistory.of(changes, model))


@cache
def market() -> Market:
    """Return the small market of the tests."""
    return market_of(small_market())


def marks_of(found: Market, clip: float = 8.0) -> list[Marks]:
    """Return the marks of every date."""
    return list(MarkToMarket(found.prints, found.curves, found.history.moves, clip))


def portfolio_backtest(found: Market, weights: np.ndarray | None = None, **changes: Any) -> PortfolioBacktest:
    """Return a book in a market."""
    return PortfolioBacktest(found.prints, found.curves, found.history, weights, params(**changes), seed=7)


@cache
def held() -> tuple[Position, EstimationWindow]:
    """Return the equal-weighted portfolio at the last close, and its past."""
    _, last = portfolio_backtest(market()).backtest(TESTED)
    assert last.position is not None
    assert last.window is not None
    return last.position, last.window


def equal_position(found: Market) -> Position:
    """Return the equal-weighted portfolio at the last close."""
    position, _ = form_portfolio(marks_of(found)[-1], None, 90)
    assert position is not None
    return position
