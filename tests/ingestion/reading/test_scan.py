import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingestion.samples import table, take

COUPONS = st.lists(st.sampled_from(["0.002", "0.004", "0.2", "0.05", "5%", "0", "", "x"]), min_size=1, max_size=20)


def rows(coupons: list[str]) -> pl.DataFrame:
    return table(*({"bond_id": f"B{i % 3}", "volume": str(i), "coupon_rate": c} for i, c in enumerate(coupons)))


@settings(max_examples=30, deadline=None)
@given(COUPONS)
def test_a_bond_s_usual_coupon_is_the_median_of_its_rows(coupons: list[str]) -> None:
    found = dict(take(rows(coupons)).findings.usual_coupons.iter_rows())
    read = {"0.002": 0.002, "0.004": 0.004, "0.2": 0.2, "0.05": 0.05, "5%": 0.05}
    for bond in range(3):
        values = pl.Series([read[c] for c in coupons[bond::3] if c in read], dtype=pl.Float64)
        ambiguous = len(values) > 0 and float(values.max()) > 50.0 * float(values.min())  # type: ignore[arg-type]
        assert (f"B{bond}" in found) == ambiguous
        if ambiguous:
            assert found[f"B{bond}"] == pytest.approx(values.median(), rel=1e-15)


@settings(max_examples=15, deadline=None)
@given(COUPONS, st.integers(2, 20))
def test_findings_do_not_depend_on_where_the_source_is_cut(coupons: list[str], pieces: int) -> None:
    whole, cut = take(rows(coupons)).findings, take(rows(coupons), pieces=pieces).findings
    assert str(cut.units) == str(whole.units)  # a median may be NaN
    assert cut.usual_coupons.equals(whole.usual_coupons)


def test_rows_that_the_mapping_refuses_say_nothing_of_units() -> None:
    source = pl.DataFrame(
        {
            "date": ["2010-01-04"] * 2,
            "cusip": ["A", "B"],
            "security_type": ["MARKET BASED NOTE", "TIPS"],
            "rate": ["0.04", "3.5"],
            "maturity_date": ["2015-01-15"] * 2,
            "end_of_day": ["99.5", "1.2"],
        }
    )
    units = {unit.column: (unit.unit, unit.median) for unit in take(source, "us_treasury").units}
    assert units == {"coupon_rate": ("decimal", 0.04), "clean_price": ("per_100", 99.5)}
