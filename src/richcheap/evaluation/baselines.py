"""Which baselines are simple, and which is the best of several."""

import math
from collections.abc import Iterable, Mapping
from typing import Final

from richcheap.features.baselines import BASELINES, FILTER

COLUMNS: Final[dict[str, str]] = {one.name: one.column for one in BASELINES if one.column is not None}
"""Columns of clean prices, points per 100, of the baselines that the dataset carries."""
SIMPLE: Final = frozenset(one.name for one in BASELINES if one.simple)


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
        Mean absolute error of each on the validation block; the test block is not used.

    Returns
    -------
    dict
        ``best_baseline`` of all, ``best_simple_baseline`` (of `SIMPLE`), and ``kalman`` where it is among them.
    """
    names = list(baselines)
    chosen = {
        "best_baseline": least(names, validation_mae),
        "best_simple_baseline": least([name for name in names if name in SIMPLE], validation_mae),
        FILTER: FILTER if FILTER in names else None,
    }
    return {key: name for key, name in chosen.items() if name is not None}
