"""Descriptions of bonds that say their terms, such as T 4 1/2 02/15/36 Govt: ticker, coupon, maturity, market."""

from collections.abc import Sequence

import polars as pl

_DESCRIPTION = r"^\D.*?\s+(\d+(?:\.\d+)?(?:\s+\d/\d+)?)\s+(\d{1,2})/(\d{1,2})/(\d{2}|\d{4})\b"
"""Maturities are month, day and year."""
_MARKET = r"(?i)\s(Govt|Corp|Muni)$"
"""A terminal's names of its markets."""
_TYPES = {"govt": "treasury", "corp": "corporate", "muni": "municipal"}


def described(names: Sequence[str]) -> bool:
    """Say whether all of some texts are such descriptions."""
    return bool(len(names)) and bool(pl.Series(names, dtype=pl.String).str.contains(_DESCRIPTION).all())


def name_their_market(names: Sequence[str]) -> bool:
    """Say whether some of the descriptions end with a market."""
    return bool(pl.Series(names, dtype=pl.String).str.contains(_MARKET).any())


def maturity(text: pl.Expr) -> pl.Expr:
    """Return the maturity in a description as an ISO date in text; null where there is none."""
    parts = text.str.extract_groups(_DESCRIPTION).struct
    year = parts.field("4").str.replace(r"^(\d\d)$", "20$1")
    month, day = (parts.field(field).str.zfill(2) for field in ("2", "3"))
    return pl.concat_str(year, month, day, separator="-")


def coupon(text: pl.Expr) -> pl.Expr:
    """Return the coupon in a description as it is written, percent."""
    return text.str.extract(_DESCRIPTION, 1)


def bond_type(text: pl.Expr) -> pl.Expr:
    """Return the type of bond that the market in a description tells; null where it names none."""
    market = text.str.extract(_MARKET, 1).str.to_lowercase()
    return market.replace_strict(_TYPES, default=None, return_dtype=pl.String)
