"""From a source's table to accepted observations and a quarantine: every row ends in one of the two."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from stages.ingestion.mappings.base import SourceMapping, canonical_frame
from stages.ingestion.parsing import BAD, PERCENT, parse
from stages.ingestion.rules import OUT_OF_SCALE, RAW, Limits, Rule, first_failure, rules
from stages.ingestion.schema import INPUT_NAMES, OBSERVATION_SCHEMA, PRICES, QUARANTINE_SCHEMA, names_of
from stages.ingestion.settlement import settlement_dates
from stages.ingestion.spellings import EURO_LEGACY
from stages.ingestion.units import UnitDecision, price_unit, rate_unit

DEFAULT_DAY_COUNTS = {
    "treasury": "ACT/ACT ICMA",
    "zero_coupon": "ACT/365F",
    "floating_rate": "ACT/360",
    "corporate": "30/360",
    "high_yield": "30/360",
    "fixed_rate": "30/360",
}


@dataclass(frozen=True)
class Options:
    """How a file is read; see ``data`` in params.yaml for units.

    Parameters
    ----------
    columns : dict of str to str
        Canonical name to source column.
    default_currency : str
        ISO code.
    settlement_lag_days : int, optional
        None for the mapping's.
    settlement_calendar : str, optional
        None for the mapping's.
    date_format, coupon_unit, yield_unit : str
        As in params.yaml.
    """

    columns: Mapping[str, str]
    default_currency: str
    settlement_lag_days: int | None
    settlement_calendar: str | None
    date_format: str
    coupon_unit: str
    yield_unit: str


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
    frame, units = _convert_units(frame, options)
    replaced = _replaced_currencies(frame)
    frame = _with_defaults(frame, mapping, options)
    frame = _one_price(_mark_out_of_scale(frame))
    checks = rules(limits)
    frame = frame.with_columns(first_failure(checks).alias("failed"))
    frame = _mark_duplicates(frame)
    refused = (
        pl.col("refused").is_not_null() | pl.col("failed").is_not_null() | pl.col("kept_row").is_not_null()
    )
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
        (pl.col(BAD + name).any() & pl.col(name).is_null().all()).fill_null(False).alias(name)
        for name in names
    )
    return tuple(name for name in names if flags[name][0])


def _convert_units(frame: pl.DataFrame, options: Options) -> tuple[pl.DataFrame, tuple[UnitDecision, ...]]:
    """Bring rates to decimals and prices to per 100."""
    taken = frame.filter(pl.col("refused").is_null())
    decisions: list[UnitDecision] = []
    for name, stated in (("coupon_rate", options.coupon_unit), ("yield", options.yield_unit)):
        if taken[name].null_count() < taken.height:
            plain = taken.select(pl.when(~pl.col(PERCENT + name)).then(pl.col(name)))[name]
            decisions.append(rate_unit(name, plain, stated))
    for name in ("clean_price", "dirty_price", "call_price"):
        if taken[name].null_count() < taken.height:
            decisions.append(price_unit(name, taken[name]))
    scaled = []
    for decision in decisions:
        if decision.factor != 1.0:
            value = pl.col(decision.column)
            # Dividing keeps 4.5 % at the double nearest to 0.045; multiplying by 0.01 does not.
            other = value / 100.0 if decision.factor < 1.0 else value * 100.0
            signed = pl.col(PERCENT + decision.column) if decision.factor < 1.0 else pl.lit(False)
            scaled.append(pl.when(signed).then(value).otherwise(other).alias(decision.column))
    return frame.with_columns(scaled), tuple(decisions)


def _replaced_currencies(frame: pl.DataFrame) -> dict[str, int]:
    upper = frame["currency"].str.to_uppercase()
    counts = upper.filter(upper.is_in(list(EURO_LEGACY))).value_counts().sort("currency")
    return dict(counts.iter_rows())


def _with_defaults(frame: pl.DataFrame, mapping: SourceMapping, options: Options) -> pl.DataFrame:
    col = pl.col
    lag = mapping.settlement_lag_days if options.settlement_lag_days is None else options.settlement_lag_days
    calendar = options.settlement_calendar or mapping.settlement_calendar
    # The year range keeps a calendar of holidays from being built for a date that is refused anyway.
    sane = (
        frame["date"].is_between(pl.date(1900, 1, 1), pl.date(2299, 12, 31))
        if frame.height
        else frame["date"]
    )
    trade = frame.select(pl.when(sane).then(col("date")))["date"] if frame.height else frame["date"]
    zero_type = col("bond_type") == "zero_coupon"
    frame = frame.with_columns(
        settlement_dates(trade, lag, calendar).alias("default_settlement"),
        pl.when(col("currency").str.to_uppercase().is_in(list(EURO_LEGACY)))
        .then(pl.lit("EUR"))
        .otherwise(col("currency").str.to_uppercase().fill_null(options.default_currency))
        .alias("currency"),
        col("frequency").fill_null(pl.when(zero_type).then(0).otherwise(2)).cast(pl.Int32),
        col("coupon_rate").fill_null(
            pl.when(zero_type.fill_null(False) & ~col(BAD + "coupon_rate")).then(pl.lit(0.0))
        ),
        col("credit_rating").fill_null("NR"),
        col("callable").fill_null(False),
        col("convertible").fill_null(False),
        col("face_value").fill_null(100.0),
    )
    settlement = pl.when(~col(BAD + "settlement_date")).then(
        pl.coalesce("settlement_date", "default_settlement")
    )
    frame = frame.with_columns(
        settlement.alias("settlement_date"),
        col("bond_type").fill_null(
            pl.when(col("frequency") == 0).then(pl.lit("zero_coupon")).otherwise(pl.lit("fixed_rate"))
        ),
    )
    by_type = col("bond_type").replace_strict(DEFAULT_DAY_COUNTS, default=None, return_dtype=pl.String)
    default = pl.when(col("frequency") == 0).then(pl.lit("ACT/365F")).otherwise(by_type)
    return frame.with_columns(col("day_count").fill_null(default))


def _mark_out_of_scale(frame: pl.DataFrame) -> pl.DataFrame:
    """Mark coupons that are 100 times, or a hundredth of, the bond's median: a unit that slipped in one row."""
    taken = frame.filter(
        pl.col("refused").is_null(), pl.col("coupon_rate") > 0.0, pl.col("bond_id").is_not_null()
    )
    table = taken.group_by("bond_id").agg(
        pl.col("coupon_rate").min().alias("least"),
        pl.col("coupon_rate").max().alias("most"),
        pl.col("coupon_rate").median().alias("usual"),
    )
    table = table.filter(pl.col("most") > 50.0 * pl.col("least")).select("bond_id", "usual")
    if table.is_empty():
        return frame.with_columns(pl.lit(False).alias(OUT_OF_SCALE))
    ratio = pl.col("coupon_rate") / pl.col("usual")
    off = ((ratio - 100.0).abs() < 1e-6) | ((ratio - 0.01).abs() < 1e-10)
    return (
        frame.join(table, on="bond_id", how="left", maintain_order="left")
        .with_columns(off.fill_null(False).alias(OUT_OF_SCALE))
        .drop("usual")
    )


def _one_price(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep the first of clean price, dirty price and yield that a row holds, and say which in ``observed``."""
    observed = pl.coalesce(pl.when(pl.col(name).is_not_null()).then(pl.lit(name)) for name in PRICES)
    return frame.with_columns(observed.alias("observed")).with_columns(
        pl.when(pl.col("observed") == name).then(pl.col(name)).alias(name) for name in PRICES
    )


def _mark_duplicates(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep the last of the passing rows of one bond and date: corrections and closes come after what they mend."""
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
    held = raw.select(pl.col(INPUT_NAMES).cast(pl.String).name.prefix(RAW))[at]
    rows = pl.concat([bad, held], how="horizontal")
    from_source = source[at].select(
        pl.lit(0).alias("_"),
        *(refusal.detail.alias(f"refusal:{i}") for i, refusal in enumerate(mapping.refusals)),
    )
    rows = pl.concat([rows, from_source], how="horizontal")
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
