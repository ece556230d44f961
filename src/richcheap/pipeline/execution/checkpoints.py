"""Keep the result of each finished piece of a long work, so that a work that was stopped goes on where it was.

A result is found again by what it follows from: the function with all the data and settings that it holds, the task
and the code. So nothing stale is ever found, and the folder can be deleted at any time. A checkpoint that cannot be
written or read costs time, never the work. Its bytes are unpickled once its digest is right, which tells a broken
file, not a forged one: the folder is as private as the code beside it.
"""

import hashlib
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import joblib

from dvc_parallel.system.atomic_write import write_bytes

DIGEST_BYTES = 32

Task = TypeVar("Task")
Result = TypeVar("Result")


class Work(Protocol):
    """Does a function for each of the tasks, somewhere, and yields the results in their order."""

    def __call__(self, function: Callable[[Any], Any], tasks: Sequence[Any], *, desc: str, unit: str) -> Iterable[Any]:
        """Return what `function` makes of each task."""


class Checkpoint(Generic[Result]):
    """A result on its way from the folder or from a worker, beside its key."""

    def __init__(self, value: Result) -> None:
        self.value = value


@dataclass(frozen=True)
class CheckpointTask(Generic[Task, Result]):
    """A function whose result is kept where it is done, as soon as it is done.

    Parameters
    ----------
    function : callable
    folder : Path
    """

    function: Callable[[Task], Result]
    folder: Path

    def __call__(self, keyed: tuple[str, Task]) -> Result:
        """Do one task, which comes with its key."""
        key, task = keyed
        result = self.function(task)
        store(result, self.folder / key)
        return result


def checkpointed(work: Work, folder: Path | None, code: str) -> Work:
    """Return `work` with a checkpoint for each task: those that are there are not done again.

    Parameters
    ----------
    work : callable
        Does what is not there yet.
    folder : Path or None
        Where checkpoints are kept; None keeps none.
    code : str
        Digest of the code that the results follow from (`richcheap.pipeline.execution.code_digest`).
    """
    if folder is None:
        return work

    def done(function: Callable[[Task], Result], tasks: Sequence[Task], *, desc: str, unit: str) -> Iterator[Result]:
        return _with_checkpoints(work, folder, code, function, tasks, desc, unit)

    return done


class CheckpointedCalls(Generic[Task, Result]):
    """A function whose every result is kept as soon as it is there, for work whose next task follows from the last.

    Parameters
    ----------
    function : callable
    given : object
        All that the results follow from besides the task and the code, in containers, arrays, texts and numbers: what
        has the same hash in every process.
    folder : Path or None
        Where checkpoints are kept; None keeps none.
    code : str
        Digest of the code that the results follow from (`richcheap.pipeline.execution.code_digest`).
    desc : str
        Name of the work, for what is said of it.
    """

    def __init__(
        self, function: Callable[[Task], Result], given: object, folder: Path | None, code: str, desc: str
    ) -> None:
        self._function, self._folder, self._desc = function, folder, desc
        self._base = "" if folder is None else f"{code}{joblib.hash(given)}"
        self._failed = False

    def __call__(self, task: Task) -> Result:
        """Do a task, or find what it gave before."""
        if self._folder is None:
            return self._function(task)
        path = self._folder / _key(self._base, task)
        known: Checkpoint[Result] | None = recall(path)
        if known is not None:
            return known.value
        result = self._function(task)
        if not self._failed and (reason := store(result, path)):
            self._failed = True
            _say_not_kept(self._desc, reason)
        return result


def _key(base: str, task: object) -> str:
    return hashlib.sha256(f"{base}{joblib.hash(task)}".encode()).hexdigest()


def _say_not_kept(desc: str, reason: str) -> None:
    print(f"{desc}: checkpoints cannot be kept ({reason}); going on without", file=sys.stderr)


def _with_checkpoints(
    work: Work,
    folder: Path,
    code: str,
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    desc: str,
    unit: str,
) -> Iterator[Result]:
    base = f"{code}{joblib.hash(function)}"
    keys = [_key(base, task) for task in tasks]
    found: dict[str, Checkpoint[Result] | None] = {key: recall(folder / key) for key in dict.fromkeys(keys)}
    missing = [(key, task) for key, task in zip(keys, tasks, strict=True) if found[key] is None]
    if len(missing) < len(tasks):
        print(f"{desc}: {len(tasks) - len(missing)} of {len(tasks)} found in {folder}", file=sys.stderr)
    results = iter(work(CheckpointTask(function, folder), missing, desc=desc, unit=unit) if missing else ())
    failed = False
    for key in keys:
        known = found[key]
        if known is not None:
            yield known.value
            continue
        result: Result = next(results)
        # A worker on another machine has kept it on a disk of its own, if at all.
        if not failed and not (folder / key).is_file() and (reason := store(result, folder / key)):
            failed = True
            _say_not_kept(desc, reason)
        yield result


def store(result: object, path: Path) -> str | None:
    """Write a result beside its place and rename it; return why not, when that cannot be done."""
    content = pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
    try:
        write_bytes(hashlib.sha256(content).digest() + content, path)
    except OSError as error:
        return str(error)
    return None


def recall(path: Path) -> Checkpoint[Any] | None:
    """Return the result kept at `path`, or None when there is none, or one that was not wholly written."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, body = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    return Checkpoint(pickle.loads(body)) if hashlib.sha256(body).digest() == digest else None
