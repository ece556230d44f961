"""Where a stage's independent pieces of work are done: this process, its cores, or a Dask cluster, through joblib.

Which of them it is never changes a result, so that the section ``compute`` is no stage's dependency.
"""

import os
import sys
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from multiprocessing import get_context
from pathlib import Path
from types import BuiltinFunctionType, FunctionType
from typing import Any, Literal

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky.process_executor import TerminatedWorkerError
from joblib.parallel import BACKENDS

from dvc_parallel.system.cores import available_cores
from dvc_parallel.system.environment_variables import variable
from richcheap.pipeline.config.fields import PathText, Section, param
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import LESS_MEMORY, RichcheapError
from richcheap.pipeline.execution.map_tasks import Result, Task
from richcheap.pipeline.execution.progress import progress

SCHEDULER_VARIABLE = "RICHCHEAP_SCHEDULER"
PROJECT = "richcheap"
"""The package that workers must be able to import."""
SEMAPHORES = 24
"""More than joblib's workers of one machine share."""
FILES, FILES_OF_A_WORKER = 16, 8
"""More than joblib's processes keep open for their queues, and for each worker."""
OUT_OF_MEMORY = ("SIGKILL", "SIGABRT")
"""By which a worker ends that has no memory: the system kills it, or polars gives up."""
ANSWER_SECONDS = 30
"""How long a scheduler may take to answer, and to have its first worker."""


class ComputeError(RichcheapError):
    """The workers cannot be reached."""


class ComputeParams(Section):
    """Where the work is done and how much of a table is held at a time; no result depends on it."""

    chunk_rows: int = param(
        250_000,
        "Rows that a stage holds at a time, about 2 kilobytes each; a single date is never divided",
        user=True,
        ge=10_000,
        le=100_000_000,
    )
    backend: Literal["loky", "threading", "dask"] = param(
        "loky", "What carries the work: loky = processes of this machine, dask = a cluster"
    )
    workers: int | None = param(None, "Workers on this machine; null = its cores", user=True, ge=1, le=10_000)
    scheduler: str | None = param(
        None, f"Address of a Dask scheduler, host:port; null = none; the variable {SCHEDULER_VARIABLE} comes before it"
    )
    checkpoints: PathText | None = param(
        "training_checkpoints",
        "Folder that keeps finished evaluations of a search, so that a stopped run goes on where it was; null = none",
        unit="path",
    )

    def checkpoint_folder(self, name: str) -> Path | None:
        """Return where the finished pieces of a work are kept, or None where none are."""
        return None if self.checkpoints is None else Path(self.checkpoints) / name


def load_compute() -> ComputeParams:
    """Load the section ``compute``; the environment variable RICHCHEAP_SCHEDULER names a scheduler besides."""
    params = load(ComputeParams, "compute")
    address = variable(SCHEDULER_VARIABLE)
    return params.model_copy(update={"backend": "dask", "scheduler": address}) if address else params


def run_tasks(
    function: Callable[[Task], Result], tasks: Sequence[Task], params: ComputeParams, *, desc: str, unit: str
) -> Generator[Result, None, None]:
    """Do ``function`` for each task and yield the results, in the order of the tasks.

    One task, or one worker, needs no other process; where none can be started, one task is done after another. A
    function that is sent to a cluster finds the project's folder under the same path there. The error of a task is
    raised as it was there; the tasks after it are given up.

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
        The scheduler does not answer, has no worker or none that has the project, or Dask is not installed; a worker
        was killed.
    """
    with ExitStack() as held:
        if params.backend == "dask":
            held.enter_context(_cluster(params.scheduler, function))
            results = _begun(function, tasks)
        else:
            results = _on_this_machine(function, tasks, params, held)
        try:
            yield from progress(results, total=len(tasks), desc=desc, unit=unit)
        except TerminatedWorkerError as error:
            if not any(name in str(error) for name in OUT_OF_MEMORY):
                raise
            raise ComputeError(f"a worker was killed, most likely because memory ran out; {LESS_MEMORY}") from None
        finally:
            _give_up(results)


def _call(function: Callable[[Task], Result], task: Task) -> Result:
    """Do a task. The function is an argument, as joblib's Dask backend waits forever for one that has no hash."""
    return function(task)


def _give_up(results: Generator[Any, None, None]) -> None:
    """Cancel what is left to do; a caller that has had enough needs no warning about it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        results.close()


def _begun(function: Callable[[Task], Result], tasks: Sequence[Task]) -> Generator[Any, None, None]:
    """Begin to do the tasks on joblib's backend of the moment."""
    results: Generator[Any, None, None] = Parallel(return_as="generator")(delayed(_call)(function, t) for t in tasks)
    return results


def _on_this_machine(
    function: Callable[[Task], Result], tasks: Sequence[Task], params: ComputeParams, held: ExitStack
) -> Generator[Result, None, None]:
    """Begin to do the tasks on several workers, or one after another in this process where no workers can be started.

    Processes, and joblib's threads too, need semaphores: a container without shared memory, or with little, has none.
    """
    workers = min(params.workers or available_cores(), len(tasks))
    if workers > 1:
        threads = max(1, available_cores() // workers)
        os.environ["POLARS_MAX_THREADS"] = str(threads)  # of workers yet to be started
        inner = {"inner_max_num_threads": threads} if params.backend == "loky" else {}
        try:
            _try_resources(SEMAPHORES + workers, FILES + FILES_OF_A_WORKER * workers)
            if params.backend in BACKENDS:  # which joblib has found out when it was loaded
                held.enter_context(parallel_config(params.backend, n_jobs=workers, **inner))
                return _begun(function, tasks)
            reason = "joblib finds no semaphores, or is told to do without"
        except (ImportError, OSError) as error:
            reason = getattr(error, "strerror", None) or str(error)
        print(f"compute: no workers can be started ({reason}); going on without, more slowly", file=sys.stderr)
    return (function(task) for task in tasks)


def _try_resources(semaphores: int, files: int) -> None:
    """Raise `OSError` when so many cannot be had: a pool that is half started leaves processes that complain."""
    context = get_context("fork")  # whose semaphores have no name to be cleaned up
    _ = [context.Lock() for _ in range(semaphores)]
    with ExitStack() as held:
        for _ in range(files):
            held.callback(os.close, os.open(os.devnull, os.O_RDONLY))


@contextmanager
def _cluster(scheduler: str | None, function: Callable[..., Any]) -> Iterator[None]:
    """Connect joblib to a Dask scheduler for a while; what `function` carries along is sent to each worker once."""
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
        client = Client(scheduler, timeout=ANSWER_SECONDS)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise ComputeError(
            f"compute.scheduler: no Dask scheduler answers at {scheduler} ({error}); start it, or correct the address"
        ) from None
    with client:
        _check_workers(client, scheduler)
        carried = [] if isinstance(function, FunctionType | BuiltinFunctionType) else [function]
        with parallel_config("dask", scatter=carried):
            yield


def _check_workers(client: Any, scheduler: str) -> None:
    """Refuse a cluster that has no worker, or one without the project, before work is sent to it."""
    try:
        client.wait_for_workers(1, timeout=ANSWER_SECONDS)
    except TimeoutError:
        raise ComputeError(
            f"compute.scheduler: {scheduler} has no worker; start some: dask worker {scheduler}"
        ) from None
    without = [worker for worker, found in client.run(find_spec, PROJECT).items() if not found]
    if without:
        raise ComputeError(
            f"compute.scheduler: {len(without)} workers of {scheduler} cannot import the project, {without[0]} first; "
            "pip install it there, or put its folder on their PYTHONPATH"
        )
