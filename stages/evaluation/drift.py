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

from stages.evaluation.consensus import Consensus, consensus, methods
from stages.evaluation.daily import change, daily_mean, trend
from stages.evaluation.drift_params import DriftParams
from stages.evaluation.importance import groups_of
from stages.evaluation.populations import Column, compare, discoveries

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SHORTEST_YEARS = 0.25  # below three months to maturity a tick is worth many bp
SMALLEST_SCALE = 1e-4  # points: of an error that was expected to be nil
STEADY, WATCH, RETRAIN = "steady", "watch", "retrain"
PARTS = ("features", "residuals", "coverage", "consensus")


class Track(NamedTuple):
    """How one predictor fared, row by row, over one window of dates.

    Attributes
    ----------
    day : ndarray of int, shape (n_rows,)
        Sorted.
    error, consensus_error : ndarray, shape (n_rows,)
        Predicted less observed clean price, points: the predictor's and that of the consensus.
    scale : ndarray, shape (n_rows,)
        The deviation that was expected of the print, points.
    deviation_bp, dispersion_bp : ndarray, shape (n_rows,)
        By how much the predictor is cheaper than the consensus, and how far the methods of the consensus lie apart;
        NaN below three months to maturity.
    """

    day: Ints
    error: Floats
    consensus_error: Floats
    scale: Floats
    deviation_bp: Floats
    dispersion_bp: Floats


class FeatureDrift(NamedTuple):
    """What two windows show of the features: a table, and the drift of each, 0 to 1."""

    table: list[dict[str, Any]]
    sizes: dict[str, float]


def track(rows: pl.DataFrame, price: Floats, agreed: Consensus | None = None) -> Track:
    """Follow a predictor's clean prices through rows of the dataset, which are sorted by date."""
    agreed = agreed or consensus(rows)
    observed = rows["clean_price"].to_numpy()
    scale = rows["noise_scale_bp"].to_numpy() * rows["price_risk"].to_numpy()
    short = rows["years_to_maturity"].to_numpy() < SHORTEST_YEARS
    return Track(
        days(rows),
        price - observed,
        agreed.price - observed,
        np.maximum(scale, SMALLEST_SCALE),
        np.where(short, np.nan, agreed.deviation_bp(price)),
        np.where(short, np.nan, agreed.dispersion_bp),
    )


def part_of(whole: Track, first: int, last: int) -> Track:
    """Return the dates of a track from number `first` up to and without number `last`."""
    chosen = np.isin(whole.day, np.unique(whole.day)[first:last])
    return Track(
        whole.day[chosen],
        whole.error[chosen],
        whole.consensus_error[chosen],
        whole.scale[chosen],
        whole.deviation_bp[chosen],
        whole.dispersion_bp[chosen],
    )


