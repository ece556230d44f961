"""Keep the result of each finished piece of a long work, so that a work that was stopped goes on where it was.

A result is found again by what it follows from: the function with all the data and settings that it holds, the task
and the code. So nothing stale is ever found, and the folder can be deleted at any time. A checkpoint that cannot be
written or read costs time, never the work. Its bytes are unpickled once its digest is right, which tells a broken
file, not a forged one: the folder is as private as the code beside it, and a file of another user's is not read.
"""

import hashlib
import os
import pickle
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Generic

import joblib

from dvc_parallel.system.atomic_write import write_bytes
from richcheap.pipeline.execution.map_tasks import MapTasks, Result, Task

DIGEST_BYTES = 32


class Checkpoints(Generic[Task, Result]):
    """A function whose every result is kept as soon as it is there.

    Parameters
    ----------
    function : callable
    given : object
        All that the results follow from besides the task and the code, in containers, arrays, texts and numbers: what
        has the same hash in every process. The function itself, where it holds no more than that.
    folder : Path
    code : str
        Digest of the code that the results follow from (`richcheap.pipeline.execution.code_digest`).
    desc : str
        Name of the work, for what is said of it.
    """

    def __init__(self, function: Callable[[Task], Result], given: object, folder: Path, code: str, desc: str) -> None:
        self._function, self._folder, self._desc = function, folder, desc
        self._base = f"{code}{joblib.hash(given)}"
        self._failed = False

    def __call__(self, task: Task) -> Result:
        """Do a task here, or find what it gave before: for work whose next task follows from the last."""
        path = self._path(task)
        found = recall(path)
        result: Result = self._function(task) if found is None else found[0]
        if found is None:
            self._keep(result, path)
        return result

    def map(self, map_tasks: MapTasks, tasks: Sequence[Task], unit: str) -> Iterator[Result]:
        """Let `map_tasks` do the tasks whose results are not there; yield all results in the order of the tasks."""
        paths = [self._path(task) for task in tasks]
        found = {path: recall(path) for path in dict.fromkeys(paths)}
        missing = [(path, task) for path, task in zip(paths, tasks, strict=True) if found[path] is None]
        if len(missing) < len(tasks):
            known = len(tasks) - len(missing)
            print(f"{self._desc}: {known} of {len(tasks)} found in {self._folder}", file=sys.stderr)
        do = partial(_do_and_store, self._function)
        results = iter(map_tasks(do, missing, desc=self._desc, unit=unit) if missing else ())
        for path in paths:
            kept = found[path]
            if kept is not None:
                yield kept[0]
                continue
            result = next(results)
            if not path.is_file():  # a worker on another machine has kept it on a disk of its own, if at all
                self._keep(result, path)
            yield result

    def _path(self, task: Task) -> Path:
        return self._folder / hashlib.sha256(f"{self._base}{joblib.hash(task)}".encode()).hexdigest()

    def _keep(self, result: Result, path: Path) -> None:
        """Store a result; when that cannot be done, say so once and try no more."""
        if not self._failed and (reason := store(result, path)):
            self._failed = True
            print(f"{self._desc}: checkpoints cannot be kept ({reason}); going on without", file=sys.stderr)


def checkpointed(map_tasks: MapTasks, folder: Path | None, code: str) -> MapTasks:
    """Return `map_tasks` with a checkpoint for each task: those that are there are not done again.

    Parameters
    ----------
    map_tasks : MapTasks
        Does what is not there yet.
    folder : Path or None
        Where checkpoints are kept; None keeps none.
    code : str
        Digest of the code that the results follow from.
    """
    if folder is None:
        return map_tasks

    def mapped(function: Callable[[Task], Result], tasks: Sequence[Task], *, desc: str, unit: str) -> Iterator[Result]:
        return Checkpoints(function, function, folder, code, desc).map(map_tasks, tasks, unit)

    return mapped


def _do_and_store(function: Callable[[Task], Result], task: tuple[Path, Task]) -> Result:
    """Do a task and store its result where it is done, as soon as it is done."""
    path, given = task
    result = function(given)
    store(result, path)
    return result


def store(result: object, path: Path) -> str | None:
    """Write a result beside its place and rename it; return why not, when that cannot be done."""
    content = pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
    try:
        write_bytes(hashlib.sha256(content).digest() + content, path)
    except OSError as error:
        return str(error)
    return None


def recall(path: Path) -> tuple[Any] | None:
    """Return the result kept at `path`, or None when there is none of this user's that was wholly written."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_uid != os.geteuid():
                return None
            content = file.read()
    except OSError:
        return None
    digest, body = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    return (pickle.loads(body),) if hashlib.sha256(body).digest() == digest else None
