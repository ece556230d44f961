"""Terms of bonds from Mergent FISD's table of issues, beside TRACE: a row for each complete CUSIP.

Columns as WRDS delivers ``fisd.fisd_mergedissue`` (Mergent FISD Data Dictionary). A variable coupon (V) may be
floating or stepped and its later rates stand elsewhere, so that it is not supported; ``principal_amt`` is the face of
one bond.
"""

import polars as pl

from richcheap.ingestion.mappings.base import SourceMapping, text

_TYPE = text("bond_type")
_FOREIGN = text("foreign_currency") == "Y"


def _known(column: str) -> pl.Expr:
    value = pl.col(column).cast(pl.String).str.strip_chars()
    return pl.when(value != "").then(value)


MAPPING = SourceMapping(
    name="fisd",
    requires=("complete_cusip", "maturity", "coupon"),
    optional=(
        "coupon_type", "interest_frequency", "day_count_basis", "dated_date", "offering_date", "first_interest_date",
        "bond_type", "principal_amt", "redeemable", "convertible", "perpetual", "asset_backed", "foreign_currency",
        "currency", "prospectus_issuer_name",
    ),
    expressions={
        "bond_id": pl.col("complete_cusip"),
        "maturity_date": pl.col("maturity"),
        "coupon_rate": pl.col("coupon"),
        "frequency": pl.when(text("coupon_type") == "Z").then(pl.lit("0")).otherwise(_known("interest_frequency")),
        "day_count": _known("day_count_basis"),
        "issue_date": pl.coalesce(_known("dated_date"), _known("offering_date")),
        "first_coupon_date": _known("first_interest_date"),
        "bond_type": pl.when(text("perpetual") == "Y").then(pl.lit("perpetual"))
        .when(text("asset_backed") == "Y").then(pl.lit("abs"))
        .when(_TYPE.str.contains("PIK")).then(pl.lit("pik"))
        .when(text("coupon_type") == "V").then(pl.lit("variable coupon"))
        .when(_TYPE.str.starts_with("UST") | _TYPE.is_in(["USBD", "USNT", "USBL", "USSP", "USSI"])).then(
            pl.when(_TYPE.is_in(["USBL", "USSP", "USSI"])).then(pl.lit("zero_coupon"))
            .when(_TYPE.str.contains("TIP|TII|UIP")).then(pl.lit("tips")).otherwise(pl.lit("treasury"))
        )
        .when(text("coupon_type") == "Z").then(pl.lit("zero_coupon"))
        .when(_TYPE.str.starts_with("C") | _TYPE.is_null()).then(pl.lit("corporate"))
        .otherwise(pl.lit("fixed_rate")),
        "callable": _known("redeemable"),
        "convertible": _known("convertible"),
        "face_value": _known("principal_amt"),
        "issuer": _known("prospectus_issuer_name"),
        "currency": pl.when(_FOREIGN).then(_known("currency")).otherwise(pl.lit("USD")),
    },
)  # fmt: skip
