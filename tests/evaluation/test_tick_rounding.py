"""Predictors judged as quotes."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from richcheap.evaluation.ticks import score_rounded
from tests.evaluation.test_score import PARAMS

TICK = 1.0 / 32.0
BEST = {"best_baseline": "last", "best_simple_baseline": "last"}


def test_all_predictors_are_rounded_alike() -> None:
    dates = [date(2024, 1, 1) + timedelta(days=k) for k in range(40)]
    rows = pl.DataFrame({"date": dates, "clean_price": [100.0 + TICK * (k % 9) for k in range(40)]})
    observed = rows["clean_price"].to_numpy()
    far = np.where(np.arange(40) % 4 == 0, 0.6, 0.4)  # of a tick: every fourth is nearer to another
    prices = {"last": observed + 1.2 * TICK, "model": observed + far * TICK}
    found = score_rounded(rows, prices, np.full(40, TICK), BEST, ["last"], PARAMS, 1)
    assert found["rows_with_tick"] == 40
    assert found["predictors"]["last"]["mae"] == pytest.approx(TICK)
    assert found["predictors"]["model"]["mae"] == pytest.approx(TICK / 4.0)
    assert found["predictors"]["model"]["against_best_simple_baseline"]["skill"] == pytest.approx(0.75)
    assert found["predictors"]["model"]["against_best_simple_baseline"]["verdict"] == "better"
    assert found["predictors"]["model"]["against_kalman"] is None


def test_without_ticks_errors_are_those_of_the_prices() -> None:
    dates = [date(2024, 1, 1) + timedelta(days=k) for k in range(10)]
    rows = pl.DataFrame({"date": dates, "clean_price": np.linspace(99.0, 101.0, 10)})
    prices = {
        name: rows["clean_price"].to_numpy() + error
        for name, error in (("last", 0.2), ("kalman", 0.05), ("model", 0.1))
    }
    found = score_rounded(rows, prices, np.zeros(10), BEST | {"kalman": "kalman"}, ["last", "kalman"], PARAMS, 1)
    assert found["rows_with_tick"] == 0
    assert found["predictors"]["model"]["mae"] == pytest.approx(0.1)
    assert found["predictors"]["model"]["against_kalman"]["skill"] == pytest.approx(-1.0)
