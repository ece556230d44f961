"""Call schedules: ascending steps, prices that decline to par, and the next call of each observation."""

import datetime as dt
from itertools import pairwise

import numpy as np
import polars as pl

from richcheap.bonds.calls import parse_schedule
from richcheap.bonds.terms import NO_DATE
from richcheap.simulation.constants import CORPORATE, HIGH_YIELD
from richcheap.simulation.dates import previous_coupon
from richcheap.simulation.tables import bond_table, observations
from richcheap.simulation.universe.calls import call_steps, next_call, schedule_texts
from tests.simulation.settings import default_market

MARKET = default_market()
BONDS = MARKET.universe
TABLE = bond_table(MARKET.issuers, BONDS)


def day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64))


def schedule(kind: int, coupon: float, first: str, maturity: str) -> str | None:
    dates, prices = call_steps(np.array([kind]), np.array([coupon]), np.array([day(first)]), np.array([day(maturity)]))
    return schedule_texts(dates, prices)[0]


def steps_of(text: str) -> list[tuple[dt.date, float]]:
    days, prices = parse_schedule(text)
    return [(dt.date(1970, 1, 1) + dt.timedelta(days=day), price) for day, price in zip(days, prices, strict=True)]


def test_high_yield_declines_from_half_the_coupon_to_par_year_by_year() -> None:
    assert (
        schedule(HIGH_YIELD, 0.085, "2026-06-12", "2031-06-12") == "2026-06-12@104.25;2027-06-12@102.125;2028-06-12@100"
    )


def test_other_bonds_are_callable_at_par_from_the_first_call_on() -> None:
    assert schedule(CORPORATE, 0.05, "2027-03-15", "2031-03-15") == "2027-03-15@100"


def test_a_step_at_or_after_maturity_is_left_out() -> None:
    assert schedule(HIGH_YIELD, 0.08, "2026-06-12", "2028-06-12") == "2026-06-12@104;2027-06-12@102"


def test_steps_stay_on_coupon_dates_when_the_bond_matures_at_a_months_end() -> None:
    text = schedule(HIGH_YIELD, 0.08, "2027-02-28", "2030-08-31")
    assert text == "2027-02-28@104;2028-02-29@102;2029-02-28@100"


def test_the_next_call_is_the_first_after_settlement_and_none_once_all_are_past() -> None:
    dates = np.array([[100, 465, int(NO_DATE)]] * 4)
    prices = np.array([[104.0, 102.0, np.nan]] * 4)
    date, price = next_call(dates, prices, np.array([99, 100, 464, 465], np.int32))
    assert date.tolist() == [100, 465, 465, int(NO_DATE)]
    assert price[:3].tolist() == [104.0, 102.0, 102.0]
    assert np.isnan(price[3])


def test_schedules_of_the_market_ascend_on_coupon_dates_and_decline_to_no_less_than_par() -> None:
    called = TABLE.filter("callable")
    lengths = set()
    for text, maturity in called.select("call_schedule", "maturity_date").iter_rows():
        steps = steps_of(text)
        lengths.add(len(steps))
        assert all(a[0] < b[0] and a[1] > b[1] >= 100.0 for a, b in pairwise(steps))
        assert steps[0][1] >= 100.0
        assert steps[-1][0] < maturity
    assert lengths == {1, 2, 3}
    for step in range(BONDS.call_date.shape[1]):
        there = BONDS.call_date[:, step] != NO_DATE
        date, months = BONDS.call_date[there, step], 12 // BONDS.frequency[there]
        assert np.array_equal(previous_coupon(date, BONDS.maturity[there], months), date)


def test_call_date_and_price_are_the_step_of_the_schedule_that_comes_next() -> None:
    seen = observations(MARKET, TABLE)
    assert seen.filter(~pl.col("callable"))["call_schedule"].null_count() == seen.filter(~pl.col("callable")).height
    called = seen.filter("callable").select("settlement_date", "call_date", "call_price", "call_schedule")
    for settlement, date, price, text in called.unique().iter_rows():
        assert (date, price) == next(step for step in steps_of(text) if step[0] > settlement)
