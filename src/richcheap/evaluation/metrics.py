"""Error metrics of predicted clean prices. Prices in points per 100 of face, yields in basis points."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HIT_POINTS = (0.25, 0.5, 1.0)
NEVER_SEEN_DAYS = 365.0
"""Staleness that a bond without any earlier price counts as."""
SHORTEST_YIELD_YEARS = 0.25
"""Below three months a tick is worth many basis points of yield, and yield errors say nothing."""


class Actuals(NamedTuple):
    """What predictions are judged against.

    Attributes
    ----------
    observed, fair, last : ndarray, shape (n_rows,)
        Observed clean price, matrix price, and the bond's own last price (of no meaning for a bond never seen).
    staleness_days : ndarray, shape (n_rows,)
        Calendar days since the bond's own last price; NaN for a bond never seen.
    years : ndarray, shape (n_rows,)
        Years to maturity.
    """

    observed: Floats
    fair: Floats
    last: Floats
    staleness_days: Floats
    years: Floats


def staleness_weights(staleness_days: Floats) -> Floats:
    """Return ``1 + ln(1 + days)``: the staler the own price, the more a prediction is worth.

    Examples
    --------
    >>> staleness_weights(np.array([0.0, np.e - 1.0])).tolist()
    [1.0, 2.0]
    """
    days = np.where(np.isnan(staleness_days), NEVER_SEEN_DAYS, staleness_days)
    weights: Floats = 1.0 + np.log1p(days)
    return weights


def r_squared(actual: Floats, predicted: Floats) -> float:
    """Return ``1 - sum of squared errors / sum of squared deviations from the mean``; NaN without variation."""
    total = float(((actual - actual.mean()) ** 2).sum())
    return 1.0 - float(((actual - predicted) ** 2).sum()) / total if total > 0.0 else float("nan")


def move_r_squared(rows: Actuals, predicted: Floats) -> float:
    """Return how much of the moves since the bonds' own last prices is predicted.

    ``1 - sum (observed - predicted)^2 / sum (observed - last)^2`` over the rows with a last price: 0 for a prediction
    of no move, 1 for the observed one. NaN without such rows, or when nothing moved.
    """
    seen = ~np.isnan(rows.staleness_days)
    moved = float(((rows.observed - rows.last)[seen] ** 2).sum())
    missed = float(((rows.observed - predicted)[seen] ** 2).sum())
    return 1.0 - missed / moved if moved > 0.0 else float("nan")


def interval_metrics(observed: Floats, predicted: Floats, half_width: Floats, coverage: float) -> dict[str, float]:
    """Return ``coverage``, ``interval_width`` and ``interval_score`` of intervals around predictions.

    The interval score is the mean of the width plus ``2 / (1 - coverage)`` times the distance of an observation
    outside the interval (Winkler 1972; Gneiting and Raftery 2007, section 6.2): the smaller the better, and least for
    the true quantiles.

    Examples
    --------
    >>> interval_metrics(np.array([1.0, 3.0]), np.array([0.0, 0.0]), np.array([2.0, 2.0]), 0.75)
    {'coverage': 0.5, 'interval_width': 4.0, 'interval_score': 8.0}
    """
    size = np.abs(observed - predicted)
    width = 2.0 * half_width
    outside = np.maximum(size - half_width, 0.0)
    return {
        "coverage": float((size <= half_width).mean()),
        "interval_width": float(width.mean()),
        "interval_score": float((width + 2.0 / (1.0 - coverage) * outside).mean()),
    }


def price_metrics(rows: Actuals, predicted: Floats) -> dict[str, float]:
    """Return the errors of predicted clean prices.

    Returns
    -------
    dict
        ``mae``, ``rmse``, ``wmae`` (weights of `staleness_weights`), ``median_absolute_error``, ``bias``
        (predicted less observed), ``hit_rate_X`` (share within X points), all in points;
        ``r2_adjustment``, of the ratio to the matrix price; and ``r2_move`` (`move_r_squared`).
    """
    error = predicted - rows.observed
    size = np.abs(error)
    weights = staleness_weights(rows.staleness_days)
    return {
        "mae": float(size.mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "wmae": float((weights * size).sum() / weights.sum()),
        "median_absolute_error": float(np.median(size)),
        "bias": float(error.mean()),
        **{f"hit_rate_{points:g}": float((size <= points).mean()) for points in HIT_POINTS},
        "r2_adjustment": r_squared(rows.observed / rows.fair, predicted / rows.fair),
        "r2_move": move_r_squared(rows, predicted),
    }


def yield_rows(rows: Actuals) -> Flags:
    """Return which rows count in the metrics of yield: those with at least three months to maturity."""
    counted: Flags = rows.years >= SHORTEST_YIELD_YEARS
    return counted


def yield_metrics(rows: Actuals, error_bp: Floats) -> dict[str, float]:
    """Return ``yield_mae_bp`` and ``yield_median_bp`` over `yield_rows`.

    A predicted price without a yield makes both NaN: the error is unknown, not nil. So does a block without
    such rows.
    """
    size = np.abs(error_bp[yield_rows(rows)])
    if not size.size:
        return {"yield_mae_bp": float("nan"), "yield_median_bp": float("nan")}
    return {"yield_mae_bp": float(size.mean()), "yield_median_bp": float(np.median(size))}
