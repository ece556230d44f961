"""How many cores a stage may use."""

import os

from dvc_parallel.system.environment_variables import variable


def available_cores() -> int:
    """Return ``OMP_NUM_THREADS`` when it is set, else the cores that this process may run on.

    OpenMP libraries obey the same variable, so one setting bounds every pool of a stage. Results never depend
    on it.
    """
    limit = variable("OMP_NUM_THREADS").split(",")[0].strip()
    if limit.isdigit() and int(limit) > 0:
        return int(limit)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
