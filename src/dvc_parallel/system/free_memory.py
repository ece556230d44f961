"""How much memory this process and those that it starts may still take."""

import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import psutil


class _Files(NamedTuple):
    """Where a version of Linux's control groups says what a group may take, what it takes, and what of it is cache."""

    root: Path
    limit: str
    used: str
    cache: str


GROUPS: Final = {
    "": _Files(Path("/sys/fs/cgroup"), "memory.max", "memory.current", "inactive_file"),
    "memory": _Files(
        Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
    ),
}
"""By the controllers that a line of /proc/self/cgroup names."""
OF_PROCESS: Final = Path("/proc/self/cgroup")


def free_memory() -> int:
    """Return the bytes that are free: on the machine, in the container's control group, and under ``ulimit -v``."""
    return min([psutil.virtual_memory().available, *_left_in_groups(), *_left_under_limit()])


def all_memory() -> int:
    """Return the bytes that would be free if nothing else ran."""
    return min([psutil.virtual_memory().total, *(limit for limit, _ in _limits()), *_address_limit()])


def _left_under_limit() -> Iterator[int]:
    for limit in _address_limit():
        yield max(0, limit - psutil.Process().memory_info().vms)


def _address_limit() -> Iterator[int]:
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit != resource.RLIM_INFINITY:
        yield limit


def _left_in_groups() -> Iterator[int]:
    for limit, used in _limits():
        yield max(0, limit - used)


def _limits() -> Iterator[tuple[int, int]]:
    """Yield limit and use of this process's control group and of each that it lies in, where there is a limit."""
    for line in _text(OF_PROCESS).splitlines():
        _, controllers, place = line.split(":", 2)
        files = GROUPS.get(controllers)
        own = None if files is None else files.root / place.lstrip("/")
        while files is not None and own is not None:
            limit, used = _text(own / files.limit).strip(), _text(own / files.used).strip()
            if limit.isdigit() and used.isdigit():  # "max", or no such file, is no limit
                cached = dict(line.split() for line in _text(own / "memory.stat").splitlines()).get(files.cache, "0")
                yield int(limit), int(used) - int(cached)
            own = None if own == files.root else own.parent


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except OSError:
        return ""
