"""Days since 1970-01-01: their months and years, for kernels, and the business days of markets.

Days on which a market is closed come from the `holidays` package; kernels take them as an array.
"""

from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from richcheap.bonds.conventions import MARKETS, DayCount
from richcheap.numerics.compiled import kernel

# Kernels read these as compile-time constants.
_THIRTY_360: Final = int(DayCount.THIRTY_360)
_THIRTY_E_360: Final = int(DayCount.THIRTY_E_360)
_LAST_MONTH: Final = 12 * 300
MONTH_START: npt.NDArray[np.int32] = (
    np.arange("1900-01", "2201-02", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int32)
)
FIRST_DAY: Final = int(MONTH_START[12])  # 1901-01-01
LAST_DAY: Final = int(MONTH_START[_LAST_MONTH]) - 1  # 2199-12-31

WEEKDAYS: Final = "weekdays"
"""The calendar that has no holidays."""
BANKS_OF_BRAZIL: Final = "BR-ANBIMA"
"""ANBIMA's calendar, which counts for BUS/252: the exchange's, which also closes on the last days of the year."""
_CATEGORIES: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "AU": ("public", "bank"),
        "CA": ("public", "government", "optional"),
        "KR": ("public", "bank"),
        "SE": ("public", "de_facto"),
    }
)
# A holiday of these categories on which the market is open.
_OPEN: MappingProxyType[str, str] = MappingProxyType({"CA": "Easter Monday"})


@cache
def calendar_codes() -> tuple[str, ...]:
    """Return the codes of calendars with holidays: financial ones of the `holidays` package, and those of markets."""
    from holidays.utils import list_supported_financial  # noqa: PLC0415  weekdays need not pay for it

    of_markets = {market.calendar for market in MARKETS}
    return tuple(sorted({*list_supported_financial(include_aliases=False), *of_markets, BANKS_OF_BRAZIL}))


@cache
def closing_days(calendar: str, first_year: int, last_year: int) -> npt.NDArray[np.datetime64]:
    """Return the days on which a calendar's market is closed besides weekends, ascending.

    Parameters
    ----------
    calendar : str
        `WEEKDAYS` (none), a financial calendar of the `holidays` package (``XSIF`` is SIFMA's for US bonds, ``XECB`` is
        TARGET), or the banks of a country and, after a dash, of the part of it where the market is (``GB-ENG``).
    first_year, last_year : int
        Years covered, both included.
    """
    if calendar == WEEKDAYS:
        return np.array([], dtype="datetime64[D]")
    from holidays import country_holidays, financial_holidays  # noqa: PLC0415  weekdays need not pay for it

    years = range(first_year, last_year + 1)
    country, _, part = calendar.partition("-")
    if calendar == BANKS_OF_BRAZIL:
        closed = financial_holidays("BVMF", years=years)
        days = [day for day in closed if isinstance(day, date) and (day.month < 12 or day.day == 25)]
    elif len(country) == 2:
        closed = country_holidays(country, part or None, years=years, categories=_CATEGORIES.get(country, ("public",)))
        opened = set(closed.get_named(_OPEN[country])) if country in _OPEN else set()
        days = [day for day in closed if isinstance(day, date) and day not in opened]
    else:
        days = [day for day in financial_holidays(calendar, years=years) if isinstance(day, date)]
    return np.array(sorted(days), dtype="datetime64[D]")


def business_days_before(calendar: str, first_year: int, last_year: int) -> npt.NDArray[np.int32]:
    """Return for each day from `FIRST_DAY` on how many business days lie before it.

    Years outside the given ones, both included, have no holidays.
    """
    days = np.arange(FIRST_DAY, LAST_DAY + 2).astype("datetime64[D]")
    opened = np.is_busday(days, holidays=closing_days(calendar, first_year, last_year))
    return np.concatenate(([0], np.cumsum(opened[:-1]))).astype(np.int32)


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
