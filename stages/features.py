"""Stage ``features``: the dataset that models learn from, divided by date into blocks."""

from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.features.assemble import KALMAN_COLUMNS, PRINT_COLUMNS, Assembler, curve_states
from richcheap.features.repricing import PriceBounds, Repricer
from richcheap.panel.counts import MarketCounts
from richcheap.panel.params import FeaturesParams, SplitParams
from richcheap.panel.split import LIVE, blocks_or_one, cut, describe_blocks
from richcheap.pipeline.config.sections import load, load_key
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.code_digest import NUMERICAL, code_digest
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run as run_stage
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.resume.continuation import STATES, Continuation, Step, digest, steps
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import LEFT_OUT, read_parquet, write_json
from richcheap.pipeline.storage.market_tables import MarketTables, with_rows_of_dates
from richcheap.pipeline.storage.tables import batches, new_table

TABLES = (paths.DATASET_TRAIN, paths.DATASET_VALIDATION, paths.DATASET_TEST, paths.DATASET_LIVE)
FOLDERS = {folder.name: folder for folder in TABLES}
BOUNDS = ("data.min_price", "data.max_price")
NO_ROWS = "none"  # name of the only part of a block without rows


def main() -> None:
    """Read valued prints, the filter's values and the curves; write a table for each block, and that of the split."""
    split, params = load(SplitParams, "split"), load(FeaturesParams, "features")
    market = MarketTables.read(paths.MARKET, paths.CURVES, paths.MARKET_COUNTS, paths.LIVE)
    counts = MarketCounts(*market.counts).followed_by(MarketCounts(*market.live_counts))
    dates, curves = counts.by_date(), market.curves
    try:
        blocks, too_few = blocks_or_one(dates["date"], split)
    except ValueError as error:
        raise DataError(f"{paths.MARKET}: {error}") from None
    training = [dates["date"][block.first : block.last + 1] for block in blocks if block.name == "train"]
    training_rows = counts.by_curve(pl.concat([dates["date"].clear(), *training]), curves["reference_curve"].n_unique())
    states = curve_states(curves, params.volatility_window_dates, training_rows)
    lasting = [block for block in blocks if block.name != LIVE]
    described = describe_blocks(dates["date"], dates["rows"], lasting)
    bounds = PriceBounds(*(load_key(float, key) for key in BOUNDS))
    made_by = digest(code_digest(["stages.features"], NUMERICAL), params, bounds, split, described)
    run = Continuation(paths.FEATURES_MANIFEST, paths.FEATURES_STATES, made_by, planned(market, states))
    repricer = Repricer.from_frame(curves, available_cores())
    assembler = Assembler(counts.bond_ids(), states, repricer, bounds, params)
    assembler.restore(run.state().arrays)
    late = max(run.done, len(market.parts) - STATES)
    groups = [*batches(market.parts[run.done : late], load_compute().chunk_rows), *zip(market.parts[late:])]
    with ExitStack() as stack:
        tables = {name: stack.enter_context(new_table(folder)) for name, folder in FOLDERS.items()}
        stack.enter_context(run.writing(list(tables.values())))
        for group in progress(groups, desc="features", unit="batch"):
            for path, part in zip(group, assembled_parts(assembler, group), strict=True):
                for name, rows in cut(part, dates["date"], blocks).items():
                    run.write(path.stem, tables[name], rows, part=str(rows["date"][0]))
            if run.wants_state(group[-1].stem):
                run.keep_state(group[-1].stem, assembler.snapshot())
        if empty := sorted(set(tables) - {block.name for block in blocks}):
            path = market.parts[-1]
            nothing = assembler.add(with_kalman(read_parquet(path, PRINT_COLUMNS), paths.KALMAN / path.name).clear())
            for name in empty:
                tables[name].write(NO_ROWS, nothing)
    run.save()
    write_json({"blocks": described, **({LEFT_OUT: too_few} if too_few else {})}, paths.SPLIT)


def planned(market: MarketTables, states: pl.DataFrame) -> list[Step]:
    """Return the steps of all parts: each is made from its prints, what the filter says of them, and its curves."""
    numbered = states.with_columns(reference_curve=pl.int_range(pl.len(), dtype=pl.Int32))
    of_curves = market.curves.join(numbered, on="reference_curve", maintain_order="left")
    sources = with_rows_of_dates(market.parts, of_curves)
    return steps((name, [paths.KALMAN / f"{name}.parquet", *given]) for name, given in sources)


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


if __name__ == "__main__":
    run_stage(main, __doc__)
