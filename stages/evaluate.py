"""Stage ``evaluate``: every model and baseline on the test block, which no other stage reads."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stages.evaluation.intervals_blocks import SCALE_COLUMNS, RowScales, fit_intervals, walk_intervals
from stages.evaluation.judge import Block, Truth, judge, prediction_table, yield_errors
from stages.evaluation.params import EvaluateParams
from stages.evaluation.ridge import fit_ridge
from stages.models.noise_units import sample, space
from stages.pipeline import paths
from stages.pipeline.artifacts import load_model, read_parquet, write_csv, write_json, write_parquet
from stages.pipeline.cores import available_cores
from stages.pipeline.document import read
from stages.pipeline.errors import DataError
from stages.pipeline.params import load, load_seed
from stages.pipeline.parts import read_table
from stages.pipeline.progress import progress
from stages.pipeline.stage import run
from stages.spreads.feature_table import feature_names
from stages.spreads.repricing import Repricer

Floats = NDArray[np.float64]

BASELINE_COLUMNS = {
    "matrix": "fair_price",
    "last": "baseline_last",
    "last_adjusted": "baseline_last_adjusted",
    "last_adjusted_move": "baseline_last_adjusted_move",
    "ewma": "baseline_ewma",
    "peers": "baseline_peers",
}
PLOTTED_POINTS = 2000


def main() -> None:
    """Read the blocks and the models; write predictions, metrics and plots."""
    params, seed = load(EvaluateParams, "evaluate"), load_seed()
    validation, test = (with_baselines(read_table(folder)) for folder in (paths.DATASET_VALIDATION, paths.DATASET_TEST))

    learners: dict[str, Any] = {"ridge": _Ridge(params)}
    learners |= {name: load_model(paths.model_file(name)) for name in trained_models()}
    add_learners(learners, (validation, test), Repricer.from_frame(read_parquet(paths.CURVES), available_cores()))

    scales = row_scales(params, seed)
    widths = walk_intervals(fit_intervals(validation, scales, params), test, scales)
    errors_bp = yield_errors(test, available_cores())
    baselines = [*BASELINE_COLUMNS, "ridge"]
    result = judge(validation, test, widths, errors_bp, baselines, read_truth(test.rows), params, seed)
    write_parquet(prediction_table(test, widths), paths.PREDICTIONS)
    write_json(result, paths.METRICS / "evaluate.json")
    write_json(headline(result), paths.METRICS / "headline.json")
    best = result["best_model"] or result["best_baseline"]
    write_csv(slice_table(result, "maturity", best), paths.PLOTS / "error_by_maturity.csv")
    write_csv(slice_table(result, "staleness", best), paths.PLOTS / "error_by_staleness.csv")
    write_csv(plotted_points(test, best), paths.PLOTS / "predicted_observed.csv")


def row_scales(params: EvaluateParams, seed: int) -> RowScales:
    """Return what says how large errors may be, learned on the training block."""
    features = feature_names("enhanced")
    train = read_table(paths.DATASET_TRAIN, list(dict.fromkeys([*features, *SCALE_COLUMNS])))
    return RowScales(features, params, seed, available_cores()).fit(train)


def trained_models() -> list[str]:
    """Return the models that params.yaml has a block for, in its order."""
    return list(read(paths.PARAMS).values["models"])


class _Ridge:
    """The linear baseline, fitted on the training block."""

    def __init__(self, params: EvaluateParams) -> None:
        self._features = feature_names("enhanced")
        learned = sample(read_table(paths.DATASET_TRAIN, [*self._features, "target_bp", "price_risk"]), self._features)
        self._model = fit_ridge(
            learned.matrix.astype(np.float64),
            learned.target_bp / learned.noise_bp,
            learned.weight(),
            params.ridge_penalty,
            params.ridge_clip_share,
        )

    def predict(self, rows: pl.DataFrame) -> Floats:
        """Return basis points to add to the base spread."""
        seen = space(rows, self._features)
        return seen.spread_bp(self._model.predict(seen.matrix.astype(np.float64)))


def with_baselines(rows: pl.DataFrame) -> Block:
    """Return a block with the clean prices of the baselines that the dataset carries."""
    return Block(rows, {name: rows[column].to_numpy() for name, column in BASELINE_COLUMNS.items()})


def add_learners(learners: Mapping[str, Any], blocks: Sequence[Block], repricer: Repricer) -> None:
    """Add what each learner predicts to the prices of each block; one walk over the cash flows prices them all."""
    predicted: list[list[Floats]] = [[] for _ in blocks]
    for learner in progress(learners.values(), desc="evaluate", unit="predictor"):
        for block, deltas in zip(blocks, predicted, strict=True):
            deltas.append(learner.predict(block.rows))
    for block, deltas in zip(blocks, predicted, strict=True):
        prices = repricer.predicted_prices(block.rows, np.column_stack(deltas))
        block.prices.update(zip(learners, np.ascontiguousarray(prices.T), strict=True))


def read_truth(rows: pl.DataFrame) -> Truth | None:
    """Return what the simulator knows of these rows, or None when they are not the simulator's.

    Raises
    ------
    DataError
        Some rows are the simulator's and some are not.
    """
    truth = read_parquet(paths.SIMULATED_TRUTH, columns=["bond_id", "date", "mid_clean_price", "regime"])
    joined = rows.select("bond_id", "date").join(truth, on=["bond_id", "date"], how="left", maintain_order="left")
    unknown = joined["mid_clean_price"].null_count()
    if unknown == rows.height:
        return None
    if unknown:
        raise DataError(
            f"{paths.SIMULATED_TRUTH}: holds only some of the test rows ({unknown:,} of {rows.height:,} are missing); "
            "rename the bonds of data.observations that share names with simulated ones"
        )
    return Truth(joined["mid_clean_price"].to_numpy(), joined["regime"])


def headline(result: dict[str, Any]) -> dict[str, Any]:
    """Pick the few figures that `dvc metrics show` and `dvc exp show` have room for."""
    predictors, best = result["predictors"], result["best_baseline"]
    chosen: dict[str, Any] = {
        "best_baseline": best,
        "best_baseline_mae": predictors[best]["mae"],
        "last_adjusted_mae": predictors["last_adjusted"]["mae"],
    }
    for name, figures in predictors.items():
        if figures["kind"] == "model":
            skill = result["skill"][name]["against_best_baseline"]
            chosen[name] = {
                "mae": figures["mae"],
                "coverage": figures["coverage"],
                "skill": skill["skill"],
                "skill_low": skill["low"],
                "skill_high": skill["high"],
                "verdict": skill["verdict"],
            }
    return chosen


def slice_table(result: dict[str, Any], cut: str, name: str) -> pl.DataFrame:
    """Return one predictor's error in each cell of a cut, for `dvc plots`: ``cell`` and ``mae``."""
    rows = [(entry["cell"], entry["predictors"][name]["mae"]) for entry in result["slices"][cut]]
    return pl.DataFrame(rows, schema=["cell", "mae"], orient="row")


def plotted_points(test: Block, name: str) -> pl.DataFrame:
    """Return every k-th observed and predicted price, at most `PLOTTED_POINTS`."""
    table = pl.DataFrame({"observed": test.rows["clean_price"], "predicted": test.prices[name]})
    return table.gather_every(max(1, -(-table.height // PLOTTED_POINTS)))


if __name__ == "__main__":
    run(main)
