"""Run stages' commands, each in a process group of its own, so that none outlives the runner or its own stage."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from dvc_parallel.processes import reaper
from dvc_parallel.system.process_death import die_with_parent

GRACE_SECONDS = 10.0
"""How long an interrupted stage may take to put its things away before it is killed."""
LEFTOVER_SECONDS = 2.0
"""The same for what a failed stage has started and left behind."""


@dataclass(frozen=True)
class Command:
    """What a stage runs.

    Parameters
    ----------
    lines : sequence of sequence of str
        Programs with their arguments, to be run one after another while they succeed.
    folder : str
    environment : mapping
    """

    lines: Sequence[Sequence[str]]
    folder: str
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Usage:
    """What a command used.

    Parameters
    ----------
    seconds, cpu_seconds : float
        By the clock, and of all its processes that it waited for.
    peak_mb : float
        Of its largest process, MB of 10^6 bytes.
    """

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0


@dataclass(frozen=True)
class Ended:
    """A stage's commands have ended; `code` is the exit code, minus the signal's number when one killed it."""

    name: str
    code: int
    usage: Usage


class Processes:
    """The stages at work. To be used from the main thread: on Linux a process dies with the thread that started it.

    Parameters
    ----------
    lock : int, optional
        Number of an open file that the reaper inherits, so that what is locked by it stays so until all is ended.
    """

    def __init__(self, lock: int | None = None) -> None:
        self._inherited = () if lock is None else (lock,)
        self._ended: queue.SimpleQueue[tuple[str, int, int, float, float]] = queue.SimpleQueue()
        self._tasks: dict[str, _Task] = {}
        self._reaper: subprocess.Popen[bytes] | None = None

    def start(self, name: str, command: Command, log: Path) -> None:
        """Start a stage; what it prints goes to `log`."""
        log.parent.mkdir(parents=True, exist_ok=True)
        task = _Task(command, log.open("wb"), time.monotonic())
        self._tasks[name] = task
        self._next_line(name, task)

    def elapsed(self) -> dict[str, float]:
        """Return how long each stage at work has been, seconds."""
        now = time.monotonic()
        return {name: now - task.began for name, task in self._tasks.items()}

    def wait(self, seconds: float) -> Ended | None:
        """Wait until a stage ends, but not longer than some seconds."""
        try:
            name, group, status, cpu_seconds, peak_mb = self._ended.get(timeout=seconds)
        except queue.Empty:
            return None
        task = self._tasks[name]
        self._tell(f"-{group}")
        task.cpu_seconds += cpu_seconds
        task.peak_mb = max(task.peak_mb, peak_mb)
        code = os.waitstatus_to_exitcode(status)
        if code == 0 and task.left() and not task.stopped:
            self._next_line(name, task)
            return None
        del self._tasks[name]
        task.log.close()
        return Ended(name, code, Usage(time.monotonic() - task.began, task.cpu_seconds, task.peak_mb))

    def interrupt(self) -> None:
        """Ask every stage to stop, as Ctrl-C would; kill those that have not after a while."""
        self._signal(signal.SIGINT)
        timer = threading.Timer(GRACE_SECONDS, self.kill)
        timer.daemon = True
        timer.start()

    def kill(self) -> None:
        """Kill every stage with all that it started."""
        self._signal(signal.SIGKILL)

    def close(self) -> None:
        """Let the reaper go."""
        if self._reaper is not None:
            self._reaper.communicate()
            self._reaper = None

    def _next_line(self, name: str, task: "_Task") -> None:
        words = task.line()
        process = subprocess.Popen(  # noqa: S603  the project's own dvc.yaml says what to run
            words,
            cwd=task.command.folder,
            env=dict(task.command.environment),
            stdin=subprocess.DEVNULL,
            stdout=task.log,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=partial(die_with_parent, os.getpid()),  # noqa: PLW1509  it asks the kernel, nothing of Python's threads
        )
        task.group = process.pid
        if task.stopped:  # asked to stop just now, when there was no group to be told
            _send(task.group, signal.SIGINT)
        self._tell(f"+{process.pid}")
        threading.Thread(target=self._reap, args=(name, process), daemon=True).start()

    def _reap(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)  # so that Popen does not wait for it again
        if process.returncode != 0:
            _end_group(process.pid)
        peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        self._ended.put((name, process.pid, status, used.ru_utime + used.ru_stime, peak / 1e6))

    def _signal(self, number: signal.Signals) -> None:
        for task in list(self._tasks.values()):
            task.stopped = True
            if task.group:  # 0 would be the runner's own
                _send(task.group, number)

    def _tell(self, line: str) -> None:
        """Tell the reaper; one that was killed is replaced, and told all."""
        lines = [line]
        if self._reaper is None or self._reaper.poll() is not None:
            self.close()
            self._reaper = subprocess.Popen(  # noqa: S603  this Python, a file of the package
                [sys.executable, "-I", "-S", reaper.__file__],
                stdin=subprocess.PIPE,
                bufsize=0,
                pass_fds=self._inherited,
                start_new_session=True,
            )
            lines = [*(f"+{task.group}" for task in self._tasks.values() if task.group), line]
        if self._reaper.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # killed just now: the next line finds out
                self._reaper.stdin.write("".join(f"{one}\n" for one in lines).encode())


class _Task:
    """A stage at work: its command, how far it is, and what it has used."""

    def __init__(self, command: Command, log: IO[bytes], began: float) -> None:
        self.command, self.log, self.began = command, log, began
        self.group = 0
        self.stopped = False
        self.cpu_seconds = 0.0
        self.peak_mb = 0.0
        self._done = 0

    def left(self) -> int:
        return len(self.command.lines) - self._done

    def line(self) -> Sequence[str]:
        self._done += 1
        return self.command.lines[self._done - 1]


def _send(group: int, number: int) -> bool:
    """Send a signal to a process group; say whether there was anybody."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _end_group(group: int) -> None:
    """End what a stage that failed has left at work, kindly first."""
    if not _send(group, signal.SIGTERM):
        return
    deadline = time.monotonic() + LEFTOVER_SECONDS
    while time.monotonic() < deadline and _send(group, 0):
        time.sleep(0.02)
    _send(group, signal.SIGKILL)
