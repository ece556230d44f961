from typing import Any

import polars as pl
import pytest

from tests.ingestion.samples import table, take

CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("no identifier", {"bond_id": " "}, "missing_value", "bond_id: expected a value, got none"),
    ("no date", {"date": None}, "missing_value", "date: expected a value, got none"),
    ("no maturity", {"maturity_date": ""}, "missing_value", "maturity_date: expected a value, got none"),
    ("no coupon", {"coupon_rate": None}, "missing_value", "coupon_rate: expected a value, got none"),
    (
        "no price",
        {"clean_price": None},
        "missing_value",
        "clean_price, dirty_price, yield: expected one of them, got none",
    ),
    ("price text", {"clean_price": "tbd"}, "not_a_number", "clean_price: expected a number, got 'tbd'"),
    ("price inf", {"clean_price": "inf"}, "not_a_number", "clean_price: expected a number, got 'inf'"),
    ("coupon text", {"coupon_rate": "4,5"}, "not_a_number", "coupon_rate: expected a number, got '4,5'"),
    ("no day", {"date": "31/31/2024"}, "not_a_date", "date: expected a date, got '31/31/2024'"),
    ("perpetual", {"maturity_date": "Perpetual"}, "unsupported_instrument", "got 'Perpetual' (perpetual, not supp"),
    ("no such day", {"maturity_date": "2030-02-30"}, "not_a_date", "got '2030-02-30'"),
    ("year 0202", {"date": "0202-01-01"}, "implausible_date", "date: expected 1900-01-01 to 2299-12-31"),
    ("three coupons", {"frequency": "3"}, "unknown_frequency", "frequency: expected 0, 1, 2, 4 or 12"),
    ("minus one coupon", {"frequency": "-1"}, "unknown_frequency", "got '-1'"),
    ("german 30/360", {"day_count": "30E/360 ISDA"}, "unsupported_day_count", "got '30E/360 ISDA' (not supp"),
    ("odd day count", {"day_count": "lunar"}, "unknown_day_count", "day_count: expected 30/360, 30E/360, ACT/ACT ICMA"),
    ("linker", {"bond_type": "Inflation-Linked"}, "unsupported_instrument", "got 'Inflation-Linked'"),
    ("perpetual", {"bond_type": "perpetual"}, "unsupported_instrument", "bond_type: expected a plain bond"),
    ("odd type", {"bond_type": "cheese"}, "unknown_bond_type", "got 'cheese'"),
    ("odd currency", {"currency": "Dollars"}, "unknown_currency", "expected an ISO code, got 'Dollars'"),
    ("matured", {"maturity_date": "2024-03-01"}, "matured", "expected a date after date 2024-03-01"),
    (
        "matures before settlement",
        {"maturity_date": "2024-03-04"},
        "matured",
        "maturity_date: expected a date after settlement_date 2024-03-04, got 2024-03-04",
    ),
    ("settles before", {"settlement_date": "2024-02-29"}, "dates_out_of_order", "on or after date 2024-03-01"),
    ("settles late", {"settlement_date": "2024-05-01"}, "implausible_settlement", "at most 30 days after date"),
    ("issued after", {"issue_date": "2024-03-08"}, "not_yet_issued", "on or before settlement_date"),
    ("issued last", {"issue_date": "2030-05-15"}, "dates_out_of_order", "before maturity_date 2030-05-15"),
    (
        "coupon before issue",
        {"issue_date": "2020-05-15", "first_coupon_date": "2020-05-15"},
        "dates_out_of_order",
        "first_coupon_date: expected a date after issue_date 2020-05-15, got 2020-05-15",
    ),
    ("coupon after end", {"first_coupon_date": "2031-05-15"}, "dates_out_of_order", "on or before maturity_date"),
    ("call after end", {"call_date": "2031-05-15"}, "dates_out_of_order", "call_date: expected"),
    (
        "calls out of order",
        {"call_schedule": "2028-05-15@101;2027-05-15@102"},
        "dates_out_of_order",
        "call_schedule: expected ascending dates, got '2028-05-15@101;2027-05-15@102'",
    ),
    ("two calls a day", {"call_schedule": "2028-05-15@101;2028-05-15"}, "dates_out_of_order", "expected ascending"),
    (
        "last call after end",
        {"call_schedule": "2028-05-15;2031-05-15"},
        "dates_out_of_order",
        "call_schedule: expected a date on or before maturity_date 2030-05-15, got 2028-05-15@100;2031-05-15@100",
    ),
    (
        "call in 3020",
        {"call_schedule": "3020-05-15"},
        "implausible_date",
        "call_schedule: expected dates of 1900-01-01",
    ),
    (
        "call at a fraction of face",
        {"call_schedule": "2028-05-15@1.02"},
        "implausible_price",
        "call_schedule: expected prices of 3.0 to 250.0 per 100, got '2028-05-15@1.02'",
    ),
    (
        "margin in basis points",
        {"bond_type": "frn", "quoted_margin": "125"},
        "implausible_margin",
        "quoted_margin: expected -0.2 to 0.2 (decimal), got '125'",
    ),
    ("century bond", {"maturity_date": "2150-05-15"}, "implausible_maturity", "at most 100 years"),
    ("negative coupon", {"coupon_rate": "-0.01"}, "implausible_coupon", "expected 0 to 0.3 (decimal), got '-0.01'"),
    ("coupon in percent", {"coupon_rate": "4.75"}, "implausible_coupon", "got '4.75'"),
    ("zero pays", {"bond_type": "zero coupon"}, "inconsistent_coupon", "expected 0 with bond_type zero_coupon"),
    ("never pays", {"frequency": "0"}, "inconsistent_coupon", "frequency 0, got '0.045'"),
    (
        "a zero's first coupon",
        {"frequency": "0", "coupon_rate": "0", "first_coupon_date": "2024-11-15"},
        "inconsistent_coupon",
        "expected none, or maturity_date, with bond_type zero_coupon and frequency 0, got 2024-11-15",
    ),
    ("price of 0", {"clean_price": "0"}, "implausible_price", "clean_price: expected 1.0 to 250.0 per 100, got 0.0"),
    ("price of 300", {"clean_price": "300"}, "implausible_price", "got 300.0"),
    ("call price", {"call_price": "-1"}, "implausible_price", "call_price: expected"),
    (
        "too dear",
        {"clean_price": "240", "maturity_date": "2026-05-15"},
        "implausible_yield",
        "clean_price: expected a simple yield of -0.1 to 1.0",
    ),
    ("too cheap", {"clean_price": "3"}, "implausible_yield", "got price 3.0 with coupon 0.045 to 2030-05-15"),
    ("no face", {"face_value": "0"}, "implausible_size", "face_value: expected more than 0, got 0.0"),
    ("negative volume", {"volume": "-5"}, "implausible_size", "volume: expected 0 or more, got -5.0"),
]


