"""What a rule is, and how a table of rules is tried on all rows at once.

A rule is an expression over the prepared columns; its detail is an expression over the refused rows alone, where
``raw:NAME`` is what the file held. The rules themselves stand in `richcheap.ingestion.validation.validation_rules`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from richcheap.ingestion.reading.aliases import UNSUPPORTED
from richcheap.ingestion.schema import BAD

RAW = "raw:"
"""Prefix of the text that the file held, in the details."""

OUT_OF_SCALE = "out_of_scale"
"""Boolean column: the coupon is 100 times, or a hundredth of, what the bond's other rows say."""


@dataclass(frozen=True)
class Rule:
    """One way to fail.

    Parameters
    ----------
    reason : str
        Quarantine code; several rules may share one.
    when : Expr
        True where a row fails; null counts as false.
    detail : Expr
        Text: the column, what was expected, what came.
    """

    reason: str
    when: pl.Expr
    detail: pl.Expr


def missing(name: str, unreadable: bool = True) -> Rule:
    """Return the rule for a column without a value; a value that cannot be read is another rule's."""
    absent = pl.col(name).is_null()
    if unreadable:
        absent &= ~pl.col(BAD + name)
    return Rule("missing_value", absent, pl.lit(f"{name}: expected a value, got ") + nothing(name))


def nothing(*names: str) -> pl.Expr:
    """Return ``none``, or the first word of these columns that means it."""
    words = pl.coalesce(pl.when(pl.col(RAW + name).str.strip_chars() != "").then(RAW + name) for name in names)
    return pl.coalesce("'" + words + "'", pl.lit("none"))


def unreadable(reason: str, names: Sequence[str], expected: str, hint: str = "") -> list[Rule]:
    """Return a rule for each column whose value is none of its kind; the hint says what can be done about it."""
    return [
        Rule(
            reason,
            pl.col(BAD + name),
            pl.concat_str(pl.lit(f"{name}: expected {expected}, got '"), RAW + name, pl.lit(f"'{hint}")),
        )
        for name in names
    ]


def unsupported(reason: str, name: str, expected: str) -> Rule:
    """Return the rule for a spelling that is known and not supported."""
    detail = pl.format(f"{name}: expected {expected}, got '{{}}' (not supported)", pl.col(RAW + name))
    return Rule(reason, pl.col(name).str.starts_with(UNSUPPORTED), detail)


def out_of_order(reason: str, name: str, when: pl.Expr, relation: str, other: str) -> Rule:
    """Return the rule for a date on the wrong side of another."""
    detail = pl.format(f"{name}: expected a date {relation} {other} {{}}, got {{}}", other, name)
    return Rule(reason, when, detail)


def outside(reason: str, name: str, low: object, high: object, unit: str, hint: str = "") -> Rule:
    """Return the rule for a value outside a closed interval; the hint says which keys can settle it."""
    detail = pl.format(f"{name}: expected {low} to {high}{unit}, got {{}}", name) + pl.lit(hint)
    return Rule(reason, ~pl.col(name).is_between(pl.lit(low), pl.lit(high)), detail)


def first_failure(rules: Sequence[Rule]) -> pl.Expr:
    """Return the position of the first rule that a row fails, or null."""
    return pl.coalesce(
        *(pl.when(rule.when).then(pl.lit(i, dtype=pl.Int16)) for i, rule in enumerate(rules)),
        pl.lit(None, dtype=pl.Int16),
    )
