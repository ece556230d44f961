"""Prices of what predicts basis points: the models, their seeds alone, and the linear baseline."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.evaluation.score import ScoredBlock

Floats = NDArray[np.float64]


class Predictor(Protocol):
    """Predicts basis points to add to the base spread."""

    def predict(self, rows: pl.DataFrame) -> Floats:
        """Return one figure for each row."""


class Pricer(Protocol):
    """Prices rows of the dataset: a `richcheap.features.repricing.Repricer`."""

    def predicted_prices(self, rows: pl.DataFrame, delta_bp: Floats) -> Floats:
        """Return clean prices at the base spread plus predictions, bp, shape (n_rows, n_predictions)."""


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
