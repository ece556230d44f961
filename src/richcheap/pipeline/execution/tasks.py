"""Independent tasks on the workers there are; with checkpoints, where their results follow from some code."""

from collections.abc import Callable, Iterable, Sequence

from richcheap.pipeline.execution.checkpoints import checkpointed
from richcheap.pipeline.execution.code_digest import code_digest
from richcheap.pipeline.execution.map_tasks import MapTasks, Result, Task
from richcheap.pipeline.execution.workers import ComputeParams, run_tasks

LIBRARIES = ("lightgbm", "numpy", "optuna", "polars", "scikit-learn", "scipy")
"""Libraries whose versions can change a model's bytes."""


def tasks_on_workers(label: str, compute: ComputeParams) -> MapTasks:
    """Return what does tasks on the workers there are.

    Parameters
    ----------
    label : str
        Name of the work, for its progress bar.
    compute : ComputeParams
    """

    def map_tasks(
        function: Callable[[Task], Result], tasks: Sequence[Task], *, desc: str, unit: str
    ) -> Iterable[Result]:
        return run_tasks(function, tasks, compute, desc=f"{label}, {desc}", unit=unit) if tasks else ()

    return map_tasks


def checkpointed_tasks(label: str, folder: str, modules: list[str], compute: ComputeParams) -> MapTasks:
    """Return what does tasks whose results follow from `modules`, each kept in a folder of the checkpoints.

    Parameters
    ----------
    label : str
        Name of the work, for its progress bar.
    folder : str
        Below the folder of the checkpoints.
    modules : list of str
    compute : ComputeParams
    """
    folder_of_work, code = compute.checkpoint_folder(folder), code_digest(modules, LIBRARIES)
    return checkpointed(tasks_on_workers(label, compute), folder_of_work, code)
