"""Municipal trades from MSRB's Real-time Transaction Reporting System, its historical and academic files.

Columns: MSRB, Academic Historical Transaction Data Product Format. Municipals accrue 30/360 and pay twice a year
(MSRB Rule G-33); a blank coupon is a zero's. A par amount above five million is ``MM+`` until five days after the
trade.
"""

import polars as pl

from richcheap.ingestion.mappings.base import SourceMapping, text

_TYPE = text("trade_type_indicator")
_COUPON = pl.col("coupon").cast(pl.String).str.strip_chars()
_ZERO = (_COUPON.fill_null("") == "") | (_COUPON.cast(pl.Float64, strict=False) == 0.0)
_SETTLED = pl.col("settlement_date").cast(pl.String).str.strip_chars()
_CLOCK = pl.col("time_of_trade").cast(pl.String).str.strip_chars().str.zfill(6)

MAPPING = SourceMapping(
    name="msrb_rtrs",
    requires=(
        "cusip", "trade_type_indicator", "coupon", "maturity_date", "trade_date", "time_of_trade", "settlement_date",
        "par_traded", "dollar_price",
    ),
    optional=(
        "rtrs_control_number", "dated_date", "when_issued_indicator", "assumed_settlement_date", "yield",
        "weighted_price_indicator", "offer_price_takedown_indicator",
    ),
    expressions={
        "bond_id": pl.col("cusip"),
        "date": pl.col("trade_date"),
        "time": pl.when(_CLOCK.str.contains(r"^\d{6}$")).then(_CLOCK.str.replace(r"^(..)(..)(..)$", "$1:$2:$3"))
        .otherwise(pl.col("time_of_trade").cast(pl.String)),
        "settlement_date": pl.coalesce(
            pl.when(_SETTLED != "").then(_SETTLED), pl.col("assumed_settlement_date").cast(pl.String)
        ),
        "clean_price": pl.col("dollar_price"),
        "yield": pl.col("yield"),
        "maturity_date": pl.col("maturity_date"),
        "coupon_rate": _COUPON,
        "frequency": pl.when(_ZERO).then(pl.lit(0)).otherwise(pl.lit(2)),
        "day_count": pl.lit("30/360"),
        "issue_date": pl.col("dated_date"),
        "bond_type": pl.when(_ZERO).then(pl.lit("zero_coupon")).otherwise(pl.lit("fixed_rate")),
        "sector": pl.lit("municipal"),
        "currency": pl.lit("USD"),
        "volume": text("par_traded").replace({"MM+": "5000000"}),
        "trade_id": pl.col("rtrs_control_number"),
        "condition": pl.when(text("when_issued_indicator") == "Y").then(pl.lit("when_issued"))
        .when(text("weighted_price_indicator") == "Y").then(pl.lit("special_price"))
        .when(text("offer_price_takedown_indicator") == "Y").then(pl.lit("primary_market")),
        # P: a dealer buys from a customer, S: a customer buys from a dealer.
        "side": _TYPE.replace_strict(
            {"S": "buy", "P": "sell", "D": "interdealer"}, default=None, return_dtype=pl.String
        ),
        "price_kind": pl.lit("trade"),
    },
)  # fmt: skip
