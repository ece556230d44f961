"""Where a stage's independent pieces of work are done: this process, its cores, or a Dask cluster, through joblib.

Which of them it is never changes a result, so that the section ``compute`` is no stage's dependency.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Literal, TypeVar

from joblib import Parallel, delayed, parallel_config
from pydantic import Field

from stages.pipeline.cores import available_cores
from stages.pipeline.errors import RichcheapError
from stages.pipeline.params import Section, load
from stages.pipeline.progress import progress

SCHEDULER_VARIABLE = "RICHCHEAP_SCHEDULER"

Task = TypeVar("Task")
Result = TypeVar("Result")


class ComputeError(RichcheapError):
    """The workers cannot be reached."""


class ComputeParams(Section):
    """How much a stage holds at a time, and who does the work."""

    chunk_rows: int = Field(ge=10_000, le=100_000_000, description="rows that a stage holds at a time")
    backend: Literal["loky", "threading", "dask"] = Field(description="joblib backend that does the work")
    workers: int | None = Field(ge=1, le=10_000, description="workers on this machine; null = its cores")
    scheduler: str | None = Field(description="address of a Dask scheduler, host:port")


def load_compute() -> ComputeParams:
    """Load the section ``compute``; the environment variable RICHCHEAP_SCHEDULER names a scheduler besides."""
    params = load(ComputeParams, "compute")
    address = os.environ.get(SCHEDULER_VARIABLE, "").strip()
    return params.model_copy(update={"backend": "dask", "scheduler": address}) if address else params


def run_tasks(
    function: Callable[[Task], Result], tasks: Sequence[Task], params: ComputeParams, *, desc: str, unit: str
) -> Iterator[Result]:
    """Do ``function`` for each task and yield the results, in the order of the tasks.

    One task, or one worker, needs no other process. A function that is sent to a cluster finds the project's folder
    under the same path there.

    Parameters
    ----------
    function : callable
        Importable, or small enough to be sent.
    tasks : sequence
    params : ComputeParams
    desc, unit : str
        Of the bar.

    Raises
    ------
    ComputeError
        The scheduler does not answer, or Dask is not installed.
    """
    local = params.backend != "dask"
    workers = min(params.workers or available_cores(), len(tasks))
    if local and workers <= 1:
        yield from progress(map(function, tasks), total=len(tasks), desc=desc, unit=unit)
        return
    with _backend(params, workers):
        results = Parallel(return_as="generator")(delayed(function)(task) for task in tasks)
        yield from progress(results, total=len(tasks), desc=desc, unit=unit)


def _backend(params: ComputeParams, workers: int) -> AbstractContextManager[Any]:
    if params.backend == "dask":
        return _cluster(params.scheduler)
    os.environ["POLARS_MAX_THREADS"] = str(max(1, available_cores() // workers))  # of workers yet to be started
    inner = {"inner_max_num_threads": max(1, available_cores() // workers)} if params.backend == "loky" else {}
    config: AbstractContextManager[Any] = parallel_config(params.backend, n_jobs=workers, **inner)
    return config


@contextmanager
def _cluster(scheduler: str | None) -> Iterator[None]:
    """Connect joblib to a Dask scheduler for a while."""
    if not scheduler:
        raise ComputeError(
            "compute.backend is dask, but no scheduler is named; "
            f"set compute.scheduler or {SCHEDULER_VARIABLE} to host:port"
        )
    try:
        from distributed import Client  # noqa: PLC0415  a single machine needs no Dask
    except ImportError:
        raise ComputeError(
            "compute.backend is dask, but Dask is not installed; pip install -c constraints.txt -e '.[cluster]'"
        ) from None
    try:
        client = Client(scheduler)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise ComputeError(
            f"compute.scheduler: no Dask scheduler answers at {scheduler} ({error}); start it, or correct the address"
        ) from None
    with client, parallel_config("dask", wait_for_workers_timeout=60):
        yield
