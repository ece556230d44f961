"""Stage ``signals``: which bonds are rich and which cheap against their peers, and whether that has paid."""

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.evaluation.baselines import COLUMNS
from richcheap.evaluation.params import EvaluateParams
from richcheap.evaluation.summary import best_predictor
from richcheap.features.baselines import FILTER
from richcheap.pipeline.config.sections import load, load_seed
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import LEFT_OUT, read_json, read_parquet, write_json, write_parquet
from richcheap.pipeline.storage.tables import read_table
from richcheap.relative_value.carry import TERMS, carry_and_roll_down
from richcheap.relative_value.params import SignalsParams
from richcheap.relative_value.score import score_block, score_quarters
from richcheap.relative_value.table import (
    READ_COLUMNS,
    SIGNALS,
    WRITTEN_COLUMNS,
    fitted_half_lives,
    innovation_bp,
    kept,
    signal_table,
    with_truth,
)

NAME = "signals"
FOLDERS = {"train": paths.DATASET_TRAIN, "validation": paths.DATASET_VALIDATION, "test": paths.DATASET_TEST}
JUDGED = {"validation": ("validation",), "test": ("test",), "validation_and_test": ("validation", "test")}
"""Spans of dates that signals are judged on, by the blocks that make them; the longest also by rating and the like."""


def main() -> None:
    """Read the dataset and what the champion predicted; write the signals of the judged blocks, and their scores."""
    params, evaluate = load(SignalsParams, NAME), load(EvaluateParams, "evaluate")
    evaluation = read_json(paths.METRICS / "evaluate.json", even_left_out=True)
    champion = FILTER if LEFT_OUT in evaluation else best_predictor(evaluation)
    is_model = LEFT_OUT not in evaluation and evaluation["predictors"][champion]["kind"] == "model"
    names = progress(FOLDERS, desc=f"{NAME}, rows", unit="block")
    rows = kept(pl.concat(block_rows(name, champion, is_model) for name in names), params)  # held once, not twice
    half_lives = fitted_half_lives(rows.filter(block="train"), params)
    table = signal_table(rows, half_lives, params).filter(pl.col("block") != "train")
    table = table.hstack(carry_and_roll_down(table, read_parquet(paths.CURVES), params.horizon_days, available_cores()))
    write_parquet(table.select(WRITTEN_COLUMNS), paths.RELATIVE_VALUE)
    truth = read_parquet(paths.SIMULATED_TRUTH, ["bond_id", "date", "bond_residual_bp"])
    oracle = read_parquet(paths.SIMULATED_OPTIMAL_FILTER, ["bond_id", "date", "optimal_filter_bond_bp"])
    judged = with_truth(table, truth, oracle)
    scores = {
        span: score_block(judged.filter(pl.col("block").is_in(own)), evaluate, load_seed(), with_cuts=len(own) > 1)
        for span, own in progress(JUDGED.items(), desc=f"{NAME}, scores", unit="span")
    }
    write_json(
        {
            "champion": champion,
            "confidence": evaluate.confidence,
            "half_life_days": half_lives,
            "params": params.model_dump(),
            "quarters": score_quarters(judged, evaluate, load_seed()),
            "signals": {signal.name: signal.meaning for signal in SIGNALS},
            "spans": scores,
        },
        paths.SIGNALS,
    )


def block_rows(name: str, champion: str, is_model: bool) -> pl.DataFrame:
    """Read the rows of a block, with what the champion's price leaves of each print: nothing on the training block."""
    baseline = [COLUMNS[champion]] if champion in COLUMNS else []
    rows = read_table(FOLDERS[name], list(dict.fromkeys([*READ_COLUMNS, *TERMS, *baseline])))
    innovation = pl.lit(None, dtype=pl.Float64)
    if name != "train" and baseline:
        innovation = innovation_bp(pl.col(*baseline))
    elif name == "validation" and is_model:
        innovation = pl.col("target_bp") - read_parquet(paths.tuned_predictions(champion))["prediction_bp"]
    elif name == "test":
        innovation = innovation_bp(pl.lit(read_parquet(paths.PREDICTIONS, [champion])[champion]))
    return rows.with_columns(block=pl.lit(name), innovation_bp=innovation).drop(baseline)


if __name__ == "__main__":
    run(main, __doc__)
