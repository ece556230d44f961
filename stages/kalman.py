"""Stage ``kalman``: what a Kalman filter says every print was worth, from all others and the bond's own past."""

import sys
from collections.abc import Sequence
from functools import partial

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.kalman.fit import (
    Fitted,
    MarketFilter,
    TrainingPrints,
    fit_hyperparameters,
    initial_hyperparameters,
    last_training_dates,
    loss_of,
    training_samples,
    unfitted,
)
from richcheap.kalman.state_space import PRINT_COLUMNS, HyperParameters, ReferenceCurves
from richcheap.panel.counts import MarketCounts
from richcheap.panel.params import KalmanParams, SplitParams
from richcheap.panel.split import TooFewDatesError, split_dates
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.execution.checkpoints import Checkpoints
from richcheap.pipeline.execution.code_digest import code_digest
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import ComputeParams, load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_parquet, write_json
from richcheap.pipeline.storage.tables import new_table, part_paths, read_batches

LIBRARIES = ("numba", "numpy")
"""Libraries whose versions can change a run of the filter."""


def main() -> None:
    """Fit the filter to training dates, then read the valued prints part by part and write what each was worth."""
    params, compute, threads = load(KalmanParams, "kalman"), load_compute(), available_cores()
    counts = MarketCounts(*(read_parquet(part) for part in part_paths(paths.MARKET_COUNTS)))
    names, curves = counts.names(), ReferenceCurves.from_frame(read_parquet(paths.CURVES), params.extra_nodes_years)
    prints = training_prints(counts.by_date(), params, compute.chunk_rows)
    samples = [] if prints is None else training_samples(prints, names, curves, threads)
    fitted = fitted_to(samples, curves, params, compute) if samples else unfitted(params)
    market = MarketFilter(names, curves, fitted.hyperparameters, params, threads)
    with new_table(paths.KALMAN) as table:
        for path in progress(part_paths(paths.MARKET), desc="kalman", unit="part"):
            table.write(path.stem, market.value(read_parquet(path, PRINT_COLUMNS)))
    write_json(fitted.figures(), paths.METRICS / "kalman.json")


def fitted_to(
    samples: Sequence[TrainingPrints], curves: ReferenceCurves, params: KalmanParams, compute: ComputeParams
) -> Fitted:
    """Fit the filter to training prints under a bar; each run is a checkpoint, so that a larger budget goes on."""
    anyhow = params.model_copy(update={"fit_evaluations": 0})  # the budget changes no run
    run_of_filter = partial(loss_of, samples=samples, curves=curves, params=anyhow)
    names = [[column.to_list() for column in sample.names] for sample in samples]
    given = [names, [sample.prints for sample in samples], curves, anyhow.model_dump()]
    code = code_digest(["richcheap.kalman.fit"], LIBRARIES)
    folder = compute.checkpoint_folder("kalman")
    loss = Checkpoints(run_of_filter, given, folder, code, "kalman, fit") if folder else run_of_filter
    with progress((), total=params.fit_evaluations + 1, desc="kalman, fit", unit="run") as bar:

        def shown(hyperparameters: HyperParameters) -> float:
            found = loss(hyperparameters)
            bar.update()
            return found

        return fit_hyperparameters(shown, initial_hyperparameters(params), params.fit_evaluations)


def training_prints(dates: pl.DataFrame, params: KalmanParams, rows: int) -> pl.DataFrame | None:
    """Read the prints that the fit may see: those of the last training dates, as many as `fit_rows` allows.

    There are none when the dates are too few for a training block: the filter goes by what params say.
    """
    try:
        train = split_dates(dates.height, load(SplitParams, "split"))[0]
    except TooFewDatesError as error:
        print(f"kalman: not fitted, goes by params: {error}", file=sys.stderr)
        return None
    first, last = last_training_dates(dates[train.first : train.last + 1], params.fit_rows)
    chosen = pl.col("date").is_between(first, last)
    batches = read_batches(paths.MARKET, rows, PRINT_COLUMNS)
    return pl.concat([batch.filter(chosen) for batch in batches])


if __name__ == "__main__":
    run(main, __doc__)
