"""What a drift report holds of its windows and of all models together, and the report of the test block."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from richcheap.drift.consensus import METHODS
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
from richcheap.drift.tracks import halves, track
from richcheap.evaluation.importance import feature_reliance, importance, linear_price
from richcheap.evaluation.params import DriftParams, ImportanceParams
from richcheap.evaluation.pricing import Predictor
from richcheap.evaluation.score import ScoredBlock
from richcheap.features.catalogue import features_of

RELIANCE_REPEATS = 2  # permutations that tell which groups of features a model relies on at all


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


def compared_columns(rows: pl.DataFrame) -> list[str]:
    """Return the columns that two windows are compared by."""
    needed = [*features_of(rows), "bond_id", "date", "clean_price", "dv01", "noise_scale_bp"]
    return [*needed, "years_to_maturity", *(column for column in METHODS.values() if column in rows.columns)]


def training_drift(
    train: pl.DataFrame,
    validation: pl.DataFrame,
    models: Iterable[tuple[str, Predictor]],
    params: DriftParams,
    seed: int,
) -> dict[str, Any]:
    """Return the drift from the training to the validation block, of models within the latter (docs/drift.md).

    Parameters
    ----------
    train, validation : DataFrame
        `compared_columns` of the blocks.
    models : iterable of (str, Predictor)
        Trained models by name.
    params : DriftParams
    seed : int
        Of the permutations.
    """
    sample = ImportanceParams(repeats=RELIANCE_REPEATS, rows=params.feature_reliance_rows)
    moved = feature_drift(train, validation, features_of(validation), params, seed)
    drifts = {}
    for name, model in models:
        found = importance(model.predict, validation, linear_price, list(moved.sizes), sample, seed)
        reliance = feature_reliance(found)
        # Its training window flatters a model: its errors are followed through the validation block alone.
        before, after = halves(track(validation, linear_price(validation, model.predict(validation))))
        drift = predictor_drift(before, after, feature_reliance_drift(moved, reliance), params)
        drifts[name] = drift | {"features": drift["features"] | {"feature_reliance": reliance}}
    return {
        "windows": {"reference": window(train), "current": window(validation)},
        "params": params.model_dump(),
        "features": moved.table,
        "methods": methods_drift(train, validation, params),
        "models": drifts,
        **verdict(drifts),
    }


def later_drift(
    train: pl.DataFrame,
    validation: ScoredBlock,
    test: ScoredBlock,
    features: Sequence[str],
    reliance: Mapping[str, Mapping[str, float]],
    params: DriftParams,
    seed: int,
) -> dict[str, Any]:
    """Return the drift from the validation to the test block, of features from the training block (docs/drift.md).

    Parameters
    ----------
    train : DataFrame
        The training block: the features and ``date``.
    validation, test : ScoredBlock
        With every predictor's prices.
    features : sequence of str
    reliance : mapping
        For each model its reliance on each group of features (`feature_reliance`); other predictors are left out.
    params : DriftParams
    seed : int
        Of the permutations.
    """
    moved = feature_drift(train, test.rows, features, params, seed)
    models = {
        name: predictor_drift(
            track(validation.rows, validation.prices[name]),
            track(test.rows, test.prices[name]),
            feature_reliance_drift(moved, relied),
            params,
        )
        for name, relied in reliance.items()
        if name in test.prices
    }
    return {
        "windows": {"reference": window(train), "before": window(validation.rows), "current": window(test.rows)},
        "params": params.model_dump(),
        "features": moved.table,
        "methods": methods_drift(validation.rows, test.rows, params),
        "models": models,
        **verdict(models),
    }
