"""Stage ``tune@NAME``: vary a trained model for less validation error and less drift; replace it only if that is sure.

Candidates are chosen on the first dates of the validation block and confirmed on the others. A model that is not
replaced goes on as the very bytes that were trained.
"""

import sys
from pathlib import Path
from typing import Any

from richcheap.evaluation.params import DriftParams, TuneParams
from richcheap.models.common.base import prediction_table
from richcheap.pipeline.config.sections import load, load_seed, one_model
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.tasks import checkpointed_tasks
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.memory.admission import admitted
from richcheap.pipeline.memory.held import VARIED
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
from richcheap.pipeline.storage.tables import read_table, read_training_block
from richcheap.tuning.tuner import REPLACED, Trained, reason_to_keep, tune


def main() -> None:
    """Tune the model named on the command line; write it, its predictions for the validation block, and the verdict."""
    params, models = load(TuneParams, "tune"), read_json(paths.DRIFT)["models"]
    name = model_name(sys.argv[1:], list(models))
    drift = models[name]
    reason = reason_to_keep(params, drift["status"])
    result: dict[str, Any] = {"verdict": reason, "drift": drift["score"], "status": drift["status"], "candidates": []}
    if not reason:
        with admitted(f"tune {name}", VARIED):
            result |= tuned(name, params, drift["features"]["feature_reliance"])
    if result["verdict"] != REPLACED:
        copy_file(paths.model_file(name), paths.tuned_model_file(name))
        copy_file(paths.validation_predictions(name), paths.tuned_predictions(name))
    write_json({"model": name, "replaced": result["verdict"] == REPLACED, **result}, metrics_file(name))


def model_name(arguments: list[str], models: list[str]) -> str:
    """Return the one argument, which must be a model that the drift stage has looked at."""
    return one_model("stages.tune", arguments, models)


def metrics_file(name: str) -> Path:
    """Return where the verdict on model `name` lies."""
    return paths.TUNING / f"{name}.json"


def tuned(name: str, params: TuneParams, reliance: dict[str, float]) -> dict[str, Any]:
    """Return what tuning found of a model; write its replacement, if there is one."""
    validation = read_table(paths.DATASET_VALIDATION)
    modules = [f"richcheap.models.{name}", "richcheap.tuning.variations"]
    found = tune(
        Trained(
            load_model(paths.model_file(name)),
            paths.model_file(name).read_bytes(),
            read_training_block(paths.DATASET_TRAIN, f"tune {name}"),
            validation,
            read_parquet(paths.validation_predictions(name))["prediction_bp"].to_numpy(),
            reliance,
        ),
        params,
        load(DriftParams, "drift"),
        load_seed(),
        checkpointed_tasks(f"tune {name}", f"tune/{name}", modules, load_compute()),
    )
    if found.replacement is not None:
        dump_model(found.replacement, paths.tuned_model_file(name))
        write_parquet(prediction_table(found.replacement, validation), paths.tuned_predictions(name))
    return found.result


if __name__ == "__main__":
    run(main, __doc__, "NAME")
