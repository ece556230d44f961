"""Judging predictors on the rows of a small market."""

from functools import cache
from typing import Any

import numpy as np
import polars as pl

from stages.evaluation.judge import Block, half_widths, judge, yield_errors
from stages.evaluation.params import EvaluateParams
from stages.spreads.blocks import cut, divide
from stages.spreads.repricing import yields
from tests.spreads.datasets import dataset
from tests.spreads.markets import SPLIT, small_market

PARAMS = EvaluateParams(
    bootstrap_resamples=100,
    bootstrap_block_dates=1,
    confidence=0.95,
    interval_coverage=0.9,
    interval_min_rows=20,
    interval_floor_points=0.005,
    ridge_penalty=0.01,
    ridge_clip_share=0.01,
)


@cache
def rows() -> dict[str, pl.DataFrame]:
    found = dataset(small_market(dates=40))
    dates = found["date"].unique().sort()
    return cut(found, dates, divide(dates.len(), SPLIT))


def block(name: str, errors: dict[str, float]) -> Block:
    """Return a block whose predictors miss every price by so many points."""
    found = rows()[name]
    return Block(found, {key: found["clean_price"].to_numpy() + error for key, error in errors.items()})


def judged(validation_errors: dict[str, float], test_errors: dict[str, float]) -> dict[str, Any]:
    validation, test = block("validation", validation_errors), block("test", test_errors)
    baselines = [name for name in test_errors if name.startswith("last")]
    return judge(
        validation, test, half_widths(validation, test, PARAMS), yield_errors(test), baselines, None, PARAMS, 1
    )


def test_the_best_of_each_kind_is_the_best_on_the_validation_block() -> None:
    result = judged(
        {"last": 0.3, "last_adjusted": 0.2, "first": 0.1, "second": 0.4},
        {"last": 0.1, "last_adjusted": 0.2, "first": 0.5, "second": 0.1},
    )
    assert result["best_baseline"] == "last_adjusted"
    assert result["best_model"] == "first"


def test_without_models_no_model_is_the_best() -> None:
    errors = {"last": 0.3, "last_adjusted": 0.2}
    assert judged(errors, errors)["best_model"] is None


def test_yield_errors_are_zero_at_the_observed_price_and_negative_above_it() -> None:
    errors = yield_errors(block("test", {"observed": 0.0, "above": 0.1}))
    np.testing.assert_array_equal(errors["observed"], 0.0)
    assert (errors["above"] < 0.0).all()
    test = rows()["test"]
    clean = test["clean_price"].to_numpy()
    np.testing.assert_array_equal(errors["above"], 1e4 * (yields(test, clean + 0.1) - yields(test, clean)))
