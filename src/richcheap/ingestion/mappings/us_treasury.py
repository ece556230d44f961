"""Daily prices of US Treasury securities as the Bureau of the Fiscal Service publishes them.

Notes and bonds pay twice a year and accrue ACT/ACT (ICMA), bills are zero coupon, all settle on the next
business day of the US bond market (31 CFR part 356, appendix B). A price of 0 means "not quoted".
"""

import polars as pl

from richcheap.ingestion.mappings.base import Refusal, SourceMapping

_TYPE = pl.col("security_type").cast(pl.String).str.to_uppercase()
_BILL = _TYPE.str.contains(r"\bBILL\b")
_COUPON = _TYPE.str.contains(r"\b(?:NOTE|BOND)\b")


def _refusal(what: str, when: pl.Expr) -> Refusal:
    detail = pl.format(f"security_type: expected a bill, note or bond, got '{{}}' ({what})", "security_type")
    return Refusal("unsupported_instrument", when, detail)


MAPPING = SourceMapping(
    name="us_treasury",
    requires=("date", "cusip", "security_type", "rate", "maturity_date", "end_of_day"),
    expressions={
        "bond_id": pl.col("cusip"),
        "date": pl.col("date"),
        "clean_price": pl.col("end_of_day"),
        "maturity_date": pl.col("maturity_date"),
        "coupon_rate": pl.col("rate"),
        "frequency": pl.when(_BILL).then(pl.lit(0)).otherwise(pl.lit(2)),
        "day_count": pl.lit("ACT/ACT ICMA"),
        "bond_type": pl.lit("treasury"),
        "issuer": pl.lit("United States"),
        "sector": pl.lit("government"),
        "currency": pl.lit("USD"),
        "price_kind": pl.lit("quote"),
    },
    refusals=(
        _refusal("inflation-linked", _TYPE.str.contains(r"\bTIPS\b|INFLATION")),
        _refusal("floating rate", _TYPE.str.contains(r"\bFRN\b|FLOATING")),
        _refusal("unknown", ~(_BILL | _COUPON)),
        Refusal(
            "not_quoted",
            pl.col("end_of_day").cast(pl.Float64, strict=False) == 0.0,
            pl.format("end_of_day: expected a price per 100, got {} (not quoted)", "end_of_day"),
        ),
    ),
    settlement_lag_days=1,
    settlement_calendar="XSIF",
)
