"""Coupon dates of one bond: kernels that find the dates its coupons follow and the period that holds a day.

Coupon dates are an anchor plus or minus k * 12 / frequency months, unadjusted, each clamped from the anchor's day of
the month; an anchor at a month's end makes the bond pay at months' ends. The anchor is maturity, as in QuantLib's
Schedule(NullCalendar, Unadjusted, Backward, endOfMonth = maturity is a month's end). A first coupon date that the dates
of maturity miss is the anchor in its place, as in Schedule(..., Forward, endOfMonth = it is a month's end, firstDate),
and what is left before maturity is an odd last period.
"""

from typing import Final, NamedTuple

from richcheap.bonds.calendar import MONTH_START, count_days, day_in_month, isda_years, month_of, months_of_30
from richcheap.bonds.conventions import DayCount, Quotation
from richcheap.bonds.status import Status
from richcheap.bonds.terms import NO_DATE
from richcheap.numerics.compiled import kernel

_ICMA: Final = int(DayCount.ACT_ACT_ICMA)
_ACT_360: Final = int(DayCount.ACT_360)
_ISDA: Final = int(DayCount.ACT_ACT_ISDA)
_CANADIAN: Final = int(DayCount.ACT_365_CANADIAN)
_LEVEL: Final = int(Quotation.LEVEL)
_OK: Final = int(Status.OK)
_NOT_ISSUED: Final = int(Status.NOT_ISSUED)
_NO_DATE: Final = int(NO_DATE)
# A first coupon date given as a payment date may be off the schedule by a long weekend.
_FIRST_COUPON_TOLERANCE_DAYS: Final = 7


class Cycle(NamedTuple):
    """What fixes the coupon dates of one bond; `coupon_date` numbers them backwards."""

    last_month: int  # of date 0: maturity, or the date after it that ends the regular period
    day_of_month: int
    month_end: bool  # it pays at months' ends
    first: int  # number of the first coupon; -1 when the data do not give it
    odd_last: bool  # maturity lies before date 0


@kernel
def timing(day_count: int, quotation: int) -> int:
    """Return the day count of a bond's times and regular coupons; `interest_years` has that of its interest."""
    return _ICMA if day_count == _CANADIAN or (quotation & _LEVEL) != 0 else day_count


@kernel
def day_basis(day_count: int) -> int:
    """Return the days of the day count's year; 365 for ACT/ACT ICMA, whose regular periods do not use it."""
    return 360 if months_of_30(day_count) or day_count == _ACT_360 else 365


@kernel
def coupon_date(cycle: Cycle, step: int, k: int) -> int:
    """Return the date k periods of ``step`` months before the last."""
    return day_in_month(cycle.last_month - k * step, cycle.day_of_month, cycle.month_end)


@kernel
def _cycle_of_first_coupon(maturity: int, step: int, issue: int, first_coupon: int, at_maturity: Cycle) -> Cycle:
    """Return the cycle that a first coupon date asks for, given the one that ends at maturity.

    That one, if it holds the date; if not, the one from the date on, if it ends at maturity (a maturity on 28 February
    does not say whether the bond pays at months' ends); if not, the first again, if the date is one of its dates moved
    by a weekend; otherwise the second, whose last period is odd.
    """
    month = month_of(first_coupon)
    index = (at_maturity.last_month - month) // step
    near = -1
    for k in range(max(index - 1, 0), index + 2):
        day = coupon_date(at_maturity, step, k)
        if day == first_coupon:
            return Cycle(at_maturity.last_month, at_maturity.day_of_month, at_maturity.month_end, k, False)
        if day > issue and abs(day - first_coupon) <= _FIRST_COUPON_TOLERANCE_DAYS:
            near = k
    day_of_month = first_coupon - MONTH_START[month] + 1
    month_end = MONTH_START[month + 1] == first_coupon + 1
    periods = (at_maturity.last_month - month) // step
    last = day_in_month(month + periods * step, day_of_month, month_end)
    if last < maturity:
        periods += 1
        last = day_in_month(month + periods * step, day_of_month, month_end)
    if near >= 0 and last != maturity:
        return Cycle(at_maturity.last_month, at_maturity.day_of_month, at_maturity.month_end, near, False)
    return Cycle(month + periods * step, day_of_month, month_end, periods, last != maturity)


