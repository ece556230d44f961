"""From a source's rows to accepted observations and a quarantine: every row ends in one of the two."""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from richcheap.ingestion.mappings.base import Layout, SourceMapping
from richcheap.ingestion.preparation import (
    Options,
    convert_units,
    mark_out_of_scale,
    one_price,
    replaced_currencies,
    with_defaults,
)
from richcheap.ingestion.reading.parsing import parse
from richcheap.ingestion.reading.scan import Findings
from richcheap.ingestion.schema import BAD, CHECKED_SCHEMA, INPUT_NAMES, QUARANTINE_SCHEMA, TIME, names_of
from richcheap.ingestion.validation.rules import RAW, Rule, first_failure
from richcheap.ingestion.validation.validation_rules import Limits, rulebook

REFUSED_SCHEMA = {name: kind for name, kind in QUARANTINE_SCHEMA.items() if name not in ("source_file", "file_row")}
"""A quarantined row before its file is looked up."""

KEYS = ("date", "bond_id", "source_row")
"""The order of observations; no two of them have the same first two when duplicates are gone."""


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
    unparsed_times : int
        Rows whose column ``time`` holds something that is no time of day.
    """

    accepted: pl.DataFrame
    refused: pl.DataFrame
    replaced_currencies: Mapping[str, int]
    readable: frozenset[str]
    unreadable: frozenset[str]
    unparsed_times: int


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
        self._rules = rulebook(limits, options.date_format)

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
        frame = parse(raw, self._options.date_format)
        readable, unreadable = _readability(frame)
        unparsed_times = int(frame[BAD + TIME].sum())
        replaced = replaced_currencies(frame)
        frame = convert_units(frame, self._findings.units)
        frame = with_defaults(frame, self._mapping, self._options)
        frame = one_price(mark_out_of_scale(frame, self._findings.usual_coupons))
        frame = frame.with_columns(first_failure(self._rules).alias("failed"))
        bad = frame.select(pl.col("refused").is_not_null() | pl.col("failed").is_not_null()).to_series()
        accepted = frame.filter(~bad).select(*CHECKED_SCHEMA)
        refused = _explain(frame.filter(bad), raw.filter(bad), source.filter(bad), self._mapping, self._rules)
        return Checked(accepted, refused, replaced, readable, unreadable, unparsed_times)


def _readability(frame: pl.DataFrame) -> tuple[frozenset[str], frozenset[str]]:
    names = names_of("number", "rate", "date")
    wrong = frame.select(pl.col(BAD + name).any().alias(name) for name in names).row(0, named=True)
    readable = frozenset(name for name in names if frame[name].null_count() < frame.height)
    return readable, frozenset(name for name in names if wrong[name])


class Chosen(NamedTuple):
    """What became of the accepted rows of some dates.

    Attributes
    ----------
    kept : DataFrame
        `OBSERVATION_SCHEMA`, sorted by (date, bond_id), which is unique.
    refused : DataFrame
        The other rows, `REFUSED_SCHEMA`.
    days : dict of str to int
        Days of a bond that had several rows: ``kept_by_time``, of these ``last_row_not_latest``; ``kept_by_row``, of
        these ``some_without_time`` (and others with one).
    """

    kept: pl.DataFrame
    refused: pl.DataFrame
    days: Mapping[str, int]


def without_duplicates(frame: pl.DataFrame) -> Chosen:
    """Of the observations of one bond and date keep the latest by time of day, else the last of the source.

    Times decide where all these rows have one, and they differ. Of those that tie, and where any is missing, the last
    row is kept: a correction comes after what it mends.

    Parameters
    ----------
    frame : DataFrame
        `CHECKED_SCHEMA`, sorted by `KEYS`, with all rows of each date in it.
    """
    of_day = ("date", "bond_id")
    before = pl.all_horizontal(pl.col(name) == pl.col(name).shift(1) for name in of_day).fill_null(False)
    same = frame.select(before)[:, 0]
    row, time, winner = pl.col("source_row"), pl.col(TIME), pl.col("winner")
    latest = row.filter(time == time.max()).last()
    timed = time.is_not_null().all() & (time.min() < time.max())
    rivals = (
        frame.filter(same | same.shift(-1, fill_value=False))
        .with_columns(
            row.last().over(of_day).alias("last"),
            latest.over(of_day).alias("latest"),
            timed.fill_null(False).over(of_day).alias("timed"),
            (time.is_null().any() & time.is_not_null().any()).over(of_day).alias("mixed"),
        )
        .with_columns(pl.when("timed").then("latest").otherwise("last").alias("winner"))
    )
    beaten, days = rivals.filter(row != winner), rivals.filter(row == winner)
    why = pl.when("timed").then(pl.lit(", the latest by time")).otherwise(pl.lit(""))
    refused = beaten.select(
        "source_row",
        "bond_id",
        pl.col("date").cast(pl.String),
        pl.lit("duplicate").alias("reason"),
        (pl.format("bond_id and date: expected one row, kept row {}", "winner") + why).alias("detail"),
    )
    counted = days.select(
        pl.col("timed").sum().alias("kept_by_time"),
        (~pl.col("timed")).sum().alias("kept_by_row"),
        (winner != pl.col("last")).sum().alias("last_row_not_latest"),
        pl.col("mixed").sum().alias("some_without_time"),
    )
    kept = frame.filter(~frame["source_row"].is_in(beaten["source_row"].implode())) if beaten.height else frame
    return Chosen(kept.drop(TIME), refused, counted.row(0, named=True))


def _explain(
    bad: pl.DataFrame, raw: pl.DataFrame, source: pl.DataFrame, mapping: SourceMapping, checks: list[Rule]
) -> pl.DataFrame:
    """Say of each refused row why, what was expected and what came."""
    if bad.is_empty():
        return pl.DataFrame(schema=REFUSED_SCHEMA)
    held = raw.select(pl.col(INPUT_NAMES).cast(pl.String).name.prefix(RAW))
    refusals = {f"refusal:{i}": refusal.detail for i, refusal in enumerate(mapping.refusals)}
    details = source.rechunk().with_columns(**refusals).select(*refusals)
    # One chunk: polars 2.1's pl.format fails on a column with an empty one, as a filter leaves behind.
    rows = bad.hstack(held.get_columns()).hstack(details.get_columns()).rechunk()
    refused, failed = pl.col("refused"), pl.col("failed")
    reason = pl.coalesce(
        refused.replace_strict([*range(len(mapping.refusals))], [r.reason for r in mapping.refusals],
                               default=None, return_dtype=pl.String),
        failed.replace_strict([*range(len(checks))], [check.reason for check in checks],
                              default=None, return_dtype=pl.String),
    )  # fmt: skip
    detail = pl.coalesce(
        *(pl.when(refused == i).then(pl.col(f"refusal:{i}")) for i in range(len(mapping.refusals))),
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
