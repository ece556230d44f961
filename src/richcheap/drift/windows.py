"""What a drift report holds of its windows and of all models together, and the report of the test block."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from richcheap.drift.score import (
    RETRAIN,
    STEADY,
    UNKNOWN,
    WATCH,
    feature_drift,
    feature_reliance_drift,
    methods_drift,
    predictor_drift,
)
from richcheap.drift.tracks import track
from richcheap.evaluation.params import DriftParams
from richcheap.evaluation.score import ScoredBlock


def window(rows: pl.DataFrame) -> dict[str, Any]:
    """Return what a window of the dataset is."""
    dates = rows["date"]
    return {"first_date": dates.min(), "last_date": dates.max(), "dates": dates.n_unique(), "rows": rows.height}


def verdict(models: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the score and the status of all models together: those of the one that has drifted most."""
    worst = max(models, key=lambda name: models[name]["score"], default=None)
    statuses = {figures["status"] for figures in models.values()}
    return {
        "score": models[worst]["score"] if worst else None,
        "status": next((status for status in (RETRAIN, WATCH, UNKNOWN) if status in statuses), STEADY),
        "retrain": RETRAIN in statuses,
    }


def later_drift(
    learned: pl.DataFrame,
    validation: ScoredBlock,
    test: ScoredBlock,
    features: Sequence[str],
    listening: Mapping[str, Mapping[str, float]],
    params: DriftParams,
    seed: int,
) -> dict[str, Any]:
    """Return the drift from the validation to the test block, of features from the training block (docs/drift.md).

    Parameters
    ----------
    learned : DataFrame
        The training block: the features and ``date``.
    validation, test : ScoredBlock
        With every predictor's prices.
    features : sequence of str
    listening : mapping
        For each model how much it listens to each group of features; other predictors are left out.
    params : DriftParams
    seed : int
        Of the permutations.
    """
    moved = feature_drift(learned, test.rows, features, params, seed)
    models = {
        name: predictor_drift(
            track(validation.rows, validation.prices[name]),
            track(test.rows, test.prices[name]),
            feature_reliance_drift(moved, heard),
            params,
        )
        for name, heard in listening.items()
        if name in test.prices
    }
    return {
        "windows": {"learned": window(learned), "before": window(validation.rows), "current": window(test.rows)},
        "params": params.model_dump(),
        "features": moved.table,
        "methods": methods_drift(validation.rows, test.rows, params),
        "models": models,
        **verdict(models),
    }
