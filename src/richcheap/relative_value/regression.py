"""The plain alternative of many desks: the residual of a regression of the date's spreads on what bonds are."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.numerics.cholesky import add_row, inverse
from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementwise import log1p_each
from richcheap.panel.ratings import BUCKETS

Floats = NDArray[np.float64]

PENALTY = 1e-6
"""Keeps the equations of a date solvable where a rating has no bond; it moves no coefficient that prints decide."""
MIN_OWN_SHARE = 1e-3
"""Below this share of its own residual a bond decides its fitted spread alone, and has no peers."""


def regression_residuals(rows: pl.DataFrame) -> pl.Series:
    """Return each spread's distance from the regression of its date without it, bp; null where it has no peers.

    The spread is regressed on years to maturity, their logarithm, the coupon, and a dummy for each rating bucket, by
    least squares over the bonds of the currency that printed on the date.

    Parameters
    ----------
    rows : DataFrame
        ``date``, ``currency``, ``mid_spread_bp``, ``years_to_maturity``, ``coupon_rate`` and ``rating_bucket``.
    """
    ordered = rows.with_row_index("row").sort("date", "currency", "row")
    groups = ordered.select(pl.struct("date", "currency").rle_id()).to_series().to_numpy()
    start = np.append(np.flatnonzero(np.diff(groups, prepend=-1.0)), groups.size).astype(np.int64)
    years = ordered["years_to_maturity"].to_numpy()
    dummies = [(ordered["rating_bucket"] == bucket).cast(pl.Float64).to_numpy() for bucket in BUCKETS]
    design = np.column_stack([*dummies, years / 10.0, log1p_each(years), 100.0 * ordered["coupon_rate"].to_numpy()])
    residual = leave_one_out_residuals(design, ordered["mid_spread_bp"].to_numpy(), start)
    found = pl.DataFrame({"row": ordered["row"], "residual": residual}).sort("row")["residual"]
    return found.fill_nan(None)


@kernel
def leave_one_out_residuals(design: Floats, response: Floats, start: NDArray[np.int64]) -> Floats:
    """Return each row's residual around the regression of its group without it; NaN where it decides its fit alone."""
    rows, terms = design.shape
    found = np.full(rows, np.nan)
    for group in range(start.shape[0] - 1):
        gram = np.zeros((terms, terms))
        moment = np.zeros(terms)
        for k in range(terms):
            gram[k, k] = PENALTY
        for i in range(start[group], start[group + 1]):
            add_row(gram, design[i], 1.0)
            for k in range(terms):
                moment[k] += design[i, k] * response[i]
        solved = inverse(gram)
        for i in range(start[group], start[group + 1]):
            leverage, fitted = 0.0, 0.0
            for k in range(terms):
                through = 0.0
                for m in range(terms):
                    through += solved[k, m] * design[i, m]
                leverage += design[i, k] * through
                fitted += moment[k] * through
            if 1.0 - leverage > MIN_OWN_SHARE:
                found[i] = (response[i] - fitted) / (1.0 - leverage)
    return found
