"""Bring parsed columns to the contract's units and fill in its defaults, before any rule is tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from richcheap.bonds.conventions import DEFAULT_DAY_COUNT, DEFAULT_FREQUENCY
from richcheap.ingestion.call_schedules import with_next_call
from richcheap.ingestion.mappings.base import SourceMapping
from richcheap.ingestion.reading.aliases import EURO_LEGACY
from richcheap.ingestion.schema import BAD, PERCENT, PRICES
from richcheap.ingestion.settlement import settlement_dates
from richcheap.ingestion.units import UnitDecision
from richcheap.ingestion.validation.rules import OUT_OF_SCALE
from richcheap.ingestion.validation.validation_rules import EARLIEST, LATEST


@dataclass(frozen=True)
class Options:
    """How a file is read; see `richcheap.ingestion.params.DataParams` for units.

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
        As there.
    """

    columns: Mapping[str, str]
    default_currency: str
    settlement_lag_days: int | None
    settlement_calendar: str | None
    date_format: str
    coupon_unit: str
    yield_unit: str


def convert_units(frame: pl.DataFrame, decisions: Sequence[UnitDecision]) -> pl.DataFrame:
    """Bring rates to decimals and prices to per 100."""
    converted = []
    for decision in decisions:
        value = pl.col(decision.column)
        is_decimal = pl.col(PERCENT + decision.column) if decision.unit == "percent" else pl.lit(False)
        converted.append(pl.when(is_decimal).then(value).otherwise(decision.convert(value)).alias(decision.column))
    return frame.with_columns(converted)


def replaced_currencies(frame: pl.DataFrame) -> dict[str, int]:
    """Count the rows in each currency that the euro has replaced."""
    upper = frame["currency"].str.to_uppercase()
    counts = upper.filter(upper.is_in(EURO_LEGACY)).value_counts().sort("currency")
    return dict(counts.iter_rows())


def with_defaults(frame: pl.DataFrame, mapping: SourceMapping, options: Options) -> pl.DataFrame:
    """Fill in what the contract lets a file leave out; a value that could not be read stays null."""
    col = pl.col
    lag = mapping.settlement_lag_days if options.settlement_lag_days is None else options.settlement_lag_days
    calendar = options.settlement_calendar or mapping.settlement_calendar
    # A calendar's holidays need not be built for years that are refused anyway.
    sane = pl.when(col("date").is_between(EARLIEST, LATEST)).then(col("date"))
    trade = frame.select(sane.alias("date"))["date"]
    upper = col("currency").str.to_uppercase()
    is_zero = (col("bond_type") == "zero_coupon") | (col("frequency") == 0)
    frame = frame.with_columns(
        settlement_dates(trade, lag, calendar).alias("default_settlement"),
        pl.when(upper.is_in(EURO_LEGACY))
        .then(pl.lit("EUR"))
        .otherwise(upper.fill_null(options.default_currency))
        .alias("currency"),
        col("bond_type").fill_null(
            pl.when(col("frequency") == 0).then(pl.lit("zero_coupon")).otherwise(pl.lit("fixed_rate"))
        ),
        pl.when(col("coupon_rate").is_null() & is_zero & ~col(BAD + "coupon_rate"))
        .then(pl.lit(0.0))
        .otherwise(col("coupon_rate"))
        .alias("coupon_rate"),
        col("credit_rating").fill_null("NR"),
        col("callable").fill_null(~col(BAD + "callable") & col("call_schedule").is_not_null()),
        col("convertible").fill_null(False),
        col("face_value").fill_null(100.0),
    )
    settlement = pl.when(~col(BAD + "settlement_date")).then(pl.coalesce("settlement_date", "default_settlement"))
    by_type = {
        name: col("bond_type").replace_strict(table, default=None, return_dtype=dtype)
        for name, table, dtype in (
            ("frequency", dict(DEFAULT_FREQUENCY), pl.Int32()),
            ("day_count", dict(DEFAULT_DAY_COUNT), pl.String()),
        )
    }
    frame = frame.with_columns(
        settlement.alias("settlement_date"),
        *(col(name).fill_null(default) for name, default in by_type.items()),
        pl.when(col("bond_type") == "floating_rate").then(col("quoted_margin")).alias("quoted_margin"),
    )
    return with_next_call(frame)


def mark_out_of_scale(frame: pl.DataFrame, usual: pl.DataFrame) -> pl.DataFrame:
    """Mark coupons that are 100 times, or a hundredth of, the bond's median: one row in another unit.

    Parameters
    ----------
    frame : DataFrame
        With ``bond_id`` and ``coupon_rate``.
    usual : DataFrame
        ``bond_id`` and ``usual``, the median coupon of bonds whose coupons differ that much; no other need be known.
    """
    if usual.is_empty():
        return frame.with_columns(pl.lit(False).alias(OUT_OF_SCALE))
    ratio = pl.col("coupon_rate") / pl.col("usual")
    off = ((ratio - 100.0).abs() < 1e-6) | ((ratio - 0.01).abs() < 1e-10)
    return (
        frame.join(usual, on="bond_id", how="left", maintain_order="left")
        .with_columns((off & (pl.col("coupon_rate") > 0.0)).fill_null(False).alias(OUT_OF_SCALE))
        .drop("usual")
    )


def one_price(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep the first of clean price, dirty price and yield that a row holds; ``observed`` says which."""
    observed = pl.coalesce(pl.when(pl.col(name).is_not_null()).then(pl.lit(name)) for name in PRICES)
    return frame.with_columns(observed.alias("observed")).with_columns(
        pl.when(pl.col("observed") == name).then(pl.col(name)).alias(name) for name in PRICES
    )
