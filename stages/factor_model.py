"""Stage ``factor_model``: what moves the curve and the spreads, and what each bond has of it."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from typing import Any

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.factors.bonds import PRINT_COLUMNS, BondWalk
from richcheap.factors.changes import MOVE_COLUMNS, main_currency, market_changes, read_curves
from richcheap.factors.exposures import ExposureFit, Exposures, Score
from richcheap.factors.model import fit_factors
from richcheap.factors.params import FactorParams
from richcheap.factors.table import BlockDates, LastSeen, describe, exposure_table, market_table
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import dump_model, read_json, read_parquet, write_json, write_parquet
from richcheap.pipeline.storage.tables import read_batches

NAME = "factor_model"
FACTORS = paths.MARKET_MODELS / NAME / "factors.parquet"
EXPOSURES = paths.MARKET_MODELS / NAME / "exposures.parquet"


def main() -> None:
    """Read the market and its curves; write the model, the scores of all dates and the exposures of all bonds."""
    params, threads = load(FactorParams, NAME), available_cores()
    market = partial(read_batches, paths.MARKET, load_compute().chunk_rows)
    blocks = read_blocks()
    curves = read_curves(read_parquet(paths.CURVES), main_currency(market(("currency",))))
    changes = market_changes(
        progress(market(MOVE_COLUMNS), desc=f"{NAME}, moves", unit="batch"), curves, params, threads
    )
    training = next(block for block in blocks if block.name == "train")
    model = fit_factors(changes, training.within(changes.dates), curves.currency, params)
    scores = model.transform(model.changes_of(changes))
    bonds = pl.concat([batch.unique() for batch in market(("bond_id",))])["bond_id"].unique().sort()
    walks = (BondWalk(bonds, curves, model, scores, params.noise_price_risk, threads) for _ in range(2))
    fit = ExposureFit(bonds.len(), len(model.factor_names), params)
    learn(market(PRINT_COLUMNS), next(walks), fit, training.within(curves.dates).stop)
    exposures = fit.finish()
    last = LastSeen(bonds.len(), len(model.factor_names), training.within(curves.dates).stop)
    spans = {block.name: block.within(curves.dates) for block in blocks}
    judged = judge(market(PRINT_COLUMNS), next(walks), last, exposures, spans, params.clip_deviations)
    dump_model(model, paths.market_model_file(NAME))
    write_parquet(market_table(changes, curves, scores, blocks, model), FACTORS)
    write_parquet(exposure_table(bonds, curves.dates, last, exposures, model, params.noise_price_risk), EXPOSURES)
    write_json(describe(model, changes, blocks) | {"bonds": judged}, paths.METRICS / f"{NAME}.json")


def read_blocks() -> list[BlockDates]:
    """Return the training, validation and test block of the split."""
    return [
        BlockDates(entry["name"], date.fromisoformat(entry["first_date"]), date.fromisoformat(entry["last_date"]))
        for entry in read_json(paths.SPLIT)["blocks"]
        if entry["name"] != "embargo"
    ]


def learn(market: Iterable[pl.DataFrame], walk: BondWalk, fit: ExposureFit, ends: int) -> None:
    """Walk through the prints of the training dates, the first `ends` of the market, and add up their changes."""
    for batch in progress(market, desc=f"{NAME}, exposures", unit="batch"):
        changes = walk.add(batch).changes
        training = changes.position < ends
        fit.add(changes.where(training))
        if not training.all():
            break


def judge(
    market: Iterable[pl.DataFrame],
    walk: BondWalk,
    last: LastSeen,
    exposures: Exposures,
    spans: Mapping[str, slice],
    clip_deviations: float,
) -> dict[str, Any]:
    """Walk through all prints: how each bond was last seen, and how much of each block's changes is explained."""
    scores = {name: Score() for name in spans}
    for batch in progress(market, desc=f"{NAME}, score", unit="batch"):
        found = walk.add(batch)
        last.add(found)
        for name, span in spans.items():
            inside = (found.changes.position >= span.start) & (found.changes.position < span.stop)
            scores[name].add(found.changes.where(inside), exposures, clip_deviations)
    return {name: score.summary() for name, score in scores.items()}


if __name__ == "__main__":
    run(main, __doc__)
