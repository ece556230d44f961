"""What regimes are like, how long they last, and how near they come to the truth where it is known."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from richcheap.numerics.linear_algebra import product
from richcheap.regimes.detector import DetectedRegimes, Detection
from richcheap.regimes.observations import Observations

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def regime_table(dates: pl.Series, block: pl.Series, detected: DetectedRegimes) -> pl.DataFrame:
    """Return one row for each date.

    Returns
    -------
    DataFrame
        ``date``, ``block``; ``regime`` (0 the calmest) and its ``name`` at the date's close; ``regime_before`` and
        ``name_before``, what the dates before had led to expect; the filtered probabilities ``p_0``, ``p_1`` ...
    """
    labels = detected.labels
    before = np.argmax(detected.predictive.expected(detected.probabilities), axis=1)
    names = np.array(detected.names)
    return pl.DataFrame(
        {
            "date": dates,
            "block": block,
            "regime": labels.astype(np.int8),
            "name": names[labels].tolist(),
            "regime_before": before.astype(np.int8),
            "name_before": names[before].tolist(),
            **{f"p_{state}": column for state, column in enumerate(detected.probabilities.T)},
        }
    )


def describe_regimes(
    detection: Detection,
    observations: Observations,
    market: pl.DataFrame,
    spans: Mapping[str, slice],
    truth: pl.Series | None,
) -> dict[str, Any]:
    """Describe every method and the regimes of the chosen one.

    Parameters
    ----------
    detection : Detection
    observations : Observations
    market : DataFrame
        The dates' changes and levels, from which the regimes' means are taken.
    spans : mapping
        Dates of each block.
    truth : Series of String or None
        The simulator's regime of each date.
    """
    chosen = detection.found[detection.chosen]
    return {
        "status": detection.status,
        "chosen": detection.chosen,
        "names": chosen.names,
        "changes": observations.change_names,
        "features": observations.feature_names,
        "truth_known": truth is not None,
        "methods": {name: _method(found, spans, truth) for name, found in detection.found.items()},
        "regimes": regimes(chosen, market, spans["train"]),
        "transition": chosen.predictive.transition,
    }


def _method(found: DetectedRegimes, spans: Mapping[str, slice], truth: pl.Series | None) -> dict[str, Any]:
    described: dict[str, Any] = {
        "states": found.probabilities.shape[1],
        "criterion": {} if found.candidate is None else found.candidate.criteria,
        "log_density": {name: _mean(found.log_densities[span]) for name, span in spans.items()},
        "mean_duration_dates": {name: mean_duration(found.labels[span]) for name, span in spans.items()},
    }
    if truth is not None:
        described["adjusted_rand"] = adjusted_rand(found.labels, truth, spans)
    return described


def adjusted_rand(labels: Ints, truth: pl.Series, spans: Mapping[str, slice]) -> dict[str, float]:
    """Return the adjusted Rand index (Hubert and Arabie 1985) of labels and truth, by block and over all dates.

    1 for the same partition, 0 on average for a random one. A block that lies within one regime in truth says little.
    """
    known = truth.to_numpy()
    found = {
        name: float(adjusted_rand_score(known[span], labels[span])) if labels[span].size else math.nan
        for name, span in spans.items()
    }
    return found | {"all": float(adjusted_rand_score(known, labels))}


def mean_duration(labels: Ints) -> float:
    """Return the mean length of the runs of equal labels, dates; NaN without labels.

    Examples
    --------
    >>> mean_duration(np.array([0, 0, 0, 1]))
    2.0
    """
    return labels.size / (1.0 + float(np.count_nonzero(np.diff(labels)))) if labels.size else math.nan


def regimes(found: DetectedRegimes, market: pl.DataFrame, training: slice) -> list[dict[str, Any]]:
    """Describe each regime over the training dates, weighted by its filtered probability.

    Volatility is the root mean square of the changes of the curve's nodes and of the buckets' spreads, bp a date;
    levels are the means of the closing curve, percent, and of the buckets' matrix spreads, bp.
    """
    weights = found.probabilities[training]
    mass = np.maximum(weights.sum(axis=0), np.finfo(np.float64).tiny)
    block = market[training]
    durations = 1.0 / np.maximum(1.0 - np.diag(found.predictive.transition), np.finfo(np.float64).eps)
    curve, spreads = (block.select(pl.col(pattern)).to_numpy() for pattern in (r"^curve_.*y$", r"^spread_.*$"))
    volatility = {"curve_volatility_bp": curve, "spread_volatility_bp": spreads}
    described = []
    for state, name in enumerate(found.names):
        weight = weights[:, state] / mass[state]
        entry: dict[str, Any] = {
            "name": name,
            "share": _mean(weights[:, state]),
            "expected_duration_dates": float(durations[state]) if len(found.names) > 1 else None,
        }
        for key, changes in volatility.items():
            entry[key] = float(np.sqrt(product(weight, np.mean(changes**2, axis=1)))) if changes.size else None
        for column in block.select(pl.col(r"^curve_.*_pct$"), pl.col(r"^matrix_.*$")).columns:
            values = block[column].fill_null(np.nan).to_numpy()
            known = np.isfinite(values)
            share = float(weight[known].sum())
            entry[column] = float(product(weight[known], values[known])) / share if share > 0.0 else None
        described.append(entry)
    return described


def _mean(values: Floats) -> float:
    return float(values.mean()) if values.size else math.nan
