"""Stage ``tail_risk``: value at risk and expected shortfall of a portfolio, four ways, backtested on the test block."""

from pathlib import Path

from dvc_parallel.system.cores import available_cores
from richcheap.factors.changes import MOVE_COLUMNS, CurveHistory, market_changes, read_curves
from richcheap.factors.model import FactorModel
from richcheap.factors.params import FactorParams
from richcheap.panel.split import BlockDates
from richcheap.pipeline.config.sections import load, load_seed
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import load_model, read_json, read_parquet, write_json, write_parquet
from richcheap.pipeline.storage.tables import read_batches, read_table
from richcheap.risk.backtesting.backtest import backtest
from richcheap.risk.current_risk import latest_risk
from richcheap.risk.marks import PRINT_COLUMNS, PrintPanel
from richcheap.risk.params import TailRiskParams
from richcheap.risk.portfolio import EQUAL, PortfolioError, read_weights
from richcheap.risk.portfolio_history import MarketHistory, PortfolioBacktest, describe_portfolio, portfolio_table

NAME = "tail_risk"
FACTOR_MODEL = "factor_model"
PORTFOLIO = paths.MARKET_MODELS / NAME / "portfolio.parquet"
SCENARIOS = paths.MARKET_MODELS / NAME / "scenarios.parquet"
METRICS = paths.METRICS / f"{NAME}.json"


def main() -> None:
    """Read the market, its curves and the factor model; write portfolio, scenarios and figures."""
    params, seed, threads = load(TailRiskParams, NAME), load_seed(), available_cores()
    blocks = BlockDates.read(read_json(paths.SPLIT)["blocks"])
    model: FactorModel = load_model(paths.market_model_file(FACTOR_MODEL))
    curves, prints, history = read_market(model, threads)
    try:
        weights = read_weights(Path(params.weights), prints.bonds)
    except PortfolioError as error:
        raise DataError(str(error)) from None
    portfolio_backtest = PortfolioBacktest(prints, curves, history, weights, params, seed, threads)
    test = next(block for block in blocks if block.name == "test")
    span = test.within(curves.dates)
    tested, held = portfolio_backtest.backtest(
        range(span.start, span.stop),
        lambda dates, total: progress(dates, total=total, desc=f"{NAME}, dates", unit="date"),
    )
    if held.position is None:
        raise DataError(
            f"{paths.MARKET}: no bond of the portfolio has a price of the last {params.max_mark_age_days} days; "
            "raise tail_risk.max_mark_age_days, or correct tail_risk.weights"
        )
    portfolio = portfolio_table(held.position, held.window, prints, curves)
    current = latest_risk(held.position, held.window, portfolio, model.factor_names, params, seed, threads)
    figures = {
        "currency": model.currency,
        "date": str(curves.dates[-1]),
        "horizon_business_days": 1,
        "weights": EQUAL if weights is None else params.weights,
        "levels": list(params.levels),
        "factor_model_status": model.status,
        "excluded": dict(held.excluded),
        "portfolio": describe_portfolio(held.position, portfolio),
        "backtest": backtest(tested, params, seed) if tested else None,
    }
    write_parquet(portfolio, PORTFOLIO)
    write_parquet(current.scenarios, SCENARIOS)
    write_json(figures | current.figures, METRICS)


def read_market(model: FactorModel, threads: int) -> tuple[CurveHistory, PrintPanel, MarketHistory]:
    """Read the curves and the prints of the factor model's currency, and its changes from date to date."""
    curves = read_curves(read_parquet(paths.CURVES), model.currency)
    batches = read_batches(paths.MARKET, load_compute().chunk_rows, MOVE_COLUMNS)
    moving = progress(batches, desc=f"{NAME}, moves", unit="batch")
    changes = market_changes(moving, curves, load(FactorParams, FACTOR_MODEL), threads)
    return curves, PrintPanel.of(read_table(paths.MARKET, PRINT_COLUMNS), curves), MarketHistory.of(changes, model)


if __name__ == "__main__":
    run(main, __doc__)
