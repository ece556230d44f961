"""Has the market moved away from what a model has learned? One score for each model, out of four parts.

Every part is a size between 0 and 1, and counts only where a test says that it is more than luck; docs/drift.md has
the formulas.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.drift.consensus import consensus, methods
from richcheap.drift.hac_tests import MIN_DATES, change, daily_mean, trend
from richcheap.drift.populations import DatedValues, compare, discoveries
from richcheap.drift.tracks import Track, days, track
from richcheap.evaluation.importance import groups_of
from richcheap.evaluation.params import DriftParams
from richcheap.numerics.elementwise import logarithms

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEADY, WATCH, RETRAIN = "steady", "watch", "retrain"
UNKNOWN = "unknown"
"""The windows have too few dates to compare, and the features alone raise no alarm."""
PARTS = ("features", "residuals", "coverage", "consensus")


class FeatureDrift(NamedTuple):
    """What two windows show of the features: a table, and the drift of each, 0 to 1."""

    table: list[dict[str, Any]]
    sizes: dict[str, float]


def feature_drift(
    learned: pl.DataFrame, current: pl.DataFrame, features: Sequence[str], params: DriftParams, seed: int
) -> FeatureDrift:
    """Compare each feature between two windows of the dataset.

    A feature has drifted when its Kolmogorov-Smirnov distance is significant among all of them (`discoveries`) and its
    stability index is at least ``psi_notable``: significant and large. Its size then is the index over ``psi_full``,
    at most 1.
    """
    windows = [rows.gather_every(max(1, math.ceil(rows.height / params.rows))) for rows in (learned, current)]
    found = {}
    for number, name in enumerate(features):
        columns = [
            DatedValues(rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy(), days(rows)) for rows in windows
        ]
        found[name] = compare(columns[0], columns[1], params, [seed, number])
    significant = discoveries({name: one.p_value for name, one in found.items()}, params.false_discovery_rate)
    group_of = {name: group for group, names in groups_of(features).items() for name in names}
    table, sizes = [], {}
    for name, one in found.items():
        drifted = significant[name][1] and one.psi >= params.psi_notable
        sizes[name] = min(1.0, one.psi / params.psi_full) if drifted else 0.0
        entry = {"feature": name, "group": group_of[name], "q_value": significant[name][0], "drifted": drifted}
        table.append(entry | one._asdict())
    return FeatureDrift(sorted(table, key=lambda entry: (-entry["psi"], entry["feature"])), sizes)


def feature_reliance_drift(drift: FeatureDrift, reliance: Mapping[str, float]) -> float:
    """Return the mean drift of each group's features, weighted by the model's reliance on the group."""
    groups = groups_of(list(drift.sizes))
    return sum(
        weight * float(np.mean([drift.sizes[name] for name in groups[group]]))
        for group, weight in reliance.items()
        if group in groups
    )


def predictor_drift(before: Track, after: Track, features: float, params: DriftParams) -> dict[str, Any]:
    """Return the drift of one predictor between two windows, with its score.

    Parameters
    ----------
    before, after : Track
        Neither window may be one that the predictor was fitted to. Either may be empty.
    features : float
        Drift of the features that it relies on (`feature_reliance_drift`), 0 to 1.
    params : DriftParams

    Returns
    -------
    dict
        ``score``, ``unthresholded_score`` (the same without thresholds: each size times one less its adjusted p-value),
        ``status``, ``retrain``, ``largest`` (the part with the largest score), ``note`` (which parts have too few
        dates, else None) and the four `PARTS`, each with its ``score`` (0 when it is unknown) and what
        it was made from (docs/drift.md).
    """
    inside = _inside(before, after, params.coverage)
    daily = {
        "residuals": [_relative_error(one) for one in (before, after)],
        "coverage": [daily_mean(share, one.day) for share, one in zip(inside, (before, after), strict=True)],
        "consensus": [daily_mean(one.deviation_bp, one.day) for one in (before, after)],
    }
    changes = {name: change(*pair) for name, pair in daily.items()}
    unknown = [name for name, one in changes.items() if math.isnan(one.p_value)]
    significant = discoveries({name: one.p_value for name, one in changes.items()}, params.false_discovery_rate)
    growth = [math.expm1(value) for value in changes["residuals"][:3]]
    reached = _known_mean(inside[1])
    apart = float(np.nanmedian(before.dispersion_bp)) if np.isfinite(before.dispersion_bp).any() else math.nan
    sizes = {
        "residuals": max(0.0, growth[0]) / params.error_growth_full,
        "coverage": abs(reached - params.coverage) / params.coverage_gap_full,
        "consensus": abs(changes["consensus"].value) / apart / params.consensus_shift_full if apart > 0.0 else 0.0,
    }
    scores = {"features": features} | {
        name: min(1.0, size) if significant[name][1] else 0.0 for name, size in sizes.items()
    }
    unthresholded = {name: min(1.0, size) * _evidence(significant[name][0]) for name, size in sizes.items()}
    score = _joined(scores)
    calm = UNKNOWN if len(unknown) == len(changes) else STEADY
    return {
        "score": score,
        "unthresholded_score": _joined(unthresholded | {"features": features}),
        "status": RETRAIN if score >= params.retrain else WATCH if score >= params.warn else calm,
        "retrain": score >= params.retrain,
        "largest": max(PARTS, key=lambda name: scores[name]) if score > 0.0 else None,
        "note": _note({name: _known_dates(before, after, daily[name]) for name in unknown}),
        "features": {"score": features},
        "residuals": {
            "score": scores["residuals"],
            "q_value": significant["residuals"][0],
            **dict(zip(("growth", "growth_low", "growth_high"), growth, strict=True)),
            "mae": _before_and_after([_known_mean(np.abs(one.error)) for one in (before, after)]),
            "consensus_mae": _before_and_after([_known_mean(np.abs(one.consensus_error)) for one in (before, after)]),
            "bias": _before_and_after([_known_mean(one.error) for one in (before, after)]),
        },
        "coverage": {
            "score": scores["coverage"],
            "q_value": significant["coverage"][0],
            "target": params.coverage,
            "empirical": reached,
        },
        "consensus": {
            "score": scores["consensus"],
            "q_value": significant["consensus"][0],
            "shift_bp": changes["consensus"]._asdict(),
            "trend_bp_a_date": trend(np.concatenate(daily["consensus"]))._asdict(),
            "deviation_bp": _before_and_after([_known_mean(one.deviation_bp) for one in (before, after)]),
            "distance_bp": _before_and_after([_known_mean(np.abs(one.deviation_bp)) for one in (before, after)]),
            "distance_points": _before_and_after(
                [_known_mean(np.abs(one.error - one.consensus_error)) for one in (before, after)]
            ),
            "dispersion_bp": apart,
        },
    }


def methods_drift(learned: pl.DataFrame, current: pl.DataFrame, params: DriftParams) -> dict[str, Any]:
    """Return the drift of each method of the consensus, which nobody had to train, between two windows."""
    agreed = [consensus(rows) for rows in (learned, current)]
    prices = [methods(rows) for rows in (learned, current)]
    return {
        name: predictor_drift(
            track(learned, prices[0][name], agreed[0]), track(current, prices[1][name], agreed[1]), 0.0, params
        )
        for name in prices[0]
    }


def _joined(scores: Mapping[str, float]) -> float:
    """Return the score of several parts: one of them at 1 is enough, and several add up without passing 1."""
    return 1.0 - math.prod(1.0 - score for score in scores.values())


def _evidence(q_value: float) -> float:
    """Return one less the adjusted p-value; nothing where there is none."""
    return 0.0 if math.isnan(q_value) else 1.0 - q_value


def _relative_error(one: Track) -> Floats:
    """Return the logarithm of each date's mean absolute error over that of the consensus; NaN where either is nil."""
    own, agreed = (daily_mean(np.abs(error), one.day) for error in (one.error, one.consensus_error))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = logarithms(own / agreed)
    return np.where(np.isfinite(ratio), ratio, np.nan)


