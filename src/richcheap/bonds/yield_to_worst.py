"""Yield to worst: the lowest yield over the dates on which the issuer may end the bond.

Candidates are the dates of the call schedule and maturity at 100; of equal yields the earliest date counts. A call on a
coupon date pays the coupon and the call price; one between coupon dates the call price and the interest accrued to it.
A bond whose call date has passed is taken to be callable on coupon dates, at the price of the latest past entry: its
next coupon date is a candidate, unless a later entry comes first. Yields are street convention, as in
`richcheap.bonds.measures`. A floating-rate bond, or one under BUS/252 or with coupons 182 days apart, has no yield to a
call date: its figures are those at maturity.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from richcheap.bonds.calendar import MONTH_START, month_of
from richcheap.bonds.calls import Calls, calls_from_frame
from richcheap.bonds.conventions import DayCount, Quotation
from richcheap.bonds.cycle import coupon_cycle, coupon_period, interest_years, period_fraction, timing, zero_years
from richcheap.bonds.discounting import GAPS, discounted_sums, solve_at_times, solve_rate, sums_at_times
from richcheap.bonds.measures import (
    LAST_STEP,
    Measures,
    compound_figures,
    compounding,
    measures,
    one_basis_point,
    period_years,
    simple_figures,
)
from richcheap.bonds.schedule import MAX_FLOWS, at_odd_times, fill_times, flows_of, quotation_of, shortest_gap
from richcheap.bonds.status import Status
from richcheap.bonds.terms import (
    NO_DATE,
    BondTerms,
    Codes,
    Floating,
    Floats,
    Ints,
    Quoted,
    floats,
    normalised,
    of_rows,
    quoted_of,
)
from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementary import log, log1p
from richcheap.numerics.threads import run_blocks, views

__all__ = ["Calls", "Worst", "calls_from_frame", "measures_to_worst"]

_ICMA: Final = int(DayCount.ACT_ACT_ICMA)
_BUS_252: Final = int(DayCount.BUS_252)
_DAYS_182: Final = int(Quotation.DAYS_182)
_OK: Final = int(Status.OK)
_FIXED: Final = int(Floating.FIXED)
# Yields closer than this are equal.
_TIE: Final = 1e-12


class Worst(NamedTuple):
    """Figures of n bonds to their worst dates; NaN (`NO_DATE`) where ``status`` is not ``Status.OK``."""

    yield_to_worst: Floats  # decimal, street convention
    worst_date: Ints  # days since 1970-01-01
    macaulay_duration: Floats  # years
    modified_duration: Floats  # years
    convexity: Floats  # years squared
    basis_point_value: Floats  # points per 100 for a yield higher by 1 bp
    status: Codes


@kernel
def _years_and_coupons(terms: BondTerms, i: int, at: int, quotation: int) -> tuple[int, float, float]:
    """Return the coupon dates after settlement up to a later day, the years between, and the interest accrued then.

    The years are those from the last of these coupon dates, or from settlement when there is none.
    """
    maturity = terms.maturity[i]
    frequency = terms.frequency[i]
    day_count = timing(terms.day_count[i], quotation)
    settlement = terms.settlement[i]
    if frequency == 0:
        month_end = MONTH_START[month_of(maturity) + 1] == maturity + 1
        if day_count == _ICMA:
            years = zero_years(day_count, settlement, maturity, month_end)
            return 0, years - zero_years(day_count, at, maturity, month_end), 0.0
        return 0, zero_years(day_count, settlement, at, month_end), 0.0
    issue = terms.issue[i]
    cycle = coupon_cycle(maturity, frequency, issue, terms.first_coupon[i])
    _, k, _, _, _, _ = coupon_period(settlement, maturity, frequency, issue, cycle)
    _, left, start, _, quasi_start, quasi_end = coupon_period(at, maturity, frequency, issue, cycle)
    years = period_fraction(day_count, frequency, start, at, quasi_end, quasi_start, cycle.month_end)
    accrued = 100.0 * terms.coupon_rate[i] * years
    if day_count != terms.day_count[i]:
        interest = interest_years(terms.day_count[i], frequency, start, at, quasi_start, quasi_end)
        accrued = 100.0 * terms.coupon_rate[i] * interest
    if left == k:
        years -= period_fraction(day_count, frequency, start, settlement, quasi_end, quasi_start, cycle.month_end)
    return k - left, years, accrued


@kernel
def _worst_rows(terms: BondTerms, calls: Calls, dirty_price: Floats, out: Worst, quoted: Quoted | None) -> None:
    """Replace the figures at maturity by those to the worst date."""
    amount = np.empty(MAX_FLOWS)
    gap = np.empty(MAX_FLOWS, np.int32)
    day = np.empty(MAX_FLOWS, np.int32)
    power = np.empty(GAPS)
    times = np.empty(MAX_FLOWS + 1)
    for i in range(len(dirty_price)):
        schedule = calls.schedule[i]
        quotation = quotation_of(quoted, i)
        day_count = timing(terms.day_count[i], quotation)
        if schedule < 0 or out.status[i] != _OK or terms.floating[i] != _FIXED:
            continue
        if day_count == _BUS_252 or (quotation & _DAYS_182) != 0:
            continue
        price = dirty_price[i]
        frequency = terms.frequency[i]
        n = max(frequency, 1)
        f = compounding(frequency, day_count, quotation)
        _, count, time, _, level, _ = flows_of(terms, i, terms.coupon_rate[i], True, amount, gap, day, quoted)
        odd = at_odd_times(day_count)
        if odd:
            fill_times(terms, i, count, time, day, times, quoted)
        unit = period_years(day_count, n, level)
        shortest = shortest_gap(day_count, n)
        earliest = terms.maturity[i]
        for entry in range(calls.offset[schedule + 1] - 1, calls.offset[schedule] - 1, -1):
            at = calls.date[entry]
            past = at <= terms.settlement[i]
            if past:
                at = day[0]
            if at >= earliest or (past and frequency == 0):
                if past:
                    break
                continue
            earliest = at
            coupons, tail, accrued = _years_and_coupons(terms, i, at, quotation)
            final = calls.price[entry] + accrued
            best = out.yield_to_worst[i]
            status = _OK
            if coupons == 0 or (coupons == 1 and tail == 0.0):
                years = time if coupons == 1 else tail
                final += amount[0] if coupons == 1 else 0.0
                if not years > 0.0:
                    continue
                if frequency > 0 or years <= 1.0:
                    y, mac, mod, con = simple_figures(price, final, years)
                else:
                    y, mac, mod, con = compound_figures(log(final / price) / years, years, years * years, f)
            elif best <= -f:
                continue
            elif odd:
                # Entries come from the last to the first: what is overwritten is not needed again.
                times[coupons] = times[coupons - 1] + tail if coupons > 0 else tail
                amount[coupons] = final
                x = f * log1p((best + _TIE) / f)
                if sums_at_times(x, coupons + 1, times, amount)[0] > price:
                    continue
                status, x, mac, square = solve_at_times(price, x, coupons + 1, times, amount)
                y, mac, mod, con = compound_figures(x, mac, square, f)
            else:
                # At a yield that cannot be beaten the flows to the call are worth more than the price.
                x = f * log1p((best + _TIE) / f)
                if discounted_sums(x, coupons, time, amount, gap, level, unit, shortest, power, final, tail)[0] > price:
                    continue
                horizon = time + (coupons - 1) / n + tail
                status, x, mac, square = solve_rate(
                    price, x, LAST_STEP / horizon, coupons, time, amount, gap, level, unit, shortest, power, final, tail
                )
                y, mac, mod, con = compound_figures(x, mac, square, f)
            if status == _OK and y <= best + _TIE:
                out.yield_to_worst[i] = y
                out.worst_date[i] = at
                out.macaulay_duration[i] = mac
                out.modified_duration[i] = mod
                out.convexity[i] = con
                out.basis_point_value[i] = one_basis_point(price, mod, con)
            if past:
                break


def measures_to_worst(
    terms: BondTerms,
    calls: Calls,
    dirty_price: npt.ArrayLike,
    threads: int = 1,
    *,
    at_maturity: Measures | None = None,
) -> Worst:
    """Return yield, durations, convexity and basis point value to each bond's worst date.

    Parameters
    ----------
    terms : BondTerms
        n bonds.
    calls : Calls
        Their call schedules.
    dirty_price : array_like
        One price for each bond, or a scalar, per 100.
    threads : int
        Does not affect the result.
    at_maturity : Measures, optional
        Figures of the same bonds and prices, when they are known already.

    Returns
    -------
    Worst
        For a bond without calls the figures at maturity, to the bit.

    Raises
    ------
    ValueError
        When the columns differ in length.

    Notes
    -----
    That the dates of the entries suffice while call prices do not rise is shown in docs/conventions.md.
    """
    terms = normalised(terms)
    quoted = quoted_of(terms)
    size = len(terms.settlement)
    prices = floats(dirty_price, size, "dirty_price")
    if len(calls.schedule) != size:
        raise ValueError(f"calls must hold {size} schedules, one for each bond, but they hold {len(calls.schedule)}")
    figures = measures(terms, prices, threads) if at_maturity is None else at_maturity
    worst = Worst(
        yield_to_worst=figures.yield_to_maturity.copy(),
        worst_date=np.where(figures.status == _OK, terms.maturity, NO_DATE),
        macaulay_duration=figures.macaulay_duration.copy(),
        modified_duration=figures.modified_duration.copy(),
        convexity=figures.convexity.copy(),
        basis_point_value=figures.basis_point_value.copy(),
        status=figures.status.copy(),
    )
    if calls.date.size:
        run_blocks(
            size,
            threads,
            lambda rows: _worst_rows(
                terms.rows(rows), calls.rows(rows), prices[rows], views(worst, rows), of_rows(quoted, rows)
            ),
        )
    return worst
