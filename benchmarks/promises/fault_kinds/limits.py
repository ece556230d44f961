"""Limits of the system: open files, memory, processor time, processes, time by the clock."""

import os
import random
import resource
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from benchmarks.promises.cases import Case, Kind, Options, Verdict
from benchmarks.promises.fault_kinds.workspace import TRACEBACK, Copy, said

STAGES: Final = 8
"""How many of the stages are drawn."""
FILES: Final = (6, 24)
MEMORY: Final = (100_000_000, 3_000_000_000)
LIBRARY: Final = "OpenBLAS error: "
"""What a library says that ends the process itself."""
SECONDS: Final = (0.3, 2.0)


def limits(options: Options) -> Iterator[Case]:
    """Run each stage under a drawn limit of each kind, then without."""
    chance, place = random.Random(options.seed), Copy(options, "limits")
    stages = list(place.stages)[-1:] if options.short else chance.sample(list(place.stages), STAGES)
    for stage in stages:
        files, memory, seconds = chance.randint(*FILES), chance.randint(*MEMORY), chance.uniform(*SECONDS)
        tried: dict[str, tuple[list[str], Callable[[], object] | None]] = {
            f"{files} open files": ([], _limit(resource.RLIMIT_NOFILE, files)),
            f"{memory // 1_000_000} MB of memory": ([], _limit(resource.RLIMIT_AS, memory)),
            "a second of processor time": ([], _limit(resource.RLIMIT_CPU, 1)),
            f"{seconds:.1f} s by the clock": (["timeout", f"{seconds}"], None),
        }
        if os.geteuid() != 0:  # whom the system does not limit
            tried["no further process"] = ([], _limit(resource.RLIMIT_NPROC, 1))
        for name, (words, before) in tried.items():
            place.empty(stage)
            yield _ended(place, f"{stage}, {name}", stage, words, before)
        yield place.recovered(stage, stage)
    place.close()


def _ended(place: Copy, name: str, stage: str, words: list[str], before: Callable[[], object] | None) -> Case:
    """Judge a stage that the system may end itself: then it can say nothing, but leaves nothing half-written."""
    done = place.run(stage, *words, before=before)
    ended = done.returncode < 0 or done.returncode in {124, 134, 137, 139} or LIBRARY in done.stderr
    if not ended or TRACEBACK in done.stderr:
        return place.judged(name, stage, done)
    half = [path for path in place.half_written(stage) if not path.rpartition("/")[2].startswith(".")]
    return Case(name, Verdict.FAILED if half else Verdict.RIGHT, f"half-written: {', '.join(half)}; {said(done)}")


def _limit(which: int, value: int) -> Callable[[], object]:
    return partial(resource.setrlimit, which, (value, value))


KINDS: Final = (
    Kind(
        "limits",
        "A stage that meets a limit of the system says so in one line or is ended by the system; nothing is "
        "half-written, and the next run is right.",
        limits,
    ),
)
