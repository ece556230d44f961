"""Stage ``factor_model``: what moves the curve and the spreads, and what each bond has of it."""

from collections.abc import Iterator, Sequence

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.factors.bonds import PRINT_COLUMNS, BondChangeTracker
from richcheap.factors.changes import MOVE_COLUMNS, market_changes, read_curves
from richcheap.factors.exposures import ExposureFit
from richcheap.factors.model import fit_factors
from richcheap.factors.params import FactorParams
from richcheap.factors.table import (
    BondSnapshots,
    describe_factors,
    exposure_table,
    fit_exposures,
    market_table,
    score_exposures,
)
from richcheap.panel.counts import MarketCounts
from richcheap.panel.split import BlockDates
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import dump_model, read_json, read_parquet, write_json, write_parquet
from richcheap.pipeline.storage.tables import part_paths, read_batches

NAME = "factor_model"
FACTORS = paths.MARKET_MODELS / NAME / "factors.parquet"
EXPOSURES = paths.MARKET_MODELS / NAME / "exposures.parquet"


def main() -> None:
    """Read the market and its curves; write the model, the scores of all dates and the exposures of all bonds."""
    params, threads, rows = load(FactorParams, NAME), available_cores(), load_compute().chunk_rows
    counts = MarketCounts(*(read_parquet(part) for part in part_paths(paths.MARKET_COUNTS)))
    bonds, blocks = counts.bond_ids(), BlockDates.read(read_json(paths.SPLIT)["blocks"])

    def prints(columns: Sequence[str], what: str) -> Iterator[pl.DataFrame]:
        yield from progress(read_batches(paths.MARKET, rows, columns), desc=f"{NAME}, {what}", unit="batch")

    curves = read_curves(read_parquet(paths.CURVES), counts.main_currency())
    changes = market_changes(prints(MOVE_COLUMNS, "moves"), curves, params, threads)
    spans = {block.name: block.within(curves.dates) for block in blocks}
    training = next(block for block in blocks if block.name == "train").within(changes.dates)
    model = fit_factors(changes, training, curves.currency, params)
    scores = model.transform(model.changes_of(changes))
    trackers = (BondChangeTracker(bonds, curves, model, scores, params.noise_dv01, threads) for _ in range(2))
    fit = ExposureFit(bonds.len(), len(model.factor_names), params)
    last = BondSnapshots(bonds.len(), len(model.factor_names), spans["train"].stop)
    exposures = fit_exposures(prints(PRINT_COLUMNS, "exposures"), next(trackers), fit, spans["train"].stop)
    explained = score_exposures(prints(PRINT_COLUMNS, "score"), next(trackers), last, exposures, spans, params.clip_std)
    dump_model(model, paths.market_model_file(NAME))
    write_parquet(market_table(changes, curves, scores, blocks, model), FACTORS)
    write_parquet(exposure_table(bonds, curves.dates, last, exposures, model, params.noise_dv01), EXPOSURES)
    write_json(describe_factors(model, changes, blocks) | {"bonds": explained}, paths.METRICS / f"{NAME}.json")


if __name__ == "__main__":
    run(main, __doc__)
