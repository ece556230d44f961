"""Reasons of confidence in words, and the cap on prices beyond what has been seen."""

from datetime import date
from typing import Any

import polars as pl

from richcheap.pricing.reasons import Seen, with_reasons

SEEN = Seen(
    longest={"USD": date(2040, 1, 1)},
    buckets={("USD", "A"), ("USD", "GOV")},
    issuers={"Acme"},
    until=date(2024, 3, 1),
    learned_until=date(2023, 12, 1),
)


def quote(**changes: Any) -> pl.DataFrame:
    usual = {
        "currency": "USD", "rating_bucket": "A", "issuer": "Acme", "maturity_date": date(2030, 1, 1), "printed": False,
        "days_since_last": 4, "f_prints": 12.0, "rating_level_count": 6.6, "issuer_level_count": 2.0,
        "source": "fitted", "half_width": 0.3, "confidence": 8,
    }  # fmt: skip
    schema = {"days_since_last": pl.Int32, "issuer": pl.String}
    return pl.DataFrame({name: [value] for name, value in {**usual, **changes}.items()}, schema_overrides=schema)


def said(as_of: date = SEEN.until, **changes: Any) -> tuple[int, str]:
    found = with_reasons(quote(**changes), SEEN, as_of, 0.2)
    return found["confidence"][0], found["confidence_reasons"][0]


def test_what_is_known_of_a_bond_is_said() -> None:
    score, reasons = said()
    assert score == 8
    assert reasons.split("; ") == [
        "prints before: 12, the last 4 days ago",
        "peers of its rating: 7",
        "of its issuer: 2",
        "curve fitted to governments",
        "interval 1.5 times the median",
    ]
    assert "a print on the date, left out of its own price" in said(printed=True)[1]
    assert "no print before" in said(days_since_last=None)[1]
    assert "issuer never seen" in said(issuer="Nobody", issuer_level_count=0.0)[1]
    assert "of its issuer: 0" in said(issuer=None, issuer_level_count=0.0)[1]


def test_beyond_what_has_been_seen_the_score_is_capped() -> None:
    assert said(maturity_date=date(2041, 1, 1))[0] == 3
    assert "extrapolated: no bond seen matures after 2040-01-01" in said(maturity_date=date(2041, 1, 1))[1]
    assert said(rating_bucket="B")[0] == 3
    assert said(rating_bucket="B", confidence=2)[0] == 2
    assert "extrapolated: no bond rated B seen" in said(rating_bucket="B")[1]


def test_the_age_of_the_market_is_said() -> None:
    assert "no price of the date, the last 5 business days before" in said(date(2024, 3, 8))[1]
    assert "champion chosen with prices of this date" in said(date(2023, 11, 1))[1]
    assert "champion chosen" not in said()[1]
