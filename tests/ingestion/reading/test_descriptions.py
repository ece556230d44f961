import polars as pl
import pytest

from richcheap.ingestion.reading.descriptions import bond_type, coupon, described, maturity

NAMES = ["T 4 1/4 11/15/34 Govt", "AAPL 3.25 02/23/26 Corp", "Acme Holdings 5 1/1/2031", "Acme 2031"]


def of(expression: pl.Expr) -> list[str | None]:
    return pl.DataFrame({"name": NAMES}).select(expression)[:, 0].to_list()


def test_terms_are_taken_from_descriptions() -> None:
    assert of(maturity(pl.col("name"))) == ["2034-11-15", "2026-02-23", "2031-01-01", None]
    assert of(coupon(pl.col("name"))) == ["4 1/4", "3.25", "5", None]
    assert of(bond_type(pl.col("name"))) == ["treasury", "corporate", None, None]


@pytest.mark.parametrize(("names", "expected"), [(NAMES[:3], True), (NAMES, False), ([], False)])
def test_all_have_to_be_descriptions(names: list[str], expected: bool) -> None:
    assert described(names) is expected
