"""Accrued interest, yield and its sensitivities, for arrays of bonds.

Yields are street convention: compounded at the coupon frequency (once a year for a zero-coupon bond), simple interest
once one coupon date is left (for a zero-coupon bond: in its last year), but for what `Quotation` says of a market.
Prices are per 100 of face.
"""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from richcheap.bonds.conventions import DayCount, Quotation
from richcheap.bonds.cycle import day_basis, timing
from richcheap.bonds.discounting import GAPS, discounted_sums, solve_at_times, solve_rate, sums_at_times
from richcheap.bonds.schedule import (
    MAX_FLOWS,
    at_odd_times,
    fill_times,
    flows_of,
    quotation_of,
    shortest_gap,
    without_odd_last,
)
from richcheap.bonds.status import Status
from richcheap.bonds.terms import BondTerms, Codes, Floats, Ints, Quoted, floats, normalised, of_rows, quoted_of
from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementary import exp, expm1, log, log1p
from richcheap.numerics.threads import run_blocks, views

_BUS_252: Final = int(DayCount.BUS_252)
_COMPOUND_LAST: Final = int(Quotation.COMPOUND_LAST)
_DAYS_182: Final = int(Quotation.DAYS_182)
_OK: Final = int(Status.OK)
_BAD_PRICE: Final = int(Status.BAD_PRICE)
_ZERO_TIME: Final = int(Status.ZERO_TIME)
# Times years to maturity: convexities are exact to its square.
LAST_STEP: Final = 1e-5


class Measures(NamedTuple):
    """Figures of n bonds; NaN (0 for the count) where ``status`` is not ``Status.OK``."""

    yield_to_maturity: Floats  # decimal, street convention
    macaulay_duration: Floats  # years
    modified_duration: Floats  # years: -(dP/dy) / P
    convexity: Floats  # years squared: (d2P/dy2) / P
    basis_point_value: Floats  # points per 100 for a yield higher by 1 bp; negative
    remaining_coupons: Ints
    status: Codes


@kernel
def period_years(day_count: int, frequency: int, level: bool) -> float:
    """Return the years of a level period, or else of one day of the day count."""
    return 1.0 / frequency if level else 1.0 / day_basis(day_count)


@kernel
def compounding(frequency: int, day_count: int, quotation: int) -> float:
    """Return how many times a year yields compound."""
    if day_count == _BUS_252:
        return 1.0
    return 360.0 / 182.0 if (quotation & _DAYS_182) != 0 else float(max(frequency, 1))


@kernel
def is_simple(frequency: int, count: int, first_time: float, day_count: int, quotation: int) -> bool:
    """Return whether the yield is simple interest: one coupon date left, or a zero-coupon bond in its last year."""
    if count > 1 or day_count == _BUS_252 or (quotation & _COMPOUND_LAST) != 0:
        return False
    return frequency > 0 or first_time <= 1.0


@kernel
def _accrued_rows(
    terms: BondTerms,
    out: Floats,
    quoted: Quoted | None,
) -> None:
    amount = np.empty(MAX_FLOWS)
    gap = np.empty(MAX_FLOWS, np.int32)
    day = np.empty(MAX_FLOWS, np.int32)
    for i in range(len(out)):
        status, _, _, accrued, _, _ = flows_of(terms, i, terms.coupon_rate[i], False, amount, gap, day, quoted)
        out[i] = accrued if status == _OK else np.nan


def accrued_interest(terms: BondTerms, threads: int = 1) -> Floats:
    """Return the accrued interest at settlement, per 100; NaN where the terms give none (see `measures`)."""
    terms = normalised(terms)
    quoted = quoted_of(terms)
    out = np.empty(len(terms.settlement))
    run_blocks(len(out), threads, lambda rows: _accrued_rows(terms.rows(rows), out[rows], of_rows(quoted, rows)))
    return out


@kernel
def _price_rows(
    terms: BondTerms,
    rate: Floats,
    out: Floats,
    quoted: Quoted | None,
) -> None:
    amount = np.empty(MAX_FLOWS)
    gap = np.empty(MAX_FLOWS, np.int32)
    day = np.empty(MAX_FLOWS, np.int32)
    power = np.empty(GAPS)
    times = np.empty(MAX_FLOWS)
    for i in range(len(out)):
        quotation = quotation_of(quoted, i)
        day_count = timing(terms.day_count[i], quotation)
        odd = at_odd_times(day_count)
        status, count, time, _, level, tail = flows_of(terms, i, terms.coupon_rate[i], odd, amount, gap, day, quoted)
        out[i] = np.nan
        if status != _OK:
            continue
        f = compounding(terms.frequency[i], day_count, quotation)
        if is_simple(terms.frequency[i], count, time, day_count, quotation):
            if time > 0.0 and 1.0 + rate[i] * time > 0.0:
                out[i] = amount[0] / (1.0 + rate[i] * time)
        elif rate[i] > -f:
            x = f * log1p(rate[i] / f)
            if odd:
                fill_times(terms, i, count, time, day, times, quoted)
                out[i], _, _, _ = sums_at_times(x, count, times, amount)
                continue
            n = max(terms.frequency[i], 1)
            unit = period_years(day_count, n, level)
            regular, final = without_odd_last(count, tail, amount)
            out[i], _, _, _ = discounted_sums(
                x, regular, time, amount, gap, level, unit, shortest_gap(day_count, n), power, final, tail
            )


