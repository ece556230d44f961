"""Reports that void trades, by their numbers and without; trades that both dealers report."""

from typing import Any

import polars as pl
import pytest

from richcheap.ingestion.trades.daily import DailyPrices
from richcheap.ingestion.validation.counters import NOT_FAULTS
from tests.ingestion.samples import Taken, table, take

ALL = DailyPrices("median")


def trades(*rows: tuple[Any, ...], **changes: Any) -> Taken:
    """Ingest trades of one bond and day: status, number, number of the report that it names, price, and time."""
    names = ("status", "trade_id", "original_trade_id", "clean_price", "time")
    frame = table(*({"volume": "100000", **dict(zip(names, row, strict=False))} for row in rows))
    return take(frame, **changes)


def left(taken: Taken) -> dict[int, str]:
    """Return rows that do not stand, with their reasons."""
    return dict(
        taken.quarantine.filter(~pl.col("reason").is_in(["duplicate", "folded"])).select("source_row", "reason").rows()
    )


def test_a_cancel_of_the_old_system_names_its_trade_by_number() -> None:
    """Two trades of one price: without numbers the later one would go."""
    taken = trades(("T", "11", None, "99.5"), ("T", "12", None, "99.5"), ("C", "13", "11", "99.5"))
    assert left(taken) == {1: "cancelled", 3: "cancelled"}


def test_a_cancel_of_the_new_system_bears_the_number_of_its_trade() -> None:
    taken = trades(("T", "11", None, "99.5"), ("T", "12", None, "99.5"), ("X", "11", None, "99.5"))
    assert left(taken) == {1: "cancelled", 3: "cancelled"}


def test_a_chain_of_corrections_leaves_the_last_one() -> None:
    taken = trades(("T", "1", "0", "90.1"), ("W", "5", "1", "99"), ("W", "9", "5", "101"), ("T", "10", None, "98"))
    assert left(taken) == {1: "corrected", 2: "corrected"}


def test_a_chain_that_ends_in_a_cancel_leaves_nothing() -> None:
    taken = trades(("T", "1", None, "90.1"), ("W", "5", "1", "99"), ("C", "9", "5", "99"), ("T", "20", None, "98"))
    assert set(left(taken)) == {1, 2, 3}


def test_a_correction_of_the_new_system_comes_with_a_cancel_of_the_same_number() -> None:
    taken = trades(("T", "1", None, "90.1"), ("C", "1", None, "90.1"), ("R", "2", None, "99"))
    assert left(taken) == {1: "cancelled", 2: "cancelled"}
    assert taken.accepted["clean_price"].to_list() == [99.0]


def test_a_reversal_names_its_trade_by_number_or_by_price_and_volume() -> None:
    numbered = trades(("T", "7", None, "99.5"), ("T", "8", None, "99.5"), ("Y", "9", "7", "99.5"))
    assert left(numbered) == {1: "cancelled", 3: "cancelled"}
    bare = trades(("T", "7", None, "99.5"), ("T", "8", None, "98"), ("reversal", "9", None, "99.5"))
    assert left(bare) == {1: "cancelled", 3: "cancelled"}


def test_a_number_that_no_trade_has_is_looked_for_by_price_and_volume() -> None:
    taken = trades(("T", "7", None, "99.5"), ("T", "8", None, "98"), ("C", "9", "6", "99.5"))
    assert left(taken) == {1: "cancelled", 3: "cancelled"}


def test_numbers_are_compared_without_what_a_workbook_adds() -> None:
    assert left(trades(("T", "0007", None, "99"), ("T", "8", None, "99"), ("C", "9", "7.0", "99"))) == {
        1: "cancelled",
        3: "cancelled",
    }


def test_numbers_hold_within_a_bond_and_day() -> None:
    rows: list[dict[str, Any]] = [
        {"status": "T", "trade_id": "7"},
        {"bond_id": "US0000000002", "status": "T", "trade_id": "7"},
        {"bond_id": "US0000000002", "status": "X", "trade_id": "7"},
    ]
    assert left(take(table(*rows))) == {2: "cancelled", 3: "cancelled"}


def test_of_a_trade_that_both_dealers_report_the_sellers_is_left() -> None:
    rows: list[dict[str, Any]] = [
        {"side": "interdealer", "status": "buyer_report", "clean_price": "99"},
        {"side": "interdealer", "status": "T", "clean_price": "99"},
        {"side": "interdealer", "status": "buyer_report", "clean_price": "99"},
        {"side": "interdealer", "status": "buyer_report", "clean_price": "98"},
    ]
    assert left(take(table(*({"volume": "1000", **row} for row in rows)))) == {1: "interdealer_duplicate"}


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("WI", "when_issued"),
        ("special", "special_price"),
        ("primary", "primary_market"),
        ("agency", "agency_duplicate"),
    ],
)
def test_trades_that_are_not_at_the_markets_price_are_left_out_and_are_no_faults(condition: str, reason: str) -> None:
    taken = take(table({"condition": condition}, {"date": "2024-03-04", "condition": "@"}))
    assert left(taken) == {1: reason}
    assert reason in NOT_FAULTS


def test_a_price_of_a_small_bond_in_currency_is_refused() -> None:
    row = {"face_value": "25", "price_kind": "trade", "clean_price": "24.8"}
    assert left(take(table(row, {**row, "date": "2024-03-04", "clean_price": "99.2"}))) == {1: "non_par_price"}


def test_trades_below_the_smallest_size_do_not_count() -> None:
    rows = [{"volume": "5000", "clean_price": "95"}, {"volume": "100000"}, {"date": "2024-03-04", "volume": ""}]
    taken = take(table(*rows), prices=DailyPrices("vwap", min_trade_size=100_000.0))
    assert left(taken) == {1: "small_trade"}
    assert taken.accepted["prints"].to_list() == [1, 1]
