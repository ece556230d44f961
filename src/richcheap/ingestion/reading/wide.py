"""Wide tables, a column a bond or a column a date, as one row for each price."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import polars as pl

from richcheap.ingestion.reading.date_formats import find_date_formats
from richcheap.ingestion.reading.dates import read_dates
from richcheap.ingestion.reading.descriptions import bond_type, coupon, described, maturity, name_their_market

ACROSS, CELL = "across", "cell"
"""Columns of the long table: what the column was named, and what stood in it."""

_MIN_COLUMNS = 2
_IDENTIFIER = re.compile(r"[A-Z]{2}[A-Z0-9]{9}\d|[0-9A-Z]{8}\d")


class Wide(NamedTuple):
    """What of a table is spread over columns.

    Attributes
    ----------
    beside : tuple of str
        Columns that hold for a whole row.
    across : tuple of str
        Columns that are one bond, or one date, each.
    names_are : str
        What the names of these are: ``bond_id`` or ``date``.
    """

    beside: tuple[str, ...]
    across: tuple[str, ...]
    names_are: str

    def needs(self, columns: Collection[str]) -> list[str]:
        """Return the columns of the file that columns of the long table are made of."""
        return [*(name for name in self.beside if name in columns), *self.across]

    def long(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return a row for each cell that is not empty, row by row."""
        kinds = {frame.schema[name] for name in self.across if frame.schema[name] != pl.Null}
        if len(kinds) != 1:
            frame = frame.with_columns(pl.col(self.across).cast(pl.String))
        index = [name for name in self.beside if name in frame.columns]
        long = frame.with_row_index("row").unpivot(
            on=list(self.across), index=["row", *index], variable_name=ACROSS, value_name=CELL
        )
        cell = pl.col(CELL)
        empty = cell.is_null() if long.schema[CELL] != pl.String else cell.str.strip_chars().fill_null("") == ""
        return long.sort("row", maintain_order=True).filter(~empty).drop("row")

    def known(self, cells: str) -> dict[str, pl.Expr]:
        """Return canonical columns that the long table gives.

        Parameters
        ----------
        cells : str
            Canonical name of what stands in the cells.
        """
        name = pl.col(ACROSS)
        given = {self.names_are: name, cells: pl.col(CELL)}
        if self.names_are == "date":
            formats = find_date_formats({"date": pl.Series(self.across)})
            read = read_dates(pl.Series(self.across), _format(formats))["date"].cast(pl.String)
            given["date"] = name.replace_strict(dict(zip(self.across, read, strict=True)), return_dtype=pl.String)
        elif described(self.across):
            given |= {"maturity_date": maturity(name), "coupon_rate": coupon(name)}
            if name_their_market(self.across):
                given["bond_type"] = bond_type(name)
        return given


def find_wide(
    have: Sequence[str], stated: str, named: Mapping[str, str | None], long_names: Iterable[str]
) -> Wide | None:
    """Tell whether a table is wide.

    Parameters
    ----------
    have : sequence of str
        Its columns.
    stated : str
        ``auto``, ``long``, ``bonds_across`` or ``dates_across``.
    named : dict of str to str
        Canonical name to column, from params.
    long_names : iterable of str
        Canonical names that the mapping finds in it.
    """
    index = {column for column in named.values() if column is not None} | {*long_names}
    others = [name for name in have if name not in index]
    if stated == "long":
        return None
    dated = [name for name in others if _is_date(name)]
    if stated == "dates_across" or (stated == "auto" and len(dated) >= _MIN_COLUMNS):
        return Wide(tuple(name for name in have if name not in dated), tuple(dated), "date") if dated else None
    bonds = [name for name in others if _IDENTIFIER.fullmatch(name) or described([name])]
    if stated == "bonds_across":
        kept = index or {have[0]}
        bonds = [name for name in have if name not in kept]
    elif len(bonds) < _MIN_COLUMNS or 2 * len(bonds) < len(others) or "bond_id" in index:
        return None
    return Wide(tuple(name for name in have if name not in bonds), tuple(bonds), "bond_id") if bonds else None


def _is_date(name: str) -> bool:
    if not re.match(r"\d", name) or len(name) < len("1/1/24"):
        return False
    texts = pl.Series([name])
    found = find_date_formats({"date": texts}).get("date")
    if found is not None:
        return found.format is not None or bool(found.rivals)
    return bool(read_dates(texts, "%Y-%m-%d")["date"].is_not_null()[0])


def _format(found: Mapping[str, object]) -> str:
    finding = found.get("date")
    return getattr(finding, "format", None) or "%Y-%m-%d"
