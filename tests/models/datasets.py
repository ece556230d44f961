"""Small datasets as the features stage writes them, for tests of models."""

from functools import cache
from typing import Any

import numpy as np
import polars as pl

from richcheap.panel.split import cut, split_dates
from richcheap.pipeline.storage.plain_objects import from_json, to_json
from tests.features.datasets import dataset
from tests.surface.markets import SPLIT, small_market


@cache
def blocks() -> dict[str, pl.DataFrame]:
    """Return the blocks of a small market's dataset."""
    rows = dataset(small_market(bonds=40, dates=60))
    dates = rows["date"].unique().sort()
    return cut(rows, dates, split_dates(dates.len(), SPLIT))


def planted(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Return `rows` with a target that two features explain but for a little noise."""
    noise = pl.Series(np.random.default_rng(seed).normal(0.0, 0.5, rows.height))
    reverts = pl.when(pl.col("f_reversion") > 0.0).then(3.0).otherwise(-3.0)
    return rows.with_columns(target_bp=reverts + 0.5 * pl.col("f_years_to_maturity") + noise)


def price_error(rows: pl.DataFrame, prediction_bp: np.ndarray) -> float:
    """Return the mean absolute error in points per 100."""
    error = (rows["target_bp"].to_numpy() - prediction_bp) * rows["dv01"].to_numpy()
    return float(np.abs(error).mean())


def skill(rows: pl.DataFrame, prediction_bp: np.ndarray) -> float:
    """Return the share of the error that the prediction takes away."""
    return 1.0 - price_error(rows, prediction_bp) / price_error(rows, np.zeros(rows.height))


def shuffled(rows: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Return `rows` with their targets dealt out anew."""
    order = np.random.default_rng(seed).permutation(rows.height)
    return rows.with_columns(rows["target_bp"].gather(order))


def stored(model: object) -> bytes:
    """Return a model as it is stored."""
    return to_json(model, "richcheap.models").encode()


def restored(model: bytes) -> Any:
    """Return a model as it is loaded."""
    return from_json(model.decode(), "richcheap.models")
