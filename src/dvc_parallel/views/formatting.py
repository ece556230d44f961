"""How the runner says a duration, and many names."""

from collections.abc import Sequence

NAMED = 4
"""So many names are told; the rest are counted."""


def listed(names: Sequence[str]) -> str:
    """Name the first few and count the rest."""
    rest = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + rest


def duration(seconds: float) -> str:
    """Return a duration as a person says it: ``0.4 s``, ``38 s``, ``4 min 05 s``, ``2 h 10 min``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min"


def clock(seconds: float) -> str:
    """Return a duration as a clock shows it, ``4:05`` or ``2:10:00``: digits that move in place."""
    whole = int(seconds)
    minutes = f"{whole % 3600 // 60:02d}:{whole % 60:02d}" if whole >= 3600 else f"{whole // 60}:{whole % 60:02d}"
    return f"{whole // 3600}:{minutes}" if whole >= 3600 else minutes
