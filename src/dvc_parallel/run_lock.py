"""One run at a time in a workspace: a lock that the system gives back when its holder and the reaper are gone."""

import fcntl
import os
import time
from pathlib import Path
from typing import IO

import psutil

from dvc_parallel.system import program
from dvc_parallel.system.errors import BusyError

AFTER_A_KILL_SECONDS = 10.0
"""How long the reaper of a run that was killed may take to end what it left."""
POLL_SECONDS = 0.05


class RunLock:
    """The right to run stages here, for as long as the file is open in this process or in one that inherited it.

    Parameters
    ----------
    file : Path
        Names the process that holds the lock.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._open: IO[str] | None = None

    def acquire(self, wait: bool) -> int:
        """Take the lock and return the open file's number, to be handed to the reaper.

        Parameters
        ----------
        wait : bool
            Whether to wait until another run has ended.

        Raises
        ------
        BusyError
            Another run is at work, and `wait` is false.
        """
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._open = self._file.open("a+", encoding="utf-8")
        patience = time.monotonic() + AFTER_A_KILL_SECONDS
        while not self._try():
            holder = self._holder()
            if not wait and (psutil.pid_exists(holder) or time.monotonic() > patience):
                self._open.close()
                raise BusyError(
                    f"another run is at work here (process {holder}); "
                    f"wait for it with `{program.name} run --wait`, or stop it first"
                )
            time.sleep(POLL_SECONDS)
        self._open.seek(0)
        self._open.truncate()
        self._open.write(str(os.getpid()))
        self._open.flush()
        return self._open.fileno()

    def release(self) -> None:
        """Let another run begin."""
        if self._open is not None:
            self._open.close()

    def _try(self) -> bool:
        assert self._open is not None  # noqa: S101  opened by `acquire`
        try:
            fcntl.flock(self._open, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> int:
        """Return the process that holds the lock; -1, which is none, when it has not said so yet."""
        assert self._open is not None  # noqa: S101  opened by `acquire`
        self._open.seek(0)
        text = self._open.read().strip()
        return int(text) if text.isdigit() else -1
