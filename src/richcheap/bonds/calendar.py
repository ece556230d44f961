"""Calendar arithmetic for kernels: days since 1970-01-01 against months since January 1900."""

from typing import Final

import numpy as np
import numpy.typing as npt

from richcheap.bonds.conventions import DayCount
from richcheap.numerics.compiled import kernel

# Kernels read these as compile-time constants.
_THIRTY_360: Final = int(DayCount.THIRTY_360)
_THIRTY_E_360: Final = int(DayCount.THIRTY_E_360)
MONTH_START: npt.NDArray[np.int32] = (
    np.arange("1900-01", "2201-02", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int32)
)


@kernel
def month_of(day: int) -> int:
    """Return the month that holds a day; the day must lie in 1900 to 2199."""
    month = int((day - MONTH_START[0]) * (12.0 / 365.2425))
    while MONTH_START[month] > day:
        month -= 1
    while MONTH_START[month + 1] <= day:
        month += 1
    return month


@kernel
def day_in_month(month: int, day_of_month: int, month_end: bool) -> int:
    """Return the date with this day of the month, clamped to the month's length, or its end."""
    length = MONTH_START[month + 1] - MONTH_START[month]
    if month_end or day_of_month > length:
        return int(MONTH_START[month] + length - 1)
    return int(MONTH_START[month] + day_of_month - 1)


@kernel
def thirty_360(start_month: int, start_day: int, end_month: int, end_day: int, month_end: bool) -> int:
    """Count days under 30/360 (US); the last of February is a 30th only if interest is paid at months' ends.

    With ``month_end`` the count is QuantLib's Thirty360(USA), without it Thirty360(BondBasis).
    """
    if month_end and start_month % 12 == 1 and start_day == MONTH_START[start_month + 1] - MONTH_START[start_month]:
        if end_month % 12 == 1 and end_day == MONTH_START[end_month + 1] - MONTH_START[end_month]:
            end_day = 30
        start_day = 30
    if end_day == 31 and start_day >= 30:
        end_day = 30
    if start_day == 31:
        start_day = 30
    return 30 * (end_month - start_month) + end_day - start_day


@kernel
def isda_years(start: int, end: int) -> float:
    """Return the years under ACT/ACT ISDA: the days in leap years / 366 and those in other years / 365."""
    first = month_of(start) // 12
    last = month_of(end) // 12
    begin = MONTH_START[12 * last]
    length = MONTH_START[12 * last + 12] - begin
    if first == last:
        return float((end - start) / length)
    rest = MONTH_START[12 * first + 12]
    before = (rest - start) / (rest - MONTH_START[12 * first])
    return float(before + (last - first - 1) + (end - begin) / length)


@kernel
def months_of_30(day_count: int) -> bool:
    """Tell whether a day count has months of 30 days."""
    return day_count in (_THIRTY_360, _THIRTY_E_360)


@kernel
def count_30(day_count: int, start_month: int, start_day: int, end_month: int, end_day: int, month_end: bool) -> int:
    """Count days under 30/360 (see `thirty_360`) or 30E/360, where each 31st is a 30th."""
    if day_count == _THIRTY_E_360:
        return 30 * (end_month - start_month) + min(end_day, 30) - min(start_day, 30)
    return thirty_360(start_month, start_day, end_month, end_day, month_end)


@kernel
def count_days(day_count: int, start: int, end: int, month_end: bool) -> int:
    """Count days between two dates as the day count does: actual days but where months have 30, see `count_30`."""
    if months_of_30(day_count):
        start_month = month_of(start)
        end_month = month_of(end)
        return count_30(
            day_count,
            start_month,
            start - MONTH_START[start_month] + 1,
            end_month,
            end - MONTH_START[end_month] + 1,
            month_end,
        )
    return end - start
