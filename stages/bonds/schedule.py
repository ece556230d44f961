"""Cash flows of one bond, straight from its dates: kernels that fill a caller's buffers, no objects.

Coupon dates are maturity - k * 12 / frequency months, unadjusted, each clamped from the maturity's day of the month; a
bond that matures at a month's end pays at months' ends. This is QuantLib's Schedule(NullCalendar, Unadjusted, Backward,
endOfMonth = maturity is a month's end). A coupon due on the settlement date belongs to the seller.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from stages.bonds.calendar import FIRST_DAY, LAST_DAY, MONTH_START, count_days, day_in_month, month_of, thirty_360
from stages.bonds.compiled import kernel
from stages.bonds.conventions import DayCount
from stages.bonds.status import Status
from stages.bonds.terms import NO_DATE, BondTerms

_THIRTY_360: Final = int(DayCount.THIRTY_360)
_ICMA: Final = int(DayCount.ACT_ACT_ICMA)
_ACT_360: Final = int(DayCount.ACT_360)
_LAST_DAY_COUNT: Final = max(int(code) for code in DayCount)
_OK: Final = int(Status.OK)
_BAD_TERMS: Final = int(Status.BAD_TERMS)
_MATURED: Final = int(Status.MATURED)
_NOT_ISSUED: Final = int(Status.NOT_ISSUED)
_NO_DATE: Final = int(NO_DATE)

MAX_FLOWS: Final = 12 * 300
# A first coupon date given as a payment date may be off the schedule by a long weekend.
_FIRST_COUPON_TOLERANCE_DAYS: Final = 7


@kernel
def day_basis(day_count: int) -> int:
    """Return the days of the day count's year; 365 for ACT/ACT ICMA, whose regular periods do not use it."""
    return 360 if day_count in (_THIRTY_360, _ACT_360) else 365


@kernel
def shortest_gap(day_count: int, frequency: int) -> int:
    """Return the fewest days of a coupon period; no period has more than four days above it."""
    if day_count == _THIRTY_360:
        return 360 // frequency - 4
    if frequency == 12:
        return 27
    if frequency == 4:
        return 88
    return 180 if frequency == 2 else 362


@kernel
def check_terms(settlement: int, maturity: int, coupon_rate: float, frequency: int, day_count: int, issue: int) -> int:
    """Return the status that follows from the terms alone."""
    if (
        frequency not in (0, 1, 2, 4, 12)
        or day_count < 0
        or day_count > _LAST_DAY_COUNT
        or not np.isfinite(coupon_rate)
        or (frequency == 0 and coupon_rate != 0.0)
        or settlement < FIRST_DAY
        or maturity < FIRST_DAY
        or settlement > LAST_DAY
        or maturity > LAST_DAY
        or (issue != _NO_DATE and (issue < FIRST_DAY or issue > LAST_DAY))
    ):
        return _BAD_TERMS
    if settlement >= maturity:
        return _MATURED
    if issue != _NO_DATE and settlement < issue:
        return _NOT_ISSUED
    return _OK


