from datetime import date

import numpy as np
import polars as pl
import pytest

from richcheap.reporting.layout import figures
from tests.reporting import examples


def test_central_bound_leaves_out_the_largest_errors():
    error = np.concatenate([np.linspace(-1.0, 1.0, 991), np.full(9, 100.0)])
    assert figures.central_bound(error) == pytest.approx(1.0, abs=0.01)


def test_errors_of_nought_still_have_a_scale():
    assert figures.central_bound(np.zeros(5)) == 1.0
    assert figures.central_bound(np.empty(0)) == 1.0


def test_a_label_is_escaped():
    drawn = figures.error_by_cell("x", 'a "title" <b>', [{"cell": "a", "predictors": {}}], ["m"])
    assert 'aria-label="Mean absolute error by a &#34;title&#34; &lt;b&gt;"' in drawn


def test_missing_predictions_are_left_out():
    frame = examples.predictions(200, 4)
    holes = frame.with_columns(
        pl.when(pl.col("bond_id") == "US0000007").then(None).otherwise(pl.col("peers")).alias("peers")
    )
    without = frame.filter(pl.col("bond_id") != "US0000007")
    assert figures.predicted_against_observed(holes, "peers") == figures.predicted_against_observed(without, "peers")
    assert figures.error_distribution(holes, ["peers"]) == figures.error_distribution(without, ["peers"])


def test_error_by_date_does_not_depend_on_the_order_of_rows_of_different_dates():
    frame = pl.DataFrame(
        {
            "date": [date(2024, 1, 2), date(2024, 1, 1), date(2024, 1, 2)],
            "clean_price": [100.0, 100.0, 100.0],
            "m": [101.0, 102.0, 104.0],
        }
    )
    assert figures.error_by_date(frame, ["m"]) == figures.error_by_date(frame.sort("date", maintain_order=True), ["m"])


def test_a_dollar_sign_is_no_mathematics():
    cells = [{"cell": "$1$", "predictors": {"m": {"mae": 1.0}}}]
    assert ">$1$</text>" in figures.error_by_cell("x", "x", cells, ["m"])


def test_a_cell_without_a_figure_leaves_a_gap():
    cells = [{"cell": "a", "predictors": {"m": {"mae": None}}}, {"cell": "b", "predictors": {}}]
    assert "nan" not in figures.error_by_cell("x", "x", cells, ["m"]).lower()
