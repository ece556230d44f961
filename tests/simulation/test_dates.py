"""Coupon dates are counted back from maturity, clamped to months' ends, and at months' ends when maturity is one."""

import datetime as dt

import numpy as np
import pytest

from richcheap.simulation.dates import (
    business_days,
    day_of_month,
    in_month,
    month_of,
    next_coupon,
    previous_coupon,
    settle,
)


def day(text: str) -> np.ndarray:
    return np.array([np.datetime64(text, "D").astype(np.int64)])


def test_weekends_are_no_business_days_and_settlement_skips_them() -> None:
    days = business_days(dt.date(2022, 1, 6), 3)
    assert days.astype("datetime64[D]").astype(str).tolist() == ["2022-01-06", "2022-01-07", "2022-01-10"]
    assert settle(days, 1).astype("datetime64[D]").astype(str).tolist() == ["2022-01-07", "2022-01-10", "2022-01-11"]


@pytest.mark.parametrize(
    ("today", "maturity", "months", "previous", "following"),
    [
        ("2022-03-10", "2030-08-31", 6, "2022-02-28", "2022-08-31"),
        ("2022-02-28", "2030-08-31", 6, "2022-02-28", "2022-08-31"),
        ("2022-02-27", "2030-08-31", 6, "2021-08-31", "2022-02-28"),
        ("2021-12-30", "2030-06-30", 6, "2021-06-30", "2021-12-31"),
        ("2022-03-30", "2024-02-29", 1, "2022-02-28", "2022-03-31"),
        ("2022-05-14", "2022-05-15", 12, "2021-05-15", "2022-05-15"),
        ("2022-05-15", "2025-05-15", 1, "2022-05-15", "2022-06-15"),
    ],
)
def test_coupon_dates_around_a_day(today: str, maturity: str, months: int, previous: str, following: str) -> None:
    period = np.array([months])
    assert previous_coupon(day(today), day(maturity), period) == day(previous)
    assert next_coupon(day(today), day(maturity), period) == day(following)


def test_a_day_is_its_month_and_its_day_of_month() -> None:
    days = np.arange(-1_000, 30_000)
    assert np.array_equal(in_month(month_of(days), day_of_month(days)), days)
