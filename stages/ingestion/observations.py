"""From a source's rows to accepted observations and a quarantine: every row ends in one of the two."""

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from stages.ingestion.mappings.base import Layout, SourceMapping
from stages.ingestion.parsing import parse
from stages.ingestion.preparation import (
    Options,
    convert_units,
    mark_out_of_scale,
    one_price,
    replaced_currencies,
    with_defaults,
)
from stages.ingestion.rulebook import Limits, rulebook
from stages.ingestion.rules import RAW, Rule, first_failure
from stages.ingestion.scan import Findings
from stages.ingestion.schema import BAD, INPUT_NAMES, OBSERVATION_SCHEMA, QUARANTINE_SCHEMA, names_of

REFUSED_SCHEMA = {name: kind for name, kind in QUARANTINE_SCHEMA.items() if name not in ("source_file", "file_row")}
"""A quarantined row before its file is looked up."""

KEYS = ("date", "bond_id", "source_row")
"""The order of observations; no two of them have the same first two when duplicates are gone."""


class Checked(NamedTuple):
    """What became of some rows, each taken by itself.

    Attributes
    ----------
    accepted : DataFrame
        `OBSERVATION_SCHEMA`, in the order of the source.
    refused : DataFrame
        `REFUSED_SCHEMA`, in the order of the source.
    replaced_currencies : dict of str to int
        Rows in a currency that the euro has replaced, by that currency.
    readable, unreadable : frozenset of str
        Columns of numbers or dates of which a value could, or could not, be read.
    """

    accepted: pl.DataFrame
    refused: pl.DataFrame
    replaced_currencies: Mapping[str, int]
    readable: frozenset[str]
    unreadable: frozenset[str]


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
        self._rules = rulebook(limits)

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
        replaced = replaced_currencies(frame)
        frame = convert_units(frame, self._findings.units)
        frame = with_defaults(frame, self._mapping, self._options)
        frame = one_price(mark_out_of_scale(frame, self._findings.usual_coupons))
        frame = frame.with_columns(first_failure(self._rules).alias("failed"))
        bad = frame.select(pl.col("refused").is_not_null() | pl.col("failed").is_not_null()).to_series()
        accepted = frame.filter(~bad).select(*OBSERVATION_SCHEMA)
        refused = _explain(frame.filter(bad), raw.filter(bad), source.filter(bad), self._mapping, self._rules)
        return Checked(accepted, refused, replaced, readable, unreadable)


def _readability(frame: pl.DataFrame) -> tuple[frozenset[str], frozenset[str]]:
    names = names_of("number", "rate", "date")
    wrong = frame.select(pl.col(BAD + name).any().alias(name) for name in names).row(0, named=True)
    readable = frozenset(name for name in names if frame[name].null_count() < frame.height)
    return readable, frozenset(name for name in names if wrong[name])


def without_duplicates(frame: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of the observations of one bond and date keep the last: a correction comes after what it mends.

    Parameters
    ----------
    frame : DataFrame
        `OBSERVATION_SCHEMA`, sorted by `KEYS`, with all rows of each date in it.

    Returns
    -------
    DataFrame
        Those kept, in the same order.
    DataFrame
        The others, `REFUSED_SCHEMA`.
    """
    same = (pl.col("bond_id") == pl.col("bond_id").shift(-1)) & (pl.col("date") == pl.col("date").shift(-1))
    last = frame.select(~same.fill_null(False)).to_series()
    if last.all():
        return frame, pl.DataFrame(schema=REFUSED_SCHEMA)
    kept = frame.select(kept=pl.when(last).then("source_row").fill_null(strategy="backward")).to_series()
    others = frame.with_columns(kept).filter(~last)
    detail = pl.format("bond_id and date: expected one row, kept row {}", "kept")
    refused = others.select(
        "source_row",
        "bond_id",
        pl.col("date").cast(pl.String),
        pl.lit("duplicate").alias("reason"),
        detail.alias("detail"),
    )
    return frame.filter(last), refused


def _explain(
    bad: pl.DataFrame, raw: pl.DataFrame, source: pl.DataFrame, mapping: SourceMapping, checks: list[Rule]
) -> pl.DataFrame:
    """Say of each refused row why, what was expected and what came."""
    if bad.is_empty():
        return pl.DataFrame(schema=REFUSED_SCHEMA)
    held = raw.select(pl.col(INPUT_NAMES).cast(pl.String).name.prefix(RAW))
    told = {f"refusal:{i}": refusal.detail for i, refusal in enumerate(mapping.refusals)}
    details = source.rechunk().with_columns(**told).select(*told)
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
