"""Prices of what predicts basis points: the models, their seeds alone, and the linear baseline."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.evaluation.baselines import COLUMNS
from richcheap.evaluation.importance import importance
from richcheap.evaluation.params import ImportanceParams
from richcheap.evaluation.score import ScoredBlock
from richcheap.features.catalogue import feature_names

Floats = NDArray[np.float64]


class Predictor(Protocol):
    """Predicts basis points to add to the base spread."""

    def predict(self, rows: pl.DataFrame) -> Floats:
        """Return one figure for each row."""


class Pricer(Protocol):
    """Prices rows of the dataset: a `richcheap.features.repricing.Repricer`."""

    def predicted_prices(self, rows: pl.DataFrame, delta_bp: Floats) -> Floats:
        """Return clean prices at the base spread plus predictions, bp, shape (n_rows, n_predictions)."""


def with_baselines(rows: pl.DataFrame) -> ScoredBlock:
    """Return a block with the clean prices of the baselines that the dataset carries."""
    return ScoredBlock(rows, {name: rows[column].to_numpy() for name, column in COLUMNS.items()})


def add_prices(predictors: Mapping[str, Predictor], block: ScoredBlock, repricer: Pricer) -> None:
    """Add what each predictor predicts to the prices of a block; one walk over the cash flows prices them all."""
    if predictors:
        predicted = np.column_stack([predictor.predict(block.rows) for predictor in predictors.values()])
        prices = repricer.predicted_prices(block.rows, predicted)
        block.prices.update(zip(predictors, np.ascontiguousarray(prices.T), strict=True))


def member_prices(members: Mapping[str, Floats], rows: pl.DataFrame, repricer: Pricer) -> dict[str, Floats]:
    """Return the clean prices of what each seed of each model predicts alone.

    Parameters
    ----------
    members : mapping of str to ndarray, shape (n_rows, n_seeds)
        What a model's ``member_predictions`` gives for the rows.
    rows : DataFrame
    repricer : Pricer

    Returns
    -------
    dict of str to ndarray, shape (n_rows, n_seeds)
    """
    if not members:
        return {}
    prices = repricer.predicted_prices(rows, np.hstack(list(members.values())))
    ends = np.cumsum([predicted.shape[1] for predicted in members.values()])
    return dict(zip(members, np.split(prices, ends[:-1], axis=1), strict=True))


def model_importance(
    model: Predictor | None, rows: pl.DataFrame, pricer: Pricer, params: ImportanceParams, seed: int
) -> dict[str, Any] | None:
    """Return what a model owes to each group of all features, at exact prices; None without a model."""
    if model is None:
        return None

    def price(chosen: pl.DataFrame, prediction_bp: Floats) -> Floats:
        return pricer.predicted_prices(chosen, prediction_bp[:, None])[:, 0]

    # All features: an anchor is read besides those that a model learns from.
    return importance(model.predict, rows, price, feature_names("advanced"), params, seed)
