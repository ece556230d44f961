"""One bond as a notebook and a terminal show it."""

import json
import sys
from datetime import date
from typing import Any

import polars as pl
import vl_convert

from richcheap.reporting.charts.notebook import DRAWN_BY, MIME, Bond

LISTED = {
    **dict.fromkeys(("bond_id", "issuer", "rating", "sector", "currency", "flag", "status", "reason"), pl.String),
    **dict.fromkeys(("as_of", "maturity_date", "last_print"), pl.Date),
    **dict.fromkeys(("fair_clean_price", "low", "high", "spread_bp", "relative_value_bp", "coupon_rate"), pl.Float64),
    **dict.fromkeys(("rating_bp", "rating_points", "bid_ask_bp", "bid_ask_points", "last_clean_price"), pl.Float64),
    "years_to_maturity": pl.Float64,
    "confidence": pl.Int64,
}
TERMS = (
    *("bond_id", "issuer", "rating", "sector", "currency", "maturity_date", "last_print", "coupon_rate"),
    *("last_clean_price", "years_to_maturity"),
)
ROW = {
    "bond_id": "A",
    "issuer": "<script>",
    "rating": "BBB",
    "currency": "USD",
    "flag": "cheap",
    "status": "priced",
    "as_of": date(2024, 3, 1),
    "maturity_date": date(2030, 3, 1),
    "last_print": date(2024, 2, 1),
    "confidence": 7,
    "fair_clean_price": 99.5,
    "low": 99.0,
    "high": 100.0,
    "spread_bp": 120.0,
    "relative_value_bp": 12.5,
    "coupon_rate": 0.045,
    "rating_bp": 120.0,
    "rating_points": -5.0,
    "bid_ask_bp": 1.0,
    "bid_ask_points": 0.1,
    "last_clean_price": 99.25,
    "years_to_maturity": 6.0,
}


def bond(**changes: Any) -> Bond:
    listed = pl.DataFrame([{**ROW, **changes}], schema=LISTED)
    day = [date(2024, 2, 1)]
    prints = {"date": day, "block": ["test"], "clean_price": [99.25], "price_kind": ["trade"], "side": ["buy"]}
    fair = {"fair_clean_price": [99.0], "low": [98.0], "high": [100.0], "fair_from": ["champion"]}
    return Bond(
        price=listed.drop(name for name in TERMS if name != "bond_id"),
        terms=listed.select(TERMS),
        peers=listed.with_columns(bond_id=pl.lit("B")),
        cash_flows=pl.DataFrame({"date": [date(2030, 3, 1)], "amount": [102.25], "projected": [False]}),
        history=pl.DataFrame({**prints, **fair}),
    )


def test_a_terminal_shows_what_it_is_worth_and_why() -> None:
    name, worth, call, parts, rest, frames = repr(bond()).splitlines()
    assert name == "A, <script>, 4.500 %, 2030-03-01, BBB, USD"
    assert worth == (
        "fair price on 2024-03-01: 99.500 per 100, 99.000 to 100.000, confidence 7 of 10; "
        "last print 99.250 on 2024-02-01"
    )
    assert call == "cheap: relative value +12.5 bp of a spread of 120.0 bp"
    assert parts == "parts of the spread, bp: rating +120.0"
    assert rest == "peers: 1; prints: 1; payments: 1, the last on 2030-03-01"
    assert frames.startswith("tables: price, terms")


def test_a_bond_without_a_price_says_so() -> None:
    nothing = dict.fromkeys(("fair_clean_price", "low", "high", "spread_bp", "relative_value_bp", "flag", "rating_bp"))
    text = repr(bond(**nothing, status="not_priced", reason="no curve"))
    assert "no fair price on 2024-03-01: no curve" in text
    assert "not called rich or cheap" in text
    assert "<svg" in bond(**nothing)._repr_html_()


def test_without_what_draws_them_a_notebook_is_told_how_to_get_pictures(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert "pip install &#x27;richcheap[notebook]&#x27; draws pictures here" in bond()._repr_html_()


def test_a_notebook_gets_pictures_that_need_no_network() -> None:
    shown = bond()._repr_mimebundle_()
    assert list(shown) == [MIME, "text/html", "text/plain"]
    spec = shown[MIME]
    assert {*spec["datasets"]} == {"history", "parts", "peers", "cash_flows"}
    assert [one["data"]["name"] for one in spec["vconcat"]] == [*spec["datasets"]]
    json.dumps(spec, allow_nan=False)
    assert "rating" in vl_convert.vegalite_to_svg(spec, vl_version=DRAWN_BY)
    html = shown["text/html"]
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "href=" not in html
    assert list(bond()._repr_mimebundle_(include={"text/plain"})) == ["text/plain"]
    assert "text/html" not in bond()._repr_mimebundle_(exclude={"text/html"})


def test_each_picture_has_its_data() -> None:
    for name, spec in bond().figures.items():
        assert {*spec["datasets"]} == {name}
    around = bond().figures["peers"]["datasets"]["peers"]
    assert [(one["bond_id"], one["is_self"]) for one in around] == [("A", True), ("B", False)]
