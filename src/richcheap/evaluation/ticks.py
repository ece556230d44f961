"""Predictions scored as quotes: a print lies on the tick that its bond is quoted in, a fair value between two.

Where ticks are as wide as what cannot be predicted, most of a fair value's error is the distance to the tick. Scored as
quotes, all predicted prices are rounded to the tick that the bond's *earlier* prices show: then a prediction is right
when the print is on the tick next to it. That favours the nearer prediction, as all are rounded.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.evaluation.params import EvaluateParams
from richcheap.evaluation.skill import skills
from richcheap.features.baselines import FILTER

Floats = NDArray[np.float64]

TICKS: Final = tuple(sorted([*(2.0**-power for power in range(1, 9)), 0.1, 0.05, 0.01, 0.005, 0.001], reverse=True))
"""Points per 100, the widest first: halves to 256ths, and decimals."""
MIN_PRINTS: Final = 20
"""Earlier prices of a bond that show its tick; with fewer it has none."""
MIN_SHARE: Final = 0.99
"""Share of those prices that lie on it."""
NEAR: Final = 1e-6
"""Distance from a tick, in ticks, that is the float's."""
SHOWN: Final = ("against_best_simple_baseline", f"against_{FILTER}")


def learn_ticks(prints: pl.DataFrame) -> pl.DataFrame:
    """Return the widest tick that nearly all prices of each bond lie on.

    Parameters
    ----------
    prints : DataFrame
        ``bond_id`` and ``clean_price``.

    Returns
    -------
    DataFrame
        ``bond_id`` and ``tick``, points per 100, sorted; 0 for a bond with few prices, or with prices on no tick.

    Examples
    --------
    >>> prices = pl.DataFrame({"bond_id": ["A"] * 20, "clean_price": [100.0 + k / 32 for k in range(20)]})
    >>> learn_ticks(prices).row(0)
    ('A', 0.03125)
    """
    price = pl.col("clean_price")
    on_tick = [((price / tick - (price / tick).round()).abs() < NEAR).mean() for tick in TICKS]
    shares = prints.group_by("bond_id").agg(
        pl.len(), *(share.alias(str(tick)) for share, tick in zip(on_tick, TICKS, strict=True))
    )
    seen = pl.col("len") >= MIN_PRINTS
    widest = pl.coalesce(pl.when(seen & (pl.col(str(tick)) >= MIN_SHARE)).then(tick) for tick in TICKS)
    return shares.select("bond_id", tick=widest.fill_null(0.0)).sort("bond_id")


def ticks_of(rows: pl.DataFrame, earlier: pl.DataFrame) -> Floats:
    """Return the tick of each row's bond, learned from earlier prints; 0 where they show none."""
    found = rows.select("bond_id").join(learn_ticks(earlier), on="bond_id", how="left", maintain_order="left")
    return found["tick"].fill_null(0.0).to_numpy()


def round_to_tick(price: Floats, tick: Floats) -> Floats:
    """Return prices on the nearest tick; where there is none, as they are.

    Examples
    --------
    >>> round_to_tick(np.array([99.52, 99.52]), np.array([0.03125, 0.0])).tolist()
    [99.53125, 99.52]
    """
    step = np.where(tick > 0.0, tick, 1.0)
    return np.where(tick > 0.0, np.rint(price / step) * step, price)


def score_rounded(
    rows: pl.DataFrame, prices: Mapping[str, Floats], ticks: Floats, best: Mapping[str, str],
    baselines: Sequence[str], params: EvaluateParams, seed: int,
) -> dict[str, Any]:  # fmt: skip
    """Return the mean absolute error (points) and the skill of every predictor's prices on the ticks of their bonds.

    Parameters
    ----------
    rows : DataFrame
        ``date`` and ``clean_price`` of the scored rows, sorted by date.
    prices : mapping of str to ndarray, shape (n_rows,)
        Predicted clean prices.
    ticks : ndarray, shape (n_rows,)
        Of `ticks_of`.
    best, baselines, params, seed
        As in `skills`.

    Returns
    -------
    dict
        ``rows_with_tick``, and ``predictors``: of each ``mae`` and the skills of `SHOWN`, None where it is unknown.
    """
    observed = rows["clean_price"].to_numpy()
    rounded = {name: round_to_tick(price, ticks) for name, price in prices.items()}
    found = skills(rows["date"], observed, rounded, best, baselines, params, seed)
    return {
        "rows_with_tick": int((ticks > 0.0).sum()),
        "predictors": {
            name: {"mae": float(np.abs(price - observed).mean()), **{key: found[name].get(key) for key in SHOWN}}
            for name, price in rounded.items()
        },
    }
