"""Bring parsed columns to the contract's units and fill in its defaults, before any rule is tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from richcheap.bonds.conventions import (
    CURRENCY_OF,
    DEFAULT_DAY_COUNT,
    DEFAULT_FREQUENCY,
    FOREIGN_SOVEREIGN,
    GOVERNMENT,
    MARKETS,
    MONEY_MARKET_365,
    WEEKDAYS,
    ZERO_COUPON,
)
from richcheap.bonds.terms import FLOATING_RATE
from richcheap.ingestion.call_schedules import with_next_call
from richcheap.ingestion.files.dialect import FileFormat
from richcheap.ingestion.mappings.base import SourceMapping
from richcheap.ingestion.reading.aliases import CALLABLE, CONVERTIBLE, EURO_LEGACY, UNSUPPORTED
from richcheap.ingestion.reading.notation import Stated
from richcheap.ingestion.reading.numbers import Decimal
from richcheap.ingestion.schema import BAD, BEYOND_COUPON, COUNTRY, ISIN, PERCENT, PRICES
from richcheap.ingestion.settlement import settlement_dates
from richcheap.ingestion.units import UnitDecision
from richcheap.ingestion.validation.rules import OUT_OF_SCALE
from richcheap.ingestion.validation.validation_rules import EARLIEST, LATEST

NEXT_DAY = 1
"""Business days from trade to settlement where neither params nor mapping nor market say."""

SLACK_POINTS = 1.0
"""Points that rounding, or a long first period, adds to a year's coupon at most."""

AUTO = "auto"
"""Of a key: to be told from the source."""


@dataclass(frozen=True)
class Options:
    """How a source is read: the keys of ``data`` in the params of the same names, where their units stand.

    Parameters
    ----------
    columns, terms_columns : dict of str to str or None
    default_currency, coupon_unit, yield_unit, price_unit, decimal, encoding, separator, layout, cells : str
    settlement_lag_days : int, optional
    settlement_calendar, sheet, terms : str, optional
    header_row : int, optional
    date_format : str or dict of str to str
    constants : dict of str to str
    values : dict of str to dict of str to str
    """

    columns: Mapping[str, str | None]
    default_currency: str
    settlement_lag_days: int | None
    settlement_calendar: str | None
    date_format: str | Mapping[str, str]
    coupon_unit: str
    yield_unit: str
    price_unit: str = AUTO
    decimal: str = AUTO
    encoding: str = AUTO
    separator: str = AUTO
    header_row: int | None = None
    sheet: str | None = None
    layout: str = AUTO
    cells: str = "clean_price"
    terms: str | None = None
    terms_columns: Mapping[str, str | None] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def file_format(self) -> FileFormat:
        """What is said of how the files are written."""
        encoding, separator = (None if one == AUTO else one for one in (self.encoding, self.separator))
        return FileFormat(encoding, separator, self.header_row, self.sheet)

    @property
    def stated(self) -> Stated:
        """What is said of how dates and numbers are written."""
        decimal: Decimal | None = None if self.decimal == AUTO else "," if self.decimal == "," else "."
        in_32nds = self.price_unit == "32nds"
        if isinstance(self.date_format, str):
            return Stated(None if self.date_format == AUTO else self.date_format, {}, decimal, in_32nds)
        return Stated(None, self.date_format, decimal, in_32nds)


def convert_units(frame: pl.DataFrame, decisions: Sequence[UnitDecision]) -> pl.DataFrame:
    """Bring rates to decimals and prices to per 100."""
    converted = []
    for decision in decisions:
        value = pl.col(decision.column)
        is_decimal = pl.col(PERCENT + decision.column) if decision.unit == "percent" else pl.lit(False)
        converted.append(pl.when(is_decimal).then(value).otherwise(decision.convert(value)).alias(decision.column))
    return frame.with_columns(converted)


def with_kind(frame: pl.DataFrame) -> pl.DataFrame:
    """Take from how coupons are set and how a bond is paid back what its type does not say.

    A floating rate makes a bond of any issuer a floating-rate bond; for all else the stated type goes first.
    """
    kind, coupons, payback = pl.col("bond_type"), pl.col("coupon_type"), pl.col("maturity_type")
    if frame["coupon_type"].null_count() < frame.height:
        supported = pl.when(~coupons.str.starts_with(UNSUPPORTED)).then(coupons)
        frame = frame.with_columns(
            pl.when(coupons == FLOATING_RATE).then(coupons).otherwise(pl.coalesce(kind, supported)).alias("bond_type"),
            pl.when(coupons == ZERO_COUPON, pl.col("coupon_rate").is_null(), ~pl.col(BAD + "coupon_rate"))
            .then(0.0)
            .otherwise("coupon_rate")
            .alias("coupon_rate"),
        )
    if frame["maturity_type"].null_count() < frame.height:
        said = {"callable": payback == CALLABLE, "convertible": payback == CONVERTIBLE}
        frame = frame.with_columns(
            pl.coalesce(name, pl.when(is_so).then(True)).alias(name) for name, is_so in said.items()
        )
    return frame


