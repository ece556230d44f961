"""Stage ``live``: prices, intervals and signals of the dates after the test block, and how they have fared."""

from typing import Any

import numpy as np
import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.decomposition.champion import Champion
from richcheap.decomposition.points import decompose
from richcheap.drift.windows import later_drift
from richcheap.evaluation.baselines import COLUMNS
from richcheap.evaluation.intervals.blocks import KeptIntervals, RowScales, restored_intervals, walk_intervals
from richcheap.evaluation.params import DriftParams, EvaluateParams
from richcheap.evaluation.pricing import add_prices, with_baselines
from richcheap.evaluation.score import ScoredBlock, prediction_table
from richcheap.evaluation.summary import followed
from richcheap.features.baselines import LINE
from richcheap.features.catalogue import feature_names
from richcheap.features.repricing import Repricer
from richcheap.live.score_card import score_card
from richcheap.live.signals import COLUMNS_READ, live_signals
from richcheap.models.ridge import RidgeBaseline
from richcheap.pipeline.config.sections import load, load_seed
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import (
    load_model,
    read_arrays,
    read_json,
    read_parquet,
    write_arrays,
    write_json,
    write_parquet,
)
from richcheap.pipeline.storage.tables import read_table, read_training_block
from richcheap.relative_value.params import SignalsParams

EARLIER = (paths.DATASET_TRAIN, paths.DATASET_VALIDATION, paths.DATASET_TEST)


def main() -> None:
    """Read the live block and what was chosen before it; write prices, their parts, intervals, signals, score card."""
    params, seed, threads = load(EvaluateParams, "evaluate"), load_seed(), available_cores()
    evaluation = read_json(paths.METRICS / "evaluate.json")
    curves = pl.concat([read_parquet(paths.CURVES), read_parquet(paths.LIVE_CURVES)])
    names, rows = followed(evaluation), read_table(paths.DATASET_LIVE)
    block, intervals = with_baselines(rows), KeptIntervals.of(read_arrays(paths.INTERVALS))
    champion, *others = names
    widths, drift = {name: np.empty(0) for name in names}, None
    repricer, delta_bp = Repricer.from_frame(curves, threads), np.empty(0)
    if rows.height:
        models = {name: predictor(name, params) for name in names if name not in COLUMNS}
        predict = models[champion].predict if champion in models else None
        block.prices[champion], delta_bp = Champion(champion, predict).prices(rows, repricer)
        add_prices({name: models[name] for name in others if name in models}, block, repricer)
        walked = restored_intervals(read_arrays(paths.INTERVALS_STATE), names, params)
        scales = RowScales(feature_names("enhanced"), params, seed, threads).restore(intervals.scale)
        block = ScoredBlock(rows, {name: block.prices[name] for name in names})
        widths = walk_intervals(walked, block, scales)
        intervals = intervals.followed_by(walked[champion])
        drift = drift_since_test(block, champion, seed)
    block = ScoredBlock(rows, {name: block.prices.get(name, np.empty(0)) for name in names})
    write_parquet(prediction_table(block, widths), paths.LIVE_PREDICTIONS)
    write_arrays(intervals.arrays(), paths.LIVE_INTERVALS)
    write_parquet(decompose(rows, delta_bp, repricer), paths.LIVE_DECOMPOSITION)
    earlier = pl.concat([read_table(folder, COLUMNS_READ) for folder in EARLIER])
    half_lives, signals = read_json(paths.SIGNALS)["half_life_days"], load(SignalsParams, "signals")
    table = live_signals(earlier, rows, block.prices[champion], half_lives, curves, signals, threads)
    write_parquet(table, paths.LIVE_RELATIVE_VALUE)
    write_json(score_card(block, widths, evaluation, drift), paths.LIVE_METRICS)


def predictor(name: str, params: EvaluateParams) -> Any:
    """Return a model, or the linear baseline, which is fitted anew."""
    if name != LINE:
        return load_model(paths.tuned_model_file(name))
    train = read_training_block(paths.DATASET_TRAIN, "live")
    return RidgeBaseline(train, feature_names("enhanced"), params.ridge_penalty, params.ridge_clip_share)


def drift_since_test(live: ScoredBlock, champion: str, seed: int) -> dict[str, Any]:
    """Return the drift of the champion from the test block to the live one, of features from the training block."""
    test, found = read_table(paths.DATASET_TEST), read_json(paths.DRIFT)["models"].get(champion)
    before = ScoredBlock(test, {champion: read_parquet(paths.PREDICTIONS)[champion].to_numpy()})
    reliance = {} if found is None else {champion: found["features"]["feature_reliance"]}
    features = feature_names("advanced")
    train = read_table(paths.DATASET_TRAIN, [*features, "date"])
    return later_drift(train, before, live, features, reliance, load(DriftParams, "drift"), seed)


if __name__ == "__main__":
    run(main, __doc__)
