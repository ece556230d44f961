"""Datasets of the markets of `tests.surface.markets`, and tables as stages write them."""

from datetime import date
from pathlib import Path

import polars as pl

from richcheap.curves.benchmark import CURVE_SCHEMA
from richcheap.curves.curve_state import curve_state
from richcheap.features.assemble import Assembler
from richcheap.features.repricing import PriceBounds, Repricer
from richcheap.kalman.fit import MarketFilter, initial_hyperparameters
from richcheap.kalman.state_space import ReferenceCurves
from richcheap.panel.counts import MarketCounts
from richcheap.panel.split import market_states
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_parquet
from richcheap.pipeline.storage.tables import PART_ROWS, divide, new_table
from richcheap.surface.valuation import Valuation
from tests.surface.markets import FEATURES, KALMAN, valued

BOUNDS = PriceBounds(1.0, 250.0)


def assembler(market: Valuation, threads: int = 1) -> Assembler:
    """Return an assembler that has seen nothing yet; all its markets are normal."""
    states = curve_state(market.curves, FEATURES.volatility_window_dates)
    states = states.with_columns(market_states(states["curve_volatility_bp"], None))
    bonds = MarketCounts.none().plus(market.prints).bond_ids()
    return Assembler(bonds, states, Repricer.from_frame(market.curves, threads), BOUNDS, FEATURES)


def with_kalman(market: Valuation) -> pl.DataFrame:
    """Return the prints of a market with what the Kalman filter says of each."""
    names = MarketCounts.none().plus(market.prints).names()
    curves = ReferenceCurves.from_frame(market.curves, KALMAN.extra_nodes_years)
    kalman = MarketFilter(names, curves, initial_hyperparameters(KALMAN), KALMAN).value(market.prints)
    return market.prints.hstack(kalman.drop("bond_id", "date"))


def dataset(bonds: pl.DataFrame) -> pl.DataFrame:
    """Return the dataset of a market of `tests.surface.markets`, assembled at once."""
    market = valued(bonds)
    return assembler(market).add(with_kalman(market))


def write_table(frame: pl.DataFrame, folder: Path, part_rows: int = PART_ROWS) -> None:
    """Write rows that are sorted by date as a stage would: parts of whole dates."""
    counts = frame.group_by("date").len().sort("date")
    with new_table(folder) as table:
        for part in divide(counts["date"], counts["len"], part_rows):
            table.write(part.name, frame.filter(pl.col("date").is_between(part.first, part.last)))


def write_market(market: pl.DataFrame, part_rows: int = PART_ROWS, last: date | None = None) -> None:
    """Write valued prints and their counts as stage ``market`` would; those after the last date are live."""
    is_early = pl.col("date") <= (last or date.max)
    early, late = market.filter(is_early), market.filter(~is_early)
    write_table(early, paths.MARKET, part_rows)
    write_counts(early, late)
    if late.height:
        write_table(late, paths.LIVE_MARKET, part_rows)


def write_counts(early: pl.DataFrame, late: pl.DataFrame | None = None) -> None:
    """Write the counts of valued prints as stage ``market`` would, and a table of live curves without a row."""
    for folder, prints in ((paths.MARKET_COUNTS, early), (paths.LIVE_COUNTS, late)):
        nothing = MarketCounts.none()
        counted = nothing if prints is None or prints.is_empty() else nothing.plus(prints)
        with new_table(folder) as table:
            for name, frame in counted._asdict().items():
                table.write(name, frame)
    write_parquet(pl.DataFrame(schema=CURVE_SCHEMA), paths.LIVE_CURVES)
