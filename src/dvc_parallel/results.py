"""What became of the stages of a run."""

from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path

from dvc_parallel.processes.processes import Usage


class Outcome(Enum):
    """What became of a stage; the value is the word that people read."""

    RAN = "ran"
    RESTORED = "restored from cache"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    SKIPPED = "skipped"
    STOPPED = "stopped"

    @property
    def good(self) -> bool:
        """Whether what follows from the stage may go on."""
        return self in {Outcome.RAN, Outcome.RESTORED, Outcome.UNCHANGED}


@dataclass(frozen=True)
class Result:
    """What became of one stage.

    Parameters
    ----------
    name : str
    outcome : Outcome
    usage : Usage
        Nothing, for a stage whose command was not run.
    cores : int
        Cores that it was given; 0 when it was not run.
    cause : str
        Why it failed, was skipped or was stopped.
    log : Path, optional
        What its command printed.
    """

    name: str
    outcome: Outcome
    usage: Usage = field(default_factory=Usage)
    cores: int = 0
    cause: str = ""
    log: Path | None = None

    def then(self, later: "Result") -> "Result":
        """Return the result of a stage that was looked at, or ran, a second time."""
        if later.outcome is Outcome.UNCHANGED:
            return self
        first, second = self.usage, later.usage
        peak = max(first.peak_mb, second.peak_mb)
        used = Usage(first.seconds + second.seconds, first.cpu_seconds + second.cpu_seconds, peak)
        return replace(later, usage=used)


@dataclass(frozen=True)
class RunningStage:
    """A stage that runs now.

    Parameters
    ----------
    name : str
    elapsed : float
        Seconds.
    expected : float or None
        Seconds in all, by earlier runs.
    log : Path
    """

    name: str
    elapsed: float
    expected: float | None
    log: Path


@dataclass(frozen=True)
class RunStatus:
    """How a run stands.

    Parameters
    ----------
    done, total : int
        Stages.
    at_work : tuple of RunningStage
    left : float or None
        Seconds until the end, by earlier runs.
    """

    done: int
    total: int
    at_work: tuple[RunningStage, ...]
    left: float | None


def cause_of(code: int) -> str:
    """Return why a command ended, in words."""
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"
