"""Reference prices of Japanese bonds from the Japan Securities Dealers Association: a file a day, without a header.

Columns, by their places: JSDA, Reference for Downloaded Reference Statistical Prices [Yields] for OTC Bond
Transactions Data: date, issue type, code, name, due date, coupon, average compound yield, average price, change,
month and day of interest. 99.999 and 999.99 are "none". Bonds accrue days / 365. The date is that of publication: the
business day after the quotes.
"""

import polars as pl

from richcheap.ingestion.mappings.base import Refusal, SourceMapping

_DATE, _KIND, _CODE, _NAME, _DUE, _COUPON, _YIELD, _PRICE = (f"column_{place}" for place in range(1, 9))
_TEXT = pl.col(_NAME).cast(pl.String).str.strip_chars()
_RATE = pl.col(_COUPON).cast(pl.Float64, strict=False)
_ZERO = (_RATE == 0.0) | (_RATE > 99.0)
_GOVERNMENT = pl.col(_KIND).cast(pl.Int32, strict=False).is_in([1, 2, 3])


def _given(column: str, none: float) -> pl.Expr:
    """Return a value as it stands, unless it is the sign for none."""
    return pl.when(pl.col(column).cast(pl.Float64, strict=False) < none).then(pl.col(column))


def _refusal(what: str, pattern: str) -> Refusal:
    detail = pl.format(f"name: expected a plain bond, got '{{}}' ({what})", _NAME)
    return Refusal("unsupported_instrument", _TEXT.str.contains(pattern), detail)


MAPPING = SourceMapping(
    name="jsda",
    requires=(_DATE, _KIND, _CODE, _NAME, _DUE, _COUPON, _YIELD, _PRICE),
    matches=pl.col(_DATE).str.contains(r"^\d{8}$") & pl.col(_CODE).str.contains(r"^\d{9}$")
    & pl.col(_DUE).str.contains(r"^\d{8}$"),
    expressions={
        "bond_id": pl.col(_CODE),
        "date": pl.col(_DATE),
        "clean_price": _given(_PRICE, 999.0),
        "yield": _given(_YIELD, 99.999),
        "maturity_date": pl.col(_DUE),
        "coupon_rate": pl.when(_ZERO).then(pl.lit("0")).otherwise(pl.col(_COUPON)),
        "frequency": pl.when(_ZERO).then(pl.lit(0)).otherwise(pl.lit(2)),
        "day_count": pl.lit("ACT/365F"),
        "bond_type": pl.when(_GOVERNMENT).then(pl.lit("treasury"))
        .when(_ZERO).then(pl.lit("zero_coupon")).otherwise(pl.lit("corporate")),
        "issuer": pl.when(_GOVERNMENT).then(pl.lit("Japan")).otherwise(_TEXT.str.replace(r"\s*\(?第?\d+.*$", "")),
        "sector": pl.when(_GOVERNMENT).then(pl.lit("government")),
        "currency": pl.lit("JPY"),
        "price_kind": pl.lit("reference"),
    },
    refusals=(
        _refusal("inflation-linked", "物価|(?i:inflation)"),
        _refusal("floating rate", "変動|(?i:floating)"),
        _refusal("perpetual", "永久|(?i:perpetual)"),
        Refusal(
            "not_quoted",
            (pl.col(_PRICE).cast(pl.Float64, strict=False) >= 999.0).fill_null(False),
            pl.format("average price: expected a price per 100, got {} (none)", _PRICE),
        ),
    ),
    params={"header_row": 0, "coupon_unit": "percent", "yield_unit": "percent", "price_unit": "per_100"},
)  # fmt: skip
