"""Stage ``evaluate``: every model and baseline on the test block, which no other stage reads."""

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.drift.windows import later_drift
from richcheap.evaluation.intervals import blocks
from richcheap.evaluation.params import DriftParams, EvaluateParams, ImportanceParams
from richcheap.evaluation.pricing import add_prices, member_prices, model_importance, with_baselines
from richcheap.evaluation.score import OptionalInputs, prediction_table, score_predictors, yield_errors
from richcheap.evaluation.simulated_truth import TRUTH_COLUMNS, SimulatedTruth, UnknownRowsError, simulated_truth
from richcheap.evaluation.summary import best_predictor, followed, headline, plotted_points, slice_table
from richcheap.evaluation.ticks import ticks_of
from richcheap.features.baselines import LINE
from richcheap.features.catalogue import feature_names
from richcheap.features.repricing import Repricer
from richcheap.models.ridge import RidgeBaseline
from richcheap.pipeline.config.sections import load, load_seed, model_names
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import (
    load_model,
    read_json,
    read_parquet,
    write_arrays,
    write_csv,
    write_json,
    write_parquet,
)
from richcheap.pipeline.storage.tables import read_table, read_training_block


def main() -> None:
    """Read the blocks and the models; write predictions, metrics and plots."""
    params, seed, threads = load(EvaluateParams, "evaluate"), load_seed(), available_cores()
    train = read_training_block(paths.DATASET_TRAIN, "evaluate")
    validation, test = (with_baselines(read_table(folder)) for folder in (paths.DATASET_VALIDATION, paths.DATASET_TEST))
    repricer = Repricer.from_frame(read_parquet(paths.CURVES), threads)
    models = {name: load_model(paths.tuned_model_file(name)) for name in model_names()}
    ridge = RidgeBaseline(train, feature_names("enhanced"), params.ridge_penalty, params.ridge_clip_share)
    for block in progress((validation, test), desc="evaluate, predictions", unit="block"):
        add_prices({LINE: ridge, **models}, block, repricer)
    members = {name: model.member_predictions(test.rows) for name, model in models.items()}
    known = read_table(paths.DATASET_TRAIN, ["bond_id", "date", "issuer", "clean_price"])
    ticks = ticks_of(test.rows, pl.concat(rows.select("bond_id", "clean_price") for rows in (known, validation.rows)))
    optional_inputs = OptionalInputs(read_parquet(paths.REGIMES), member_prices(members, test.rows, repricer), ticks)

    scales = blocks.RowScales(feature_names("enhanced"), params, seed, threads).fit(train)
    intervals = blocks.fit_intervals(validation, scales, params)
    widths = blocks.walk_intervals(intervals, test, scales)
    baselines = [name for name in test.prices if name not in models]
    dataset = pl.concat(rows.select("bond_id", "date", "issuer") for rows in (known, validation.rows, test.rows))
    truth, errors = read_truth(test.rows, dataset), yield_errors(test, threads)
    result = score_predictors(validation, test, widths, errors, baselines, truth, params, seed, optional_inputs)
    reliance = {name: found["features"]["feature_reliance"] for name, found in read_json(paths.DRIFT)["models"].items()}
    features = feature_names("advanced")
    result["drift"] = later_drift(train, validation, test, features, reliance, load(DriftParams, "drift"), seed)
    best_model = models.get(result["best_model"])
    result["importance"] = model_importance(best_model, test.rows, repricer, load(ImportanceParams, "importance"), seed)
    write_parquet(prediction_table(test, widths), paths.PREDICTIONS)
    kept = blocks.kept_intervals(best := best_predictor(result), intervals[best], validation, scales)
    write_arrays(kept.arrays(), paths.INTERVALS)
    write_arrays(blocks.interval_states(intervals, followed(result)), paths.INTERVALS_STATE)
    write_json(blocks.confidence_table(kept, validation, test, widths[best], scales), paths.CONFIDENCE)
    write_json(result, paths.METRICS / "evaluate.json")
    write_json(headline(result), paths.HEADLINE)
    for cut in ("maturity", "staleness"):
        write_csv(slice_table(result, cut), paths.PLOTS / f"error_by_{cut}.csv")
    write_csv(plotted_points(test, best), paths.PLOTS / "predicted_observed.csv")


def read_truth(rows: pl.DataFrame, dataset: pl.DataFrame) -> SimulatedTruth | None:
    """Return what the simulator knows of rows of the dataset, or None when they are not the simulator's.

    Raises
    ------
    DataError
        Some rows are the simulator's and some are not.
    """
    truth = read_parquet(paths.SIMULATED_TRUTH, columns=["bond_id", "date", "regime", *TRUTH_COLUMNS])
    optimal_filter = read_parquet(
        paths.SIMULATED_OPTIMAL_FILTER, columns=["bond_id", "date", "optimal_filter_clean_price"]
    )
    try:
        return simulated_truth(rows, dataset, truth, optimal_filter)
    except UnknownRowsError as error:
        raise DataError(
            f"{paths.SIMULATED_TRUTH}: holds only some of the test rows ({error}); "
            "rename the bonds of data.observations that share names with simulated ones"
        ) from error


if __name__ == "__main__":
    run(main, __doc__)
