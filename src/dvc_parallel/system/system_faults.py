"""What the system refuses, as a full disk or a file of another user, on one line with what helps."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

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


def system_fault(error: OSError) -> str:
    """Return in one line what the system refuses, where, and what helps when that is known."""
    number, place = error.errno, error.filename
    if number is None or not error.strerror:
        return str(error)
    remedy = f"; {REMEDIES[number]}" if number in REMEDIES else ""
    reason = os.strerror(number)
    where = "" if place is None else f"{place if isinstance(place, int) else _relative(os.fsdecode(place))}: "
    return f"{where}{reason[0].lower()}{reason[1:]}{remedy}"


def _relative(path: str) -> str:
    """Return a path as seen from the working folder, where it lies below."""
    seen = os.path.relpath(path) if Path(path).is_absolute() else path
    return path if seen.startswith(os.pardir) else seen
