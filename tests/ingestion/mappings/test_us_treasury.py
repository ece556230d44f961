from datetime import date
from pathlib import Path

import polars as pl
import pytest

from richcheap.ingestion.files.readers import read_table
from tests.ingestion.samples import take


def security(kind: str, **changes: object) -> pl.DataFrame:
    row = {
        "date": date(2010, 1, 4),
        "cusip": "912828AA1",
        "security_type": kind,
        "rate": "4.500%",
        "maturity_date": date(2019, 5, 15),
        "buy": 101.0,
        "sell": 100.9,
        "end_of_day": 100.95,
        **changes,
    }
    return pl.DataFrame([row])


def test_a_note_pays_twice_a_year_and_settles_on_the_next_business_day() -> None:
    (row,) = take(security("MARKET BASED NOTE"), "us_treasury").accepted.rows(named=True)
    assert (row["coupon_rate"], row["frequency"], row["day_count"]) == (0.045, 2, "ACT/ACT ICMA")
    assert (row["bond_type"], row["credit_rating"], row["currency"]) == ("treasury", "NR", "USD")
    assert (row["clean_price"], row["settlement_date"]) == (100.95, date(2010, 1, 5))


def test_a_bill_is_a_zero_coupon_treasury() -> None:
    bill = security("MARKET BASED BILL", rate="0.000%", maturity_date=date(2010, 4, 1), end_of_day=99.98)
    (row,) = take(bill, "us_treasury").accepted.rows(named=True)
    assert (row["coupon_rate"], row["frequency"], row["bond_type"]) == (0.0, 0, "treasury")


@pytest.mark.parametrize(
    ("kind", "changes", "reason", "detail"),
    [
        ("TIPS", {}, "unsupported_instrument", "got 'TIPS' (inflation-linked)"),
        ("MARKET BASED FRN", {}, "unsupported_instrument", "got 'MARKET BASED FRN' (floating rate)"),
        ("SAVINGS STAMP", {}, "unsupported_instrument", "got 'SAVINGS STAMP' (unknown)"),
        ("MARKET BASED BOND", {"end_of_day": 0.0}, "not_quoted", "end_of_day: expected a price per 100, got 0.0"),
    ],
)
def test_what_is_no_plain_quoted_bond_is_refused_by_name(
    kind: str, changes: dict[str, object], reason: str, detail: str
) -> None:
    (row,) = take(security(kind, **changes), "us_treasury").quarantine.rows(named=True)
    assert row["reason"] == reason
    assert detail in row["detail"]


def test_another_price_column_can_be_named() -> None:
    result = take(security("MARKET BASED NOTE"), "us_treasury", columns={"clean_price": "buy"})
    assert result.accepted["clean_price"].to_list() == [101.0]


def test_the_real_file(real_data_dir: Path) -> None:
    result = take(read_table(real_data_dir / "us_treasury_2010_2011" / "prices.parquet"), "us_treasury")
    assert (result.accepted.height, result.quarantine.height) == (126_783, 16_351)
    reasons = dict(result.quarantine["reason"].value_counts().sort("reason").iter_rows())
    assert reasons == {"matured": 170, "unsupported_instrument": 16_181}
    assert result.accepted["bond_id"].n_unique() == 447