def dirty_from_yield(terms: BondTerms, rate: npt.ArrayLike, threads: int = 1) -> Floats:
    """Return dirty prices per 100 at street-convention yields (decimal; one for each bond, or a scalar).

    NaN where the terms give no price, or the yield none (minus 100 % a period or lower); `measures` of such a price
    says why: the status of the terms, ``zero_time`` or ``bad_price``.
    """
    terms = normalised(terms)
    quoted = quoted_of(terms)
    out = np.empty(len(terms.settlement))
    rates = floats(rate, len(out), "rate")
    run_blocks(
        len(out), threads, lambda rows: _price_rows(terms.rows(rows), rates[rows], out[rows], of_rows(quoted, rows))
    )
    return out


@kernel
def _first_guess(coupon_rate: float, price: float, accrued: float, horizon: float, frequency: float) -> float:
    """Return a continuous yield near the solution: coupon plus pull to par, over the mean of price and par."""
    clean = max(price - accrued, 1.0)
    rate = (100.0 * coupon_rate + (100.0 - clean) / horizon) / (50.0 + 0.5 * clean)
    return float(frequency * log1p(max(rate / frequency, -0.5)))


@kernel
def simple_figures(price: float, amount: float, time: float) -> tuple[float, float, float, float]:
    """Return yield, Macaulay and modified duration and convexity of one payment at simple interest."""
    modified = time * price / amount
    return (amount / price - 1.0) / time, time, modified, 2.0 * modified * modified


@kernel
def compound_figures(x: float, mean: float, square: float, frequency: float) -> tuple[float, float, float, float]:
    """Return the same figures from the continuous yield and the moments of the payments' times at it."""
    growth = exp(x / frequency)
    return (
        frequency * expm1(x / frequency),
        mean,
        mean / growth,
        (square + mean / frequency) / (growth * growth),
    )


@kernel
def one_basis_point(price: float, modified: float, convexity: float) -> float:
    """Return the change of the price for a yield higher by 1 bp, to the second order."""
    return price * (-1e-4 * modified + 0.5e-8 * convexity)


@kernel
def _measure_rows(
    terms: BondTerms,
    dirty_price: Floats,
    out: Measures,
    quoted: Quoted | None,
) -> None:
    rate, macaulay, modified, convexity, basis_point_value, remaining, statuses = out
    amount = np.empty(MAX_FLOWS)
    gap = np.empty(MAX_FLOWS, np.int32)
    day = np.empty(MAX_FLOWS, np.int32)
    power = np.empty(GAPS)
    times = np.empty(MAX_FLOWS)
    for i in range(len(rate)):
        price = dirty_price[i]
        quotation = quotation_of(quoted, i)
        day_count = timing(terms.day_count[i], quotation)
        odd = at_odd_times(day_count)
        status, count, time, accrued, level, tail = flows_of(
            terms, i, terms.coupon_rate[i], odd, amount, gap, day, quoted
        )
        y = mac = mod = con = np.nan
        f = compounding(terms.frequency[i], day_count, quotation)
        if status == _OK and count == 1 and time <= 0.0:
            status = _ZERO_TIME
        elif status == _OK and not (price > 0.0 and price < np.inf):
            status = _BAD_PRICE
        elif status == _OK and is_simple(terms.frequency[i], count, time, day_count, quotation):
            y, mac, mod, con = simple_figures(price, amount[0], time)
        elif status == _OK:
            mac, square = time, time * time
            if count == 1:
                x = log(amount[0] / price) / time
            elif odd:
                fill_times(terms, i, count, time, day, times, quoted)
                x = _first_guess(terms.coupon_rate[i], price, accrued, times[count - 1], f)
                status, x, mac, square = solve_at_times(price, x, count, times, amount)
            else:
                n = max(terms.frequency[i], 1)
                regular, final = without_odd_last(count, tail, amount)
                horizon = time + (regular - 1) / n + tail
                x = _first_guess(terms.coupon_rate[i], price, accrued, horizon, f)
                unit = period_years(day_count, n, level)
                shortest = shortest_gap(day_count, n)
                status, x, mac, square = solve_rate(
                    price, x, LAST_STEP / horizon, regular, time, amount, gap, level, unit, shortest, power, final, tail
                )
            y, mac, mod, con = compound_figures(x, mac, square, f)
        rate[i] = y
        macaulay[i] = mac
        modified[i] = mod
        convexity[i] = con
        basis_point_value[i] = one_basis_point(price, mod, con)
        remaining[i] = count if status == _OK and terms.frequency[i] > 0 else 0
        statuses[i] = status


def measures(terms: BondTerms, dirty_price: npt.ArrayLike, threads: int = 1) -> Measures:
    """Return yield, durations, convexity and basis point value at dirty prices per 100.

    Parameters
    ----------
    terms : BondTerms
        n bonds.
    dirty_price : array_like
        One price for each bond, or a scalar.
    threads : int
        Does not affect the result.

    Raises
    ------
    ValueError
        When the columns differ in length. A bond that has no figures raises nothing: its status says why.

    Notes
    -----
    Solved by Halley's method on the logarithm of the price in the continuous yield (Householder 1970, section 4.4);
    definitions as in QuantLib's BondFunctions.
    """
    terms = normalised(terms)
    quoted = quoted_of(terms)
    size = len(terms.settlement)
    out = Measures(
        yield_to_maturity=np.empty(size),
        macaulay_duration=np.empty(size),
        modified_duration=np.empty(size),
        convexity=np.empty(size),
        basis_point_value=np.empty(size),
        remaining_coupons=np.empty(size, np.int32),
        status=np.empty(size, np.int8),
    )
    prices = floats(dirty_price, size, "dirty_price")
    run_blocks(
        size,
        threads,
        lambda rows: _measure_rows(terms.rows(rows), prices[rows], views(out, rows), of_rows(quoted, rows)),
    )
    return out
