"""What processes take of memory, for benchmarks that look at them while they run."""

from collections.abc import Iterable
from contextlib import suppress

import psutil


def memory(processes: Iterable[psutil.Process]) -> int:
    """Return the bytes of some processes; pages that they share count once, where the system tells."""
    size = 0
    for process in processes:
        with suppress(psutil.Error):  # it has just ended
            full = process.memory_full_info()
            size += getattr(full, "pss", full.rss)
    return size
