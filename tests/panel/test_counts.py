"""Counting a market that comes in pieces."""

from datetime import date

import polars as pl

from richcheap.panel.counts import MarketCounts

MONDAY, TUESDAY = date(2024, 1, 1), date(2024, 1, 2)
PRINTS = pl.DataFrame(
    {
        "currency": ["EUR", "USD", "EUR", "EUR", "USD"],
        "bond_id": ["b", "c", "a", "b", "d"],
        "issuer": ["y", None, "x", "z", None],
        "date": [MONDAY, MONDAY, TUESDAY, TUESDAY, TUESDAY],
        "reference_curve": pl.Series([0, 1, 2, 2, 3], dtype=pl.Int32),
    }
)
ALL = MarketCounts.none().plus(PRINTS)


def test_bonds_are_sorted_and_rows_counted_by_date_and_by_curve() -> None:
    assert ALL.bond_ids().to_list() == ["a", "b", "c", "d"]
    assert ALL.by_date().rows() == [(MONDAY, 2), (TUESDAY, 3)]
    assert ALL.by_curve(pl.Series([TUESDAY]), 5).tolist() == [0, 0, 2, 1, 0]


def test_names_are_those_of_each_currency_sorted() -> None:
    names = {currency: tuple(map(pl.Series.to_list, own)) for currency, own in ALL.names().items()}
    assert names == {"EUR": (["a", "b"], ["x", "y", "z"]), "USD": (["c", "d"], [])}


def test_the_main_currency_has_the_most_rows_the_first_by_name_among_equals() -> None:
    assert ALL.main_currency() == "EUR"
    assert MarketCounts.none().plus(PRINTS.head(2)).main_currency() == "EUR"
    assert MarketCounts.none().plus(PRINTS.tail(1)).main_currency() == "USD"


def test_pieces_count_as_the_whole() -> None:
    days = MarketCounts.none().plus(PRINTS.head(2)).plus(PRINTS.tail(3))
    assert days.bonds.equals(ALL.bonds)
    assert days.dates.equals(ALL.dates)
