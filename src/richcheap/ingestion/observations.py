"""From a source's rows to accepted observations and a quarantine: every row ends in one of the two."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from richcheap.ingestion.files.unread import empty
from richcheap.ingestion.mappings.base import Layout, Refusal, SourceMapping
from richcheap.ingestion.preparation import (
    ASSUMABLE,
    ASSUMED,
    Options,
    convert_units,
    mark_assumed,
    mark_beyond_coupon,
    mark_out_of_scale,
    one_price,
    replaced_currencies,
    with_defaults,
    with_kind,
    with_mid,
)
from richcheap.ingestion.reading.parsing import parse
from richcheap.ingestion.reading.scan import Findings
from richcheap.ingestion.reading.terms import TERMS
from richcheap.ingestion.schema import (
    BAD,
    CHECKED_SCHEMA,
    COMPARED,
    INPUT_NAMES,
    OPTIONAL,
    ORIGINAL,
    PRICES,
    REFUSED_SCHEMA,
    REPORT,
    STATUS,
    STATUS_TYPE,
    names_of,
)
from richcheap.ingestion.validation.rules import RAW, Rule, first_failure
from richcheap.ingestion.validation.validation_rules import Limits, rulebook

NO_OBSERVATION = "no_observation"
"""Reason for a text beside the table."""
MIN_COLUMNS = 4
"""From which on a row of one text is none of a table's."""
CROSS_CHECKED_ROWS = 100_000
"""Rows of the source, from its first, of which a second price or yield is compared with what the first one gives."""


class Checked(NamedTuple):
    """What became of some rows, each taken by itself.

    Attributes
    ----------
    accepted : DataFrame
        `CHECKED_SCHEMA`, in the order of the source.
    refused : DataFrame
        `REFUSED_SCHEMA`, in the order of the source.
    replaced_currencies : dict of str to int
        Rows in a currency that the euro has replaced, by that currency.
    readable, unreadable : frozenset of str
        Columns of numbers or dates of which a value could, or could not, be read.
    unparsed : dict of str to int
        Values of optional columns that could not be read, by column.
    assumed : dict of (str, str) to int
        Accepted rows for which the file does not say something, by column and by what was taken for it.
    given_twice : DataFrame, DataFrame
        Of the first `CROSS_CHECKED_ROWS` the accepted ones that give more than one of `PRICES` and `COMPARED`, and what
        they give.
    """

    accepted: pl.DataFrame
    refused: pl.DataFrame
    replaced_currencies: Mapping[str, int]
    readable: frozenset[str]
    unreadable: frozenset[str]
    unparsed: Mapping[str, int]
    assumed: Mapping[tuple[str, str], int]
    given_twice: tuple[pl.DataFrame, pl.DataFrame]


class Checker:
    """Maps, parses and validates rows.

    Parameters
    ----------
    mapping : SourceMapping
        How the source's columns are read.
    options : Options
        Units, formats, defaults.
    limits : Limits
        What is plausible.
    findings : Findings
        What holds for all rows.
    """

    def __init__(self, mapping: SourceMapping, options: Options, limits: Limits, findings: Findings) -> None:
        self._mapping, self._options, self._findings = mapping, options, findings
        self._rules = rulebook(limits, findings.notation)

    def check(self, source: pl.DataFrame, layout: Layout, first_row: int) -> Checked:
        """Try every rule on some rows of a file.

        Parameters
        ----------
        source : DataFrame
            As read.
        layout : Layout
            Of the file.
        first_row : int
            Source row of the first of them, from 1.

        Raises
        ------
        InputError
            A column's type cannot hold what it should.
        """
        raw = layout.canonical(source, first_row)
        blank = _blank(source, raw)
        if blank is not None:
            source, raw = source.filter(~blank), raw.filter(~blank)
        frame = parse(raw, self._findings.notation)
        readable, unreadable = _readability(frame)
        unparsed = {name: count for name in OPTIONAL if (count := int(frame[BAD + name].sum()))}
        frame = frame.with_columns(pl.lit(False).alias(BAD + name) for name in unparsed)
        replaced = replaced_currencies(frame)
        frame = with_mid(convert_units(frame, self._findings.units))
        frame = with_defaults(mark_assumed(with_kind(frame)), self._mapping, self._options)
        given = _given_twice(frame)
        frame = one_price(mark_beyond_coupon(mark_out_of_scale(frame, self._findings.usual_coupons)))
        frame = frame.with_columns(first_failure(self._rules).alias("failed"))
        bad = frame.select(pl.col("refused").is_not_null() | pl.col("failed").is_not_null()).to_series()
        good = frame.filter(~bad)
        accepted, assumed = good.with_columns(_reports(good)).select(*CHECKED_SCHEMA), _assumed(good)
        refused = _explain(frame.filter(bad), raw.filter(bad), source.filter(bad), layout.refusals, self._rules)
        theirs = accepted.join(given, on="source_row", how="semi"), given
        return Checked(accepted, refused, replaced, readable, unreadable, unparsed, assumed, theirs)


