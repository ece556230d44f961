from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from richcheap.ingestion.files.readers import read_table
from tests.ingestion.samples import take


def bond(description: str = "BTP 01/03/2030 3,5%", **changes: Any) -> pl.DataFrame:
    row = {
        "isin": "IT0001",
        "description": description,
        "maturity_date": date(2030, 3, 1),
        "currency": "EUR",
        "issuer_code": "GOV_IT",
        "rating_sp": "BBB+",
        "rating_moodys": "Baa3",
        "date": date(2026, 1, 29),
        "price_type": "LP",
        "price_clean": 103.7,
        "volume_nominal": 10_000,
        "coupon_rate": 0.035,
        "coupons_per_year": 2,
        **changes,
    }
    return pl.DataFrame([row], schema_overrides={"rating_sp": pl.String, "rating_moodys": pl.String})


def test_a_plain_bond_is_mapped() -> None:
    (row,) = take(bond(), "eu_listed").accepted.rows(named=True)
    expected = {
        "settlement_date": date(2026, 2, 2),
        "clean_price": 103.7,
        "frequency": 2,
        "day_count": "ACT/ACT ICMA",
        "bond_type": "treasury",
        "credit_rating": "BBB+",
        "issuer": "GOV_IT",
        "sector": "government",
        "callable": False,
        "volume": 10_000.0,
        "price_kind": "trade",
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"currency": "USD"}, "foreign_sovereign"),
        ({"issuer_code": "GOV_US", "currency": "USD"}, "treasury"),
        ({"issuer_code": "GOV_RO"}, "foreign_sovereign"),
        ({"issuer_code": "SOV_BEI"}, "supranational"),
        ({"issuer_code": "BMW"}, "corporate"),
        ({"issuer_code": "BMW", "rating_sp": "BB+"}, "high_yield"),
        ({"issuer_code": "BMW", "rating_sp": None, "rating_moodys": "Caa1"}, "high_yield"),
        ({"issuer_code": "SOV_BEI", "coupons_per_year": 0, "coupon_rate": 0.0}, "zero_coupon"),
        ({"coupons_per_year": 0, "coupon_rate": 0.0}, "treasury"),
    ],
)
def test_only_debt_in_the_government_s_own_currency_is_treasury(changes: dict[str, Any], expected: str) -> None:
    assert take(bond(**changes), "eu_listed").accepted["bond_type"].to_list() == [expected]


@pytest.mark.parametrize(
    ("sp", "moodys", "expected"),
    [("A-", "Baa3", "A-"), (None, "Baa3", "BBB-"), ("NR", "Aa1", "AA+"), ("NR", None, "NR"), (None, None, "NR")],
)
def test_the_rating_is_standard_and_poor_s_or_else_moody_s(sp: str | None, moodys: str | None, expected: str) -> None:
    result = take(bond(rating_sp=sp, rating_moodys=moodys), "eu_listed")
    assert result.accepted["credit_rating"].to_list() == [expected]


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("E.ON 05/09/2038 3,875% CALLABLE", True),
        ("POLONIA 16/11/2032 5,75% USD Call", True),
        ("BRASILE 27/01/2045 5% USD(No call)", False),
        ("BTP 01/03/2030 3,5%", False),
    ],
)
def test_callable_bonds_are_told_from_their_description(description: str, expected: bool) -> None:
    assert take(bond(description), "eu_listed").accepted["callable"].to_list() == [expected]


@pytest.mark.parametrize(
    ("description", "what"),
    [
        ("BTPi 15/09/2026 3,10% (senza indicizzazione)", "inflation-linked"),
        ("BTP Italia 22/11/2028 1,6%(senza indicizzazione)", "inflation-linked"),
        ("OATEI 25/07/2030 0,7%", "inflation-linked"),
        ("MEDIOBANCA 15/02/2028 TV - TF 3,7%", "fixed-to-floating"),
        ("CCTEU 15/04/2029 TV EUR6M+0,65%", "floating rate"),
        ("BTP FUTURA 14/07/2030 STEP UP 1,15% - 1,45%", "step coupon"),
        ("BTP VALORE 7 10/03/2032", "step coupon"),
        ("REPUBBLICA GRECA 24/02/2042 STEP UP 2% - 4,3%", "step coupon"),
        ("BARCLAYS 07/02/2039 5,7% CUMULATIVE CALLABLE", "coupon paid at maturity"),
        ("BANK PERPETUAL 5%", "perpetual"),
    ],
)
def test_what_is_no_plain_bond_is_refused_with_the_text_that_gives_it_away(description: str, what: str) -> None:
    (row,) = take(bond(description), "eu_listed").quarantine.rows(named=True)
    assert row["reason"] == "unsupported_instrument"
    assert row["detail"] == f"description: expected a plain bond, got '{description}' ({what})"


def test_irregular_coupons_are_refused() -> None:
    (row,) = take(bond(coupons_per_year=-1), "eu_listed").quarantine.rows(named=True)
    assert row["detail"] == "coupons_per_year: expected 0, 1, 2, 4 or 12, got -1 (irregular coupons)"


def test_the_real_file(real_data_dir: Path) -> None:
    source = read_table(real_data_dir / "eu_listed_2026" / "eod_prices.parquet")
    result = take(source, "eu_listed")
    assert (result.accepted.height, result.quarantine.height) == (51_548, 3_578)
    refused = result.quarantine.with_columns(pl.col("detail").str.extract(r"\(([a-z -]+)\)$").alias("what"))
    assert dict(refused["what"].drop_nulls().value_counts().sort("what").iter_rows()) == {
        "coupon paid at maturity": 741,
        "fixed-to-floating": 42,
        "inflation-linked": 840,
        "step coupon": 1_787,
    }
    accumulating = refused.filter(pl.col("reason") == "implausible_yield")
    assert (accumulating.height, accumulating["bond_id"].n_unique()) == (168, 4)
    assert result.checks.replaced_currencies == {"DEM": 42, "ITL": 84}


def test_the_file_s_own_yields_agree_that_no_indexed_bond_was_missed(real_data_dir: Path) -> None:
    """A real yield next to nominal ones of its issuer would stand out by far more than half a per cent."""
    source = read_table(real_data_dir / "eu_listed_2026" / "eod_prices.parquet")
    accepted = take(source, "eu_listed").accepted
    rows = source.with_row_index("source_row", offset=1)[accepted["source_row"] - 1]
    euro = rows.filter(
        pl.col("issuer_code").is_in(["GOV_IT", "GOV_DE", "GOV_FR", "GOV_ES"]),
        pl.col("currency") == "EUR",
        pl.col("duration_years") > 1.0,
    )
    assert euro.filter(pl.col("ytm_gross_pct") < 1.5).is_empty()
