"""Closing prices of gilts: Tradeweb's FTSE Gilt Closing Prices, which the UK's DMO publishes for reference.

Columns: Tradeweb, FTSE Gilt Closing Prices, and the DMO's Gilt Reference Prices before them; prices and yields: DMO,
Formulae for Calculating Gilt Prices from Yields. Bills and strips have no coupon; index-linked gilts are quoted
without their index ratio.
"""

import polars as pl

from richcheap.ingestion.mappings.base import Refusal, SourceMapping, text

_TYPE = text("Type")
_ZERO = _TYPE.str.contains("BILL|STRIP")
_YIELD = pl.col("Yield").cast(pl.Float64, strict=False)
_COUPON = pl.col("Coupon").cast(pl.String).str.strip_chars()

MAPPING = SourceMapping(
    name="tradeweb_gilts",
    requires=("Gilt Name", "Close of Business Date", "ISIN", "Type", "Coupon", "Maturity", "Clean Price"),
    optional=("Dirty Price", "Yield", "Mod Duration", "Accrued Interest"),
    expressions={
        "bond_id": pl.col("ISIN"),
        "date": pl.col("Close of Business Date"),
        "clean_price": pl.col("Clean Price"),
        "dirty_price": pl.col("Dirty Price"),
        # A strip's is compounded twice a year, ours of a bond without coupons once.
        "yield": pl.when(_TYPE.str.contains("STRIP") & _YIELD.is_not_null())
        .then((100.0 * ((1.0 + _YIELD / 200.0) ** 2 - 1.0)).cast(pl.String))
        .otherwise(pl.col("Yield").cast(pl.String)),
        "accrued_interest": pl.col("Accrued Interest"),
        "modified_duration": pl.col("Mod Duration"),
        "maturity_date": pl.col("Maturity"),
        "coupon_rate": pl.when(~_ZERO).then(_COUPON),
        "frequency": pl.when(_ZERO).then(pl.lit(0)).otherwise(pl.lit(2)),
        "day_count": pl.lit("ACT/ACT ICMA"),
        "bond_type": pl.lit("treasury"),
        "issuer": pl.lit("United Kingdom"),
        "sector": pl.lit("government"),
        "currency": pl.lit("GBP"),
        "price_kind": pl.lit("quote"),
    },
    refusals=(
        Refusal(
            "unsupported_instrument",
            _TYPE.str.contains("INDEX|LINK"),
            pl.format("Type: expected a conventional gilt, a bill or a strip, got '{}' (inflation-linked)", "Type"),
        ),
    ),
    settlement_lag_days=1,
    params={"date_format": "%d/%m/%Y"},
)
