"""The cells of maturity, staleness and the rest."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from richcheap.evaluation.cells import (
    AGE_CELLS,
    MATURITY_CELLS,
    STALENESS_CELLS,
    UNCHANGED_CELLS,
    age_codes,
    column_cut,
    cuts,
    detected_cut,
    maturity_codes,
    size_codes,
    staleness_codes,
    unchanged_codes,
)


@pytest.mark.parametrize(
    ("years", "cell"),
    [(0.5, "under 1y"), (1.0, "1-3y"), (4.9, "3-5y"), (5.0, "5-10y"), (19.9, "10-20y"), (20.0, "over 20y")],
)
def test_maturity_cells(years: float, cell: str) -> None:
    assert MATURITY_CELLS[maturity_codes(np.array([years]))[0]] == cell


@pytest.mark.parametrize(
    ("days", "cell"),
    [
        (1.0, "1d"),
        (2.0, "2-3d"),
        (3.0, "2-3d"),
        (7.0, "4-7d"),
        (30.0, "8-30d"),
        (31.0, "over 30d"),
        (np.nan, "never seen"),
    ],
)
def test_staleness_cells(days: float, cell: str) -> None:
    assert STALENESS_CELLS[staleness_codes(np.array([days]))[0]] == cell


def test_ratings_come_in_their_order_and_nulls_in_no_cell() -> None:
    cut = column_cut("rating_bucket", pl.Series(["CCC", None, "GOV"]))
    assert [cut.cells[code] if code >= 0 else None for code in cut.code] == ["CCC", None, "GOV"]
    assert cut.cells[0] == "GOV"


def test_a_cut_without_any_value_is_left_out() -> None:
    rows = pl.DataFrame(
        {
            "years_to_maturity": [2.0],
            "days_since_last": [None],
            "rating_bucket": ["AA"],
            "market_state": ["calm"],
            "price_kind": [None],
            "volume": [None],
            "issue_date": [None],
            "settlement_date": [date(2024, 1, 3)],
            "f_unchanged_prints": [None],
            "currency": ["USD"],
            "date": [date(2024, 1, 1)],
        },
        schema_overrides={
            "price_kind": pl.String,
            "volume": pl.Float64,
            "days_since_last": pl.Float64,
            "issue_date": pl.Date,
        },
    )
    names = [cut.name for cut in cuts(rows)]
    assert names == ["maturity", "staleness", "rating_bucket", "market_state", "currency"]
    assert "regime" in [cut.name for cut in cuts(rows, pl.Series(["crisis"]))]


def test_detected_regimes_come_in_the_order_of_their_numbers() -> None:
    dates = [date(2024, 1, day) for day in (1, 2, 3, 4)]
    detected = pl.DataFrame({"date": dates[:3], "regime": [1, 0, 2], "name": ["normal", "quiet", "crisis"]})
    found = detected_cut("detected_regime", pl.DataFrame({"date": [dates[0], dates[0], dates[2], dates[3]]}), detected)
    assert found.cells == ["quiet", "normal", "crisis"]
    assert found.code.tolist() == [1, 1, 2, -1]


def test_sizes_are_those_of_retail_odd_lots_and_round_lots() -> None:
    volume = np.array([0.0, 99_999.0, 1e5, 999_999.0, 1e6, np.nan])
    assert size_codes(volume).tolist() == [0, 0, 1, 1, 2, -1]


def test_new_issues_are_those_of_thirty_days() -> None:
    codes = age_codes(np.array([-2.0, 0.0, 30.0, 31.0, 365.0, 366.0, np.nan]))
    assert [AGE_CELLS[code] if code >= 0 else None for code in codes] == [
        *("up to 30d", "up to 30d", "up to 30d", "31d-1y", "31d-1y", "over 1y"),
        None,
    ]


def test_a_price_stands_from_its_second_repetition_on() -> None:
    codes = unchanged_codes(np.array([0.0, 1.0, 2.0, 14.0, np.nan]))
    assert [UNCHANGED_CELLS[code] if code >= 0 else None for code in codes] == [
        *("moved", "repeated once", "repeated twice or more", "repeated twice or more"),
        None,
    ]
