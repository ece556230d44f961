"""Counting a market that comes in pieces."""

from datetime import date

import polars as pl

from richcheap.panel.counts import count_market

MONDAY, TUESDAY = date(2024, 1, 1), date(2024, 1, 2)
ROWS = pl.DataFrame(
    {
        "bond_id": ["b", "c", "a", "b", "d"],
        "date": [MONDAY, MONDAY, TUESDAY, TUESDAY, TUESDAY],
        "reference_curve": pl.Series([0, 1, 2, 2, 3], dtype=pl.Int32),
    }
)


def test_bonds_are_sorted_and_rows_counted_by_date_and_by_curve() -> None:
    census = count_market([ROWS])
    assert census.bonds.to_list() == ["a", "b", "c", "d"]
    assert census.by_date().rows() == [(MONDAY, 2), (TUESDAY, 3)]
    assert census.by_curve(pl.Series([TUESDAY]), 5).tolist() == [0, 0, 2, 1, 0]


def test_pieces_count_as_the_whole() -> None:
    whole = count_market([ROWS])
    for cut in range(1, ROWS.height):
        census = count_market([ROWS[:cut], ROWS[cut:]])
        assert census.bonds.equals(whole.bonds)
        assert census.rows.equals(whole.rows)
