"""What is rich and what is cheap on the date of the list: the few bonds that stand out most."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from richcheap.reporting.layout.formats import NOTHING, number, plural
from richcheap.reporting.layout.tables import Cell, Column, Row, Table, bond_cell, row
from richcheap.reporting.trader.shown import DOUBTS, with_shown

SHOWN = 6


class FirstScreen(NamedTuple):
    """What the page opens with.

    Attributes
    ----------
    day : str
        Date of the list, ISO; a dash where no bond is live.
    counted : str
        How many bonds are live, priced, cheap and rich.
    cheapest, richest : Table
        Bonds flagged cheap and rich; first those that are so by most even at the near end of the interval.
    doubts : list of tuple
        Name and words of each reason not to trust a price, and of how many bonds it holds.
    """

    day: str
    counted: str
    cheapest: Table
    richest: Table
    doubts: list[tuple[str, str, int]]


def first_screen(bonds: pl.DataFrame) -> FirstScreen:
    """Return what is rich and cheap in lists/bonds.parquet."""
    day = str(bonds["as_of"].max()) if bonds.height else NOTHING
    near_end = pl.col("relative_value_bp").abs() - pl.col("relative_value_interval_bp").fill_null(0.0)
    flagged = with_shown(bonds).sort(near_end, "bond_id", descending=[True, False], nulls_last=True)
    cheap, rich = (flagged.filter(pl.col("flag") == flag) for flag in ("cheap", "rich"))
    mixed = bonds["currency"].n_unique() > 1
    priced = number(bonds["fair_clean_price"].count(), 0)
    return FirstScreen(
        day,
        f"{plural(bonds.height, 'live bond')} on {day}, {priced} priced: "
        f"{number(cheap.height, 0)} cheap, {number(rich.height, 0)} rich.",
        _table("Cheapest bonds", "Cheap", cheap.head(SHOWN), mixed),
        _table("Richest bonds", "Rich", rich.head(SHOWN), mixed),
        [(doubt.name, doubt.words, bonds.filter(doubt.found).height) for doubt in DOUBTS],
    )


def _table(name: str, word: str, bonds: pl.DataFrame, mixed: bool) -> Table:
    columns = [
        Column("Bond", numeric=False),
        Column(f"{word} by", "bp, 90 % interval"),
        Column(f"{word} by", "points"),
        Column("Confidence", "1 to 10"),
        Column("Issuer", numeric=False),
        Column("Rating", numeric=False),
        *([Column("Currency", numeric=False)] if mixed else []),
        Column("Years"),
    ]
    return Table(name, columns, [_bond(bond, mixed) for bond in bonds.iter_rows(named=True)])


def _bond(bond: Mapping[str, Any], mixed: bool) -> Row:
    size, half_width = abs(bond["relative_value_bp"]), bond["relative_value_interval_bp"]
    points = bond["relative_value_points"]
    return row(
        bond_cell(bond["bond_id"]),
        f"{number(size, 1)} \u00b1 {number(half_width, 1)}",
        number(None if points is None else abs(points), 2),
        str(bond["confidence"] or NOTHING),
        Cell(str(bond["issuer"] or NOTHING), "issuer"),
        str(bond["rating"] or bond["rating_bucket"] or NOTHING),
        *([str(bond["currency"])] if mixed else []),
        number(bond["years_to_maturity"], 1),
    )
