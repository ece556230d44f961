from datetime import date

import polars as pl

from richcheap.ingestion.summary import reason_table
from tests.ingestion.samples import table, take


def days(prices: list[list[float]]) -> pl.DataFrame:
    """Return one row for each day and bond."""
    return pl.DataFrame(
        {
            "bond_id": [f"B{i}" for row in prices for i in range(len(row))],
            "date": [date(2024, 3, 4 + day) for day, row in enumerate(prices) for _ in row],
            "clean_price": [price for row in prices for price in row],
            "maturity_date": [date(2030, 5, 15) for row in prices for _ in row],
            "coupon_rate": [0.05 for row in prices for _ in row],
        }
    )


def test_a_day_that_equals_the_day_before_is_reported() -> None:
    level = [99.0 + i / 10 for i in range(12)]
    moved = [price + 0.1 for price in level]
    taken = take(days([level, moved, moved, level]))
    assert taken.counts.repeated_days == [{"date": "2024-03-06", "bonds": 12, "same_as": "2024-03-05"}]


def test_a_few_equal_prices_are_no_copy() -> None:
    assert take(days([[99.0, 98.0], [99.0, 98.0]])).counts.repeated_days == []


def test_static_data_that_differ_are_reported_with_their_values() -> None:
    rows: list[dict[str, str | None]] = [
        {"date": "2024-03-04", "coupon_rate": "0.04", "issuer": None},
        {"date": "2024-03-05", "coupon_rate": "0.05", "issuer": "X"},
        {"date": "2024-03-06", "coupon_rate": "0.05", "issuer": "X", "credit_rating": "A"},
    ]
    found = take(table(*rows)).summary["contradictions"]
    assert found == {"coupon_rate": {"bonds": 1, "examples": [{"bond_id": "US0000000001", "values": [0.04, 0.05]}]}}


def test_rows_in_currencies_left_out_do_not_count_as_rejected() -> None:
    result = take(table({}, {"bond_id": "B", "currency": "EUR"}), currencies=("USD",))
    assert (result.summary["rows_quarantined"], result.summary["rejected_share"]) == (1, 0.0)


def test_the_table_of_reasons_shows_counts_shares_and_the_first_row() -> None:
    result = take(table({}, {"clean_price": "tbd"}, {"clean_price": "x"}, {"maturity_date": "2020-01-01"}))
    first, second = reason_table(result.refusals, 4).splitlines()[1:]
    assert first == "  not_a_number                       2   50.00%  row 2: clean_price: expected a number, got 'tbd'"
    assert second.startswith("  matured                            1   25.00%  row 4: maturity_date: expected a date ")


def test_the_summary_adds_up() -> None:
    summary = take(table({}, {"clean_price": "tbd"}, {"bond_id": "B", "coupon_rate": "4%"})).summary
    assert summary["rows_read"] == summary["rows_accepted"] + summary["rows_quarantined"] == 3
    assert summary["quarantine_reasons"] == {"not_a_number": 1}
    assert (summary["bonds"], summary["dates"], summary["first_date"]) == (2, 1, "2024-03-01")
    assert summary["units"]["coupon_rate"]["unit"] == "decimal"


def test_the_coupon_of_a_floating_rate_bond_may_change() -> None:
    rows = [
        {"date": "2024-03-04", "coupon_rate": "0.04", "bond_type": "floating_rate"},
        {"date": "2024-03-05", "coupon_rate": "0.05", "bond_type": "floating_rate"},
    ]
    assert take(table(*rows)).summary["contradictions"] == {}
