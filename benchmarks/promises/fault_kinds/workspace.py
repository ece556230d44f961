"""A finished run of the small pipeline, copies of it in which stages meet faults, and what became of them."""

import filecmp
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from benchmarks.promises.cases import Case, Options, Verdict
from benchmarks.promises.determinism import ROOT, Stage, copy, different, remove, stages_of
from dvc_parallel.system.errors import printed_errors

PROFILE: Final = ROOT / "profiles" / "small.yaml"
SHORT: Final = "market"
"""The last stage of the part that CI runs."""
LONGEST_SECONDS: Final = 300
"""How long a stage may take; it takes a few seconds where the machine has nothing else to do."""
LONGEST_OF_ALL_SECONDS: Final = 3600
PROGRESS: Final = {"training_data/bonds_manifest.json"}
"""Outputs that grow while their stage works: they say what is done."""
REMEDY: Final = "; "
"""What parts a fault from what helps in the line of a refusal."""
TRACEBACK: Final = "Traceback (most recent call last)"
PLACE: Final = tempfile.TemporaryDirectory(prefix="faults-")
"""Holds all copies, until this process ends."""


T = TypeVar("T")


class Finished(NamedTuple):
    """A finished run.

    Attributes
    ----------
    folder : Path
    stages : dict of str to Stage
        By what DVC calls them.
    """

    folder: Path
    stages: dict[str, Stage]


@cache
def finished(short: bool) -> Finished:
    """Run the small pipeline, or its beginning, in a clone with the code as it stands, once for all kinds."""
    folder = Path(PLACE.name).resolve() / f"finished-{'short' if short else 'whole'}"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
    listed = ["git", "ls-files", "-z", "--modified", "--others", "--exclude-standard"]
    changed = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, changed.split("\0")):
        remove(folder / name)
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            copy(ROOT / name, folder / name)
    (folder / "dvc.lock").unlink()
    for words in ([sys.executable, "-m", "richcheap.profile", str(PROFILE)], command_line("run", *targets(short))):
        done = called(words, folder, longest=LONGEST_OF_ALL_SECONDS)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: exit code {done.returncode}\n{done.stderr[-2000:]}")
    return Finished(folder, stages_of(folder))


def drawn(every: Mapping[str, T], options: Options, number: int) -> list[tuple[str, T]]:
    """Return all of some, or as many drawn ones as the part that CI runs has."""
    few = random.Random(options.seed).sample(sorted(every), min(number, len(every)))
    return [(name, one) for name, one in every.items() if name in few or not options.short]


def targets(short: bool) -> list[str]:
    """Return the targets of the runs of a finished run."""
    return [SHORT] if short else []


