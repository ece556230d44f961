"""What became rich or cheap between two lists of live bonds (lists/bonds.parquet): Markdown of limited length."""

from typing import Final

import polars as pl

from richcheap.reporting.layout.formats import NOTHING, number, plural, signed
from richcheap.reporting.layout.markdown import line

MOST: Final = 10
"""Rows of a table, and names of a sentence."""
CALLS: Final = ("cheap", "rich")
"""Flags that say something."""
READ_COLUMNS: Final = ("bond_id", "as_of", "issuer", "flag", "relative_value_bp", "fair_clean_price")
_HEADINGS: Final = (
    *("Bond", "Issuer", "Before", "Now", "Relative value before, bp", "Relative value now, bp", "Change, bp"),
    *("Fair price before, per 100", "Fair price now, per 100"),
)


def changes_markdown(before: pl.DataFrame, now: pl.DataFrame) -> str:
    """Return what has changed from one list to another.

    Parameters
    ----------
    before, now : DataFrame
        `READ_COLUMNS` of the two lists.

    Returns
    -------
    str
        A sentence of counts; bonds whose flag has changed and other bonds whose relative value has moved most, the
        largest moves first, at most `MOST` of each; bonds that are new and that are gone.
    """
    both = now.join(before, on="bond_id", suffix="_before").with_columns(
        move=pl.col("relative_value_bp") - pl.col("relative_value_bp_before")
    )
    ordered = both.sort(pl.col("move").abs(), "bond_id", descending=[True, False], nulls_last=True)
    turned = pl.col("flag").ne_missing(pl.col("flag_before"))
    flagged, moved = ordered.filter(turned), ordered.filter(~turned, pl.col("move") != 0.0)
    lines = [_sentence(before, now, flagged), ""]
    for title, rows in (("Rich or cheap has changed", flagged), ("Largest other moves of relative value", moved)):
        if rows.height:
            rest = rows.height - MOST
            lines += [f"{title}{f', the first {MOST} of {rows.height:,}' if rest > 0 else ''}:", ""]
            lines += [line(_HEADINGS), line([":---"] * 4 + ["---:"] * (len(_HEADINGS) - 4))]
            lines += [line(_cells(row)) for row in rows.head(MOST).iter_rows(named=True)]
            lines.append("")
    lines += [*_names("New", now, before), *_names("Gone", before, now)]
    return "\n".join(lines).rstrip() + "\n"


def _sentence(before: pl.DataFrame, now: pl.DataFrame, flagged: pl.DataFrame) -> str:
    """Count live bonds, and flags that came and went."""
    counts = []
    for flag in CALLS:
        came = flagged.filter(pl.col("flag").eq_missing(flag)).height
        went = flagged.filter(pl.col("flag_before").eq_missing(flag)).height
        counts += [f"{came:,} became {flag}", f"{went:,} are {flag} no longer"]
    dates = [f"{plural(table.height, 'live bond')}{_as_of(table)}" for table in (before, now)]
    return f"Lists: {dates[0]} before, {dates[1]} now; {', '.join(counts)}."


def _as_of(table: pl.DataFrame) -> str:
    return f" on {table['as_of'][0]}" if table.height else ""


def _cells(row: dict[str, object]) -> list[str]:
    texts = [row["bond_id"], row["issuer"], row["flag_before"], row["flag"]]
    value, was, move = (_figure(row[name]) for name in ("relative_value_bp", "relative_value_bp_before", "move"))
    prices = [number(_figure(row[f"fair_clean_price{end}"]), 3) for end in ("_before", "")]
    return [*map(_text, texts), signed(was, 1), signed(value, 1), signed(move, 1), *prices]


def _figure(value: object) -> float | None:
    return value if isinstance(value, float) else None


def _text(value: object) -> str:
    """Return text from outside as a cell: neither a column's end nor a mark of its own."""
    if value is None:
        return NOTHING
    plain = " ".join(str(value).split()).replace("`", "'").replace("|", "\\|")
    return f"`{plain}`"


def _names(title: str, table: pl.DataFrame, other: pl.DataFrame) -> list[str]:
    """Name the bonds that one list has and the other has not."""
    found = table.join(other, on="bond_id", how="anti")["bond_id"].sort()
    if found.is_empty():
        return []
    rest = found.len() - MOST
    more = f" and {rest:,} more" if rest > 0 else ""
    return [f"{title}: {', '.join(map(_text, found.head(MOST)))}{more}.", ""]
