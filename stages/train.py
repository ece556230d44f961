"""Stage ``train@NAME``: one model, trained on the training block and tuned on the validation block alone."""

import sys

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.models.common.base import DatasetError, Model, model_module, prediction_table
from richcheap.pipeline.config.sections import load, load_seed, model_names, one_model
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.map_tasks import MapTasks
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.tasks import checkpointed_tasks
from richcheap.pipeline.execution.workers import ComputeParams, load_compute
from richcheap.pipeline.memory.admission import admitted
from richcheap.pipeline.memory.held import TRAINED
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import dump_model, write_json, write_parquet
from richcheap.pipeline.storage.tables import read_block, read_training_block


def main() -> None:
    """Train the model named on the command line; write it, its validation predictions and what its training found."""
    name = model_name(sys.argv[1:])
    module = model_module(name)
    model = module.build(load(module.Params, f"models.{name}"), load_seed(), available_cores())
    with admitted(f"train {name}", TRAINED):
        validation = read_block(paths.DATASET_VALIDATION)
        rows = read_training_block(paths.DATASET_TRAIN, f"train {name}")
        train(model, rows, validation, training_tasks(name, load_compute()))
        dump_model(model, paths.model_file(name))
        write_parquet(prediction_table(model, validation), paths.validation_predictions(name))
        write_json({"model": name, **model.findings()}, paths.training_findings(name))


def model_name(arguments: list[str]) -> str:
    """Return the one argument, which must be a model that params.yaml has a block for."""
    return one_model("stages.train", arguments, model_names())


def training_tasks(name: str, compute: ComputeParams) -> MapTasks:
    """Return what does the independent tasks of a model's training: on the workers there are, with checkpoints."""
    return checkpointed_tasks(f"train {name}", name, [f"richcheap.models.{name}"], compute)


def train(model: Model, rows: pl.DataFrame, validation: pl.DataFrame, map_tasks: MapTasks) -> None:
    """Fit `model`, then give its cores back, so that they leave no trace in the stored bytes.

    Raises
    ------
    DataError
        The blocks cannot be learned from.
    """
    try:
        model.fit(rows, validation, map_tasks)
    except DatasetError as error:
        raise DataError(f"{paths.DATASET}: {error}") from error
    model.set_params(n_jobs=1)


if __name__ == "__main__":
    run(main, __doc__, "NAME")
