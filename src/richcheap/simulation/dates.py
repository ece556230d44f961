"""Business days and coupon dates as whole days since 1970-01-01."""

import datetime as dt

import numpy as np

from richcheap.simulation.states.stochastic import Integers


def business_days(start: dt.date, periods: int) -> Integers:
    """Return consecutive weekdays from ``start``, shape (periods,)."""
    days = np.busday_offset(np.datetime64(start, "D"), np.arange(periods), roll="forward")
    return np.asarray(days.astype(np.int64))


def settle(days: Integers, lag: int) -> Integers:
    """Return the settlement days, ``lag`` weekdays later."""
    return np.asarray(np.busday_offset(days.astype("datetime64[D]"), lag, roll="forward").astype(np.int64))


def month_of(days: Integers) -> Integers:
    """Return months since January 1970."""
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64))


def day_of_month(days: Integers) -> Integers:
    """Return the day of the month, 1 to 31."""
    return np.asarray(days - month_start(month_of(days)) + 1)


def month_start(months: Integers) -> Integers:
    """Return the first day of each month."""
    return np.asarray(months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64))


def in_month(months: Integers, day: Integers) -> Integers:
    """Return the given day of each month, clamped to its end."""
    return np.asarray(np.minimum(month_start(months) + day - 1, month_start(months + 1) - 1))


def coupon_day(maturity: Integers) -> Integers:
    """Return the day of the month of the coupons: maturity's, or the last when it matures at a month's end."""
    return np.where(maturity + 1 == month_start(month_of(maturity) + 1), 31, day_of_month(maturity))


def next_coupon(days: Integers, maturity: Integers, period_months: Integers) -> Integers:
    """Return the first coupon date strictly after each day, counted back from maturity, clamped to month ends."""
    months, anchor = month_of(maturity), coupon_day(maturity)
    periods = (months - month_of(days)) // period_months
    candidate = in_month(months - periods * period_months, anchor)
    later = in_month(months - (periods - 1) * period_months, anchor)
    return np.asarray(np.where(candidate > days, candidate, later))


def previous_coupon(days: Integers, maturity: Integers, period_months: Integers) -> Integers:
    """Return the last coupon date on or before each day, counted back from maturity."""
    following = next_coupon(days, maturity, period_months)
    months = (month_of(maturity) - month_of(following)) // period_months * period_months
    return in_month(month_of(maturity) - months - period_months, coupon_day(maturity))
