"""Stage ``kalman``: what a Kalman filter says every print was worth, from all others and the bond's own past."""

import sys
from functools import partial

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.kalman import fit as fits
from richcheap.kalman.state_space import PRINT_COLUMNS, HyperParameters, ReferenceCurves
from richcheap.panel.counts import MarketCounts
from richcheap.panel.params import KalmanParams, SplitParams
from richcheap.panel.split import TooFewDatesError, blocks_of
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.checkpoints import Checkpoints
from richcheap.pipeline.execution.code_digest import NUMERICAL, code_digest
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run as run_stage
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.resume.continuation import Continuation, digest, steps
from richcheap.pipeline.resume.kept_result import keep_result, kept_result
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_parquet, write_json
from richcheap.pipeline.storage.market_tables import MarketTables
from richcheap.pipeline.storage.tables import new_table, read_parts


def main() -> None:
    """Fit the filter to training dates, then read the valued prints part by part and write what each was worth."""
    params, threads = load(KalmanParams, "kalman"), available_cores()
    market = MarketTables.read(paths.MARKET, paths.CURVES, paths.MARKET_COUNTS, paths.LIVE)
    counts = MarketCounts(*market.counts).followed_by(MarketCounts(*market.live_counts))
    fitted = fit(training_prints(market, counts.by_date(), params), market.curves, params)
    made_by = digest(code_digest(["stages.kalman"], NUMERICAL), params, fitted.exact())
    run = Continuation(paths.KALMAN_MANIFEST, paths.KALMAN_STATES, made_by, steps(market.sources()))
    curves = ReferenceCurves.from_frame(market.curves, params.extra_nodes_years)
    filters = fits.MarketFilter(counts.names(), curves, fitted.hyperparameters, params, threads)
    filters.restore(run.state().arrays)
    with new_table(paths.KALMAN) as table, run.writing([table]):
        for path in progress(market.parts[run.done :], desc="kalman", unit="part"):
            run.write(path.stem, table, filters.value(read_parquet(path, PRINT_COLUMNS)))
            if run.wants_state(path.stem):
                run.keep_state(path.stem, filters.snapshot())
    run.save()
    write_json(fitted.figures(), paths.METRICS / "kalman.json")


def fit(prints: pl.DataFrame, curves: pl.DataFrame, params: KalmanParams) -> fits.Fitted:
    """Fit the filter to training prints, or take up what an earlier run has found from the same."""
    known = curves.filter(pl.col("date") <= prints["date"][-1]) if prints.height else curves
    made_from = digest(code_digest(["stages.kalman"], NUMERICAL), params, prints, known)
    if (found := kept_result(paths.KALMAN_FIT, made_from)) is not None:
        return fits.Fitted.from_exact(found)
    fitted = fitted_to(prints, known, params) if prints.height else fits.unfitted(params)
    keep_result(fitted.exact(), made_from, paths.KALMAN_FIT)
    return fitted


def fitted_to(prints: pl.DataFrame, known: pl.DataFrame, params: KalmanParams) -> fits.Fitted:
    """Fit the filter to training prints under a bar; each run is a checkpoint, so that a larger budget goes on."""
    curves = ReferenceCurves.from_frame(known, params.extra_nodes_years)
    samples = fits.training_samples(prints, MarketCounts.none().plus(prints).names(), curves, available_cores())
    anyhow = params.model_copy(update={"fit_evaluations": 0})  # the budget changes no run
    run_of_filter = partial(fits.loss_of, samples=samples, curves=curves, params=anyhow)
    given = [[([*map(list, one.names)], one.prints) for one in samples], curves, anyhow.model_dump()]
    code, folder = code_digest(["richcheap.kalman.fit"], NUMERICAL), load_compute().checkpoint_folder("kalman")
    loss = Checkpoints(run_of_filter, given, folder, code, "kalman, fit") if folder else run_of_filter
    with progress((), total=params.fit_evaluations + 1, desc="kalman, fit", unit="run") as bar:

        def shown(hyperparameters: HyperParameters) -> float:
            found = loss(hyperparameters)
            bar.update()
            return found

        return fits.fit_hyperparameters(shown, fits.initial_hyperparameters(params), params.fit_evaluations)


def training_prints(market: MarketTables, dates: pl.DataFrame, params: KalmanParams) -> pl.DataFrame:
    """Read the prints that the fit may see: of the last training dates, as many as `fit_rows` allows; maybe none."""
    try:
        train = blocks_of(dates["date"], load(SplitParams, "split"))[0]
    except TooFewDatesError as error:
        print(f"kalman: not fitted, goes by params: {error}", file=sys.stderr)
        return pl.DataFrame()
    except ValueError as error:
        raise DataError(f"{paths.MARKET}: {error}") from None
    first, last = fits.last_training_dates(dates[train.first : train.last + 1], params.fit_rows)
    parts = read_parts(market.within(first, last), load_compute().chunk_rows, PRINT_COLUMNS)
    return pl.concat([part.filter(pl.col("date").is_between(first, last)) for part in parts])


if __name__ == "__main__":
    run_stage(main, __doc__)
