"""Stage ``features``: the dataset that models learn from, divided by date into three blocks."""

from collections.abc import Mapping
from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.curves.curve_state import curve_state
from richcheap.features.assemble import KALMAN_COLUMNS, PRINT_COLUMNS, Assembler
from richcheap.features.repricing import Repricer
from richcheap.panel.counts import CENSUS_COLUMNS, MarketCounts, count_market
from richcheap.panel.params import FeaturesParams, SplitParams
from richcheap.panel.split import Block, cut, describe, divide, market_states, thirds
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_parquet, write_json
from richcheap.pipeline.storage.tables import TableWriter, batches, new_table, part_paths, read_batches

FOLDERS = {
    "train": paths.DATASET_TRAIN,
    "validation": paths.DATASET_VALIDATION,
    "test": paths.DATASET_TEST,
}


def main() -> None:
    """Read valued prints, the filter's values and the curves; write a table for each block, and that of the split."""
    rows, split, params = load_compute().chunk_rows, load(SplitParams, "split"), load(FeaturesParams, "features")
    census = count_market(read_batches(paths.MARKET, rows, CENSUS_COLUMNS))
    counts = census.by_date()
    try:
        blocks = divide(counts.height, split)
    except ValueError as error:
        raise DataError(f"{paths.MARKET}: {error}") from None
    curves = read_parquet(paths.CURVES)
    states = curve_states(curves, params, census, counts["date"], blocks)
    assembler = Assembler(census.bonds, states, Repricer.from_frame(curves, available_cores()), params)
    with ExitStack() as stack:
        tables = {name: stack.enter_context(new_table(folder)) for name, folder in FOLDERS.items()}
        for group in progress(batches(part_paths(paths.MARKET), rows), desc="features", unit="batch"):
            write_parts(assembled_parts(assembler, group), counts["date"], blocks, tables)
    write_json({"blocks": describe(counts["date"], counts["rows"], blocks)}, paths.SPLIT)


def curve_states(
    curves: pl.DataFrame, params: FeaturesParams, census: MarketCounts, dates: pl.Series, blocks: list[Block]
) -> pl.DataFrame:
    """Describe each reference curve; the thirds of the training block's rows tell calm markets from stressed ones."""
    states = curve_state(curves, params.volatility_window_dates)
    train = next(block for block in blocks if block.name == "train")
    volatility = states["curve_volatility_bp"]
    bounds = thirds(volatility, census.by_curve(dates[train.first : train.last + 1], states.height))
    return states.with_columns(market_states(volatility, bounds))


def assembled_parts(assembler: Assembler, group: list[Path]) -> list[pl.DataFrame]:
    """Return the dataset's rows of some parts of the market, the next in order, part by part."""
    parts = [with_kalman(read_parquet(path, PRINT_COLUMNS), paths.KALMAN / path.name) for path in group]
    dataset = assembler.add(pl.concat(parts))
    ends = accumulate(part.height for part in parts)
    return [dataset.slice(end - part.height, part.height) for part, end in zip(parts, ends, strict=True)]


def with_kalman(prints: pl.DataFrame, path: Path) -> pl.DataFrame:
    """Put beside a part of the market what the Kalman filter says of it: the same rows in the same order."""
    kalman = read_parquet(path, KALMAN_COLUMNS)
    keys = ["bond_id", "date"]
    if not prints.select(keys).equals(kalman.select(keys)):
        raise DataError(f"{path}: its rows are not those of {paths.MARKET / path.name}; delete both and run again")
    return prints.hstack(kalman.drop(keys))


def write_parts(
    parts: list[pl.DataFrame], dates: pl.Series, blocks: list[Block], tables: Mapping[str, TableWriter]
) -> None:
    """Write each part into the table of its block; one that a boundary cuts goes to both, each with its rows."""
    for part in parts:
        for name, rows in cut(part, dates, blocks).items():
            tables[name].write(str(rows["date"][0]), rows)


if __name__ == "__main__":
    run(main, __doc__)