@kernel
def coupon_cycle(maturity: int, frequency: int, issue: int, first_coupon: int) -> Cycle:
    """Return the coupon cycle of a bond whose terms `check_terms` has passed."""
    last_month = month_of(maturity)
    month_end = MONTH_START[last_month + 1] == maturity + 1
    cycle = Cycle(last_month, maturity - MONTH_START[last_month] + 1, month_end, -1, False)
    if first_coupon == _NO_DATE:
        return cycle
    return _cycle_of_first_coupon(maturity, 12 // frequency, issue, first_coupon, cycle)


@kernel
def odd_last_period(cycle: Cycle, step: int) -> tuple[int, int]:
    """Return the start of an odd last period, and the end of the regular period from it."""
    month = cycle.last_month - step
    start = day_in_month(month, cycle.day_of_month, cycle.month_end)
    return start, day_in_month(month + step, start - MONTH_START[month] + 1, cycle.month_end)


@kernel
def coupon_period(
    day: int, maturity: int, frequency: int, issue: int, cycle: Cycle
) -> tuple[int, int, int, int, int, int]:
    """Return the coupon period that holds a day before maturity; a coupon date is the start of a period.

    Returns
    -------
    status, number of coupon dates after the period's end, start of accrual, end, start and end of the regular period
    that begins or ends with it (`period_fraction` counts quasi-periods back from there).
    """
    step = 12 // frequency
    k = (cycle.last_month - month_of(day)) // step
    if coupon_date(cycle, step, k) <= day:
        k -= 1
    if cycle.first >= 0:
        k = min(k, cycle.first)
    month = cycle.last_month - k * step
    end = day_in_month(month, cycle.day_of_month, cycle.month_end)
    start = day_in_month(month - step, cycle.day_of_month, cycle.month_end)
    quasi_start = start
    quasi_end = end
    if issue > start or (issue != _NO_DATE and k == cycle.first):
        start = issue
        quasi_start = day_in_month(month - step, end - MONTH_START[month] + 1, cycle.month_end)
    elif cycle.odd_last and k == 0:
        end = maturity
        quasi_start, quasi_end = odd_last_period(cycle, step)
    if day < start:
        return _NOT_ISSUED, 0, 0, 0, 0, 0
    return _OK, k, start, end, quasi_start, quasi_end


@kernel
def period_fraction(
    day_count: int, frequency: int, start: int, end: int, quasi_end: int, quasi_start: int, month_end: bool
) -> float:
    """Return the years from start to end, both inside one coupon period.

    ``quasi_start`` and ``quasi_end`` are the regular period that begins or ends with it. Under ACT/ACT ICMA a period
    that starts earlier is cut into quasi-periods (ICMA Rule 251; 31 CFR 356 Appendix B).
    """
    if day_count != _ICMA:
        if day_count == _ISDA:
            return isda_years(start, end)
        return count_days(day_count, start, end, month_end) / day_basis(day_count)
    last = quasi_end
    first = quasi_start
    month = month_of(quasi_end)
    day_of_month = quasi_end - MONTH_START[month] + 1  # of all quasi-periods: one that ends in February does not drift
    month -= 12 // frequency
    years = 0.0
    while start < first:
        years += max(min(end, last) - first, 0) / ((last - first) * frequency)
        last = first
        month -= 12 // frequency
        first = day_in_month(month, day_of_month, month_end)
    return years + (min(end, last) - start) / ((last - first) * frequency)


@kernel
def interest_years(day_count: int, frequency: int, start: int, end: int, quasi_start: int, quasi_end: int) -> float:
    """Return the years for which interest has accrued where times follow ACT/ACT ICMA and interest does not.

    ACT/365 Canadian, or days / 365 of `Quotation.LEVEL`. ``quasi_start`` and ``quasi_end`` are the regular period that
    ends with the one of ``start``.
    """
    days = end - start
    if day_count == _CANADIAN and days * frequency > 365:
        return 1.0 / frequency + (days - (quasi_end - quasi_start)) / 365.0
    return days / 365.0


@kernel
def zero_years(day_count: int, start: int, maturity: int, month_end: bool) -> float:
    """Return the years to the maturity of a zero-coupon bond: under ICMA year by year back from maturity.

    ``month_end``: coupons, if there were any, would be paid at months' ends.
    """
    if day_count == _ISDA:
        return isda_years(start, maturity)
    if day_count not in (_ICMA, _CANADIAN):
        return count_days(day_count, start, maturity, month_end) / day_basis(day_count)
    cycle = coupon_cycle(maturity, 1, _NO_DATE, _NO_DATE)
    _, k, year_start, year_end, _, _ = coupon_period(start, maturity, 1, _NO_DATE, cycle)
    return k + (year_end - start) / (year_end - year_start)
