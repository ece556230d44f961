"""Stage ``tail_risk``: value at risk and expected shortfall of a portfolio, four ways, backtested on the test block."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dvc_parallel.system.cores import available_cores
from richcheap.factors.changes import MOVE_COLUMNS, Curves, market_changes, read_curves
from richcheap.factors.model import FactorModel
from richcheap.factors.params import FactorParams
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.csv_records import count_records, repeated
from richcheap.pipeline.config.sections import load, load_seed
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import load_model, read_json, read_parquet, write_json, write_parquet
from richcheap.pipeline.storage.tables import read_batches, read_table
from richcheap.risk.backtesting.backtest import backtest
from richcheap.risk.current_risk import tail_risk
from richcheap.risk.marks import PRINT_COLUMNS, Prints
from richcheap.risk.params import TailRiskParams
from richcheap.risk.portfolio import EQUAL, PortfolioError, read_weights
from richcheap.risk.portfolio_history import Book, History, Holdings, describe, portfolio_table

NAME = "tail_risk"
FACTOR_MODEL = "factor_model"
PORTFOLIO = paths.MARKET_MODELS / NAME / "portfolio.parquet"
SCENARIOS = paths.MARKET_MODELS / NAME / "scenarios.parquet"
METRICS = paths.METRICS / f"{NAME}.json"
NO_SCENARIOS = {"method": pl.String, "scenario": pl.Int64, "pnl": pl.Float64}

Floats = NDArray[np.float64]


def main() -> None:
    """Read the market, its curves and the factor model; write portfolio, scenarios and figures."""
    params, seed, threads = load(TailRiskParams, NAME), load_seed(), available_cores()
    model: FactorModel = load_model(paths.market_model_file(FACTOR_MODEL))
    curves = read_curves(read_parquet(paths.CURVES), model.currency)
    changes = market_changes(
        progress(market_batches(), desc=f"{NAME}, moves", unit="batch"),
        curves,
        load(FactorParams, FACTOR_MODEL),
        threads,
    )
    prints = Prints.of(read_table(paths.MARKET, PRINT_COLUMNS), curves)
    weights = weights_from_file(Path(params.weights), prints.bonds)
    book = Book(prints, curves, History.of(changes, model), weights, params, seed, threads)
    tested, held = book.backtest(
        tested_positions(curves), lambda dates, total: progress(dates, total=total, desc=f"{NAME}, dates", unit="date")
    )
    figures: dict[str, Any] = {
        "currency": model.currency,
        "date": str(curves.dates[-1]),
        "horizon_business_days": 1,
        "weights": EQUAL if weights is None else params.weights,
        "levels": list(params.levels),
        "factor_model_status": model.status,
        "left_out": dict(held.left_out),
        "backtest": backtest(tested, params, seed) if tested else None,
    }
    today, table, scenarios = risk_today(held, prints, curves, model.factor_names, params, seed, threads)
    write_parquet(table, PORTFOLIO)
    write_parquet(scenarios, SCENARIOS)
    write_json(figures | today, METRICS)


def risk_today(
    held: Holdings, prints: Prints, curves: Curves, factors: list[str], params: TailRiskParams, seed: int, threads: int
) -> tuple[dict[str, Any], pl.DataFrame, pl.DataFrame]:
    """Return the figures, the portfolio and the scenarios of the last close; ``status`` says why there are none."""
    if held.position is None:
        raise DataError(
            f"{paths.MARKET}: no bond of the portfolio has a price of the last {params.max_mark_age_days} days; "
            "raise tail_risk.max_mark_age_days, or correct tail_risk.weights"
        )
    table = portfolio_table(held.position, held.past, prints, curves)
    figures: dict[str, Any] = {"portfolio": describe(held.position, table)}
    if held.past is None:
        status = f"no forecast: {curves.dates.len() - 1} moves, tail_risk.fewest_dates asks for {params.fewest_dates}"
        return figures | {"status": status}, table, pl.DataFrame(schema=NO_SCENARIOS)
    today = tail_risk(held.position, held.past, factors, params, seed, threads)
    names = dict(zip(held.position.marks.bond.tolist(), table["bond_id"].to_list(), strict=True))
    for entry in today.figures["contributions"]["bonds"]:
        entry["bond_id"] = names[entry.pop("bond")]
    return figures | {"status": "ok"} | today.figures, table, today.scenarios


def market_batches() -> Iterator[pl.DataFrame]:
    """Read what is needed of the valued prints to see what moved, batch by batch."""
    return read_batches(paths.MARKET, load_compute().chunk_rows, MOVE_COLUMNS)


def tested_positions(curves: Curves) -> range:
    """Return the places of the test block's dates among the curves' dates."""
    block = next(entry for entry in read_json(paths.SPLIT)["blocks"] if entry["name"] == "test")
    first, last = (date.fromisoformat(block[name]) for name in ("first_date", "last_date"))
    return range(int((curves.dates < first).sum()), int((curves.dates <= last).sum()))


def weights_from_file(file: Path, bonds: pl.Series) -> Floats | None:
    """Read the portfolio's weights; None when the file has no row.

    Raises
    ------
    DataError
        The file is missing or holds something else.
    """
    if not file.is_file():
        came = "expected a file, got a folder" if file.is_dir() else "no such file"
        raise DataError(
            f"{file}: {came}; tail_risk.weights must name a CSV file of bond_id,weight, maybe without a row"
        )
    try:
        for name, fault in repeated(count_records(file).header).items():
            raise PortfolioError(f"{file}: column '{name}': {fault}")
        return read_weights(pl.read_csv(file, infer_schema=False), bonds, str(file))
    except (InputError, PortfolioError) as error:
        raise DataError(str(error)) from None
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{file}: not a CSV file ({str(error).splitlines()[0]})") from None


if __name__ == "__main__":
    run(main, __doc__)
