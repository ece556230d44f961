"""Pictures of a day: what they hold, and that Vega-Lite draws it."""

import json
from datetime import date
from typing import Any

import polars as pl
import pytest

from richcheap.reporting.charts.day import CLOSE, KNOWN, curve_picture, governments, spread_picture, surface

vl_convert = pytest.importorskip("vl_convert", reason="draws the pictures outside a browser")


def curves(currency: str = "USD", close: float = 0.002) -> pl.DataFrame:
    """Return two dates of a curve that rises from 2 % to 4 % in twenty years, the first of them lower by 1 %."""
    tenors = [0.0, 20.0]
    days = [date(2024, 3, 1), date(2024, 3, 4)]
    rates = [[0.01, 0.03], [0.02, 0.04]]
    return pl.concat(
        pl.DataFrame(
            {"currency": currency, "date": day, "source": "fitted", "tenor_years": tenors, "zero_rate": known}
        ).with_columns(zero_rate_at_close=pl.col("zero_rate") + close)
        for day, known in zip(days, rates, strict=True)
    )


def bonds(**changes: Any) -> pl.DataFrame:
    """Return what the pictures read of lists/bonds.parquet."""
    columns: dict[str, Any] = {
        "bond_id": ["<script>", "g2", "x", "y", "z", "none"],
        "issuer": ["A & B", None, "i", "i", "j", "j"],
        "currency": ["USD"] * 6,
        "rating_bucket": ["GOV", "GOV", "BBB", "BBB", "BBB", "A"],
        "years_to_maturity": [5.0, 10.0, 5.5, 6.5, 12.0, 3.0],
        "spread_bp": [10.0, -5.0, 100.0, 120.0, 150.0, None],
        "innovation_bp": [4.0, None, None, 3.0, None, None],
        "relative_value_bp": [1.0, None, 5.0, -5.0, 0.0, None],
    }
    return pl.DataFrame(columns | changes)


def drawn(spec: dict[str, Any]) -> str:
    """Return the picture as SVG."""
    svg: str = vl_convert.vegalite_to_svg(json.dumps(spec | {"width": 400}), vl_version="6.4")
    return svg


def test_governments_stand_at_the_curve_plus_the_spread_of_their_print_or_of_their_fair_price() -> None:
    found = governments(bonds(), curves().filter(date=date(2024, 3, 4)))
    assert found["rate"].to_list() == pytest.approx([0.025 + 0.0014, 0.03 - 0.0005])
    assert found["printed"].to_list() == [True, False]


def test_the_surface_is_the_median_of_a_rating_s_bonds_in_each_cell_of_maturity() -> None:
    assert surface(bonds()).rows() == [
        ("USD", "BBB", 6.0, 110.0, 2),
        ("USD", "BBB", 12.0, 150.0, 1),
        ("USD", "GOV", 5.0, 10.0, 1),
        ("USD", "GOV", 10.0, -5.0, 1),
    ]


def test_the_curve_is_that_of_the_last_date_before_and_with_its_prices() -> None:
    rows = curve_picture(bonds(), curves())["datasets"]["curves"]
    assert [(row["curve"], row["rate"]) for row in rows] == [
        (KNOWN, 0.02),
        (KNOWN, 0.04),
        (CLOSE, 0.022),
        (CLOSE, 0.042),
    ]
    published = curve_picture(bonds(), curves(close=0.0))["datasets"]["curves"]
    assert {row["curve"] for row in published} == {KNOWN}


def test_a_currency_without_a_curve_or_without_governments_is_no_fault() -> None:
    spec = curve_picture(bonds(currency=["EUR"] * 6), curves())
    assert spec["datasets"]["governments"] == []
    assert "<svg" in drawn(spec)


def test_both_pictures_are_drawn_with_all_that_they_hold() -> None:
    curve, spreads = (drawn(spec) for spec in (curve_picture(bonds(), curves()), spread_picture(bonds())))
    assert curve.count('aria-roledescription="point"') == 2
    assert spreads.count('aria-roledescription="point"') == 5  # one bond has no price
    assert "zero rate, %" in curve
    assert "fair spread, bp" in spreads
    assert "<script>" not in curve + spreads


def test_ratings_keep_their_order_and_currencies_are_told_apart() -> None:
    spec = spread_picture(bonds(currency=["USD"] * 3 + ["EUR"] * 3))
    dots, lines = spec["layer"]
    assert dots["encoding"]["color"]["scale"]["domain"] == ["GOV", "BBB"]
    assert lines["encoding"]["strokeDash"]["field"] == "currency"