@pytest.mark.parametrize(("change", "reason", "detail"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_faulty_row_is_quarantined_with_its_reason_and_what_came(
    change: dict[str, Any], reason: str, detail: str
) -> None:
    result = take(table(*({"bond_id": f"N{i}"} for i in range(5)), change))
    assert result.accepted.height == 5
    row = result.quarantine.row(0, named=True)
    assert (row["source_row"], row["reason"]) == (6, reason)
    assert detail in row["detail"]


OPTIONAL_FAULTS = {
    "credit_rating": "AAAA", "side": "both", "price_kind": "guess", "callable": "maybe", "quoted_margin": "tbd",
    "issue_date": "long ago", "first_coupon_date": "2024-02-30", "volume": "5MM+", "call_price": "par", "time": "noon",
    "call_schedule": "2027-05-15@102;;2028-05-15", "face_value": "x", "call_date": "x", "convertible": "x",
    "status": "?",
}  # fmt: skip


@pytest.mark.parametrize("column", OPTIONAL_FAULTS)
def test_an_optional_column_that_cannot_be_read_costs_its_value_and_not_the_row(column: str) -> None:
    plain, odd = take(table({})), take(table({column: OPTIONAL_FAULTS[column]}))
    assert odd.accepted.equals(plain.accepted)
    assert odd.summary["unparsed_values"] == {column: 1}


def test_the_first_failing_rule_is_the_reason() -> None:
    result = take(table({"clean_price": "tbd", "maturity_date": "2000-01-01", "credit_rating": "?"}))
    assert result.quarantine["reason"].to_list() == ["not_a_number"]


def test_one_observed_yield_in_percent_among_decimals_is_refused() -> None:
    rows = [{"bond_id": f"N{i}", "clean_price": None, "yield": value} for i, value in enumerate(["0.04"] * 5 + ["4.1"])]
    result = take(table(*rows))
    assert result.accepted["observed"].to_list() == ["yield"] * 5
    assert result.quarantine["detail"].to_list() == [
        "yield: expected -0.1 to 1.0 (decimal), got 4.1 (data.min_yield, data.max_yield, data.yield_unit)"
    ]


def test_a_currency_that_is_not_selected_is_refused_by_name() -> None:
    result = take(table({"currency": "EUR"}, {"currency": "usd"}), currencies=("USD",))
    assert result.accepted["currency"].to_list() == ["USD"]
    assert result.quarantine["detail"].to_list() == ["currency: expected USD (data.currencies), got EUR"]


def test_of_duplicates_the_last_row_is_kept() -> None:
    rows = [{"clean_price": "99"}, {"bond_id": "B"}, {"clean_price": "98"}, {"clean_price": "97"}]
    result = take(table(*rows))
    assert result.accepted.select("bond_id", "clean_price").rows() == [("B", 99.5), ("US0000000001", 97.0)]
    assert result.quarantine.select("source_row", "reason").rows() == [(1, "duplicate"), (3, "duplicate")]
    assert result.quarantine["detail"][0] == "bond_id and date: expected one row, kept row 4"


def test_a_faulty_row_does_not_displace_a_good_one_of_the_same_bond_and_date() -> None:
    result = take(table({}, {"clean_price": "oops"}))
    assert result.accepted["source_row"].to_list() == [1]
    assert result.quarantine["reason"].to_list() == ["not_a_number"]


def test_one_coupon_in_another_unit_than_the_bond_s_others_is_refused() -> None:
    days = [{"date": f"2024-03-0{day}", "coupon_rate": "0.002"} for day in range(4, 9)]
    result = take(table(*days, {"date": "2024-03-11", "coupon_rate": "0.2"}))
    assert result.quarantine.select("source_row", "reason").rows() == [(6, "inconsistent_unit")]


def test_the_quarantine_shows_bond_and_date_as_they_were_read() -> None:
    result = take(table({"bond_id": "X ", "date": "yesterday"}, {"bond_id": "Y"}))
    assert result.quarantine.select("bond_id", "date").rows() == [("X ", "yesterday")]


def test_an_empty_table_gives_two_empty_tables() -> None:
    result = take(table({}).clear())
    assert result.accepted.height == result.quarantine.height == 0
    assert isinstance(result.accepted.schema["date"], pl.Date)
