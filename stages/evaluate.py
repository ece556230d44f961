"""Stage ``evaluate``: every model and baseline on the test block, which no other stage reads."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dvc_parallel.system.cores import available_cores
from richcheap.drift.windows import later_drift
from richcheap.evaluation.baselines import COLUMNS, FILTER, LINE
from richcheap.evaluation.importance import importance
from richcheap.evaluation.intervals.blocks import RowScales, fit_intervals, walk_intervals
from richcheap.evaluation.noise_free_bound import TRUTH_COLUMNS, half_lives, noise_free_mid, visible_residuals
from richcheap.evaluation.params import DriftParams, EvaluateParams, ImportanceParams
from richcheap.evaluation.pricing import add_prices, member_prices
from richcheap.evaluation.score import (
    OptionalInputs,
    ScoredBlock,
    SimulatedTruth,
    judge,
    prediction_table,
    yield_errors,
)
from richcheap.evaluation.ticks import ticks_of
from richcheap.features.catalogue import feature_names
from richcheap.features.repricing import Repricer
from richcheap.models.common.base import Model
from richcheap.models.ridge import RidgeLearner
from richcheap.pipeline.config.sections import load, load_seed, model_names
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import (
    load_model,
    read_json,
    read_parquet,
    write_csv,
    write_json,
    write_parquet,
)
from richcheap.pipeline.storage.tables import read_table

Floats = NDArray[np.float64]

PLOTTED_POINTS = 2000


def main() -> None:
    """Read the blocks and the models; write predictions, metrics and plots."""
    params, seed, threads = load(EvaluateParams, "evaluate"), load_seed(), available_cores()
    train = read_table(paths.DATASET_TRAIN)
    validation, test = (with_baselines(read_table(folder)) for folder in (paths.DATASET_VALIDATION, paths.DATASET_TEST))
    repricer = Repricer.from_frame(read_parquet(paths.CURVES), threads)
    models = {name: load_model(paths.tuned_model_file(name)) for name in model_names()}
    ridge = RidgeLearner(train, feature_names("enhanced"), params.ridge_penalty, params.ridge_clip_share)
    learners = {LINE: ridge, **models}
    for block in progress((validation, test), desc="evaluate, predictions", unit="block"):
        add_prices(learners, block, repricer)
    members = {name: model.member_predictions(test.rows) for name, model in models.items()}
    earlier = pl.concat(rows.select("bond_id", "clean_price") for rows in (train, validation.rows))
    ticks = ticks_of(test.rows, earlier)
    extras = OptionalInputs(read_parquet(paths.REGIMES), member_prices(members, test.rows, repricer), ticks)

    scales = RowScales(feature_names("enhanced"), params, seed, threads).fit(train)
    widths = walk_intervals(fit_intervals(validation, scales, params), test, scales)
    baselines = [name for name in test.prices if name not in models]
    truth = read_truth(
        test.rows, pl.concat(rows.select("bond_id", "date", "issuer") for rows in (train, validation.rows, test.rows))
    )
    result = judge(validation, test, widths, yield_errors(test, threads), baselines, truth, params, seed, extras)
    result["drift"] = drift(train, validation, test, seed)
    result["importance"] = best_importance(models.get(result["best_model"]), test, repricer, seed)
    write_parquet(prediction_table(test, widths), paths.PREDICTIONS)
    write_json(result, paths.METRICS / "evaluate.json")
    write_json(headline(result), paths.HEADLINE)
    best = result["best_model"] or result["best_baseline"]
    write_csv(slice_table(result, "maturity", best), paths.PLOTS / "error_by_maturity.csv")
    write_csv(slice_table(result, "staleness", best), paths.PLOTS / "error_by_staleness.csv")
    write_csv(plotted_points(test, best), paths.PLOTS / "predicted_observed.csv")


def with_baselines(rows: pl.DataFrame) -> ScoredBlock:
    """Return a block with the clean prices of the baselines that the dataset carries."""
    return ScoredBlock(rows, {name: rows[column].to_numpy() for name, column in COLUMNS.items()})


def drift(train: pl.DataFrame, validation: ScoredBlock, test: ScoredBlock, seed: int) -> dict[str, Any]:
    """Return the drift of every model and feature in the test block."""
    listening = {name: found["features"]["listens"] for name, found in read_json(paths.DRIFT)["models"].items()}
    return later_drift(train, validation, test, feature_names("advanced"), listening, load(DriftParams, "drift"), seed)


def best_importance(model: Model | None, test: ScoredBlock, repricer: Repricer, seed: int) -> dict[str, Any] | None:
    """Return what the best model owes to each group of its features on the test block."""
    if model is None:
        return None

    def price(rows: pl.DataFrame, prediction_bp: Floats) -> Floats:
        return repricer.predicted_prices(rows, prediction_bp[:, None])[:, 0]

    # All features: an anchor is read besides those that a model learns from.
    params = load(ImportanceParams, "importance")
    return importance(model.predict, test.rows, price, feature_names("advanced"), params, seed)


def read_truth(rows: pl.DataFrame, seen: pl.DataFrame) -> SimulatedTruth | None:
    """Return what the simulator knows of these rows, or None when they are not the simulator's.

    Parameters
    ----------
    rows : DataFrame
        Rows of the dataset.
    seen : DataFrame
        ``bond_id``, ``date`` and ``issuer`` of all rows of the dataset.

    Raises
    ------
    DataError
        Some rows are the simulator's and some are not.
    """
    truth = read_parquet(paths.SIMULATED_TRUTH, columns=["bond_id", "date", "regime", *TRUTH_COLUMNS])
    joined = rows.select("bond_id", "date").join(truth, on=["bond_id", "date"], how="left", maintain_order="left")
    unknown = joined["mid_clean_price"].null_count()
    if unknown == rows.height:
        return None
    if unknown:
        raise DataError(
            f"{paths.SIMULATED_TRUTH}: holds only some of the test rows ({unknown:,} of {rows.height:,} are missing); "
            "rename the bonds of data.observations that share names with simulated ones"
        )
    known = visible_residuals(seen, truth.drop("regime"))
    return SimulatedTruth(
        mid=joined["mid_clean_price"].to_numpy(),
        regime=joined["regime"],
        attainable=read_attainable(rows),
        noise_free=noise_free_mid(rows, known, half_lives(known)),
    )


def read_attainable(rows: pl.DataFrame) -> Floats | None:
    """Return what stage `oracle` expects of these rows, or None when it worked nothing out."""
    expected = read_parquet(paths.SIMULATED_ATTAINABLE, columns=["bond_id", "date", "attainable_clean_price"])
    found = rows.select("bond_id", "date").join(expected, on=["bond_id", "date"], how="left", maintain_order="left")
    prices = found["attainable_clean_price"]
    return None if prices.null_count() else prices.to_numpy()


def headline(result: dict[str, Any]) -> dict[str, Any]:
    """Pick the few figures that `dvc metrics show` and `dvc exp show` have room for."""
    predictors, champion = result["predictors"], result["best_model"]
    simple, best = result["best_simple_baseline"], result["best_baseline"]
    chosen: dict[str, Any] = {
        "champion": champion,
        "champion_mae": predictors[champion]["mae"] if champion else None,
        "best_simple_baseline": simple,
        "best_simple_baseline_mae": predictors[simple]["mae"],
        f"{FILTER}_mae": predictors[FILTER]["mae"],
        "best_baseline": best,
        "best_baseline_mae": predictors[best]["mae"],
    }
    for name, figures in predictors.items():
        if figures["kind"] == "model":
            skill = result["skill"][name]
            chosen[name] = {
                "mae": figures["mae"],
                "coverage": figures["coverage"],
                "attainable_share_of_move": figures["attainable_share_of_move"],
                "noise_free_share_of_move": figures["noise_free_share_of_move"],
                **{
                    f"skill_{against}": {key: skill[against][key] for key in ("skill", "low", "high", "verdict")}
                    for against in ("against_best_simple_baseline", f"against_{FILTER}")
                },
                "verdict": skill["against_best_baseline"]["verdict"],
            }
    return chosen


def slice_table(result: dict[str, Any], cut: str, name: str) -> pl.DataFrame:
    """Return one predictor's error in each cell of a cut, for `dvc plots`: ``cell`` and ``mae``."""
    rows = [(entry["cell"], entry["predictors"][name]["mae"]) for entry in result["slices"][cut]]
    return pl.DataFrame(rows, schema=["cell", "mae"], orient="row")


def plotted_points(test: ScoredBlock, name: str) -> pl.DataFrame:
    """Return every k-th observed and predicted price, at most `PLOTTED_POINTS`."""
    table = pl.DataFrame({"observed": test.rows["clean_price"], "predicted": test.prices[name]})
    return table.gather_every(max(1, -(-table.height // PLOTTED_POINTS)))


if __name__ == "__main__":
    run(main, __doc__)
