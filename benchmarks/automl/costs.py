"""Run a command on one core, and measure what it and all its processes take."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen
from typing import Final, NamedTuple

import psutil

from benchmarks.processes import memory

SAMPLES_A_SECOND: Final = 4
POOLS: Final = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "POLARS_MAX", "NUMBA")
LINES: Final = 3
"""Of the log of a command that failed, that are shown."""


class Cost(NamedTuple):
    """What a command took.

    Attributes
    ----------
    cpu_seconds : float
        User and system, of all processes that were waited for.
    wall_seconds : float
    peak_mb : float
        Largest memory of all processes together, units of 10^6 bytes, looked at some times a second; pages that they
        share count once.
    """

    cpu_seconds: float
    wall_seconds: float
    peak_mb: float


def measured(words: Sequence[object], folder: Path, log: Path, path: Path) -> Cost:
    """Run a command in a folder, modules of ours on its path; end with a line when it fails."""
    one = {f"{pool}_NUM_THREADS".replace("MAX_NUM", "MAX"): "1" for pool in POOLS} | {"LOKY_MAX_CPU_COUNT": "1"}
    environment = {**os.environ, **one, "PYTHONPATH": str(path)}
    began, peak = time.perf_counter(), 0.0
    with log.open("ab") as file:
        process = Popen([*map(str, words)], cwd=folder, env=environment, stdin=DEVNULL, stdout=file, stderr=STDOUT)
        while True:
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            peak = max(peak, memory(_family(process.pid)) / 1e6)
            time.sleep(1.0 / SAMPLES_A_SECOND)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        last = " / ".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES:])
        sys.exit(f"error: {' '.join(map(str, words[1:5]))} failed: {last}")
    return Cost(used.ru_utime + used.ru_stime, time.perf_counter() - began, peak)


def _family(pid: int) -> list[psutil.Process]:
    """Return a process and all that it started."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:  # it has just ended
        return []


def saved_bytes(folder: Path) -> int:
    """Return the size of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
