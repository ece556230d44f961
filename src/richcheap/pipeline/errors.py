"""Faults that a user can mend, each one line: what was expected, what came, where, what to do.

::

    RichcheapError
    |-- ParamsError      a params file holds a wrong key or value
    |-- DataError        an input file breaks the data contract
    |-- ArtifactError    a file made by a stage is missing, broken or not the one that dvc.lock records
    `-- WorseError       a result is worse than params allow

So is what the machine cannot do, of which `machine_fault` says the line. Anything else that is raised is a fault of the
program and keeps its traceback.
"""

import errno
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dvc_parallel.system.errors import ParamsError, UserError

__all__ = ["ArtifactError", "DataError", "ParamsError", "RichcheapError", "UserError", "WorseError", "machine_fault"]

_IN_THE_WAY = "something else is in its place; move that away"
REMEDIES: Final[Mapping[int, str]] = MappingProxyType(
    {
        errno.ENOSPC: "make room there",
        errno.EDQUOT: "make room there, or have the quota raised",
        errno.EFBIG: "raise the limit on the size of files (ulimit -f)",
        errno.EROFS: "work in a copy that can be written",
        errno.EACCES: "get the right to it, or work in a copy of your own",
        errno.EPERM: "get the right to it, or work in a copy of your own",
        errno.EMFILE: "raise the limit on open files (ulimit -n)",
        errno.ENFILE: "close other programs' files, or raise the system's limit",
        errno.EIO: "look after the disk",
        errno.ESTALE: "mount that file system anew",
        errno.ELOOP: "its links lead in a circle; mend them",
        errno.ENAMETOOLONG: "work in a folder with a shorter name",
        errno.ENOTDIR: _IN_THE_WAY,
        errno.EISDIR: _IN_THE_WAY,
        errno.EEXIST: _IN_THE_WAY,
        errno.ENOTEMPTY: _IN_THE_WAY,
    }
)
"""What to do where the system refuses. A file that is not there is no such fault: who looks for it says what it is."""


RichcheapError = UserError
"""Base of every fault that a user can mend: that of the runner too, so that one `except` catches both."""


class DataError(RichcheapError):
    """An input file that breaks the data contract."""


class ArtifactError(RichcheapError):
    """A file made by a stage that is missing, broken or not the one that dvc.lock records."""


class WorseError(RichcheapError):
    """A result that is worse than params allow."""


def machine_fault(error: MemoryError | OSError) -> str | None:
    """Return in one line what the machine cannot do, and what helps; None when the error is of another kind."""
    if isinstance(error, MemoryError) or error.errno == errno.ENOMEM:
        said = f" ({error})" if str(error) else ""
        less = "lower compute.chunk_rows or compute.workers in params.yaml, or take a machine with more"
        return " ".join(f"memory ran out{said}; {less}".split())
    if error.errno is None or error.errno not in REMEDIES:
        return None
    reason = os.strerror(error.errno)
    where = "" if error.filename is None else f"{error.filename}: "
    return f"{where}{reason[0].lower()}{reason[1:]}; {REMEDIES[error.errno]}"
