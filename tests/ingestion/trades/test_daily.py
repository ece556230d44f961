"""What a day's price was made of."""

from datetime import time

import pytest

from richcheap.ingestion.schema import DAY_SCHEMA
from richcheap.ingestion.trades.daily import DailyPrices, Trades
from tests.ingestion.samples import table, take

DAY = (
    {"clean_price": "99", "volume": "1000", "side": "buy", "time": "09:00"},
    {"clean_price": "97", "volume": "3000", "side": "sell", "time": "16:30"},
    {"clean_price": "98", "volume": "2000", "side": "interdealer", "time": "12:00"},
)


@pytest.mark.parametrize(("trades", "price"), [("last", 97.0), ("vwap", 97.66666666666667), ("median", 98.0)])
def test_what_a_days_price_was_made_of_is_kept(trades: Trades, price: float) -> None:
    (row,) = take(table(*DAY), prices=DailyPrices(trades)).accepted.rows(named=True)
    assert row["clean_price"] == pytest.approx(price)
    assert (row["prints"], row["traded_volume"], row["high"], row["low"]) == (3, 6000.0, 99.0, 97.0)
    assert (row["time"], row["first_time"], row["last_time"]) == (time(16, 30), time(9), time(16, 30))
    assert (row["buys"], row["sells"], row["interdealer_trades"]) == (1, 1, 1)


def test_a_day_of_one_print_was_made_of_it() -> None:
    (row,) = take(table({"volume": "1000", "time": "10:15"})).accepted.rows(named=True)
    assert (row["prints"], row["time"]) == (1, time(10, 15))
    assert {row[name] for name in DAY_SCHEMA if name != "prints"} == {None}


@pytest.mark.parametrize(("trades", "reason"), [("last", "duplicate"), ("vwap", "folded"), ("median", "folded")])
def test_prints_that_make_a_days_price_are_told_from_those_that_do_not(trades: Trades, reason: str) -> None:
    quarantine = take(table(*DAY), prices=DailyPrices(trades)).quarantine
    assert quarantine["reason"].to_list() == [reason, reason]


def test_a_bad_print_is_no_part_of_a_days_price() -> None:
    rows = [{"date": "2024-02-29"}, {"clean_price": "49.5", "volume": "9000"}, {"volume": "1000"}]
    taken = take(table(*rows), prices=DailyPrices("vwap", max_price_move=35.0))
    assert taken.accepted["clean_price"].to_list() == [99.5, 99.5]
    assert taken.quarantine["reason"].to_list() == ["unconfirmed_jump"]
