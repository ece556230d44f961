"""Bonds by the published rules, in fractions and numbers of fifty digits: each formula as its source writes it.

Day counts: ISDA 2006 4.16 (b), (d) to (g), with the rule for the end of February of Mayle, *Standard Securities
Calculation Methods* (SIFMA), in bonds that pay at months' ends; ICMA Rule 251 for actual days of the coupon period,
odd periods divided into quasi-periods. Yield and sensitivities: Fabozzi, *Fixed Income Mathematics*, chapters 6, 11
and 12; simple interest in the last coupon period (ICMA Rule 803; MSRB Rule G-33).
"""

from calendar import isleap, monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from mpmath import mp, mpf

from richcheap.bonds.conventions import DayCount
from richcheap.bonds.terms import NO_DATE
from tests.bonds.referee import Bond

mp.dps = 50
EPOCH = date(1970, 1, 1)


class Flows(NamedTuple):
    """What a bond still pays.

    Attributes
    ----------
    times : list of Fraction
        Years under the bond's own day count.
    days : list of int
        From settlement.
    amounts : list of mpf
        Per 100.
    accrued : mpf
    compounding : int
        Times a year.
    simple : bool
        Whether the yield is simple interest.
    """

    times: list[Fraction]
    days: list[int]
    amounts: list[mpf]
    accrued: mpf
    compounding: int
    simple: bool


class Figures(NamedTuple):
    """A bond at a yield."""

    price: mpf
    slope: mpf
    macaulay: mpf
    modified: mpf
    convexity: mpf
    basis_point_value: mpf


def day(number: int) -> date:
    """Return a day that is counted from 1970."""
    return EPOCH + timedelta(int(number))


def is_month_end(moment: date) -> bool:
    """Say whether a day is the last of its month."""
    return moment.day == monthrange(moment.year, moment.month)[1]


def shifted(anchor: date, months: int, month_end: bool) -> date:
    """Return the day some months after another, which keeps the anchor's day of the month as far as there is one."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    longest = monthrange(year, month + 1)[1]
    return date(year, month + 1, longest if month_end else min(anchor.day, longest))


def years_between(day_count: DayCount, start: date, end: date, month_end: bool) -> Fraction:
    """Return the years between two days under a day count that does not ask for the coupon period."""
    days = (end - start).days
    if day_count == DayCount.ACT_365F:
        return Fraction(days, 365)
    if day_count == DayCount.ACT_360:
        return Fraction(days, 360)
    if day_count == DayCount.ACT_ACT_ISDA:
        return sum(
            (
                Fraction(
                    (min(end, date(year + 1, 1, 1)) - max(start, date(year, 1, 1))).days,
                    366 if isleap(year) else 365,
                )
                for year in range(start.year, end.year + 1)
            ),
            Fraction(0),
        )
    first, last = start.day, end.day
    if day_count == DayCount.THIRTY_E_360:
        first, last = min(first, 30), min(last, 30)
    else:
        if month_end and start.month == 2 and is_month_end(start):
            last = 30 if end.month == 2 and is_month_end(end) else last
            first = 30
        last = 30 if last == 31 and first >= 30 else last
        first = min(first, 30)
    return Fraction(360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first, 360)


def icma_years(frequency: int, start: date, end: date, bounds: Sequence[date]) -> Fraction:
    """Return the years between two days by the quasi-periods that they lie in, whose bounds descend or ascend."""
    ordered = sorted(bounds)
    return sum(
        (
            Fraction(max((min(end, high) - max(start, low)).days, 0), frequency * (high - low).days)
            for low, high in pairwise(ordered)
        ),
        Fraction(0),
    )


def flows(bond: Bond, ex_until: int = int(NO_DATE)) -> Flows:
    """Return what a bond pays after settlement; a next coupon due by ``ex_until`` is the seller's."""
    settlement, maturity = day(bond.settlement), day(bond.maturity)
    day_count, frequency = DayCount(bond.day_count), bond.frequency
    month_end = is_month_end(maturity)
    if frequency == 0:
        time = _zero_years(day_count, settlement, maturity, month_end)
        return Flows([time], [(maturity - settlement).days], [mpf(100)], mpf(0), 1, time <= 1)
    step = 12 // frequency
    periods = _periods(bond, step)
    month_end = is_month_end(_anchor(bond, step))
    coupon = 100 * Fraction(bond.coupon_rate)
    times: list[Fraction] = []
    amounts: list[Fraction] = []
    accrued = Fraction(0)
    for start, end, bounds in periods:
        if end <= settlement:
            continue

        def years(to: date, start: date = start, bounds: Sequence[date] = bounds) -> Fraction:
            if day_count == DayCount.ACT_ACT_ICMA:
                return icma_years(frequency, start, to, bounds)
            return years_between(day_count, start, to, month_end)

        whole = years(end)
        if not times:
            elapsed = years(settlement)
            is_sellers = (end - EPOCH).days <= ex_until
            accrued = coupon * (elapsed - whole if is_sellers else elapsed)
            times.append(whole - elapsed)
            amounts.append(Fraction(0) if is_sellers else coupon * whole)
        else:
            times.append(times[-1] + whole)
            amounts.append(coupon * whole)
    amounts[-1] += 100
    days = [(end - settlement).days for _, end, _ in periods if end > settlement]
    return Flows(times, days, [_number(amount) for amount in amounts], _number(accrued), frequency, len(times) == 1)


