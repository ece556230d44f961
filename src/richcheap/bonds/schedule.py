"""Cash flows of one bond, straight from its dates: kernels that fill a caller's buffers, no objects.

`richcheap.bonds.cycle` says when a bond pays. A coupon due on the settlement date belongs to the seller.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from richcheap.bonds.calendar import (
    MONTH_START,
    count_30,
    day_in_month,
    isda_years,
    month_of,
    months_of_30,
)
from richcheap.bonds.conventions import FIRST_DAY, LAST_DAY, DayCount, Quotation
from richcheap.bonds.cycle import (
    coupon_cycle,
    coupon_date,
    coupon_period,
    day_basis,
    interest_years,
    odd_last_period,
    period_fraction,
    timing,
    zero_years,
)
from richcheap.bonds.status import Status
from richcheap.bonds.terms import NO_DATE, BondTerms, Quoted
from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementary import expm1, log1p

_ICMA: Final = int(DayCount.ACT_ACT_ICMA)
_ISDA: Final = int(DayCount.ACT_ACT_ISDA)
_ACT_360: Final = int(DayCount.ACT_360)
_BUS_252: Final = int(DayCount.BUS_252)
_CANADIAN: Final = int(DayCount.ACT_365_CANADIAN)
_LAST_IN_365: Final = int(Quotation.LAST_IN_365)
_DAYS_182: Final = int(Quotation.DAYS_182)
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
    """Write the flows still due, per 100 of face, into buffers of `MAX_FLOWS` entries: of the street convention.

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
def business_years(business_days: npt.NDArray[np.int32], start: int, end: int) -> float:
    """Return the years between two days under BUS/252, the first day counted."""
    return float(business_days[end - FIRST_DAY] - business_days[start - FIRST_DAY]) / 252.0