ASSUMED = "assumed:"
"""Prefix of the Boolean column that says: the file does not say, and a convention was taken."""

ASSUMABLE = ("currency", "bond_type", "frequency", "day_count", "settlement_date")


def mark_assumed(frame: pl.DataFrame) -> pl.DataFrame:
    """Mark what the file does not say, before `with_defaults` takes a convention for it."""
    return frame.with_columns(pl.col(name).is_null().alias(ASSUMED + name) for name in ASSUMABLE)


def replaced_currencies(frame: pl.DataFrame) -> dict[str, int]:
    """Count the rows in each currency that the euro has replaced."""
    upper = frame["currency"].str.to_uppercase()
    counts = upper.filter(upper.is_in(EURO_LEGACY)).value_counts().sort("currency")
    return dict(counts.iter_rows())


def with_defaults(frame: pl.DataFrame, mapping: SourceMapping, options: Options) -> pl.DataFrame:
    """Fill in what the contract lets a file leave out; a value that could not be read stays null."""
    col = pl.col
    upper = col("currency").str.to_uppercase()
    is_zero = (col("bond_type") == "zero_coupon") | (col("frequency") == 0)
    frame = frame.with_columns(
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
    frame = with_foreign_sovereigns(frame)
    market = market_conventions(frame)
    frame = _with_settlement(frame, mapping, options, market)
    frame = frame.with_columns(
        col("frequency").fill_null(market["frequency"]),
        col("day_count").fill_null(market["day_count_name"]),
        pl.when(col("bond_type") == "floating_rate").then(col("quoted_margin")).alias("quoted_margin"),
    )
    return with_next_call(frame)


def with_foreign_sovereigns(frame: pl.DataFrame) -> pl.DataFrame:
    """Take governments' bonds in a currency that is not their own for what they are, so that none enters its curve.

    The country is the stated one or that of the ISIN. An international ISIN (XS) says nothing of a country, but no
    government outside the euro area gives one to its debt at home. What is changed is marked as assumed.
    """
    country = _country(frame)
    home = country.replace_strict(CURRENCY_OF, default=None, return_dtype=pl.String)
    abroad = pl.coalesce(home != pl.col("currency"), (country == "XS") & (pl.col("currency") != "EUR"))
    foreign = (pl.col("bond_type") == GOVERNMENT) & abroad.fill_null(value=False)
    return frame.with_columns(
        pl.when(foreign).then(pl.lit(FOREIGN_SOVEREIGN)).otherwise("bond_type").alias("bond_type"),
        (foreign | pl.col(ASSUMED + "bond_type")).alias(ASSUMED + "bond_type"),
    )


def _country(frame: pl.DataFrame) -> pl.Expr:
    """Return the code of each row's country: the stated one, or that of the ISIN; null where there is neither."""
    name = pl.col("bond_id")
    stated = pl.col(COUNTRY) if COUNTRY in frame.columns else pl.lit(None, dtype=pl.String)
    stated = pl.when(stated.str.len_bytes() == 2).then(stated.str.to_uppercase())
    return pl.coalesce(stated, pl.when(name.str.contains(ISIN)).then(name.str.slice(0, 2)))


def market_conventions(frame: pl.DataFrame) -> pl.DataFrame:
    """Return what each row's market has by convention, from its currency, its type and the country of its issuer.

    Returns
    -------
    DataFrame
        ``frequency``, ``day_count_name``, ``settlement_days`` and ``calendar`` (the last two null of a market that is
        not in the table).
    """
    known = _country(frame)
    country = pl.when(known.is_in(_COUNTRIES)).then(known)
    keys = frame.select("currency", "bond_type", country.alias("country"))
    found = keys.unique().with_columns(_by_market(name).alias(name) for name in _ATTRIBUTES)
    return keys.join(found, on=keys.columns, how="left", nulls_equal=True, maintain_order="left")


def _by_market(attribute: str) -> pl.Expr:
    bond_type = pl.col("bond_type")
    kinds = {GOVERNMENT: bond_type == GOVERNMENT, ZERO_COUPON: bond_type == ZERO_COUPON}
    others = ~bond_type.is_in([*kinds])
    found = [
        pl.when(
            pl.col("currency") == market.currency,
            kinds.get(market.kind, others),
            pl.lit(True) if market.country is None else pl.col("country") == market.country,
        ).then(pl.lit(getattr(market, attribute)))
        for market in sorted(MARKETS, key=lambda market: market.country is None)
    ]
    by_type = _BY_TYPE.get(attribute)
    if by_type is None:
        # Bills and strips settle as their government's bonds where the table has no line of theirs.
        governments = [
            pl.when(pl.col("currency") == market.currency, bond_type == ZERO_COUPON).then(
                pl.lit(getattr(market, attribute))
            )
            for market in MARKETS
            if market.kind == GOVERNMENT and market.country is None
        ]
        settled = pl.coalesce(*found, *governments)
        return settled.cast(_CALENDARS) if attribute == "calendar" else settled
    table, dtype = by_type
    floating = bond_type == FLOATING_RATE
    fixed: pl.Expr = pl.when(~floating).then(pl.coalesce(found))
    if attribute == "day_count_name":
        in_365 = floating & pl.col("currency").is_in(MONEY_MARKET_365)
        fixed = pl.coalesce(fixed, pl.when(in_365).then(pl.lit("ACT/365F")))
    return pl.coalesce(fixed.cast(dtype), bond_type.replace_strict(table, default=None, return_dtype=dtype))


_BY_TYPE: Mapping[str, tuple[Mapping[str, Any], pl.DataType]] = {
    "frequency": (DEFAULT_FREQUENCY, pl.Int32()),
    "day_count_name": (DEFAULT_DAY_COUNT, pl.String()),
}
_COUNTRIES = sorted(
    {
        market.country
        for market in MARKETS
        for other in MARKETS
        if market.country is not None
        and (other.currency, other.kind, other.country) == (market.currency, market.kind, None)
        and other._replace(country=market.country, source=market.source) != market
    }
)
"""Countries whose bonds have other conventions than their currency's."""
_CALENDARS = pl.Enum(sorted({WEEKDAYS, *(market.calendar for market in MARKETS)}))
_ATTRIBUTES = (*_BY_TYPE, "settlement_days", "calendar")


def _with_settlement(
    frame: pl.DataFrame, mapping: SourceMapping, options: Options, market: pl.DataFrame
) -> pl.DataFrame:
    """Fill in settlement dates: by params, else by the mapping, else by the market, else one business day later."""
    stated = mapping.settlement_lag_days if options.settlement_lag_days is None else options.settlement_lag_days
    calendar = options.settlement_calendar or mapping.settlement_calendar
    needed = frame["settlement_date"].is_null() & ~frame[BAD + "settlement_date"]
    if not needed.any():
        return frame
    # A calendar's holidays need not be built for years that are refused anyway.
    trade = pl.when(pl.col("date").is_between(EARLIEST, LATEST)).then("date").alias("date")
    keys = market.with_columns(frame.select(trade)["date"]).select(
        "date",
        (pl.col("settlement_days").fill_null(NEXT_DAY) if stated is None else pl.lit(stated))
        .cast(pl.Int32)
        .alias("lag"),
        (pl.col("calendar").fill_null(WEEKDAYS) if calendar is None else pl.lit(WEEKDAYS, _CALENDARS)).alias(
            "calendar"
        ),
    )
    settled = [
        days.with_columns(settlement_dates(days["date"], lag, calendar or of).alias("settled"))
        for (lag, of), days in keys.filter(needed).unique().partition_by("lag", "calendar", as_dict=True).items()
    ]
    found = keys.join(pl.concat(settled), on=keys.columns, how="left", nulls_equal=True, maintain_order="left")
    return frame.with_columns(
        pl.when(~pl.col(BAD + "settlement_date"))
        .then(pl.coalesce("settlement_date", found["settled"]))
        .alias("settlement_date"),
    )


def with_mid(frame: pl.DataFrame) -> pl.DataFrame:
    """Take the middle of bid and ask where there is no price; it is a quote."""
    col = pl.col
    if frame["bid_price"].null_count() == frame.height:
        return frame
    quoted = pl.all_horizontal(col(name).is_null() & ~col(BAD + name) for name in PRICES)
    mid = pl.when(quoted & (col("bid_price") > 0.0) & (col("ask_price") > 0.0)).then(
        (col("bid_price") + col("ask_price")) / 2.0
    )
    return frame.with_columns(
        pl.coalesce("clean_price", mid).alias("clean_price"),
        pl.when(mid.is_not_null())
        .then(pl.coalesce("price_kind", pl.lit("quote")))
        .otherwise("price_kind")
        .alias("price_kind"),
    )


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


def mark_beyond_coupon(frame: pl.DataFrame) -> pl.DataFrame:
    """Mark rows whose dirty price lies above the clean one by more than a year's coupon and `SLACK_POINTS`.

    No plain bond accrues that much. Index-linked bonds do, whose dirty price holds the index ratio.
    """
    if any(frame[name].null_count() == frame.height for name in ("clean_price", "dirty_price")):
        return frame.with_columns(pl.lit(False).alias(BEYOND_COUPON))
    accrued = pl.col("dirty_price") - pl.col("clean_price")
    beyond = accrued > 100.0 * pl.col("coupon_rate") + SLACK_POINTS
    return frame.with_columns(beyond.fill_null(False).alias(BEYOND_COUPON))


def one_price(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep the first of clean price, dirty price and yield that a row holds; ``observed`` says which."""
    observed = pl.coalesce(pl.when(pl.col(name).is_not_null()).then(pl.lit(name)) for name in PRICES)
    return frame.with_columns(observed.alias("observed")).with_columns(
        pl.when(pl.col("observed") == name).then(pl.col(name)).alias(name) for name in PRICES
    )