def _number(value: Fraction) -> mpf:
    return mpf(value.numerator) / mpf(value.denominator)


def _zero_years(day_count: DayCount, settlement: date, maturity: date, month_end: bool) -> Fraction:
    if day_count != DayCount.ACT_ACT_ICMA:
        return years_between(day_count, settlement, maturity, month_end)
    bounds = [maturity]
    while bounds[-1] > settlement:
        bounds.append(shifted(maturity, -12 * len(bounds), month_end))
    return icma_years(1, settlement, maturity, bounds)


def _anchor(bond: Bond, step: int) -> date:
    """Return the day that coupon dates follow: maturity, or a first coupon that they would miss."""
    maturity = day(bond.maturity)
    if bond.first_coupon == NO_DATE:
        return maturity
    first, back = day(bond.first_coupon), maturity
    number = 0
    while back > first:
        number += 1
        back = shifted(maturity, -step * number, is_month_end(maturity))
    return maturity if back == first else first


def _periods(bond: Bond, step: int) -> list[tuple[date, date, list[date]]]:
    """Return start, end and quasi-periods' bounds of the period that holds the settlement, and of those after it."""
    maturity, settlement, anchor = day(bond.maturity), day(bond.settlement), _anchor(bond, step)
    issue = day(bond.issue) if bond.issue != NO_DATE else None
    first = day(bond.first_coupon) if bond.first_coupon != NO_DATE else None

    def due(number: int) -> date:
        return shifted(anchor, step * number, is_month_end(anchor))

    number = 0
    while due(number) < maturity:
        number += 1
    found: list[tuple[date, date, list[date]]] = []
    while not found or found[-1][0] > settlement:
        bounds = [due(number), due(number - 1)]
        start = bounds[1]
        if issue is not None and (due(number) == first or start < issue):  # the first period, of any length
            start, bounds = issue, bounds[:1]
            while bounds[-1] > start:  # quasi-periods are counted back from the first coupon
                bounds.append(shifted(due(number), -step * len(bounds), is_month_end(anchor)))
        if due(number) > maturity and start == bounds[1]:  # the quasi-period of an odd last one runs on from it
            bounds = [start, shifted(start, step, is_month_end(anchor))]
        found.append((start, min(due(number), maturity), bounds))
        number -= 1
    return found[::-1]


def at_yield(bond: Flows, rate: mpf) -> Figures:
    """Return price and sensitivities at a yield."""
    f = bond.compounding
    if bond.simple:
        (time,) = (_number(one) for one in bond.times)
        growth = 1 + rate * time
        price, modified = bond.amounts[0] / growth, time / growth
        convexity, macaulay = 2 * modified**2, time
    else:
        growth = 1 + rate / f
        worth = [a * mp.power(growth, -f * _number(t)) for a, t in zip(bond.amounts, bond.times, strict=True)]
        price = mp.fsum(worth)
        years = [_number(time) for time in bond.times]
        macaulay = mp.fsum(w * t for w, t in zip(worth, years, strict=True)) / price
        modified = macaulay / growth
        convexity = mp.fsum(w * t * (t + mpf(1) / f) for w, t in zip(worth, years, strict=True)) / price / growth**2
    value = price * (-modified / 10**4 + convexity / 2 / 10**8)
    return Figures(price, -price * modified, macaulay, modified, convexity, value)


def on_curve(bond: Flows, nodes: Sequence[float], rates: Sequence[float], spread: mpf) -> tuple[mpf, mpf]:
    """Return the price on a continuous zero curve at a spread, and its slope in the spread: days / 365."""
    worth, slope = mpf(0), mpf(0)
    for amount, days in zip(bond.amounts, bond.days, strict=True):
        time = mpf(days) / 365
        one = amount * mp.exp(-(_zero_rate(nodes, rates, time) + spread) * time)
        worth, slope = worth + one, slope - time * one
    return worth, slope


def _zero_rate(nodes: Sequence[float], rates: Sequence[float], time: mpf) -> mpf:
    """Return the rate of a curve, linear between nodes and flat outside."""
    if time <= nodes[0]:
        return mpf(rates[0])
    for place in range(1, len(nodes)):
        if time <= nodes[place]:
            low, high = mpf(nodes[place - 1]), mpf(nodes[place])
            return rates[place - 1] + (mpf(rates[place]) - rates[place - 1]) * (time - low) / (high - low)
    return mpf(rates[-1])
