"""What predictions for one block are worth: the errors by which models are chosen."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.evaluation.metrics import price_metrics, yield_metrics
from richcheap.evaluation.pricing import Pricer
from richcheap.evaluation.score import ScoredBlock, actuals, yield_errors

Floats = NDArray[np.float64]


def block_metrics(rows: pl.DataFrame, prediction_bp: Floats, repricer: Pricer, threads: int = 1) -> dict[str, float]:
    """Return the errors of predictions for the rows of a block: those of price, points, and of yield, bp.

    Parameters
    ----------
    rows : DataFrame
        Of the dataset.
    prediction_bp : ndarray, shape (n_rows,)
        What is added to the base spread.
    repricer : Pricer
    threads : int
        Changes no result.
    """
    prices = repricer.predicted_prices(rows, prediction_bp[:, None])[:, 0]
    errors = yield_errors(ScoredBlock(rows, {"it": prices}), threads)["it"]
    against = actuals(rows)
    return {"rows": rows.height, **price_metrics(against, prices), **yield_metrics(against, errors)}
