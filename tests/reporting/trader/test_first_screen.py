import polars as pl

from benchmarks.invented import lists
from richcheap.reporting.trader.first_screen import SHOWN, first_screen

BONDS = lists(200).bonds


def firsts(table):
    return [row.cells[0].text for row in table.rows]


def test_bonds_that_stand_out_even_at_the_near_end_of_their_interval_come_first() -> None:
    near_end = pl.col("relative_value_bp").abs() - 1.645 * pl.col("relative_value_std_bp")
    found = first_screen(BONDS)
    for flag, table in (("cheap", found.cheapest), ("rich", found.richest)):
        flagged = BONDS.filter(pl.col("flag") == flag).sort(near_end, descending=True)
        assert firsts(table) == flagged["bond_id"][:SHOWN].to_list()
        assert not any(cell.text.startswith(("-", "\u2212", "+")) for row in table.rows for cell in row.cells)


def test_what_not_to_trust_is_counted() -> None:
    found = first_screen(BONDS)
    counts = {name: rows for name, _, rows in found.doubts}
    assert counts["unpriced"] == BONDS["fair_clean_price"].null_count() == 1
    assert counts["unsure"] == BONDS.filter(pl.col("confidence") <= 3).height
    assert f"200 live bonds on {found.day}, 199 priced" in found.counted


def test_without_a_bond_the_screen_says_so() -> None:
    found = first_screen(BONDS.clear())
    assert firsts(found.cheapest) == []
    assert found.counted.startswith("0 live bonds")
