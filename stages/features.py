"""Stage ``features``: the dataset that models learn from, divided by date into three blocks."""

from collections.abc import Mapping
from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.features.assemble import KALMAN_COLUMNS, PRINT_COLUMNS, Assembler, curve_states
from richcheap.features.repricing import Repricer
from richcheap.panel.counts import MarketCounts
from richcheap.panel.params import FeaturesParams, SplitParams
from richcheap.panel.split import Block, TooFewDatesError, cut, describe_blocks, split_dates
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import LEFT_OUT, read_parquet, write_json
from richcheap.pipeline.storage.tables import TableWriter, batches, new_table, part_paths

FOLDERS = {"train": paths.DATASET_TRAIN, "validation": paths.DATASET_VALIDATION, "test": paths.DATASET_TEST}


def main() -> None:
    """Read valued prints, the filter's values and the curves; write a table for each block, and that of the split."""
    rows, split, params = load_compute().chunk_rows, load(SplitParams, "split"), load(FeaturesParams, "features")
    counts = MarketCounts(*(read_parquet(part) for part in part_paths(paths.MARKET_COUNTS)))
    dates, curves = counts.by_date(), read_parquet(paths.CURVES)
    blocks, too_few = divided(dates.height, split)
    training = [dates["date"][block.first : block.last + 1] for block in blocks if block.name == "train"]
    training_rows = counts.by_curve(pl.concat([dates["date"].clear(), *training]), curves["reference_curve"].n_unique())
    states = curve_states(curves, params.volatility_window_dates, training_rows)
    assembler = Assembler(counts.bond_ids(), states, Repricer.from_frame(curves, available_cores()), params)
    with ExitStack() as stack:
        tables = {name: stack.enter_context(new_table(folder)) for name, folder in FOLDERS.items()}
        for group in progress(batches(part_paths(paths.MARKET), rows), desc="features", unit="batch"):
            parts = assembled_parts(assembler, group)
            write_parts(parts, dates["date"], blocks, tables)
        for name in set(tables) - {block.name for block in blocks}:
            tables[name].write(str(dates["date"][0]), parts[0].clear())
    write_json({"blocks": describe_blocks(dates["date"], dates["rows"], blocks), **too_few}, paths.SPLIT)


def divided(dates: int, params: SplitParams) -> tuple[list[Block], dict[str, str]]:
    """Divide the dates into blocks; where they are too few, all are to be judged, and why nothing can be trained."""
    try:
        return split_dates(dates, params), {}
    except TooFewDatesError as error:
        return [Block("test", 0, dates - 1)], {LEFT_OUT: str(error)}


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
