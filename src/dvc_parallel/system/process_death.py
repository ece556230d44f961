"""Let a process end with the one that started it, so that a killed run leaves nothing at work that goes on writing."""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""Of Linux's ``prctl``: the signal that the kernel sends when the parent dies."""
_PRCTL = ctypes.CDLL(None).prctl if sys.platform.startswith("linux") else None


def die_with_parent(parent: int) -> None:
    """Have this process killed when its parent `parent` dies; without effect where the system cannot do that."""
    if _PRCTL is None:
        return
    _PRCTL(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os.kill(os.getpid(), signal.SIGKILL)