@kernel
def _fill_business_flows(
    settlement: int,
    maturity: int,
    coupon_rate: float,
    frequency: int,
    issue: int,
    first_coupon: int,
    business_days: npt.NDArray[np.int32],
    amount: npt.NDArray[np.float64],
    day: npt.NDArray[np.int32],
) -> tuple[int, int, float, float, bool, float]:
    """Write the flows of a bond under BUS/252, whose interest compounds over business days, see `fill_flows`."""
    amount[0] = 100.0
    day[0] = maturity
    if len(business_days) <= maturity - FIRST_DAY:
        return _BAD_TERMS, 0, 0.0, 0.0, True, 0.0
    if frequency == 0:
        return _OK, 1, business_years(business_days, settlement, maturity), 0.0, True, 0.0
    cycle = coupon_cycle(maturity, frequency, issue, first_coupon)
    status, k, start, end, quasi_start, _ = coupon_period(settlement, maturity, frequency, issue, cycle)
    if status != _OK:
        return status, 0, 0.0, 0.0, True, 0.0
    rate = log1p(coupon_rate)
    for i in range(k + 1):
        amount[i] = 100.0 * expm1(rate / frequency)
        day[i] = maturity if i == k else coupon_date(cycle, 12 // frequency, k - i)
    if start != quasi_start:
        amount[0] = 100.0 * expm1(rate * business_years(business_days, start, end))
    if cycle.odd_last:
        amount[k] = 100.0 * expm1(rate * business_years(business_days, day[k - 1] if k > 0 else start, maturity))
    whole = business_years(business_days, start, end)
    elapsed = business_years(business_days, start, settlement) / whole if whole > 0.0 else 0.0
    accrued = 100.0 * expm1(log1p(amount[0] / 100.0) * elapsed)
    amount[k] += 100.0
    return _OK, k + 1, business_years(business_days, settlement, end), accrued, True, 0.0


@kernel
def _fill_182_day_flows(
    settlement: int,
    maturity: int,
    coupon_rate: float,
    issue: int,
    first_coupon: int,
    amount: npt.NDArray[np.float64],
    gap: npt.NDArray[np.int32],
    day: npt.NDArray[np.int32],
) -> tuple[int, int, float, float, bool, float]:
    """Write the flows of a bond quoted by `Quotation.DAYS_182`, see `fill_flows`: days / 360."""
    k = (maturity - settlement - 1) // 182
    first = k
    if first_coupon != _NO_DATE:
        first = (maturity - first_coupon + 91) // 182
        k = min(k, first)
    end = maturity - 182 * k
    start = end - 182
    if issue > start or (_NO_DATE not in (issue, first_coupon) and k == first):
        start = issue
    if settlement < start:
        return _NOT_ISSUED, 0, 0.0, 0.0, True, 0.0
    coupon = 100.0 * coupon_rate
    amount[: k + 1] = coupon * 182 / 360
    amount[0] = coupon * (end - start) / 360
    amount[k] += 100.0
    for i in range(k + 1):
        gap[i] = 182 - shortest_gap(_ACT_360, 2)
        day[i] = end + 182 * i
    return _OK, k + 1, (end - settlement) / 360, coupon * (settlement - start) / 360, False, 0.0


@kernel
def _fill_quoted_flows(
    settlement: int,
    maturity: int,
    coupon_rate: float,
    frequency: int,
    day_count: int,
    issue: int,
    first_coupon: int,
    ex_until: int,
    quotation: int,
    business_days: npt.NDArray[np.int32],
    dated: bool,
    amount: npt.NDArray[np.float64],
    gap: npt.NDArray[np.int32],
    day: npt.NDArray[np.int32],
) -> tuple[int, int, float, float, bool, float]:
    """Write the flows of a bond whose interest or times are not those of the street convention, see `fill_flows`."""
    status = check_terms(settlement, maturity, coupon_rate, frequency, day_count, issue, first_coupon)
    if status == _OK and day_count == _BUS_252:
        return _fill_business_flows(
            settlement, maturity, coupon_rate, frequency, issue, first_coupon, business_days, amount, day
        )
    if status == _OK and (quotation & _DAYS_182) != 0 and frequency > 0:
        return _fill_182_day_flows(settlement, maturity, coupon_rate, issue, first_coupon, amount, gap, day)
    times = timing(day_count, quotation)
    status, count, time, accrued, level, tail = fill_flows(
        settlement, maturity, coupon_rate, frequency, times, issue, first_coupon, ex_until, dated or times == _ISDA,
        amount, gap, day,
    )  # fmt: skip
    if status != _OK or frequency == 0:
        return status, count, time, accrued, level, tail
    coupon = 100.0 * coupon_rate
    if times == _ISDA:
        for i in range(1, count if tail == 0.0 else count - 1):
            amount[i] += coupon * isda_years(day[i - 1], day[i]) - amount[i] + (100.0 if i == count - 1 else 0.0)
        return status, count, time, accrued, level, tail
    if times != day_count:
        cycle = coupon_cycle(maturity, frequency, issue, first_coupon)
        _, _, start, end, quasi_start, quasi_end = coupon_period(settlement, maturity, frequency, issue, cycle)
        accrued = coupon * interest_years(day_count, frequency, start, settlement, quasi_start, quasi_end)
        if end <= ex_until:
            accrued = coupon * (settlement - end) / 365.0
        elif start != quasi_start or end != quasi_end:
            amount[0] = coupon * interest_years(day_count, frequency, start, end, quasi_start, quasi_end)
            if count == 1:
                amount[0] += 100.0
        if tail > 0.0:
            start, quasi_end = odd_last_period(cycle, 12 // frequency)
            amount[count - 1] = coupon * interest_years(day_count, frequency, start, maturity, start, quasi_end) + 100.0
    if count == 1 and (day_count == _CANADIAN or (quotation & _LAST_IN_365) != 0):
        time = (maturity - settlement) / 365.0
    return status, count, time, accrued, level, tail


@kernel
def at_odd_times(day_count: int) -> bool:
    """Return whether the times of a bond's flows are steps of neither one length nor whole days: see `fill_times`."""
    return day_count in (_ISDA, _BUS_252)


@kernel
def fill_times(
    terms: BondTerms,
    i: int,
    count: int,
    first_time: float,
    day: npt.NDArray[np.int32],
    time: npt.NDArray[np.float64],
    quoted: Quoted | None,
) -> None:
    """Write the years to each of the i-th bond's dated flows, which are `at_odd_times`."""
    time[0] = first_time
    for j in range(1, count):
        if quoted is not None and terms.day_count[i] == _BUS_252:
            time[j] = business_years(quoted.business_days, terms.settlement[i], day[j])
        else:
            time[j] = time[j - 1] + isda_years(day[j - 1], day[j])


@kernel
def quotation_of(quoted: Quoted | None, i: int) -> int:
    """Return the i-th bond's flags of `Quotation`."""
    return 0 if quoted is None else int(quoted.quotation[i])


@kernel
def flows_of(
    terms: BondTerms,
    i: int,
    coupon_rate: float,
    dated: bool,
    amount: npt.NDArray[np.float64],
    gap: npt.NDArray[np.int32],
    day: npt.NDArray[np.int32],
    quoted: Quoted | None,
) -> tuple[int, int, float, float, bool, float]:
    """Write the flows of the i-th bond; see `fill_flows`.

    Where no bond is quoted otherwise than by the street convention (`quoted_of`), what these need is not even compiled.
    """
    if quoted is None:
        return fill_flows(
            terms.settlement[i], terms.maturity[i], coupon_rate, terms.frequency[i], terms.day_count[i],
            terms.issue[i], terms.first_coupon[i], terms.ex_until[i], dated, amount, gap, day,
        )  # fmt: skip
    return _fill_quoted_flows(
        terms.settlement[i], terms.maturity[i], coupon_rate, terms.frequency[i], terms.day_count[i], terms.issue[i],
        terms.first_coupon[i], terms.ex_until[i], quoted.quotation[i], quoted.business_days, dated, amount, gap, day,
    )  # fmt: skip


@kernel
def without_odd_last(count: int, tail: float, amount: npt.NDArray[np.float64]) -> tuple[int, float]:
    """Return the flows up to the last regular period, and the flow after an odd last one of ``tail`` years (or 0)."""
    if tail > 0.0:
        return count - 1, float(amount[count - 1])
    return count, 0.0
