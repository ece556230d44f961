"""Let a stage begin when the machine has the memory that it needs, or refuse it.

Stages that run side by side count what the others have announced and not yet taken.
"""

import errno
import fcntl
import math
import os
import stat
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Final

import psutil

from dvc_parallel.system.environment_variables import variable
from dvc_parallel.system.free_memory import all_memory, free_memory
from richcheap.pipeline.errors import ParamsError, RichcheapError
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.memory.held import HELD, Held
from richcheap.pipeline.memory.needs import GB, need, remedy

WAIT_SECONDS: Final = 1.0


CEILING_VARIABLE: Final = "RICHCHEAP_MEMORY_GB"
"""By which a user says how much memory stages may take, as OMP_NUM_THREADS says how many cores."""


class MemoryNeedError(RichcheapError):
    """A stage needs more memory than there is."""


def announced(stage: str) -> AbstractContextManager[None]:
    """Do `admitted` for a stage whose need is known by its name; any other takes little, or says so itself."""
    return admitted(stage, HELD[stage]) if stage in HELD else nullcontext()


@contextmanager
def admitted(name: str, held: Sequence[Held]) -> Iterator[None]:
    """Say what a stage needs, wait until the others at work leave it that much, and tell them for as long as it runs.

    Raises
    ------
    MemoryNeedError
        There is not that much, even when no other stage is at work.
    """
    size, rows = need(held, load_compute())
    most, machine = ceiling(), all_memory()
    announcement, waits = f"{name}: needs about {_gb(size)} of memory for {rows:,} rows", False
    helps = f"{f'raise {CEILING_VARIABLE}, ' if most < machine else ''}{remedy(held)}"
    if size > min(most, machine):
        raise MemoryNeedError(f"{announcement}, and may have {_gb(min(most, machine))}; {helps}")
    with ExitStack() as stack:
        while True:
            with _turn():
                others = _others()
                free = _free(others, most)
                if size <= free:
                    _announce(size, stack)
                    break
            if not others:
                raise MemoryNeedError(f"{announcement}, and {_gb(free)} are free; {helps}")
            if not waits:
                print(
                    f"{announcement}; {_gb(free)} are free, waits for what else is at work", file=sys.stderr, flush=True
                )
            waits = True
            time.sleep(WAIT_SECONDS)
        print(f"{announcement}; {_gb(free)} are free", file=sys.stderr, flush=True)
        yield


def ceiling() -> float:
    """Return the bytes that all stages at work may take together, as the user has it; infinite when nothing is said."""
    text = variable(CEILING_VARIABLE)
    if not text:
        return math.inf
    try:
        size = float(text)
    except ValueError:
        size = math.nan
    if not 0.0 < size < math.inf:
        raise ParamsError(f"{CEILING_VARIABLE}: must be a number of GB (10^9 bytes) above 0, got {text!r}")
    return size * GB


def _free(others: Mapping[int, float], most: float) -> float:
    """Return the bytes that are left when others take what they have announced, and all together `most`."""
    taken = {process: _taken(process) for process in others}
    promised = sum(max(0.0, size - taken[process]) for process, size in others.items())
    return max(0.0, min(free_memory() + _own() - promised, most - sum(taken.values()) - promised))


def _own() -> float:
    """Return the resident bytes of this process, which are part of what its stage needs."""
    return float(psutil.Process().memory_info().rss)


def _taken(process: int) -> float:
    """Return the resident bytes of a process and of those that it started."""
    size = 0.0
    with suppress(psutil.Error):
        root = psutil.Process(process)
        for one in (root, *root.children(recursive=True)):
            with suppress(psutil.Error):
                size += one.memory_info().rss
    return size


def _folder() -> Path:
    """Return the folder with a file for each stage of this user that is at work: its need, locked while it runs.

    `OSError` where there can be none that is this user's own: then stages know nothing of each other.
    """
    folder = Path(tempfile.gettempdir()) / f"richcheap-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), str(folder))
    return folder


@contextmanager
def _turn() -> Iterator[None]:
    """Let one stage at a time look at what the others have announced."""
    with ExitStack() as stack:
        with suppress(OSError):
            fcntl.flock(stack.enter_context((_folder() / "turn").open("a")), fcntl.LOCK_EX)
        yield


def _others() -> dict[int, float]:
    """Return what other stages at work have announced, bytes, by process; the files of those that ended are removed."""
    found: dict[int, float] = {}
    with suppress(OSError):
        for path in _folder().glob("[0-9]*"):
            with suppress(OSError, ValueError), path.open(encoding="ascii") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    path.unlink()
                except BlockingIOError:
                    found[int(path.name)] = float(file.read())
    return found


def _announce(size: float, stack: ExitStack) -> None:
    """Write down a need until the stack is closed, or the process ends."""
    with suppress(OSError):
        file = stack.enter_context((_folder() / str(os.getpid())).open("w", encoding="ascii"))
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.write(str(size))
        file.flush()


def _gb(size: float) -> str:
    return f"{size / GB:.2f} GB"
