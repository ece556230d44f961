"""What has changed between two lists, in words and few lines."""

from datetime import date
from typing import Any

import polars as pl

from richcheap.reporting.list_changes import MOST, changes_markdown

SCHEMA = {
    "bond_id": pl.String,
    "issuer": pl.String,
    "flag": pl.String,
    "relative_value_bp": pl.Float64,
    "fair_clean_price": pl.Float64,
}


def listed(day: int, *rows: tuple[Any, ...]) -> pl.DataFrame:
    """Return a list of bonds by name, issuer, flag, relative value and price."""
    table = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return table.with_columns(as_of=pl.lit(date(2024, 3, day)))


def test_flags_that_changed_come_first_and_the_largest_moves_before_the_others() -> None:
    before = listed(1, ("A", "x", "fair", 1.0, 99.0), ("B", "x", None, None, 98.0), ("C", "y", "cheap", 20.0, 97.0))
    now = listed(4, ("A", "x", "rich", -8.0, 99.5), ("B", "x", "cheap", 30.0, 98.0), ("C", "y", "cheap", 26.0, 97.0))
    lines = changes_markdown(before, now).splitlines()
    assert lines[0] == (
        "Lists: 3 live bonds on 2024-03-01 before, 3 live bonds on 2024-03-04 now; 1 became cheap, "
        "0 are cheap no longer, 1 became rich, 0 are rich no longer."
    )
    assert lines[2] == "Rich or cheap has changed:"
    assert lines[6] == "| `A` | `x` | `fair` | `rich` | +1.0 | \u22128.0 | \u22129.0 | 99.000 | 99.500 |"
    assert lines[7].startswith("| `B` | `x` | \u2013 | `cheap` | \u2013 | +30.0 | \u2013 |")
    assert lines[9] == "Largest other moves of relative value:"
    assert lines[-1].startswith("| `C` | `y` | `cheap` | `cheap` | +20.0 | +26.0 | +6.0 |")


def test_bonds_that_came_and_went_are_named_and_many_are_counted() -> None:
    before = listed(1, *((f"O{k:02d}", "x", "fair", 1.0, 99.0) for k in range(MOST + 3)))
    now = listed(4, ("NEW", "x", "rich", 1.0, 99.0))
    text = changes_markdown(before, now)
    assert "New: `NEW`." in text
    assert "`O09` and 3 more." in text
    assert "|" not in text


def test_tables_end_after_so_many_rows() -> None:
    before = listed(1, *((f"B{k:02d}", "x", "fair", 0.0, 99.0) for k in range(30)))
    now = before.with_columns(flag=pl.lit("rich"), relative_value_bp=-pl.int_range(pl.len()).cast(pl.Float64))
    text = changes_markdown(before, now)
    assert f"Rich or cheap has changed, the first {MOST} of 30:" in text
    assert len([line for line in text.splitlines() if line.startswith("| `")]) == MOST


def test_the_same_list_has_no_table_and_names_from_outside_stay_in_their_cell() -> None:
    table = listed(1, ("A|B`", "x\ny", "fair", 1.0, 99.0))
    assert changes_markdown(table, table).count("\n") == 1
    moved = table.with_columns(relative_value_bp=pl.lit(5.0))
    assert "| `A\\|B'` | `x y` |" in changes_markdown(table, moved)


def test_a_list_without_a_bond_is_a_list() -> None:
    empty = listed(1)
    assert changes_markdown(empty, empty).startswith("Lists: 0 live bonds before, 0 live bonds now;")
