"""Prints beside the fair price that did not know them."""

from datetime import date

import polars as pl

from richcheap.lists.history import history_table

DAYS = [date(2024, 3, day) for day in (1, 4, 5)]


def test_the_champion_comes_before_the_filter_and_nothing_is_made_up() -> None:
    rows = pl.DataFrame(
        {
            "bond_id": ["B", "A", "A"],
            "date": DAYS,
            "block": ["train", "train", "test"],
            "clean_price": [99.0, 98.0, 97.0],
            "price_kind": ["trade"] * 3,
            "side": [None, "buy", "sell"],
            "baseline_kalman": [None, 98.5, 97.5],
        }
    )
    predicted = pl.DataFrame(
        {"bond_id": ["A"], "date": DAYS[2:], "fair_clean_price": [97.25], "low": [96.0], "high": [98.5]}
    )
    found = history_table(rows, predicted)
    assert found["bond_id"].to_list() == ["A", "A", "B"]
    assert found["fair_clean_price"].to_list() == [98.5, 97.25, None]
    assert found["fair_from"].to_list() == ["filter", "champion", None]
    assert found["low"].to_list() == [None, 96.0, None]
