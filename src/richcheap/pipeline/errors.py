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

from dvc_parallel.system.errors import ParamsError, UserError
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
]

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


LESS_MEMORY = "lower compute.chunk_rows or compute.workers in params.yaml, or take a machine with more"
"""What helps where memory is short."""
NO_MEMORY = ("std::bad_alloc", "os error 12")
"""How LightGBM and polars say that they got no memory, in errors of their own kinds."""


def machine_fault(error: Exception) -> str | None:
    """Return in one line what the machine cannot do, and what helps; None when the error is of another kind."""
    number = error.errno if isinstance(error, OSError) else None
    said = str(error)
    if isinstance(error, MemoryError) or number == errno.ENOMEM or any(mark in said for mark in NO_MEMORY):
        return " ".join(f"memory ran out{f' ({said})' if said else ''}; {LESS_MEMORY}".split())
    return system_fault(error) if isinstance(error, OSError) and number in REMEDIES else None