def _inside(before: Track, after: Track, coverage: float) -> list[Floats]:
    """Return 1 for each row whose error the width that covers `coverage` before would hold, else 0; NaN without one."""
    if not before.error.size:
        return [before.error, np.full(after.error.size, np.nan)]
    width = float(np.quantile(np.abs(before.error) / before.scale, coverage, method="higher"))
    return [(np.abs(one.error) <= width * one.scale).astype(np.float64) for one in (before, after)]


def _known_dates(before: Track, after: Track, daily: Sequence[Floats]) -> tuple[int, int]:
    """Return the dates of two windows, or where they are many enough those on which the daily figure is known."""
    dates = np.unique(before.day).size, np.unique(after.day).size
    return dates if min(dates) < MIN_DATES else (int(np.isfinite(daily[0]).sum()), int(np.isfinite(daily[1]).sum()))


def _note(unknown: Mapping[str, tuple[int, int]]) -> str | None:
    """Say which parts need more dates than the two windows have; None when every part is known."""
    parts_of: dict[tuple[int, int], list[str]] = {}
    for name, dates in unknown.items():
        parts_of.setdefault(dates, []).append(name)
    said = [
        f"{', '.join(names)}: needs at least {MIN_DATES} dates in each window, has {before} before and {after} after"
        for (before, after), names in parts_of.items()
    ]
    return "; ".join(said) or None


def _known_mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan


def _before_and_after(pair: list[float]) -> dict[str, float]:
    return {"before": pair[0], "after": pair[1]}