def _given_twice(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the figures of the first rows of the source that give more than one of them."""
    given = [name for name in (*PRICES, *COMPARED) if frame[name].null_count() < frame.height]
    first = frame.select("source_row", *PRICES, *COMPARED)
    if len(given) < 2 or not frame.height or frame["source_row"][0] > CROSS_CHECKED_ROWS:
        return first.clear()
    several = pl.sum_horizontal(pl.col(name).is_not_null().cast(pl.Int8) for name in given) > 1
    return first.filter(several & (pl.col("source_row") <= CROSS_CHECKED_ROWS))


def _reports(good: pl.DataFrame) -> list[pl.Expr]:
    """Return what a report is, its number, and that of the report that it is about; numbers are compared as hashes."""
    numbers = []
    for name, column in ((REPORT, "trade_id"), (ORIGINAL, "original_trade_id")):
        number = pl.lit(None, dtype=pl.UInt64)
        if good[column].null_count() < good.height:
            text = pl.col(column).str.replace(r"^0*(\d+)(?:\.0)?$", "$1")
            number = pl.when(text.is_not_null() & ~text.is_in(["", "0"])).then(text.hash()).otherwise(number)
        numbers.append(number.alias(name))
    return [pl.col(STATUS).cast(STATUS_TYPE), *numbers]


def _blank(source: pl.DataFrame, raw: pl.DataFrame) -> pl.Series | None:
    """Say which rows are those of empty lines; None where there are none."""
    nameless = raw.select(pl.col("bond_id").is_null() | (pl.col("bond_id").cast(pl.String) == "")).to_series()
    if not nameless.any():
        return None
    held = [name for name in source.columns if not name.startswith(TERMS)]
    return nameless & source.select(empty(held)).to_series()


def _lone(source: pl.DataFrame) -> pl.Series:
    """Say which rows hold one text and nothing besides, or words alone: notes, units and totals, no observations."""
    held = [name for name in source.columns if not name.startswith(TERMS)]
    if len(held) < MIN_COLUMNS:
        return pl.repeat(False, source.height, eager=True)
    filled = ((pl.col(name).cast(pl.String).str.strip_chars().fill_null("") != "").cast(pl.Int32) for name in held)
    figures = (pl.col(name).cast(pl.String).str.contains(r"\d").fill_null(False) for name in held)
    return source.select((pl.sum_horizontal(filled) == 1) | ~pl.any_horizontal(figures)).to_series()


def _assumed(good: pl.DataFrame) -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for name in ASSUMABLE:
        taken = good[name].filter(good[ASSUMED + name])
        if name == "settlement_date":
            counts[name, "by the market's lag"] = len(taken)
        else:
            counts |= {(name, str(value)): count for value, count in taken.value_counts().iter_rows()}
    return {key: count for key, count in counts.items() if count}


def _readability(frame: pl.DataFrame) -> tuple[frozenset[str], frozenset[str]]:
    names = names_of("number", "rate", "date")
    wrong = frame.select(pl.col(BAD + name).any().alias(name) for name in names).row(0, named=True)
    readable = frozenset(name for name in names if frame[name].null_count() < frame.height)
    return readable, frozenset(name for name in names if wrong[name])


def _explain(
    bad: pl.DataFrame, raw: pl.DataFrame, source: pl.DataFrame, refusals: Sequence[Refusal], checks: list[Rule]
) -> pl.DataFrame:
    """Say of each refused row why, what was expected and what came."""
    if bad.is_empty():
        return pl.DataFrame(schema=REFUSED_SCHEMA)
    held = raw.select(pl.col(INPUT_NAMES).cast(pl.String).name.prefix(RAW))
    texts = {f"refusal:{i}": refusal.detail for i, refusal in enumerate(refusals)}
    details = source.rechunk().with_columns(**texts).select(*texts)
    # One chunk: polars 2.1's pl.format fails on a column with an empty one, as a filter leaves behind.
    rows = bad.hstack(held.get_columns()).hstack(details.get_columns()).rechunk()
    refused, failed = pl.col("refused"), pl.col("failed")
    rows = rows.with_columns(_lone(source).alias("lone"))
    reason = pl.coalesce(
        pl.when("lone").then(pl.lit(NO_OBSERVATION)),
        refused.replace_strict([*range(len(refusals))], [r.reason for r in refusals],
                               default=None, return_dtype=pl.String),
        failed.replace_strict([*range(len(checks))], [check.reason for check in checks],
                              default=None, return_dtype=pl.String),
    )  # fmt: skip
    detail = pl.coalesce(
        pl.when("lone").then(
            pl.format(
                "expected a row of the table, got '{}' and no figures",
                pl.coalesce(*(pl.when(pl.col(RAW + name) != "").then(RAW + name) for name in INPUT_NAMES)),
            )
        ),
        *(pl.when(refused == i).then(pl.col(f"refusal:{i}")) for i in range(len(refusals))),
        *(pl.when(refused.is_null() & (failed == i)).then(check.detail) for i, check in enumerate(checks)),
        pl.lit("no detail"),
    )
    return rows.select(
        "source_row",
        pl.col(RAW + "bond_id").alias("bond_id"),
        pl.col(RAW + "date").alias("date"),
        reason.alias("reason"),
        detail.alias("detail"),
    )
