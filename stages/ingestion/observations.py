"""From a source's table to accepted observations and a quarantine: every row ends in one of the two."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from stages.ingestion.mappings.base import SourceMapping, canonical_frame
from stages.ingestion.parsing import BAD, parse
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
from stages.ingestion.schema import INPUT_NAMES, OBSERVATION_SCHEMA, QUARANTINE_SCHEMA, names_of
from stages.ingestion.units import UnitDecision


@dataclass(frozen=True)
class Ingested:
    """What became of a file.

    Parameters
    ----------
    accepted : DataFrame
        `OBSERVATION_SCHEMA`, sorted by (date, bond_id).
    quarantine : DataFrame
        `QUARANTINE_SCHEMA`, sorted by source_row.
    units : tuple of UnitDecision
        For each column of rates or prices that holds a value.
    replaced_currencies : dict of str to int
        Rows in a currency that the euro has replaced, by that currency.
    unreadable : tuple of str
        Columns of numbers or dates of which not one value could be read.
    """

    accepted: pl.DataFrame
    quarantine: pl.DataFrame
    units: tuple[UnitDecision, ...]
    replaced_currencies: Mapping[str, int]
    unreadable: tuple[str, ...]


def ingest(source: pl.DataFrame, mapping: SourceMapping, options: Options, limits: Limits) -> Ingested:
    """Map, parse and validate every row.

    Parameters
    ----------
    source : DataFrame
        As read; row k of it is source row k + 1.
    mapping : SourceMapping
        How its columns are read.
    options : Options
        Units, formats, defaults.
    limits : Limits
        What is plausible.

    Raises
    ------
    InputError
        A column is missing or of a type that cannot be used.
    """
    raw = canonical_frame(source, mapping, options.columns)
    frame = parse(raw, options.date_format)
    unreadable = _unreadable(frame)
    frame, units = convert_units(frame, options)
    replaced = replaced_currencies(frame)
    frame = with_defaults(frame, mapping, options)
    frame = one_price(mark_out_of_scale(frame))
    checks = rulebook(limits)
    frame = frame.with_columns(first_failure(checks).alias("failed"))
    frame = _mark_duplicates(frame)
    refused = pl.col("refused").is_not_null() | pl.col("failed").is_not_null() | pl.col("kept_row").is_not_null()
    accepted = frame.filter(~refused).sort("date", "bond_id").select(*OBSERVATION_SCHEMA)
    bad = frame.filter(refused)
    quarantine = _quarantine(bad, raw, source, mapping, checks)
    if accepted.height + quarantine.height != source.height:
        raise RuntimeError(
            f"{source.height} rows read, but {accepted.height} accepted and {quarantine.height} quarantined"
        )
    return Ingested(accepted, quarantine, units, replaced, unreadable)


def _unreadable(frame: pl.DataFrame) -> tuple[str, ...]:
    names = names_of("number", "rate", "date")
    flags = frame.select(
        (pl.col(BAD + name).any() & pl.col(name).is_null().all()).fill_null(False).alias(name) for name in names
    )
    return tuple(name for name in names if flags[name][0])


def _mark_duplicates(frame: pl.DataFrame) -> pl.DataFrame:
    """Of the passing rows of one bond and date keep the last: a correction comes after what it mends."""
    passing = frame.lazy().filter(pl.col("refused").is_null(), pl.col("failed").is_null())
    keys = passing.select("bond_id", "date", "source_row").sort("bond_id", "date", "source_row").collect()
    last = ~((keys["bond_id"] == keys["bond_id"].shift(-1)) & (keys["date"] == keys["date"].shift(-1)))
    kept = keys.with_columns(pl.when(last.fill_null(True)).then("source_row").alias("kept_row"))
    kept = kept.with_columns(pl.col("kept_row").fill_null(strategy="backward"))
    kept = kept.filter(pl.col("kept_row") != pl.col("source_row")).select("source_row", "kept_row")
    return frame.join(kept, on="source_row", how="left", maintain_order="left")


def _quarantine(
    bad: pl.DataFrame, raw: pl.DataFrame, source: pl.DataFrame, mapping: SourceMapping, checks: list[Rule]
) -> pl.DataFrame:
    at = bad["source_row"] - 1
    held = raw[at].select(pl.col(INPUT_NAMES).cast(pl.String).name.prefix(RAW))
    told = {f"refusal:{i}": refusal.detail for i, refusal in enumerate(mapping.refusals)}
    details = source[at].with_columns(**told).select(*told)
    rows = bad.hstack(held.get_columns()).hstack(details.get_columns())
    refused, failed = pl.col("refused"), pl.col("failed")
    reason = pl.coalesce(
        refused.replace_strict([*range(len(mapping.refusals))], [r.reason for r in mapping.refusals],
                               default=None, return_dtype=pl.String),
        failed.replace_strict([*range(len(checks))], [check.reason for check in checks],
                              default=None, return_dtype=pl.String),
        pl.lit("duplicate"),
    )  # fmt: skip
    detail = pl.coalesce(
        *(pl.when(refused == i).then(pl.col(f"refusal:{i}")) for i in range(len(mapping.refusals))),
        *(pl.when(refused.is_null() & (failed == i)).then(check.detail) for i, check in enumerate(checks)),
        pl.format("bond_id and date: expected one row, kept row {}", "kept_row"),
        pl.lit("no detail"),
    )
    return rows.select(
        "source_row",
        pl.col(RAW + "bond_id").alias("bond_id"),
        pl.col(RAW + "date").alias("date"),
        reason.alias("reason"),
        detail.alias("detail"),
    ).select(*QUARANTINE_SCHEMA)