def environment(folder: Path, more: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Return the variables of a process in a copy: its own code; None takes a variable away."""
    path = os.pathsep.join([str(folder / "src"), str(folder)])
    kernels = os.environ.get("NUMBA_CACHE_DIR", str(ROOT / "src" / "richcheap" / "__pycache__"))
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    own = {"PATH": programs, "PYTHONPATH": path, "NUMBA_CACHE_DIR": kernels, "DVC_NO_ANALYTICS": "1"}
    every = {**os.environ, **own, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONFAULTHANDLER": "1", **(more or {})}
    return {name: value for name, value in every.items() if value is not None}


def called(
    words: Sequence[str],
    folder: Path,
    more: Mapping[str, str | None] | None = None,
    before: Callable[[], object] | None = None,
    longest: float = LONGEST_SECONDS,
    **streams: Any,
) -> "subprocess.CompletedProcess[str]":
    """Run a command in a copy; `before` is called in its process, `streams` are as `subprocess.Popen` takes them.

    One that takes longer than `longest` seconds is aborted, and says where it was.
    """
    process = subprocess.Popen(
        words,
        cwd=folder,
        env=environment(folder, more),
        preexec_fn=before,  # noqa: PLW1509  it sets limits, nothing of Python's threads
        text=True,
        errors="replace",
        start_new_session=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams},
    )
    try:
        out, err = process.communicate(timeout=longest)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGABRT)
        out, err = process.communicate()
    return subprocess.CompletedProcess(words, process.returncode, out, err)


class Copy:
    """A copy of a finished run in which stages are run by hand.

    Parameters
    ----------
    options : Options
    name : str
        Of its folder: that of the kind.
    place : Path, optional
        Where it is to lie.
    """

    def __init__(self, options: Options, name: str, place: Path | None = None) -> None:
        self.reference = finished(options.short)
        self.stages = self.reference.stages
        self.folder = (place or Path(PLACE.name).resolve()) / name.replace(" ", "-")
        remove(self.folder)
        shutil.copytree(self.reference.folder, self.folder, symlinks=True)

    def run(self, stage: str, *before: str, **how: Any) -> "subprocess.CompletedProcess[str]":
        """Run a stage by hand, behind the words of another command; see `called`."""
        return called([*before, *self.stages[stage].command], self.folder, **how)

    def empty(self, stage: str) -> None:
        """Take away what a stage makes, and what its searches have found."""
        for out in self.stages[stage].outs:
            remove(self.folder / out)
        remove(self.folder / "training_checkpoints")

    def restore(self, *stages: str) -> None:
        """Put the outputs of some stages, by default of all, as they were, with nothing run by hand."""
        remove(self.folder / ".dvc" / "tmp" / "richcheap")
        for stage in stages or self.stages:
            for out in self.stages[stage].outs:
                if (self.folder / out).is_symlink() or any(different(self.reference.folder / out, self.folder / out)):
                    remove(self.folder / out)
                    copy(self.reference.folder / out, self.folder / out)

    def close(self) -> None:
        """Remove it."""
        remove(self.folder)

    def half_written(self, stage: str, seen: Path | None = None) -> list[str]:
        """Return the files of a stage that are there, and not what it writes undisturbed; and what it left beside.

        Parameters
        ----------
        stage : str
        seen : Path, optional
            Where the folder is seen from here.
        """
        place = seen or self.folder
        found = []
        for out in (out for out in self.stages[stage].outs if out not in PROGRESS):
            one, other = place / out, self.reference.folder / out
            files = [path for path in one.rglob("*") if path.is_file()] if one.is_dir() else [one] * one.is_file()
            for file in files:
                original = other / file.relative_to(one)
                if not (original.is_file() and filecmp.cmp(file, original, shallow=False)):
                    found.append(file.relative_to(place).as_posix())
            found += [left.relative_to(place).as_posix() for left in one.parent.glob(f".{one.name}.*")]
        return found

    def judged(self, name: str, stage: str, done: "subprocess.CompletedProcess[str]", seen: Path | None = None) -> Case:
        """Say what became of a stage: it wrote what it writes undisturbed, or refused and left nothing half-written."""
        if fault := unclear(done):
            return Case(name, Verdict.FAILED, fault)
        if done.returncode != 0:
            if REMEDY not in done.stderr:
                return Case(name, Verdict.FAILED, f"no remedy: {said(done)}")
            half = self.half_written(stage, seen)
            return Case(name, Verdict.FAILED if half else Verdict.REFUSED, f"half-written: {', '.join(half)}")
        place = seen or self.folder
        wrong = [f"{out}/{name}" for out in self.stages[stage].outs for name in self._differing(out, place)]
        return Case(name, Verdict.FAILED if wrong else Verdict.RIGHT, f"differs: {', '.join(wrong)}")

    def recovered(self, name: str, stage: str) -> Case:
        """Run a stage that has met faults once more, undisturbed: it must write what it always writes."""
        case = self.judged(f"{name}, the next run", stage, done := self.run(stage))
        return case if done.returncode == 0 else case._replace(verdict=Verdict.FAILED, detail=said(done))

    def _differing(self, out: str, place: Path) -> Iterator[str]:
        return different(self.reference.folder / out, place / out)


def command_line(*words: str) -> list[str]:
    """Return the command line of ``richcheap``."""
    return [sys.executable, "-m", "richcheap.cli", *words]


def judged_command(name: str, done: "subprocess.CompletedProcess[str]", codes: Collection[int]) -> Case:
    """Say what became of a command that must end with one of some codes; 2 and 75 say why in one line."""
    if fault := unclear(done, refusals=(2, 75)):
        return Case(name, Verdict.FAILED, fault)
    if done.returncode not in codes:
        return Case(name, Verdict.FAILED, f"exit code {done.returncode}: {said(done)}")
    return Case(name, Verdict.REFUSED if done.returncode in {2, 75} else Verdict.RIGHT)


def unclear(done: "subprocess.CompletedProcess[str]", refusals: Collection[int] = range(1, 256)) -> str:
    """Return what is wrong with how a command ended; nothing when it did its work or refused in one line.

    Parameters
    ----------
    done : subprocess.CompletedProcess
    refusals : collection of int
        The exit codes with which it refuses.
    """
    if TRACEBACK in f"{done.stdout}{done.stderr}":
        return f"traceback: {said(done)}"
    if done.returncode < 0:
        return f"signal {-done.returncode}: {said(done)}"
    if done.returncode not in refusals or done.stderr is None:
        return ""
    lines = printed_errors(done.stderr.splitlines())
    return "" if len(lines) == 1 else f"exit code {done.returncode}, {len(lines)} lines of error: {said(done)}"


def said(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the last lines that a command has printed, on one."""
    return " / ".join(f"{done.stdout or ''}{done.stderr or ''}".strip().splitlines()[-3:])[-400:]
