"""Judge predicted prices as quotes: rounded, all alike, to the ticks that their bonds are quoted in."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.evaluation.baselines import FILTER
from richcheap.evaluation.params import EvaluateParams
from richcheap.evaluation.skill import skills
from richcheap.evaluation.ticks import quoted

Floats = NDArray[np.float64]

SHOWN: Final = ("against_best_simple_baseline", f"against_{FILTER}")


def judge_quotes(
    rows: pl.DataFrame, prices: Mapping[str, Floats], ticks: Floats, best: Mapping[str, str],
    baselines: Sequence[str], params: EvaluateParams, seed: int,
) -> dict[str, Any]:  # fmt: skip
    """Return the mean absolute error (points) and the skill of every predictor's prices on the ticks of their bonds.

    Parameters
    ----------
    rows : DataFrame
        ``date`` and ``clean_price`` of the judged rows, sorted by date.
    prices : mapping of str to ndarray, shape (n_rows,)
        Predicted clean prices.
    ticks : ndarray, shape (n_rows,)
        Of `ticks_of`.
    best, baselines, params, seed
        As in `skills`.

    Returns
    -------
    dict
        ``rows_with_tick``, and ``predictors``: of each ``mae`` and the skills of `SHOWN`, None where nobody is there.
    """
    observed = rows["clean_price"].to_numpy()
    rounded = {name: quoted(price, ticks) for name, price in prices.items()}
    found = skills(rows["date"], observed, rounded, best, baselines, params, seed)
    return {
        "rows_with_tick": int((ticks > 0.0).sum()),
        "predictors": {
            name: {"mae": float(np.abs(price - observed).mean()), **{key: found[name].get(key) for key in SHOWN}}
            for name, price in rounded.items()
        },
    }
