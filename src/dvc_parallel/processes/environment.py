"""What a stage is told by its environment: its cores, and to show how far it is."""

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


BAR_SECONDS = {"TQDM_MININTERVAL": "1"}
"""How often tqdm draws a bar, which the runner reads from the log."""


def variables(cores: int, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a stage is given besides those that there are."""
    return {**thread_limits(cores, environment), **BAR_SECONDS}


def thread_limits(cores: int, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that hold a stage's pools to its cores, or below when the user has set fewer."""
    limits = {}
    for name in POOLS:
        given = environment.get(name, "").split(",")[0].strip()
        limits[name] = str(min(cores, int(given)) if given.isdigit() and int(given) > 0 else cores)
    return limits