@kernel
def period_fraction(
    day_count: int, frequency: int, start: int, end: int, coupon_date: int, quasi_start: int, month_end: bool
) -> float:
    """Return the years from start to end, both inside the period that ends on a coupon date.

    ``quasi_start`` is the coupon date less one regular period. Under ACT/ACT ICMA a period that starts before it is
    cut into quasi-periods (ICMA Rule 251; 31 CFR 356 Appendix B).
    """
    if day_count != _ICMA:
        return count_days(day_count, start, end) / day_basis(day_count)
    last = coupon_date
    first = quasi_start
    years = 0.0
    while start < first:
        years += max(min(end, last) - first, 0) / ((last - first) * frequency)
        last = first
        month = month_of(first)
        first = day_in_month(month - 12 // frequency, first - MONTH_START[month] + 1, month_end)
    return years + (min(end, last) - start) / ((last - first) * frequency)


@kernel
def first_coupon_index(maturity_month: int, day_of_month: int, month_end: bool, step: int, first_coupon: int) -> int:
    """Return how many periods before maturity the first coupon falls, or -1 when it is not on the schedule."""
    index = (maturity_month - month_of(first_coupon)) // step
    for k in range(max(index - 1, 0), index + 2):
        distance = day_in_month(maturity_month - k * step, day_of_month, month_end) - first_coupon
        if abs(distance) <= _FIRST_COUPON_TOLERANCE_DAYS:
            return k
    return -1


@kernel
def coupon_period(
    day: int, maturity: int, frequency: int, issue: int, first_coupon: int
) -> tuple[int, int, int, int, int]:
    """Return the coupon period that holds a day before maturity; a coupon date is the start of a period.

    Returns
    -------
    status, number of coupon dates after the period's end, start of accrual, end, start of the regular period that
    ends with it (`period_fraction` counts quasi-periods back from there).
    """
    step = 12 // frequency
    last_month = month_of(maturity)
    day_of_month = maturity - MONTH_START[last_month] + 1
    month_end = MONTH_START[last_month + 1] == maturity + 1
    k = (last_month - month_of(day)) // step
    if day_in_month(last_month - k * step, day_of_month, month_end) <= day:
        k -= 1
    first = -1
    if first_coupon != _NO_DATE and day < first_coupon:
        if first_coupon <= issue or first_coupon < FIRST_DAY or first_coupon > maturity:
            return _BAD_TERMS, 0, 0, 0, 0
        first = first_coupon_index(last_month, day_of_month, month_end, step, first_coupon)
        if first < 0:
            return _BAD_TERMS, 0, 0, 0, 0
        k = min(k, first)
    month = last_month - k * step
    end = day_in_month(month, day_of_month, month_end)
    start = day_in_month(month - step, day_of_month, month_end)
    quasi_start = start
    if issue > start or (issue != _NO_DATE and k == first):
        start = issue
        quasi_start = day_in_month(month - step, end - MONTH_START[month] + 1, month_end)
    if day < start:
        return _NOT_ISSUED, 0, 0, 0, 0
    return _OK, k, start, end, quasi_start


@kernel
def zero_years(day_count: int, start: int, maturity: int) -> float:
    """Return the years to the maturity of a zero-coupon bond: under ICMA year by year back from maturity."""
    if day_count != _ICMA:
        return count_days(day_count, start, maturity) / day_basis(day_count)
    _, k, year_start, year_end, _ = coupon_period(start, maturity, 1, _NO_DATE, _NO_DATE)
    return k + (year_end - start) / (year_end - year_start)


@kernel
def fill_flows(
    settlement: int,
    maturity: int,
    coupon_rate: float,
    frequency: int,
    day_count: int,
    issue: int,
    first_coupon: int,
    dated: bool,
    amount: npt.NDArray[np.float64],
    gap: npt.NDArray[np.int32],
    day: npt.NDArray[np.int32],
) -> tuple[int, int, float, float, bool]:
    """Write the flows still due, per 100 of face, into buffers of `MAX_FLOWS` entries.

    ``amount[i]`` is the i-th flow, the redemption included in the last; ``gap[i]`` for i > 0 the days of its period
    above `shortest_gap` (untouched when the periods are level); ``day[i]`` its date, written only when ``dated``.

    Returns
    -------
    status, number of flows, years to the first flow, accrued interest, whether all periods after the first are level
    (1 / frequency years each). Times follow the bond's own day count, as a sum over periods.
    """
    status = check_terms(settlement, maturity, coupon_rate, frequency, day_count, issue)
    if status != _OK:
        return status, 0, 0.0, 0.0, True
    if frequency == 0:
        amount[0] = 100.0
        day[0] = maturity
        return _OK, 1, zero_years(day_count, settlement, maturity), 0.0, True
    status, k, start, previous, quasi_start = coupon_period(settlement, maturity, frequency, issue, first_coupon)
    if status != _OK:
        return status, 0, 0.0, 0.0, True
    step = 12 // frequency
    last_month = month_of(maturity)
    day_of_month = maturity - MONTH_START[last_month] + 1
    month_end = MONTH_START[last_month + 1] == maturity + 1
    accrued = period_fraction(day_count, frequency, start, settlement, previous, quasi_start, month_end)
    period = period_fraction(day_count, frequency, start, previous, previous, quasi_start, month_end)

    coupon = 100.0 * coupon_rate
    count = k + 1
    level = day_count == _ICMA or (day_count == _THIRTY_360 and day_of_month <= 27)
    amount[0] = coupon * period
    if level:
        amount[1:count] = coupon / frequency
    if dated or not level:
        shortest = shortest_gap(day_count, frequency)
        scale = coupon / day_basis(day_count)
        month = last_month - k * step
        day[0] = previous
        for i in range(1, count):
            month += step
            current = day_in_month(month, day_of_month, month_end)
            day[i] = current
            if not level:
                days = current - previous
                if day_count == _THIRTY_360:
                    days = thirty_360(
                        month - step,
                        previous - MONTH_START[month - step] + 1,
                        month,
                        current - MONTH_START[month] + 1,
                    )
                amount[i] = scale * days
                gap[i] = days - shortest
            previous = current
    amount[k] += 100.0
    return _OK, count, period - accrued, coupon * accrued, level


@kernel
def flows_of(
    terms: BondTerms,
    i: int,
    dated: bool,
    amount: npt.NDArray[np.float64],
    gap: npt.NDArray[np.int32],
    day: npt.NDArray[np.int32],
) -> tuple[int, int, float, float, bool]:
    """Write the flows of the i-th bond; see `fill_flows`."""
    return fill_flows(
        terms.settlement[i], terms.maturity[i], terms.coupon_rate[i], terms.frequency[i], terms.day_count[i],
        terms.issue[i], terms.first_coupon[i], dated, amount, gap, day,
    )  # fmt: skip
