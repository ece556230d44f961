"""Hold what a stage starts to the cores that it was given."""

from collections.abc import Mapping

POOLS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)
"""Variables by which libraries are told how many threads or processes to start."""


def thread_limits(cores: int, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that hold a stage's pools to its cores, or below when the user has set fewer."""
    limits = {}
    for name in POOLS:
        given = environment.get(name, "").split(",")[0].strip()
        limits[name] = str(min(cores, int(given)) if given.isdigit() and int(given) > 0 else cores)
    return limits
