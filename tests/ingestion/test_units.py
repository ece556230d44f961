import polars as pl
import pytest

from richcheap.ingestion.units import Values, price_unit, rate_unit
from tests.ingestion.samples import table, take


@pytest.mark.parametrize(
    ("values", "stated", "unit", "how"),
    [
        ([0.045, 0.03, 0.0], "auto", "decimal", "detected"),
        ([4.5, 3.0, 0.0], "auto", "percent", "detected"),
        ([0.25, 0.5, 1.25], "auto", "percent", "detected"),
        ([0.142, 0.08, 0.19], "auto", "decimal", "detected"),
        ([0.0, 0.0], "auto", "decimal", "detected"),
        ([None, None], "auto", "decimal", "percent sign"),
        ([0.1, 0.15], "percent", "percent", "stated"),
        ([45.0], "decimal", "decimal", "stated"),
    ],
)
def test_the_unit_of_rates_is_told_from_their_median(
    values: list[float | None], stated: str, unit: str, how: str
) -> None:
    decision = rate_unit("coupon_rate", Values.of(pl.Series(values, dtype=pl.Float64)), stated)
    assert (decision.unit, decision.how) == (unit, how)


@pytest.mark.parametrize(("values", "unit"), [([0.98, 1.02, None], "per_1"), ([98.0, 102.0], "per_100")])
def test_the_unit_of_prices_is_told_from_their_median(values: list[float | None], unit: str) -> None:
    assert price_unit("clean_price", Values.of(pl.Series(values)), Values(), "auto").unit == unit


def test_coupons_in_percent_become_the_nearest_decimals() -> None:
    result = take(table({"coupon_rate": "4.5"}, {"bond_id": "Z", "coupon_rate": "6.625"}))
    assert result.accepted["coupon_rate"].to_list() == [0.045, 0.06625]
    assert [(u.column, u.unit) for u in result.units] == [("coupon_rate", "percent"), ("clean_price", "per_100")]


@pytest.mark.parametrize("given", ["{}", "{}%"])
def test_every_eighth_and_hundredth_of_a_percent_becomes_the_decimal_as_written(given: str) -> None:
    thousandths = sorted({*range(125, 25_000, 125), *range(10, 10_000, 10)})
    rows = [{"bond_id": f"B{i:05d}", "coupon_rate": given.format(i / 1000)} for i in thousandths]
    assert take(table(*rows)).accepted["coupon_rate"].to_list() == [float(f"{i}e-5") for i in thousandths]


def test_a_percent_sign_counts_for_its_value_alone() -> None:
    result = take(table({"coupon_rate": "4.5%"}, {"bond_id": "Z", "coupon_rate": "0.03"}))
    assert result.accepted["coupon_rate"].to_list() == [0.045, 0.03]


@pytest.mark.parametrize(
    ("coupon", "margin", "stated", "expected"),
    [
        ("4.5", "0.15", "auto", 0.0015),
        ("0.045", "0.0015", "auto", 0.0015),
        ("4.5", "0.15%", "auto", 0.0015),
        ("4.5%", "0.0015", "auto", 0.0015),
        ("0.12", "0.15", "percent", 0.0015),
    ],
)
def test_margins_have_the_coupons_unit(coupon: str, margin: str, stated: str, expected: float) -> None:
    frame = table({"bond_type": "floater", "coupon_rate": coupon, "quoted_margin": margin})
    assert take(frame, coupon_unit=stated).accepted["quoted_margin"].to_list() == [expected]


def test_fractions_of_face_become_prices_per_100() -> None:
    result = take(table({"clean_price": "0.995"}, {"bond_id": "Z", "clean_price": "1.02"}))
    assert result.accepted["clean_price"].to_list() == [99.5, 102.0]


def test_a_stated_unit_is_taken_without_looking() -> None:
    result = take(table({"coupon_rate": "0.15"}), coupon_unit="percent")
    assert result.accepted["coupon_rate"].to_list() == [0.0015]
