"""Row loop that prices bonds on zero curves; `richcheap.curves.pricing` checks arguments and documents results."""

from typing import Final, NamedTuple

import numpy as np

from richcheap.bonds.conventions import DayCount
from richcheap.bonds.discounting import GAPS, best_step, discounted_sums, discounted_value, plain_sums, solve_rate
from richcheap.bonds.schedule import MAX_FLOWS, flows_of, shortest_gap, without_odd_last
from richcheap.bonds.status import Status
from richcheap.bonds.terms import BondTerms, Codes, Floating, Floats, Ints, Quoted, Table
from richcheap.curves.flows import DAY, fill_exposure, fill_factors, fill_floating, margin_of
from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementary import log

_ACT_365F: Final = int(DayCount.ACT_365F)
_OK: Final = int(Status.OK)
_BAD_PRICE: Final = int(Status.BAD_PRICE)
_BAD_TERMS: Final = int(Status.BAD_TERMS)
_BAD_CURVE: Final = int(Status.BAD_CURVE)
_FIXED: Final = int(Floating.FIXED)
_MARGIN: Final = int(Floating.MARGIN)
_MARGIN_UNKNOWN: Final = int(Floating.MARGIN_UNKNOWN)
# Beyond it, whatever the sign, no price is a number.
_WIDEST_SPREAD: Final = 700.0
# Times years to the last flow: spreads are exact to its fourth power.
_LAST_STEP: Final = 3e-4


class CurveResults(NamedTuple):
    """All that one walk over the flows of n bonds can give; see `curve_rows`."""

    prices: Table
    exposure: Table
    spread: Floats
    price: Floats
    duration: Floats
    convexity: Floats
    status: Codes


@kernel
def curve_rows(
    terms: BondTerms,
    node_years: Floats,
    node_rates: Table,
    largest: Floats,
    curve_index: Ints,
    at: Floats,
    dirty_price: Floats,
    solve: bool,
    spreads: Table,
    found: CurveResults,
    quoted: Quoted | None,
) -> None:
    """Fill all that is asked for from one walk over each bond's flows; see `richcheap.curves.pricing`.

    Price, duration and convexity at the spread ``at``, the spread at the price when ``solve``, prices at every column
    of ``spreads``, exposure to every node unless ``found.exposure`` has no columns. The status tells of the spread when
    ``solve``. ``largest``: of each curve's rates, without sign; a curve for which it is not finite is none.
    """
    prices, exposure, spread, price, duration, convexity, statuses = found
    value = np.empty(MAX_FLOWS)
    telescoped = np.empty(MAX_FLOWS)
    time = np.empty(MAX_FLOWS)
    factor = np.zeros(MAX_FLOWS)
    gap = np.empty(MAX_FLOWS, np.int32)
    day = np.empty(MAX_FLOWS, np.int32)
    power = np.empty(GAPS)
    for i in range(len(spread)):
        spread[i] = price[i] = duration[i] = convexity[i] = np.nan
        prices[i, :] = np.nan
        exposure[i, :] = np.nan
        settlement = terms.settlement[i]
        frequency = terms.frequency[i]
        coupon_rate = terms.coupon_rate[i]
        floating = terms.floating[i]
        floats = floating != _FIXED and frequency > 0 and np.isfinite(coupon_rate)
        # A coupon rate of 1 makes the flows of a floating-rate bond 100 times the years of their periods.
        status, count, _, _, _, tail = flows_of(terms, i, 1.0 if floats else coupon_rate, True, value, gap, day, quoted)
        curve = curve_index[i]
        if (
            floating < _FIXED
            or floating > _MARGIN_UNKNOWN
            or (floating == _MARGIN and not np.isfinite(terms.margin[i]))
        ):
            status = _BAD_TERMS
        elif status == _OK and not (0 <= curve < len(largest) and largest[curve] < np.inf):
            status = _BAD_CURVE
        statuses[i] = status
        if status != _OK:
            continue
        rates = node_rates[curve]
        shortest = shortest_gap(_ACT_365F, max(frequency, 1))
        regular = count - 1 if tail > 0.0 else count
        for j in range(1, regular):
            gap[j] = day[j] - day[j - 1] - shortest
        fill_factors(settlement, count, node_years, rates, largest[curve], day, time, factor)
        if floats:
            margin = terms.margin[i]
            if floating == _MARGIN_UNKNOWN:
                margin = margin_of(coupon_rate, frequency, terms.day_count[i], node_years, rates)
            fill_floating(coupon_rate, margin, count, factor, value, telescoped)
        else:
            for j in range(count):
                value[j] *= factor[j]
        if tail > 0.0:
            tail = time[count - 1] - time[count - 2]
        _, final = without_odd_last(count, tail, value)
        first = time[0]
        s0, s1, s2, s3 = plain_sums(count, time, value)
        for k in range(spreads.shape[1]):
            s = spreads[i, k]
            if s == 0.0:
                prices[i, k] = s0
            elif abs(s) < _WIDEST_SPREAD:
                prices[i, k] = discounted_value(s, regular, first, value, gap, DAY, shortest, power, final, tail)
        if exposure.shape[1] > 0:
            fill_exposure(count, s0, telescoped if floats else value, time, node_years, exposure[i])
        if at[i] != 0.0:
            s0, s1, s2, s3 = discounted_sums(
                at[i], regular, first, value, gap, False, DAY, shortest, power, final, tail
            )
        if abs(at[i]) < _WIDEST_SPREAD:
            price[i] = s0
            duration[i] = s1 / s0
            convexity[i] = s2 / s0
        if solve:
            given = dirty_price[i]
            if not (given > 0.0 and given < np.inf):
                statuses[i] = _BAD_PRICE
            elif count == 1:
                spread[i] = log(value[0] / given) / first
            else:
                guess = at[i] + best_step(log(s0 / given), s1 / s0, s2 / s0, s3 / s0)
                statuses[i], spread[i], _, _ = solve_rate(
                    given,
                    guess,
                    _LAST_STEP / time[count - 1],
                    regular,
                    first,
                    value,
                    gap,
                    False,
                    DAY,
                    shortest,
                    power,
                    final,
                    tail,
                )
