"""Skill of every predictor against every baseline."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stages.evaluation.bootstrap import FEWEST_BLOCKS, PairedBootstrap, holm, sums_by_date
from stages.evaluation.params import EvaluateParams

Floats = NDArray[np.float64]


def skills(
    dates: pl.Series,
    observed: Floats,
    prices: Mapping[str, Floats],
    best: Mapping[str, str],
    baselines: Sequence[str],
    params: EvaluateParams,
    seed: int,
) -> dict[str, dict[str, Any]]:
    """Compare every predictor with every baseline, on the same resamples of blocks of dates.

    Parameters
    ----------
    dates : Series
        Of each row, sorted.
    observed : ndarray, shape (n_rows,)
    prices : mapping of str to ndarray
        Predicted prices, the baselines among them.
    best : mapping of str to str
        Baselines that are compared with by name, ``against_NAME`` (`stages.evaluation.baselines.references`).
    baselines : sequence of str
    params : EvaluateParams
    seed : int

    Returns
    -------
    dict
        For each predictor ``against_NAME`` of `best`, and ``against``: the `Skill` against every other baseline, with
        a p value that allows for there being so many of them (`holm`).
    """
    names = list(prices)
    errors = np.column_stack([np.abs(prices[name] - observed) for name in names])
    bootstrap = PairedBootstrap(
        sums_by_date(dates.to_physical().to_numpy(), errors),
        params.bootstrap_block_dates,
        params.bootstrap_resamples,
        params.confidence,
        seed,
    )
    compared = {}
    for position, name in enumerate(names):
        found = {other: bootstrap.skill(position, names.index(other)) for other in baselines}
        others = [other for other in baselines if other != name]
        together = holm(np.array([found[other].p_value for other in others]))
        compared[name] = {
            **{f"against_{key}": found[other]._asdict() for key, other in best.items()},
            "against": {
                other: {**found[other]._asdict(), "p_value_holm": float(adjusted)}
                for other, adjusted in zip(others, together, strict=True)
            },
        }
    return compared


def few_dates_note(dates: int) -> str | None:
    """Say why skills have no interval; None when they have one."""
    if dates >= FEWEST_BLOCKS:
        return None
    return f"an interval of skill, and so a verdict, needs at least {FEWEST_BLOCKS} test dates, has {dates}"
