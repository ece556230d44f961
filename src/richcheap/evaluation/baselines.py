"""The baselines: where the dataset has their prices, which are simple, and which is the best of several."""

import math
from collections.abc import Iterable, Mapping
from typing import Final

COLUMNS: Final[dict[str, str]] = {
    "matrix": "fair_price",
    "last": "baseline_last",
    "last_adjusted": "baseline_last_adjusted",
    "last_adjusted_move": "baseline_last_adjusted_move",
    "ewma": "baseline_ewma",
    "peers": "baseline_peers",
    "kalman": "baseline_kalman",
}
"""Columns of clean prices, points per 100. `LINE` has none: it is fitted by stage ``evaluate``."""
FILTER: Final = "kalman"
LINE: Final = "ridge"


def is_simple(name: str) -> bool:
    """Return whether a baseline needs neither a filter nor a fit to the past: what a desk would use without a model.

    Examples
    --------
    >>> [name for name in COLUMNS if not is_simple(name)]
    ['kalman']
    """
    return name not in (FILTER, LINE)


def least(names: Iterable[str], errors: Mapping[str, float]) -> str | None:
    """Return the name with the least error, the first of equals; one whose error is unknown comes last.

    Examples
    --------
    >>> least(["a", "b", "c"], {"a": math.nan, "b": 0.2, "c": 0.2})
    'b'
    """
    return min(names, key=lambda name: (math.isnan(errors[name]), errors[name]), default=None)


def references(baselines: Iterable[str], validation_mae: Mapping[str, float]) -> dict[str, str]:
    """Return the baselines that predictors are compared with by name, chosen on the validation block.

    Parameters
    ----------
    baselines : iterable of str
        At least one of them simple.
    validation_mae : mapping
        Mean absolute error of each on the validation block; the test block has no say.

    Returns
    -------
    dict
        ``best_baseline`` of all, ``best_simple_baseline`` (`is_simple`), and ``kalman`` where it is among them.
    """
    names = list(baselines)
    chosen = {
        "best_baseline": least(names, validation_mae),
        "best_simple_baseline": least(filter(is_simple, names), validation_mae),
        FILTER: FILTER if FILTER in names else None,
    }
    return {key: name for key, name in chosen.items() if name is not None}
