"""How a source's columns become the canonical ones: a mapping is a table of expressions, not a program."""

from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from difflib import get_close_matches

import polars as pl

from stages.ingestion.errors import InputError
from stages.ingestion.schema import INPUT_COLUMNS, INPUT_NAMES, PRICES


@dataclass(frozen=True)
class Refusal:
    """A kind of row that a source is known to hold and that is not taken.

    Parameters
    ----------
    reason : str
        Quarantine code.
    when : Expr
        Boolean over the source's columns; null counts as false.
    detail : Expr
        Text that says what gave the row away.
    """

    reason: str
    when: pl.Expr
    detail: pl.Expr


@dataclass(frozen=True)
class SourceMapping:
    """A source's columns, conventions and known exceptions.

    Parameters
    ----------
    name : str
        Value of ``data.mapping``.
    requires : tuple of str
        Source columns that the expressions read.
    expressions : dict of str to Expr
        Canonical name to an expression over the source's columns; a canonical name without one is read
        from the source column of the same name, when there is one and `passes_through` is set.
    refusals : tuple of Refusal
        In the order in which they are tried.
    passes_through : bool
        Whether source columns with canonical names are taken as they are.
    settlement_lag_days : int
        Business days from trade to settlement.
    settlement_calendar : str
        ``weekdays`` or a code of the `holidays` package's financial calendars.
    """

    name: str
    requires: tuple[str, ...] = ()
    expressions: Table[str, pl.Expr] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    passes_through: bool = False
    settlement_lag_days: int = 1
    settlement_calendar: str = "weekdays"


def nearest(name: str, known: list[str]) -> str:
    """Return ``; nearest is 'x'`` for the most alike of the known names, or nothing."""
    lower = {candidate.lower(): candidate for candidate in known}
    found = get_close_matches(name.lower(), list(lower), n=1, cutoff=0.6)
    return f"; nearest is '{lower[found[0]]}'" if found else ""


def _missing(column: str, wanted_for: str, source: pl.DataFrame) -> InputError:
    have = ", ".join(source.columns[:40])
    return InputError(
        f"column '{column}' ({wanted_for}) is missing{nearest(column, source.columns)}; "
        f"the file has: {have}; name another one under data.columns"
    )


def canonical_frame(source: pl.DataFrame, mapping: SourceMapping, columns: Table[str, str]) -> pl.DataFrame:
    """Rename and derive every canonical column, and number the rows.

    Parameters
    ----------
    source : DataFrame
        As read, one row for each observation.
    mapping : SourceMapping
        The source's mapping.
    columns : dict of str to str
        Canonical name to source column, from params; comes before the mapping.

    Returns
    -------
    DataFrame
        ``source_row`` (from 1), all canonical input columns (null where the source has none) and
        ``refused``: the position of the mapping's first refusal that applies, or null.

    Raises
    ------
    InputError
        A column that is needed is missing.
    """
    for canonical, column in columns.items():
        if canonical not in INPUT_NAMES:
            raise InputError(
                f"data.columns names '{canonical}', which is no column of the data contract"
                f"{nearest(canonical, list(INPUT_NAMES))}"
            )
        if column not in source.columns:
            raise _missing(column, f"data.columns.{canonical}", source)
    for column in mapping.requires:
        if column not in source.columns:
            raise _missing(column, f"mapping {mapping.name}", source)

    def expression(name: str, required: bool) -> pl.Expr:
        if name in columns:
            return pl.col(columns[name]).alias(name)
        if name in mapping.expressions:
            return mapping.expressions[name].alias(name)
        if mapping.passes_through and name in source.columns:
            return pl.col(name)
        if required:
            raise _missing(name, f"mapping {mapping.name}", source)
        return pl.lit(None, dtype=pl.String).alias(name)

    expressions = [expression(column.name, column.required) for column in INPUT_COLUMNS]
    if not any(
        name in columns or name in mapping.expressions or (mapping.passes_through and name in source.columns)
        for name in PRICES
    ):
        raise _missing("clean_price", "or dirty_price, or yield: one of them is needed", source)
    return source.select(
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("source_row"),
        *expressions,
        _first(mapping.refusals).alias("refused"),
    )


def _first(refusals: tuple[Refusal, ...]) -> pl.Expr:
    """Return the position of the first refusal that applies, or null."""
    return pl.coalesce(
        *(pl.when(refusal.when).then(pl.lit(i, dtype=pl.Int16)) for i, refusal in enumerate(refusals)),
        pl.lit(None, dtype=pl.Int16),
    )
