"""Stage ``train@NAME``: one model, trained on the training block and tuned on the validation block alone."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence

import polars as pl

from dvc_parallel.system.cores import available_cores
from richcheap.models.common.base import DatasetError, Model, model_module
from richcheap.pipeline.config.sections import load, load_seed, model_names, one_model
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.checkpoints import checkpointed
from richcheap.pipeline.execution.code_digest import code_digest
from richcheap.pipeline.execution.map_tasks import MapTasks, Result, Task
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import ComputeParams, load_compute, run_tasks
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import dump_model, write_json, write_parquet
from richcheap.pipeline.storage.tables import read_table

LIBRARIES = ("lightgbm", "numpy", "optuna", "polars", "scikit-learn", "scipy")
"""Libraries whose versions can change a model's bytes."""


def main() -> None:
    """Train the model named on the command line; write it, its validation predictions and what its training found."""
    name = model_name(sys.argv[1:])
    module = model_module(name)
    model = module.build(load(module.Params, f"models.{name}"), load_seed(), available_cores())
    validation = read_table(paths.DATASET_VALIDATION)
    map_tasks = training_tasks(name, load_compute())
    train(name, model, read_table(paths.DATASET_TRAIN), validation, map_tasks)
    predictions = predict(model, validation)
    dump_model(model, paths.model_file(name))
    write_parquet(predictions, paths.validation_predictions(name))
    write_json({"model": name, **model.findings()}, paths.training_findings(name))


def model_name(arguments: list[str]) -> str:
    """Return the one argument, which must be a model that params.yaml has a block for."""
    return one_model("stages.train", arguments, model_names())


def training_tasks(name: str, compute: ComputeParams) -> MapTasks:
    """Return what does the independent pieces of a model's training: on the workers there are, with checkpoints."""
    return checkpointed_tasks(f"train {name}", name, [f"richcheap.models.{name}"], compute)


def checkpointed_tasks(label: str, folder: str, modules: list[str], compute: ComputeParams) -> MapTasks:
    """Return what does the pieces of work whose results follow from `modules`, kept in a folder of the checkpoints."""

    def anywhere(
        function: Callable[[Task], Result], tasks: Sequence[Task], *, desc: str, unit: str
    ) -> Iterable[Result]:
        return run_tasks(function, tasks, compute, desc=f"{label}, {desc}", unit=unit)

    return checkpointed(anywhere, compute.checkpoint_folder(folder), code_digest(modules, LIBRARIES))


def train(name: str, model: Model, rows: pl.DataFrame, validation: pl.DataFrame, map_tasks: MapTasks) -> None:
    """Fit `model` under a bar, then give its cores back, so that they leave no trace in the stored bytes.

    Raises
    ------
    DataError
        The blocks cannot be learned from.
    """
    try:
        model.fit(rows, validation, lambda steps, total, unit: _bar(steps, total, f"train {name}", unit), map_tasks)
    except DatasetError as error:
        raise DataError(f"{paths.DATASET}: {error}") from error
    model.set_params(n_jobs=1)


def predict(model: Model, rows: pl.DataFrame) -> pl.DataFrame:
    """Return ``bond_id``, ``date`` and ``prediction_bp`` of each row."""
    return rows.select("bond_id", "date").with_columns(pl.Series("prediction_bp", model.predict(rows)))


def _bar(steps: Iterator[None], total: int, desc: str, unit: str) -> Iterable[None]:
    bar: Iterable[None] = progress(steps, total=total, desc=desc, unit=unit)
    return bar


if __name__ == "__main__":
    run(main, __doc__, "NAME")
