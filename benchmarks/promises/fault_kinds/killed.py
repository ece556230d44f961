"""Kills and signals at random moments: of runs, and of every stage."""

import os
import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from benchmarks.kills import VICTIMS, Trial, kills
from benchmarks.promises.cases import Case, Kind, Options, Verdict
from benchmarks.promises.fault_kinds.workspace import Copy, environment

KILLS: Final = (len(VICTIMS), 20)
STOPS: Final = (1, 12)
POLITE: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""Signals by which a person or a system asks a run to stop."""
MOMENTS: Final = (0.2, 4.0)
"""Seconds between which a stage is killed; it may have ended by then."""


def of_runs(options: Options) -> Iterator[Case]:
    """Kill the runner, DVC, the reaper or a stage's process (`benchmarks.kills`)."""
    yield from map(_case, kills(KILLS[not options.short], options.seed))


def stops(options: Options) -> Iterator[Case]:
    """Ask the runner to stop."""
    yield from map(_case, kills(STOPS[not options.short], options.seed, ["runner"], POLITE))


def of_stages(options: Options) -> Iterator[Case]:
    """Kill each stage at random moments, then run it to its end."""
    chance, place = random.Random(options.seed), Copy(options, "killed stages")
    for stage in list(place.stages)[2:4] if options.short else place.stages:
        if chance.random() < 0.5:  # else it takes up what a whole run has left
            place.empty(stage)
        after = chance.uniform(*MOMENTS)
        process = subprocess.Popen(
            place.stages[stage].command,
            cwd=place.folder,
            env=environment(place.folder),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        with suppress(subprocess.TimeoutExpired):
            process.wait(after)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        half = [path for path in place.half_written(stage) if not path.rpartition("/")[2].startswith(".")]
        name = f"{stage} after {after:.2f} s"
        case = place.recovered(name, stage)
        yield Case(name, Verdict.FAILED, f"half-written: {', '.join(half)}") if half else case
    place.close()


def _case(trial: Trial) -> Case:
    name = f"{trial.victim} after {trial.seconds:.2f} s"
    return Case(name, Verdict.FAILED if trial.faults else Verdict.RIGHT, "; ".join(trial.faults))


KINDS: Final = (
    Kind(
        "kills",
        "After the runner, DVC, the reaper or a stage was killed, the next run ends as if nothing had happened.",
        of_runs,
    ),
    Kind(
        "signals",
        "A run that is asked to stop by SIGTERM, SIGINT or SIGHUP stops; the next one goes on from there.",
        stops,
    ),
    Kind(
        "kills of stages",
        "A stage that is killed leaves nothing half-written in the place of an output, and its next run is right.",
        of_stages,
    ),
)
