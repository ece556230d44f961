"""Bring a project up to date from within a program: ``dvc-parallel run`` in a process of its own.

In the program's own process a run would have to take over its signals, which only the main thread may, and DVC would
change its logging and look at its working folder. A notebook or a service has all of these in use.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from dvc_parallel.results import Result
from dvc_parallel.system.errors import BusyError, ProjectError, printed_errors
from dvc_parallel.system.exit_codes import BUSY, DONE, FAILED, INTERRUPTED, UNUSABLE
from dvc_parallel.views.summary import results_of

COMMAND = "dvc_parallel.cli"
"""Module of the command."""
ENDED = (DONE, FAILED)
"""Exit codes of a run that has something to tell of each stage."""
LINES_OF_A_CRASH = 20


def bring_up_to_date(
    folder: Path,
    targets: Sequence[str],
    *,
    jobs: int | None = None,
    force_targets: bool = False,
    tell: Callable[[str], object] | None = None,
) -> list[Result]:
    """Run what is stale of some stages and of all above them; a stage that fails stops only what follows from it.

    May be called from any thread. When the wait is ended by an exception, as by Ctrl-C, the run is ended first.

    Parameters
    ----------
    folder : Path
        The project's.
    targets : sequence of str
        Stages or groups of stages.
    jobs : int, optional
        Stages side by side at most; by default the number of cores.
    force_targets : bool
        Whether the targets run though they are up to date.
    tell : callable, optional
        Given each line that says how the run goes.

    Returns
    -------
    list of Result
        What became of each stage.

    Raises
    ------
    ProjectError
        The project cannot be read, or somebody stopped the run.
    BusyError
        Another run is at work in the project.
    """
    if not folder.is_dir():
        raise ProjectError(f"{folder}: no such folder; name the project's folder")
    options = ["--keep-going", *(["--force-targets"] if force_targets else []), *([f"--jobs={jobs}"] if jobs else [])]
    line = [sys.executable, "-m", COMMAND, "run", "--json", *options, *targets]
    said: list[str] = []
    with tempfile.TemporaryFile("w+", encoding="utf-8") as answer:
        process = subprocess.Popen(  # noqa: S603  this Python, a module of the package
            line,
            cwd=folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=answer,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        try:
            for text in process.stderr or ():
                said.append(text.rstrip("\n"))
                if tell is not None:
                    tell(said[-1])
            code = process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
            process.communicate()
        answer.seek(0)
        return _results(code, answer.read(), said)


def _environment() -> dict[str, str]:
    """Return this process's, in which ``python`` is this Python: a notebook's environment need not be activated."""
    path = [str(Path(sys.executable).parent), *filter(None, [os.environ.get("PATH")])]
    return {**os.environ, "PATH": os.pathsep.join(path)}


def _results(code: int, answer: str, said: Sequence[str]) -> list[Result]:
    """Return what a run has answered, or raise what kept it from that."""
    faults = printed_errors(said)
    if code == BUSY:
        raise BusyError("; ".join(faults))
    if code == UNUSABLE:
        raise ProjectError("\n".join(faults or said[-1:]))
    if code in ENDED and answer:
        return results_of(json.loads(answer))
    if code == INTERRUPTED:
        raise ProjectError("somebody stopped the run; run again, and it goes on where it was")
    raise RuntimeError("\n".join([f"the runner ended with code {code}", *said[-LINES_OF_A_CRASH:]]))
