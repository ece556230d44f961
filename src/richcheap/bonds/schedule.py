"""Cash flows of one bond, straight from its dates: kernels that fill a caller's buffers, no objects.

`richcheap.bonds.cycle` says when a bond pays. A coupon due on the settlement date belongs to the seller.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from richcheap.bonds.calendar import FIRST_DAY, LAST_DAY, MONTH_START, count_30, day_in_month, month_of, months_of_30
from richcheap.bonds.conventions import DayCount
from richcheap.bonds.cycle import coupon_cycle, coupon_period, day_basis, odd_last_period, period_fraction, zero_years
from richcheap.bonds.status import Status
from richcheap.bonds.terms import NO_DATE, BondTerms
from richcheap.numerics.compiled import kernel

_ICMA: Final = int(DayCount.ACT_ACT_ICMA)
_LAST_DAY_COUNT: Final = max(int(code) for code in DayCount)
_OK: Final = int(Status.OK)
_BAD_TERMS: Final = int(Status.BAD_TERMS)
_MATURED: Final = int(Status.MATURED)
_NOT_ISSUED: Final = int(Status.NOT_ISSUED)
_NO_DATE: Final = int(NO_DATE)

MAX_FLOWS: Final = 12 * 300


@kernel
def shortest_gap(day_count: int, frequency: int) -> int:
    """Return the fewest days of a regular coupon period; none has more than `GAPS` - 1 days above it."""
    if months_of_30(day_count):
        return 360 // frequency - 4
    if frequency == 12:
        return 27
    if frequency == 4:
        return 88
    return 180 if frequency == 2 else 362


@kernel
def check_terms(
    settlement: int, maturity: int, coupon_rate: float, frequency: int, day_count: int, issue: int, first_coupon: int
) -> int:
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
        or (first_coupon != _NO_DATE and (first_coupon <= issue or first_coupon < FIRST_DAY or first_coupon > maturity))
        or (first_coupon != _NO_DATE and frequency == 0 and first_coupon != maturity)
    ):
        return _BAD_TERMS
    if settlement >= maturity:
        return _MATURED
    if issue != _NO_DATE and settlement < issue:
        return _NOT_ISSUED
    return _OK


@kernel
def fill_flows(
    settlement: int,
    maturity: int,
    coupon_rate: float,
    frequency: int,
    day_count: int,
    issue: int,
    first_coupon: int,
    ex_until: int,
    dated: bool,
    amount: npt.NDArray[np.float64],
    gap: npt.NDArray[np.int32],
    day: npt.NDArray[np.int32],
) -> tuple[int, int, float, float, bool, float]:
    """Write the flows still due, per 100 of face, into buffers of `MAX_FLOWS` entries.

    ``amount[i]`` is the i-th flow, the redemption included in the last; ``gap[i]`` for i > 0 the days of its regular
    period above `shortest_gap` (untouched when the periods are level); ``day[i]`` its date, written only when
    ``dated``. A next coupon due by ``ex_until`` is the seller's: its flow is 0, and accrued interest is negative.

    Returns
    -------
    status, number of flows, years to the first flow, accrued interest, whether all regular periods after the first are
    level (1 / frequency years each), years of an odd last period after the first (0 when there is none). Times follow
    the bond's own day count, as a sum over periods.
    """
    status = check_terms(settlement, maturity, coupon_rate, frequency, day_count, issue, first_coupon)
    if status != _OK:
        return status, 0, 0.0, 0.0, True, 0.0
    if frequency == 0:
        amount[0] = 100.0
        day[0] = maturity
        month_end = MONTH_START[month_of(maturity) + 1] == maturity + 1
        return _OK, 1, zero_years(day_count, settlement, maturity, month_end), 0.0, True, 0.0
    cycle = coupon_cycle(maturity, frequency, issue, first_coupon)
    month_end = cycle.month_end
    status, k, start, previous, quasi_start, quasi_end = coupon_period(settlement, maturity, frequency, issue, cycle)
    if status != _OK:
        return status, 0, 0.0, 0.0, True, 0.0
    step = 12 // frequency
    accrued = period_fraction(day_count, frequency, start, settlement, quasi_end, quasi_start, month_end)
    period = period_fraction(day_count, frequency, start, previous, quasi_end, quasi_start, month_end)

    coupon = 100.0 * coupon_rate
    count = k + 1
    ex_dividend = previous <= ex_until
    regular = k if cycle.odd_last and k > 0 else count
    level = day_count == _ICMA or (months_of_30(day_count) and cycle.day_of_month <= 27)
    amount[0] = 0.0 if ex_dividend else coupon * period
    if level:
        amount[1:regular] = coupon / frequency
    if dated or not level:
        shortest = shortest_gap(day_count, frequency)
        scale = coupon / day_basis(day_count)
        month = cycle.last_month - k * step
        day[0] = previous
        for i in range(1, regular):
            month += step
            current = day_in_month(month, cycle.day_of_month, month_end)
            day[i] = current
            if not level:
                days = current - previous
                if months_of_30(day_count):
                    days = count_30(
                        day_count,
                        month - step,
                        previous - MONTH_START[month - step] + 1,
                        month,
                        current - MONTH_START[month] + 1,
                        month_end,
                    )
                amount[i] = scale * days
                gap[i] = days - shortest
            previous = current
    tail = 0.0
    if regular < count:
        start, quasi_end = odd_last_period(cycle, step)
        tail = period_fraction(day_count, frequency, start, maturity, quasi_end, start, month_end)
        amount[k] = coupon * tail
        day[k] = maturity
    amount[k] += 100.0
    earned = accrued - period if ex_dividend else accrued
    return _OK, count, period - accrued, coupon * earned, level, tail


@kernel
def flows_of(
    terms: BondTerms,
    i: int,
    dated: bool,
    amount: npt.NDArray[np.float64],
    gap: npt.NDArray[np.int32],
    day: npt.NDArray[np.int32],
) -> tuple[int, int, float, float, bool, float]:
    """Write the flows of the i-th bond; see `fill_flows`."""
    return fill_flows(
        terms.settlement[i], terms.maturity[i], terms.coupon_rate[i], terms.frequency[i], terms.day_count[i],
        terms.issue[i], terms.first_coupon[i], terms.ex_until[i], dated, amount, gap, day,
    )  # fmt: skip


@kernel
def without_odd_last(count: int, tail: float, amount: npt.NDArray[np.float64]) -> tuple[int, float]:
    """Return the flows up to the last regular period, and the flow after an odd last one of ``tail`` years (or 0)."""
    if tail > 0.0:
        return count - 1, float(amount[count - 1])
    return count, 0.0
