"""Read how far a stage is from what it prints: the latest of the bars that tqdm draws, whoever called it."""

import re
from dataclasses import dataclass
from pathlib import Path

TAIL_BYTES = 8192
"""A bar is a line; the latest is in the last few."""

BAR = re.compile(r"(?:(?P<desc>[^|\r\n]*?):\s*)?\s*(?P<percent>\d{1,3})%\|[^|\r\n]*\|\s*(?P<count>\S+/\S+)")


@dataclass(frozen=True)
class Bar:
    """A bar: what is worked on, the share that is done, 0 to 1, and the count, for instance ``9/20``."""

    desc: str
    share: float
    count: str


def latest_bar(log: Path) -> Bar | None:
    """Return the latest bar in a stage's log, or None."""
    bars = list(BAR.finditer(_tail(log, TAIL_BYTES)))
    if not bars:
        return None
    found = bars[-1]
    return Bar((found["desc"] or "").strip(), int(found["percent"]) / 100, found["count"])


def last_lines(log: Path, count: int) -> list[str]:
    """Return the last lines that a stage printed, of each bar what it showed last."""
    text = _tail(log, 64 * TAIL_BYTES).replace("\r\n", "\n")
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1].rstrip() for line in text.split("\n")]
    return [line for line in lines if line][-count:]


def _tail(log: Path, size: int) -> str:
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - size))
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
