"""Prices of what learns: the trained models, their seeds alone, and the linear baseline."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stages.evaluation.judge import Block
from stages.evaluation.params import EvaluateParams
from stages.evaluation.ridge import fit_ridge
from stages.models.noise_units import sample, space
from stages.spreads.feature_table import feature_names
from stages.spreads.repricing import Repricer

Floats = NDArray[np.float64]

RIDGE_COLUMNS = (*feature_names("enhanced"), "target_bp", "price_risk")
"""What the linear baseline is fitted to."""


class Learner(Protocol):
    """Predicts basis points to add to the base spread."""

    def predict(self, rows: pl.DataFrame) -> Floats:
        """Return one figure for each row."""


class RidgeLearner:
    """The linear baseline.

    Parameters
    ----------
    train : DataFrame
        The training block, `RIDGE_COLUMNS`.
    params : EvaluateParams
    """

    def __init__(self, train: pl.DataFrame, params: EvaluateParams) -> None:
        self._features = feature_names("enhanced")
        learned = sample(train, self._features)
        self._model = fit_ridge(
            learned.matrix.astype(np.float64),
            learned.target_bp / learned.noise_bp,
            learned.weight(),
            params.ridge_penalty,
            params.ridge_clip_share,
        )

    def predict(self, rows: pl.DataFrame) -> Floats:
        """Return basis points to add to the base spread."""
        seen = space(rows, self._features)
        return seen.spread_bp(self._model.predict(seen.matrix.astype(np.float64)))


def add_prices(learners: Mapping[str, Learner], block: Block, repricer: Repricer) -> None:
    """Add what each learner predicts to the prices of a block; one walk over the cash flows prices them all."""
    if learners:
        predicted = np.column_stack([learner.predict(block.rows) for learner in learners.values()])
        prices = repricer.predicted_prices(block.rows, predicted)
        block.prices.update(zip(learners, np.ascontiguousarray(prices.T), strict=True))


def member_prices(members: Mapping[str, Floats], rows: pl.DataFrame, repricer: Repricer) -> dict[str, Floats]:
    """Return the clean prices of what each seed of each model predicts alone.

    Parameters
    ----------
    members : mapping of str to ndarray, shape (n_rows, n_seeds)
        What a model's ``member_predictions`` gives for the rows.
    rows : DataFrame
    repricer : Repricer

    Returns
    -------
    dict of str to ndarray, shape (n_rows, n_seeds)
    """
    if not members:
        return {}
    prices = repricer.predicted_prices(rows, np.hstack(list(members.values())))
    ends = np.cumsum([predicted.shape[1] for predicted in members.values()])
    return dict(zip(members, np.split(prices, ends[:-1], axis=1), strict=True))
