"""Faults that a user can mend, each one line: what was expected, what came, where, what to do.

::

    RichcheapError
    |-- ParamsError      a params file holds a wrong key or value
    |-- DataError        an input file breaks the data contract
    |-- ArtifactError    a file made by a stage is missing, broken or not the one that dvc.lock records
    |-- LeftOutError     a stage was left out: the data have too few dates for it
    `-- WorseError       a result is worse than params allow

So is what the machine cannot do, of which `machine_fault` says the line. Anything else that is raised is a fault of the
program and keeps its traceback.
"""

import errno
import sys
from types import TracebackType

from dvc_parallel.system.errors import ParamsError, UserError, print_error
from dvc_parallel.system.system_faults import REMEDIES, system_fault

__all__ = [
    "LESS_MEMORY",
    "ArtifactError",
    "DataError",
    "LeftOutError",
    "ParamsError",
    "RichcheapError",
    "UserError",
    "WorseError",
    "machine_fault",
    "tell_machine_faults",
]

LESS_MEMORY = "lower compute.chunk_rows or compute.workers in params.yaml, or take a machine with more"
"""What helps where memory is short."""
_NO_MEMORY = ("std::bad_alloc", "os error 12", "failed to map segment from shared object")
"""How LightGBM, polars and the loader of libraries say that they got no memory, in errors of their own kinds."""

RichcheapError = UserError
"""Base of every fault that a user can mend: that of the runner too, so that one `except` catches both."""


class DataError(RichcheapError):
    """An input file that breaks the data contract."""


class ArtifactError(RichcheapError):
    """A file made by a stage that is missing, broken or not the one that dvc.lock records."""


class LeftOutError(RichcheapError):
    """A stage needs more dates than the data have, or what such a stage would have made.

    A stage that raises it is left out, not failed (`richcheap.pipeline.execution.left_out`).
    """


class WorseError(RichcheapError):
    """A result that is worse than params allow."""


def machine_fault(error: BaseException) -> str | None:
    """Return in one line what the machine cannot do, and what helps; None when the error is of another kind."""
    one: BaseException | None = error
    while one is not None:
        if _is_want_of_memory(one):
            said = " ".join(str(one).split())
            return f"memory ran out{f' ({said})' if said else ''}; {LESS_MEMORY}"
        if isinstance(one, OSError) and one.errno in REMEDIES:
            return system_fault(one)
        one = one.__cause__ or one.__context__
    return None


def tell_machine_faults() -> None:
    """From now on, tell a fault of the machine, or an interrupt, that comes before any `except` in one line.

    Loading the libraries of a stage takes seconds, and memory.
    """
    sys.excepthook = _tell


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    fault = "interrupted" if isinstance(error, KeyboardInterrupt) else machine_fault(error)
    if fault is None:
        sys.__excepthook__(kind, error, trace)
    else:
        print_error(fault)


def _is_want_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    return any(mark in str(error) for mark in _NO_MEMORY)
