"""How a source's columns become the canonical ones: a mapping is a table of expressions, not a program."""

import re
from collections.abc import Collection, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

import polars as pl

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.schema import INPUT_COLUMNS, INPUT_NAMES, PRICES

NOTHING: Table[str, Any] = MappingProxyType({})
OF_TERMS = ("maturity_date", "coupon_rate")
"""Required columns that a file of trades often lacks, and one of terms has."""


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
    settlement_lag_days : int, optional
        Business days from trade to settlement; None for those of each row's market.
    settlement_calendar : str, optional
        As in `richcheap.bonds.conventions.closing_days`; None for that of each row's market.
    optional : tuple of str
        Source columns that the expressions read where the file has them; null where it does not.
    needs_terms : bool
        Whether the bonds' terms stand in a second file.
    params : dict of str to Any
        Keys of ``data`` that a file of this source needs besides, as `richcheap inspect` proposes them.
    matches : Expr, optional
        Over the file's first rows: whether they are this source's, where names do not tell it.
    """

    name: str
    requires: tuple[str, ...] = ()
    expressions: Table[str, pl.Expr] = field(default_factory=dict)
    refusals: tuple[Refusal, ...] = ()
    passes_through: bool = False
    settlement_lag_days: int | None = None
    settlement_calendar: str | None = None
    optional: tuple[str, ...] = ()
    needs_terms: bool = False
    params: Table[str, Any] = field(default_factory=dict)
    matches: pl.Expr | None = None

    def names_in(self, have: Sequence[str]) -> dict[str, str]:
        """Return the file's names of the source's columns, whose case, blanks, units and marks may differ."""
        bare = {_bare(name): name for name in reversed(have)}
        return {name: bare[_bare(name)] for name in (*self.requires, *self.optional) if _bare(name) in bare}

    def holds(self, have: Sequence[str]) -> bool:
        """Say whether a file of these columns has all that the mapping requires; one that requires none holds none."""
        found = self.names_in(have)
        return bool(self.requires) and all(name in found for name in self.requires)

    def named(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return a file's columns under the source's own names, with nulls for optional ones that it lacks."""
        found = {theirs: name for name, theirs in self.names_in(frame.columns).items() if theirs != name}
        frame = frame.rename(found) if found else frame
        absent = [name for name in self.optional if name not in frame.columns]
        return frame.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent)


def nearest(name: str, known: list[str]) -> str:
    """Return ``; nearest is 'x'`` for the most alike of the known names, or nothing."""
    lower = {candidate.lower(): candidate for candidate in known}
    found = get_close_matches(name.lower(), list(lower), n=1, cutoff=0.6)
    return f"; nearest is '{lower[found[0]]}'" if found else ""


_UNIT = r"[(\[\uff08\u3010].*?[)\]\uff09\u3011]"
"""What stands in brackets, those of Chinese and Japanese too."""


def text(column: str) -> pl.Expr:
    """Return a source's column as text in capitals, without blanks around it."""
    return pl.col(column).cast(pl.String).str.strip_chars().str.to_uppercase()


def _bare(name: str) -> str:
    return re.sub(r"[\s_/-]+", " ", re.sub(_UNIT, " ", name)).strip().casefold()


@dataclass(frozen=True)
class Layout:
    """How the columns of one file become the canonical ones.

    Parameters
    ----------
    expressions : dict of str to Expr
        Those canonical columns that the file holds, from its own columns.
    refusals : tuple of Refusal
        The mapping's.
    """

    expressions: Table[str, pl.Expr]
    refusals: tuple[Refusal, ...]

    def needs(self, names: Collection[str] = INPUT_NAMES) -> list[str]:
        """Return the file's columns that canonical columns and refusals are made of."""
        made_of = [expression for name, expression in self.expressions.items() if name in names]
        made_of += [expression for refusal in self.refusals for expression in (refusal.when, refusal.detail)]
        return sorted({root for expression in made_of for root in expression.meta.root_names()})

    def canonical(self, source: pl.DataFrame, first_row: int, names: Collection[str] = INPUT_NAMES) -> pl.DataFrame:
        """Rename and derive canonical columns, and number the rows.

        Parameters
        ----------
        source : DataFrame
            As read, one row for each observation; the columns that are needed will do.
        first_row : int
            Source row of its first row.
        names : collection of str
            Canonical columns wanted.

        Returns
        -------
        DataFrame
            ``source_row``, the wanted columns (null where the source has none) and ``refused``: the position of the
            mapping's first refusal that applies, or null.
        """
        absent = pl.lit(None, dtype=pl.String)
        return source.select(
            pl.int_range(first_row, first_row + pl.len(), dtype=pl.Int64).alias("source_row"),
            *(self.expressions.get(name, absent).alias(name) for name in INPUT_NAMES if name in names),
            _first(self.refusals).alias("refused"),
        )


