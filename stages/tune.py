"""Stage ``tune@NAME``: vary a trained model for less validation error and less drift; replace it only if that is sure.

Candidates are chosen on the first dates of the validation block and confirmed on the others. A model that is not
replaced goes on as the very bytes that were trained.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from richcheap.drift.acceptance import Judge, Parts, VariationScore, accept, best, comparison, divide, fewest_dates
from richcheap.drift.score import STEADY, UNKNOWN, feature_drift, feature_reliance_drift
from richcheap.evaluation.params import DriftParams, TuneParams
from richcheap.models.common.variations import UNCHANGED, Retraining, Variation, candidates, last_dates
from richcheap.pipeline.config.sections import load, load_seed, one_model
from richcheap.pipeline.execution.map_tasks import MapTasks
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import ComputeParams, load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import (
    copy_file,
    dump_model,
    load_model,
    read_json,
    read_parquet,
    write_json,
    write_parquet,
)
from richcheap.pipeline.storage.tables import read_table
from stages.drift import feature_columns
from stages.train import checkpointed_tasks, predict

REPLACED = "replaced"


def main() -> None:
    """Tune the model named on the command line; write it, its predictions for the validation block, and the verdict."""
    params, seed, models = load(TuneParams, "tune"), load_seed(), read_json(paths.DRIFT)["models"]
    name = model_name(sys.argv[1:], list(models))
    drift = models[name]
    reason = reason_to_keep(params, drift["status"])
    result: dict[str, Any] = {"verdict": reason, "drift": drift["score"], "status": drift["status"], "candidates": []}
    if not reason:
        result |= tune(name, params, drift["features"]["listens"], seed)
    if result["verdict"] != REPLACED:
        for made, path in ((paths.model_file, "model.joblib"), (paths.validation_predictions, "validation.parquet")):
            copy_file(made(name), paths.TUNED / name / path)
    write_json({"model": name, "replaced": result["verdict"] == REPLACED, **result}, metrics_file(name))


def model_name(arguments: list[str], models: list[str]) -> str:
    """Return the one argument, which must be a model that the drift stage has looked at."""
    return one_model("stages.tune", arguments, models)


def tuning_tasks(name: str, compute: ComputeParams) -> MapTasks:
    """Return what does the independent pieces of a model's tuning: on the workers there are, with checkpoints."""
    modules = [f"richcheap.models.{name}", "richcheap.models.common.variations"]
    return checkpointed_tasks(f"tune {name}", f"tune/{name}", modules, compute)


def metrics_file(name: str) -> Path:
    """Return where the verdict on model `name` lies."""
    return paths.TUNING / f"{name}.json"


def reason_to_keep(params: TuneParams, status: str) -> str:
    """Return why the model is not even varied; nothing when it is."""
    if params.trials == 0:
        return "kept: no trials were asked for"
    if params.only_flagged and status == STEADY:
        return "kept: it has not drifted"
    if params.only_flagged and status == UNKNOWN:
        return "kept: the validation block has too few dates to tell whether it has drifted"
    return ""


def tune(name: str, params: TuneParams, listens: dict[str, float], seed: int) -> dict[str, Any]:
    """Try variations of a model; write the best of them in its place when the dates kept back confirm it."""
    validation, learned = read_table(paths.DATASET_VALIDATION), read_table(paths.DATASET_TRAIN)
    parts = divide(validation, params.choice_share)
    if parts is None:
        return {"verdict": too_few_dates(validation, params.choice_share)}
    model = load_model(paths.model_file(name))
    map_tasks = tuning_tasks(name, load_compute())
    retraining = Retraining(paths.model_file(name).read_bytes(), learned, parts.choosing, validation)
    asked = candidates(model, params.trials, seed)
    made = list(zip(asked, map_tasks(retraining, asked, desc="variations", unit="candidate"), strict=True))
    tried = [one for one, values in made if np.isfinite(values).all()]
    predictions = [pl.Series(values) for _, values in made if np.isfinite(values).all()]
    if not tried:
        return {"verdict": "kept: no variation could learn from its window of the training block"}
    present = read_parquet(paths.validation_predictions(name))["prediction_bp"]
    scales = Scales(learned, parts, listens, load(DriftParams, "drift"), seed)
    choosing, confirming = (Side(number, parts, present, params, scales) for number in (0, 1))

    before = choosing.standing(UNCHANGED, present)
    standings = [choosing.standing(*pair) for pair in zip(tried, predictions, strict=True)]
    number = best(standings)
    kept_back = [confirming.standing(UNCHANGED, present), confirming.standing(tried[number], predictions[number])]
    gain = confirming.gain(predictions[number], seed)
    if standings[number].objective >= before.objective:
        verdict = "kept: no variation is better on the dates that choose"
    elif not accept(kept_back[1], kept_back[0], gain, params.least_gain):
        verdict = "kept: the dates kept back do not confirm the gain"
    else:
        verdict = REPLACED
        replacement = retraining.learned(tried[number], map_tasks)
        dump_model(replacement, paths.TUNED / name / "model.joblib")
        write_parquet(predict(replacement, validation), paths.TUNED / name / "validation.parquet")
    return {
        "verdict": verdict,
        "candidates": [one.describe() | standing._asdict() for one, standing in zip(tried, standings, strict=True)],
        "chosen": tried[number].describe(),
        "choosing": comparison(before, standings[number]),
        "confirming": comparison(kept_back[0], kept_back[1]),
        "gain": gain._asdict(),
    }


def too_few_dates(validation: pl.DataFrame, choice_share: float) -> str:
    """Say how many dates the validation block has, and how many tuning needs."""
    return (
        "kept: the validation block has too few dates to choose on some and confirm on others: needs at least "
        f"{fewest_dates(choice_share)} dates, has {validation['date'].n_unique()} (split.validation_share)"
    )


class Scales:
    """Measures how far features have drifted from what a variation learned, each window once."""

    def __init__(
        self, learned: pl.DataFrame, parts: Parts, listens: dict[str, float], params: DriftParams, seed: int
    ) -> None:
        self.params = params
        self._learned, self._parts, self._listens, self._seed = learned, parts, listens, seed
        self._known: dict[tuple[int, float], float] = {}

    def features(self, part: int, window_share: float) -> float:
        """Return the drift, 0 to 1, of the features listened to, from a window of training dates to a part."""
        key = part, window_share
        if key not in self._known:
            rows = self._parts[part]
            window = last_dates(self._learned, window_share)
            drift = feature_drift(window, rows, feature_columns(rows), self.params, self._seed)
            self._known[key] = feature_reliance_drift(drift, self._listens)
        return self._known[key]


class Side:
    """One part of the validation block, and how predictions fare on it."""

    def __init__(self, number: int, parts: Parts, present: pl.Series, params: TuneParams, scales: Scales) -> None:
        sizes = [rows.height for rows in parts]
        self._slice = slice(0, sizes[0]) if number == 0 else slice(sizes[0], sum(sizes))
        self._judge = Judge(parts[number], present[self._slice].to_numpy(), params, scales.params)
        self._number, self._scales = number, scales

    def standing(self, candidate: Variation, predictions: pl.Series) -> VariationScore:
        """Return how the predictions of a variation for the validation block fare on this part."""
        features = self._scales.features(self._number, candidate.window_share)
        return self._judge.standing(predictions[self._slice].to_numpy(), features)

    def gain(self, predictions: pl.Series, seed: int) -> Any:
        """Return the gain of predictions over the present model's."""
        return self._judge.gain(predictions[self._slice].to_numpy(), seed)


if __name__ == "__main__":
    run(main, __doc__, "NAME")
