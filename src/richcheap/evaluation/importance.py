"""How much a model owes to each group of features: permutation importance (Breiman 2001; Fisher et al. 2019).

The columns of a group are dealt anew among the bonds of the same date, jointly, so that what the date has in common
and what the group's columns say together stay as they were. Columns that all bonds of a date share cannot be dealt
within it: whole dates swap them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.evaluation.params import ImportanceParams

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

Predict = Callable[[pl.DataFrame], Floats]
Price = Callable[[pl.DataFrame, Floats], Floats]
"""Clean prices of rows, points per 100, from predictions in bp over the base spread."""

MIN_ROWS = 20
"""Rows among which a group is dealt: dates with fewer are joined with those after them."""

GROUPS: dict[str, tuple[str, ...]] = {
    "own history": (
        *("f_days_since_last", "f_prints_in_window", "f_last_residual", "f_reversion", "f_residual_std"),
        *("f_last_level", "f_last_change", "f_last_target", "f_second_last_target", "f_last_side", "f_last_log_volume"),
        *("f_last_is_reference", "f_unchanged_share", "f_prints", "f_last_price", "f_unchanged_prints"),
    ),
    "peers": (
        *("f_peer_move", "f_issuer_move", "f_issuer_move_count", "f_rating_move", "f_rating_move_count"),
        *("f_all_move", "f_all_move_count", "f_issuer_level", "f_rating_level", "f_all_level"),
    ),
    "surface": ("f_move_since_last", "f_matrix_gap", "f_surface_gap", "f_move_today"),
    "curve": ("f_curve_level", "f_curve_slope", "f_curve_curvature", "f_curve_volatility", "f_curve_trend"),
    "terms": (
        *("f_years_to_maturity", "f_coupon", "f_rating", "f_is_treasury", "f_dv01", "f_age"),
        *("f_is_callable", "f_is_convertible"),
        *("f_is_zero", "f_is_floating"),
    ),
    "noise": ("f_noise",),
    "kalman": (
        *("f_kalman_gap", "f_kalman_std", "f_unchanged_gap", "f_par_gap"),
        *("f_last_error", "f_second_last_error", "f_last_z_score"),
    ),
}
"""Features by their subject; one that is not listed is in the group ``other``."""


def groups_of(features: Sequence[str]) -> dict[str, list[str]]:
    """Divide a model's features by `GROUPS`, in its order; groups without any are left out.

    Examples
    --------
    >>> groups_of(["f_noise", "f_coupon", "f_new"])
    {'terms': ['f_coupon'], 'noise': ['f_noise'], 'other': ['f_new']}
    """
    known = {name: [feature for feature in group if feature in features] for name, group in GROUPS.items()}
    strange = [feature for feature in features if not any(feature in group for group in GROUPS.values())]
    return {name: group for name, group in {**known, "other": strange}.items() if group}


def importance(
    predict: Predict, rows: pl.DataFrame, price: Price, features: Sequence[str], params: ImportanceParams, seed: int
) -> dict[str, Any]:
    """Return by how much the mean absolute price error grows when a group of features is permuted.

    Parameters
    ----------
    predict : callable
        The trained model's ``predict``, bp over the base spread.
    rows : DataFrame
        Rows of the dataset that it has not learned from, sorted by date.
    price : callable
        ``Repricer.predicted_prices`` or `linear_price`.
    features : sequence of str
        The columns that the model reads.
    params : ImportanceParams
    seed : int

    Returns
    -------
    dict
        ``mae`` of the untouched rows, their number ``rows``, ``repeats``, and ``groups``: for each its ``features``,
        its ``importance`` (increase of the MAE, points per 100: mean over repeats), the ``std`` of it over
        repeats, and ``relative``, the importance as a share of ``mae``; the most important first.
    """
    chosen = spread_dates(rows, params.rows)
    observed = chosen["clean_price"].to_numpy()

    def mae(table: pl.DataFrame) -> float:
        return float(np.abs(price(chosen, predict(table)) - observed).mean())

    base = mae(chosen)
    day = chosen["date"].to_physical().to_numpy()
    entries: list[dict[str, Any]] = []
    for number, (name, group) in enumerate(groups_of(features).items()):
        rng = np.random.default_rng([seed, number])
        deal = permute_dates if shared_by_dates(chosen, group) else permute_within
        grown = []
        for _ in range(params.repeats):
            order = deal(day, rng)
            dealt = chosen.with_columns(chosen[feature].gather(order) for feature in group)
            grown.append(mae(dealt) - base)
        entries.append(
            {
                "group": name,
                "features": group,
                "importance": float(np.mean(grown)),
                "std": float(np.std(grown, ddof=1)),
                "relative": float(np.mean(grown)) / base if base > 0.0 else None,
            }
        )
    ordered = sorted(entries, key=lambda entry: -entry["importance"])
    return {"mae": base, "rows": chosen.height, "repeats": params.repeats, "groups": ordered}


def linear_price(rows: pl.DataFrame, prediction_bp: Floats) -> Floats:
    """Return clean prices to first order: the price at the base spread less DV01 times the prediction.

    No cash flow is discounted again, which is what makes it cheap; ``docs/drift.md`` says what it costs.
    """
    at_base = rows["baseline_last_adjusted"].to_numpy()
    price: Floats = at_base - rows["dv01"].to_numpy() * prediction_bp
    return price


def feature_reliance(found: Mapping[str, Any]) -> dict[str, float]:
    """Return each group's share of all importance, none below zero; equal shares when nothing matters."""
    weights = {entry["group"]: max(0.0, entry["importance"]) for entry in found["groups"]}
    total = sum(weights.values())
    return {name: weight / total if total > 0.0 else 1.0 / len(weights) for name, weight in weights.items()}


def spread_dates(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return whole dates, evenly spread, that hold about `most` rows at most; at least one date."""
    if rows.height <= most:
        return rows
    days = rows["date"].unique().sort()
    count = max(1, days.len() * most // rows.height)
    kept = days.gather(np.arange(count) * days.len() // count)
    return rows.filter(pl.col("date").is_in(kept.implode()))


def shared_by_dates(rows: pl.DataFrame, features: Sequence[str]) -> bool:
    """Return whether the columns have one value on each date that has several rows, and more than one in all."""
    several = rows.filter(pl.len().over("date") > 1)
    values = several.group_by("date").agg(pl.col(features).n_unique())
    return bool(several.height) and all(values[feature].max() == 1 for feature in features)


def permute_within(day: Ints, rng: np.random.Generator) -> Ints:
    """Return an order of the rows in which each stays on its date, or among a few dates that have few rows.

    Parameters
    ----------
    day : ndarray of int, shape (n_rows,)
        Sorted.
    rng : Generator
    """
    starts = np.flatnonzero(np.concatenate([[True], day[1:] != day[:-1]]))
    order = np.arange(day.size)
    first = 0
    for stop in [*starts[1:].tolist(), day.size]:
        if stop - first >= MIN_ROWS or stop == day.size:
            order[first:stop] = first + rng.permutation(stop - first)
            first = stop
    return order


def permute_dates(day: Ints, rng: np.random.Generator) -> Ints:
    """Return an order in which every row takes the first row of another date, the same one for the whole date."""
    starts, which = np.unique(day, return_index=True)[1], np.unique(day, return_inverse=True)[1]
    order: Ints = starts[rng.permutation(starts.size)][which]
    return order
