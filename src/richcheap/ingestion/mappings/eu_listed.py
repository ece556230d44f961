"""Closes of bonds listed on Borsa Italiana (MOT, EuroTLX), with ratings.

The file has no column for the kind of instrument, so the description is read for it. The patterns were found
by reading every description and by recomputing the file's own yield from price, coupon and maturity: every
bond whose yield does not come out as a plain bond's carries one of these marks, or is a zero coupon that
redeems far above 100 (which the plausibility of its yield finds). All settle on the second TARGET business day and
accrue ACT/ACT (ICMA), the market rule for the euro bonds that dominate the file (ICMA rule 251).
"""

import polars as pl

from richcheap.ingestion.mappings.base import Refusal, SourceMapping

_TEXT = pl.col("description").cast(pl.String).str.to_uppercase()
_ISSUER = pl.col("issuer_code").cast(pl.String)
_CURRENCY = pl.col("currency").cast(pl.String).str.to_uppercase()
_SP = pl.col("rating_sp").cast(pl.String).str.strip_chars()
_RATING = pl.coalesce(
    pl.when(_SP.str.len_chars() > 0, _SP != "NR").then(_SP), pl.col("rating_moodys").cast(pl.String), _SP
)
_PER_YEAR = pl.col("coupons_per_year")
_ZERO = _PER_YEAR == 0
_SPECULATIVE = _RATING.str.contains(r"^(?:B|BB|CC|CCC)[+-]?$|^[CD]$|^(?:Ba|B|Caa)[1-3]$|^Ca$")

_HOME = {"GOV_US": "USD", "GOV_GB": "GBP", "GOV_UK": "GBP", "GOV_AU": "AUD", "GOV_NO": "NOK", "GOV_SE": "SEK"}
_EURO = (
    *("AT", "BE", "BG", "CY", "DE", "EE", "ES", "FI", "FR", "GR", "HR"),
    *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PT", "SI", "SK"),
)
_OWN_CURRENCY = _ISSUER.replace_strict(
    {**_HOME, **{f"GOV_{country}": "EUR" for country in _EURO}}, default=None, return_dtype=pl.String
)
_GOVERNMENT = _ISSUER.str.starts_with("GOV_")
_SUPRANATIONAL = _ISSUER.str.starts_with("SOV_")


def _refusal(what: str, pattern: str) -> Refusal:
    detail = pl.format(f"description: expected a plain bond, got '{{}}' ({what})", "description")
    return Refusal("unsupported_instrument", _TEXT.str.contains(pattern), detail)


MAPPING = SourceMapping(
    name="eu_listed",
    requires=(
        "isin", "description", "maturity_date", "currency", "issuer_code", "rating_sp", "rating_moodys", "date",
        "price_type", "price_clean", "volume_nominal", "coupon_rate", "coupons_per_year",
    ),
    expressions={
        "bond_id": pl.col("isin"),
        "date": pl.col("date"),
        "clean_price": pl.col("price_clean"),
        "maturity_date": pl.col("maturity_date"),
        "coupon_rate": pl.col("coupon_rate"),
        "frequency": _PER_YEAR,
        "day_count": pl.lit("ACT/ACT ICMA"),
        # Only a government's debt in its own currency can carry that currency's benchmark curve.
        "bond_type": pl.when(_GOVERNMENT & (_OWN_CURRENCY == _CURRENCY)).then(pl.lit("treasury"))
        .when(_ZERO).then(pl.lit("zero_coupon"))
        .when(_GOVERNMENT).then(pl.lit("foreign_sovereign"))
        .when(_SUPRANATIONAL).then(pl.lit("supranational"))
        .when(_SPECULATIVE).then(pl.lit("high_yield"))
        .otherwise(pl.lit("corporate")),
        "credit_rating": _RATING,
        "issuer": pl.col("issuer_code"),
        "sector": pl.when(_GOVERNMENT).then(pl.lit("government"))
        .when(_SUPRANATIONAL).then(pl.lit("supranational")),
        "currency": _CURRENCY,
        "callable": _TEXT.str.contains(r"\bCALL(?:ABLE)?\b") & ~_TEXT.str.contains("NO CALL"),
        "convertible": _TEXT.str.contains(r"\bCONV(?:ERT|\b)"),
        "volume": pl.col("volume_nominal"),
        "price_kind": pl.col("price_type").cast(pl.String).replace({"LP": "trade", "RP": "reference"}),
    },
    refusals=(
        _refusal(
            "inflation-linked",
            r"\bBTPI\b|BTP ITALIA|INDICIZZ|INFLA|\bOATE?I\b|HICP|\bCPI\b|\bI/L\b|\bINDEX|LINKE[DR]",
        ),
        _refusal("fixed-to-floating", r"\bTV\W+TF\b|\bTF\W+TV\b|MIXED|\bMISTO\b|FIX(?:ED)? TO FLOAT"),
        _refusal("floating rate", r"\bTV\b|\bCCT|EURIBOR|FLOAT|VARIABILE|\bFRN\b"),
        _refusal("step coupon", r"\bSTEP\b|BTP FUTURA|BTP VALORE|BTP PIU"),
        _refusal("perpetual", r"\bPERP"),
        _refusal("coupon paid at maturity", r"\bCUMULATIVE\b"),
        Refusal(
            "unsupported_instrument",
            _PER_YEAR == -1,
            pl.format("coupons_per_year: expected 0, 1, 2, 4 or 12, got {} (irregular coupons)", _PER_YEAR),
        ),
        Refusal(
            "not_quoted",
            pl.col("price_clean").cast(pl.Float64, strict=False) == 0.0,
            pl.format("price_clean: expected a price per 100, got {} (not quoted)", "price_clean"),
        ),
    ),
    settlement_lag_days=2,
    settlement_calendar="XECB",
)  # fmt: skip
