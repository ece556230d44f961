"""Terms of bonds that stand in a file of their own, one row a bond, beside the prices."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.readers import read_table
from richcheap.ingestion.mappings.base import Refusal, nearest
from richcheap.ingestion.mappings.terms import TERMS_MAPPINGS
from richcheap.ingestion.schema import INPUT_NAMES

TERMS = "terms:"
"""Prefix of the columns that come from the terms."""

_KNOWN = TERMS + "known"
_KEY = "bond_id"


class Terms:
    """A table of terms, joined to rows by the bond's identifier.

    Parameters
    ----------
    path : Path
        A file of any kind that is read; how it is written is told from it.
    columns : dict of str to str
        Canonical name to its column; those that are not named must bear the canonical name. A file that a ready mapping
        of terms describes needs none.

    Raises
    ------
    InputError
        It cannot be read, or has no column of identifiers.
    """

    def __init__(self, path: Path, columns: Mapping[str, str | None]) -> None:
        table = _canonical(read_table(path))
        named = {name: name for name in INPUT_NAMES if name in table.columns} | {**columns}
        for name, column in named.items():
            if column is not None and column not in table.columns:
                raise InputError(
                    f"{path}: column '{column}' (data.terms_columns.{name}) is missing"
                    f"{nearest(column, table.columns)}; the file has: {', '.join(table.columns)}"
                )
        key = named.pop(_KEY, None)
        if key is None:
            raise InputError(
                f"{path}: expected a column of identifiers; data.terms_columns.bond_id can name it, one of "
                f"{', '.join(table.columns)}"
            )
        kept = table.select(
            _text(pl.col(key)).alias(TERMS + _KEY),
            *(pl.col(column).alias(TERMS + name) for name, column in named.items() if column is not None),
            pl.lit(True).alias(_KNOWN),
        )
        self.bonds = kept.drop_nulls(TERMS + _KEY).unique(TERMS + _KEY, keep="last", maintain_order=True)
        self._path = path

    @property
    def names(self) -> list[str]:
        """Canonical columns that the table holds."""
        others = {TERMS + _KEY, _KNOWN}
        return [name.removeprefix(TERMS) for name in self.bonds.columns if name not in others]

    def join(self, frame: pl.DataFrame, key: pl.Expr) -> pl.DataFrame:
        """Add the terms to rows of which an expression gives the bond."""
        keyed = frame.with_columns(_text(key).alias(TERMS + _KEY))
        return keyed.join(self.bonds, on=TERMS + _KEY, how="left", maintain_order="left")

    def refusal(self, key: pl.Expr) -> Refusal:
        """Return the refusal of a bond without terms; one without a name has another fault."""
        detail = pl.format(
            f"bond_id: expected a bond of {self._path.name} (data.terms), got '{{}}'", key.cast(pl.String)
        )
        return Refusal("unknown_bond", pl.col(_KNOWN).is_null() & _text(key).is_not_null(), detail)


def _canonical(table: pl.DataFrame) -> pl.DataFrame:
    """Add canonical columns to a table of a known source."""
    for mapping in TERMS_MAPPINGS.values():
        if mapping.holds(table.columns):
            known = mapping.named(table).select(one.alias(name) for name, one in mapping.expressions.items())
            return table.drop(known.columns, strict=False).hstack(known.get_columns())
    return table


def _text(key: pl.Expr) -> pl.Expr:
    """Return an identifier as text; one of digits alone without the fraction that a workbook gives it."""
    text = key.cast(pl.String).str.strip_chars().str.replace(r"^(\d+)\.0$", "$1")
    return pl.when(text != "").then(text)