def layout_of(
    have: Sequence[str],
    mapping: SourceMapping,
    columns: Table[str, str | None],
    *,
    known: Table[str, pl.Expr] = NOTHING,
    values: Table[str, Table[str, str]] = NOTHING,
    constants: Table[str, str] = NOTHING,
    refusals: Sequence[Refusal] = (),
) -> Layout:
    """Find the canonical columns in a file.

    Parameters
    ----------
    have : sequence of str
        The file's columns.
    mapping : SourceMapping
        The source's mapping.
    columns : dict of str to str or None
        Canonical name to source column, from params; comes before the mapping. None: the source has none.
    known : dict of str to Expr
        What is known of canonical columns from elsewhere than the file's own columns; comes after the mapping.
    values : dict of str to dict of str to str
        By canonical column: what a value of the file, in any case, stands for.
    constants : dict of str to str
        By canonical column: what holds where the file says nothing.
    refusals : sequence of Refusal
        Come before the mapping's.

    Raises
    ------
    InputError
        A column that is needed is missing.
    """
    named: dict[str, pl.Expr] = {}
    for canonical, column in columns.items():
        if canonical not in INPUT_NAMES:
            raise InputError(
                f"data.columns names '{canonical}', which is no column of the data contract"
                f"{nearest(canonical, list(INPUT_NAMES))}"
            )
        if column is not None:
            named[canonical] = pl.col(_found(column, have, f"data.columns.{canonical}"))
    for column in mapping.requires:
        if column not in have:
            raise _missing(column, f"mapping {mapping.name}", have)
    passed = {name: pl.col(name) for name in INPUT_NAMES if mapping.passes_through and name in have}
    expressions = {**known, **passed, **mapping.expressions, **named}
    expressions = {name: one for name, one in expressions.items() if columns.get(name, name) is not None}
    for name, meanings in values.items():
        if name in expressions:
            expressions[name] = _replaced(expressions[name], meanings)
    for name, value in constants.items():
        expressions[name] = _filled(expressions[name], value) if name in expressions else pl.lit(value)
    for wanted in INPUT_COLUMNS:
        if wanted.required and wanted.name not in expressions:
            raise _missing(wanted.name, f"mapping {mapping.name}", have)
    if not any(name in expressions for name in (*PRICES, "bid_price")):
        raise _missing("clean_price", "or dirty_price, or yield: one of them is needed", have)
    return Layout(expressions, (*refusals, *mapping.refusals))


def _found(column: str, have: Sequence[str], wanted_for: str) -> str:
    """Return the file's column of this name, but for needless blanks."""
    if column in have:
        return column
    bare = {" ".join(name.split()): name for name in have}
    if " ".join(column.split()) not in bare:
        raise _missing(column, wanted_for, have)
    return bare[" ".join(column.split())]


def _replaced(value: pl.Expr, meanings: Table[str, str]) -> pl.Expr:
    """Return what values stand for; one that is not named stays."""
    text = value.cast(pl.String).str.strip_chars().str.replace(r"^(\d+)\.0$", "$1")
    known = {" ".join(name.lower().split()): meaning for name, meaning in meanings.items()}
    key = text.str.to_lowercase().str.replace_all(r"\s+", " ")
    return pl.coalesce(key.replace_strict(known, default=None, return_dtype=pl.String), text)


def _filled(value: pl.Expr, constant: str) -> pl.Expr:
    text = value.cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text).otherwise(pl.lit(constant))


def _missing(column: str, wanted_for: str, have: Sequence[str]) -> InputError:
    remedy = "let `richcheap inspect FILE` propose all of them"
    if column in OF_TERMS:
        remedy = f"take it from a file of terms (data.terms, `richcheap inspect FILE --terms TERMS`), or {remedy}"
    return InputError(
        f"column '{column}' ({wanted_for}) is missing{nearest(column, list(have))}; "
        f"the file has: {', '.join(have[:40])}; name another one under data.columns, or {remedy}"
    )


def _first(refusals: tuple[Refusal, ...]) -> pl.Expr:
    """Return the position of the first refusal that applies, or null."""
    return pl.coalesce(
        *(pl.when(refusal.when).then(pl.lit(i, dtype=pl.Int16)) for i, refusal in enumerate(refusals)),
        pl.lit(None, dtype=pl.Int16),
    )
