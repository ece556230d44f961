"""Daily quotes of US Treasuries from CRSP's database, prices and issues in one table.

Columns and codes: CRSP, US Treasury Database Guide. ITYPE 1, 2, 5, 6 are bonds and notes, 3, 7 certificates, 4, 8
bills, 11, 12 inflation-indexed, 13 floating. TDNOMPRC is the middle of bid and ask, TDACCINT the accrued interest on
the quote's own day, TDYLD a yield a day, TDDURATN Macaulay's duration in days.
"""

import polars as pl

from richcheap.ingestion.mappings.base import Refusal, SourceMapping

_TYPE = pl.col("itype").cast(pl.String).str.strip_chars().str.replace(r"^(\d+)\.0$", "$1")
_YEARLY = 365.0 * pl.col("tdyld").cast(pl.Float64, strict=False)
_BILL = _TYPE.is_in(["4", "8"])


def _refusal(what: str, when: pl.Expr) -> Refusal:
    detail = pl.format(f"itype: expected a bill, note or bond, got '{{}}' ({what})", "itype")
    return Refusal("unsupported_instrument", when, detail)


MAPPING = SourceMapping(
    name="crsp_treasury",
    requires=("kytreasno", "caldt", "tdnomprc", "tmatdt", "tcouprt", "itype"),
    optional=("tdatdt", "tdaccint", "tdyld", "tfcpdt"),
    expressions={
        "bond_id": pl.col("kytreasno"),
        "date": pl.col("caldt"),
        "clean_price": pl.col("tdnomprc"),
        # Ours are compounded as the bond pays, a bill's once a year.
        "yield": pl.when(_BILL).then(_YEARLY.exp() - 1.0).otherwise(2.0 * ((_YEARLY / 2.0).exp() - 1.0)),
        "accrued_interest": pl.col("tdaccint"),
        "maturity_date": pl.col("tmatdt"),
        "coupon_rate": pl.col("tcouprt"),
        "frequency": pl.when(_BILL).then(pl.lit(0)).otherwise(pl.lit(2)),
        "day_count": pl.lit("ACT/ACT ICMA"),
        "issue_date": pl.col("tdatdt"),
        "first_coupon_date": pl.when(~_BILL).then(pl.col("tfcpdt")),
        "bond_type": pl.lit("treasury"),
        "issuer": pl.lit("United States"),
        "sector": pl.lit("government"),
        "currency": pl.lit("USD"),
        "price_kind": pl.lit("quote"),
    },
    refusals=(
        _refusal("inflation-linked", _TYPE.is_in(["11", "12"])),
        _refusal("floating rate", _TYPE == "13"),
        _refusal("unknown", ~_TYPE.is_in(["1", "2", "3", "4", "5", "6", "7", "8"]).fill_null(False)),
    ),
    settlement_lag_days=0,
    params={"coupon_unit": "percent", "yield_unit": "decimal"},
)
