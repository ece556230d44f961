"""The score card of the live block, in figures and in words."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from richcheap.evaluation.score import ScoredBlock
from richcheap.live.score_card import by_date, score_card, sentences

ROWS = pl.DataFrame(
    {
        "date": [1, 1, 2],
        "clean_price": [100.0, 101.0, 102.0],
        "fair_price": [100.5, 101.0, 102.0],
        "baseline_last": [100.0, 100.0, 101.0],
        "days_since_last": [1, 2, 3],
        "years_to_maturity": [5.0, 6.0, 7.0],
    }
).with_columns(pl.col("date").cast(pl.Date))
PRICES = {"model": np.array([100.2, 100.9, 102.4]), "kalman": np.array([100.1, 101.3, 102.0])}
WIDTHS = {"model": np.array([0.3, 0.05, 0.5]), "kalman": np.array([0.05, 1.0, 0.1])}
OF_TEST = {"mae": 0.25, "bias": 0.01, "coverage": 0.9, "interval_width": 0.4}
EVALUATION: dict[str, Any] = {
    "interval_coverage_target": 0.9,
    "predictors": {name: OF_TEST | {"rmse": 1.0} for name in PRICES},
}
DRIFT = {"retrain": True, "status": "retrain", "score": 0.8}


def test_totals_and_dates() -> None:
    found = score_card(ScoredBlock(ROWS, PRICES), WIDTHS, EVALUATION, DRIFT)
    assert (found["champion"], found["compared_with"]) == ("model", ["kalman"])
    assert (found["rows"], found["dates"], found["first_date"], found["last_date"]) == (
        3,
        2,
        "1970-01-02",
        "1970-01-03",
    )
    own = found["predictors"]["model"]
    assert own["mae"] == pytest.approx(0.7 / 3)
    assert own["coverage"] == pytest.approx(2 / 3)
    assert own["test"] == OF_TEST
    assert found["by_date"][0]["rows"] == 2
    assert found["by_date"][0]["model_coverage"] == 0.5
    assert found["by_date"][1]["model_bias"] == pytest.approx(0.4)
    assert found["retrain"]


def test_a_date_counts_its_own_rows_alone() -> None:
    whole = by_date(ScoredBlock(ROWS, PRICES), WIDTHS)
    first = {name: price[:2] for name, price in PRICES.items()}
    assert by_date(ScoredBlock(ROWS[:2], first), {name: width[:2] for name, width in WIDTHS.items()}).equals(whole[:1])


def test_what_is_said_of_it() -> None:
    said = sentences(score_card(ScoredBlock(ROWS, PRICES), WIDTHS, EVALUATION, DRIFT))
    assert said[0] == "live: 3 rows of 2 dates, 1970-01-02 to 1970-01-03"
    assert (
        "model 0.2333 points (0.2500 on the test block, kalman 0.1333), bias +0.1667, coverage 66.7% (target 90%)"
        in said[1]
    )
    assert (
        said[-1] == "live: drift retrain, score 0.80: train again: `richcheap anchor --release`, then `richcheap run`"
    )


def test_without_a_date_nothing_is_made_up() -> None:
    nothing = {name: np.empty(0) for name in PRICES}
    found = score_card(ScoredBlock(ROWS.clear(), nothing), nothing, EVALUATION, None)
    assert (found["rows"], found["predictors"], found["by_date"], found["retrain"]) == (0, {}, [], False)
    assert sentences(found) == ["live: no date after the test block"]