def halves(whole: Track) -> tuple[Track, Track]:
    """Return the earlier and the later half of a track's dates."""
    dates = np.unique(whole.day).size
    return part_of(whole, 0, dates // 2), part_of(whole, dates // 2, dates)


def feature_drift(
    learned: pl.DataFrame, current: pl.DataFrame, features: Sequence[str], params: DriftParams, seed: int
) -> FeatureDrift:
    """Compare each feature between two windows of the dataset.

    A feature has drifted when its Kolmogorov-Smirnov distance stands among all of them (`discoveries`) and its
    stability index is at least ``psi_notable``: significant and large. Its size then is the index over ``psi_full``,
    at most 1.
    """
    windows = [rows.gather_every(max(1, math.ceil(rows.height / params.rows))) for rows in (learned, current)]
    found = {}
    for number, name in enumerate(features):
        columns = [Column(rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy(), days(rows)) for rows in windows]
        found[name] = compare(columns[0], columns[1], params, [seed, number])
    stands = discoveries({name: one.p_value for name, one in found.items()}, params.false_discoveries)
    group_of = {name: group for group, names in groups_of(features).items() for name in names}
    table, sizes = [], {}
    for name, one in found.items():
        drifted = stands[name][1] and one.psi >= params.psi_notable
        sizes[name] = min(1.0, one.psi / params.psi_full) if drifted else 0.0
        entry = {"feature": name, "group": group_of[name], "q_value": stands[name][0], "drifted": drifted}
        table.append(entry | one._asdict())
    return FeatureDrift(sorted(table, key=lambda entry: (-entry["psi"], entry["feature"])), sizes)


def listened_drift(drift: FeatureDrift, listening: Mapping[str, float]) -> float:
    """Return the mean drift of each group's features, weighted by how much the model listens to the group."""
    groups = groups_of(list(drift.sizes))
    return sum(
        weight * float(np.mean([drift.sizes[name] for name in groups[group]]))
        for group, weight in listening.items()
        if group in groups
    )


def predictor_drift(before: Track, after: Track, features: float, params: DriftParams) -> dict[str, Any]:
    """Return the drift of one predictor between two windows, with its score.

    Parameters
    ----------
    before, after : Track
        Neither window may be one that the predictor was fitted to.
    features : float
        Drift of the features that it listens to (`listened_drift`), 0 to 1.
    params : DriftParams

    Returns
    -------
    dict
        ``score``, ``leaning`` (the same without thresholds: each size times one less its adjusted p-value),
        ``status``, ``retrain``, ``largest`` (the part with the largest score) and the four `PARTS`, each with its
        ``score`` and what it was made from (docs/drift.md).
    """
    relative = [_relative_error(one) for one in (before, after)]
    width = float(np.quantile(np.abs(before.error) / before.scale, params.coverage, method="higher"))
    inside = [(np.abs(one.error) <= width * one.scale).astype(np.float64) for one in (before, after)]
    covered = [daily_mean(share, one.day) for share, one in zip(inside, (before, after), strict=True)]
    deviation = [daily_mean(one.deviation_bp, one.day) for one in (before, after)]
    changes = {
        "residuals": change(*relative),
        "coverage": change(*covered),
        "consensus": change(*deviation),
    }
    stands = discoveries({name: one.p_value for name, one in changes.items()}, params.false_discoveries)
    growth = [math.expm1(value) for value in changes["residuals"][:3]]
    reached = float(inside[1].mean())
    apart = float(np.nanmedian(before.dispersion_bp)) if np.isfinite(before.dispersion_bp).any() else 0.0
    sizes = {
        "residuals": max(0.0, growth[0]) / params.error_growth_full,
        "coverage": abs(reached - params.coverage) / params.coverage_gap_full,
        "consensus": abs(changes["consensus"].value) / apart / params.consensus_shift_full if apart > 0.0 else 0.0,
    }
    scores = {"features": features} | {name: min(1.0, size) if stands[name][1] else 0.0 for name, size in sizes.items()}
    leanings = {name: min(1.0, size) * _evidence(stands[name][0]) for name, size in sizes.items()}
    score = _joined(scores)
    return {
        "score": score,
        "leaning": _joined(leanings | {"features": features}),
        "status": RETRAIN if score >= params.retrain else WATCH if score >= params.warn else STEADY,
        "retrain": score >= params.retrain,
        "largest": max(PARTS, key=lambda name: scores[name]) if score > 0.0 else None,
        "features": {"score": features},
        "residuals": {
            "score": scores["residuals"],
            "q_value": stands["residuals"][0],
            **dict(zip(("growth", "growth_low", "growth_high"), growth, strict=True)),
            "mae": _before_and_after([float(np.abs(one.error).mean()) for one in (before, after)]),
            "consensus_mae": _before_and_after([float(np.abs(one.consensus_error).mean()) for one in (before, after)]),
            "bias": _before_and_after([float(one.error.mean()) for one in (before, after)]),
        },
        "coverage": {
            "score": scores["coverage"],
            "q_value": stands["coverage"][0],
            "target": params.coverage,
            "reached": reached,
        },
        "consensus": {
            "score": scores["consensus"],
            "q_value": stands["consensus"][0],
            "shift_bp": changes["consensus"]._asdict(),
            "trend_bp_a_date": trend(np.concatenate(deviation))._asdict(),
            "deviation_bp": _before_and_after([_known_mean(one.deviation_bp) for one in (before, after)]),
            "distance_bp": _before_and_after([_known_mean(np.abs(one.deviation_bp)) for one in (before, after)]),
            "distance_points": _before_and_after(
                [float(np.abs(one.error - one.consensus_error).mean()) for one in (before, after)]
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


def days(rows: pl.DataFrame) -> Ints:
    """Return the dates of rows as whole numbers."""
    number: Ints = rows["date"].to_physical().to_numpy().astype(np.int64)
    return number


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
        ratio = np.log(own / agreed)
    return np.where(np.isfinite(ratio), ratio, np.nan)


def _known_mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan


def _before_and_after(pair: list[float]) -> dict[str, float]:
    return {"before": pair[0], "after": pair[1]}
