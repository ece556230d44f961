"""The bonds: those outstanding at the start, and new issues in the place of bonds that matured or defaulted.

A bond trades from its issue, or the first day, until a month before it matures, its issuer defaults or the window ends.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.bonds.terms import NO_DATE
from richcheap.numerics.elementwise import exponentials, exponentials_less_one
from richcheap.simulation.constants import (
    CORPORATE,
    DAYS_A_YEAR,
    FLOATING_RATE,
    HIGH_YIELD,
    NOTCHES,
    TREASURY,
    TREASURY_RATING,
)
from richcheap.simulation.dates import day_of_month, in_month, month_of, next_coupon, previous_coupon
from richcheap.simulation.states.credit import NOTCH_LETTER, Credit
from richcheap.simulation.states.ratings import RatingPath
from richcheap.simulation.states.stochastic import Floats, Integers
from richcheap.simulation.states.yields import CurvePath
from richcheap.simulation.universe.bond_types import BILL_YEARS, by_kind, draw_conventions
from richcheap.simulation.universe.calls import call_steps
from richcheap.simulation.universe.slots import LAST_INVESTMENT_GRADE, NO_ISSUER, Slots, draw_terms_years

LAST_DAYS_UNTRADED: Final = 30
MIN_TRADING_DAYS: Final = 20
SHORTEST_STUB: Final = 0.25
"""A first period shorter than this share of a regular one is joined to the next: a long first coupon."""
PAST_RATE_MOVE: Final = 0.009
"""Standard deviation of the curve's level a year, for the coupons of bonds issued before the window."""
COUPON_STEP: Final = 0.00125
MARGIN_DIGITS: Final = 4
LOWEST_COUPON, HIGHEST_COUPON = 0.0025, 0.15


class Market(NamedTuple):
    """What new bonds are priced on."""

    days: Integers
    """Business days since 1970-01-01, shape (days,)."""
    curve: CurvePath
    credit: Credit
    ratings: RatingPath


class Universe(NamedTuple):
    """All bonds that ever trade, arrays of shape (bonds, ...); dates are days since 1970-01-01, or NO_DATE."""

    kind: Integers
    issuer: Integers
    generation: Integers
    first: Integers
    """First day on which the bond trades, an index of business days."""
    last: Integers
    """Last day on which it trades, included."""
    issue: Integers
    maturity: Integers
    first_coupon: Integers
    frequency: Integers
    day_count: Integers
    coupon: Floats
    """Decimal a year; 0 for a floating-rate bond, whose coupon is that of the period."""
    margin: Floats
    """What a floating-rate bond pays above the index, decimal; 0 for the others."""
    callable: NDArray[np.bool_]
    convertible: NDArray[np.bool_]
    call_date: Integers
    """Steps of the call schedule as `call_steps` gives them, shape (bonds, steps)."""
    call_price: Floats
    """Per 100, NaN without a step, shape (bonds, steps)."""
    log_activity: Floats
    """Log of how often the bond trades, without the boost after issue."""


def notch_on(ratings: RatingPath, day: Integers, issuer: Integers) -> Integers:
    """Return the grade of each pair of day and issuer slot."""
    return np.where(issuer == NO_ISSUER, NOTCHES.index(TREASURY_RATING), ratings.notch[day, np.maximum(issuer, 0)])


def generation_on(ratings: RatingPath, day: Integers, issuer: Integers) -> Integers:
    """Return how often each issuer slot had defaulted by a day."""
    return np.where(issuer == NO_ISSUER, 0, ratings.generation[day, np.maximum(issuer, 0)])


def last_days(market: Market, first: Integers, issuer: Integers, maturity: Integers) -> Integers:
    """Return the last day on which each bond trades."""
    last = np.searchsorted(market.days, maturity - LAST_DAYS_UNTRADED, side="left") - 1
    generation = market.ratings.generation
    issued = generation_on(market.ratings, first, issuer)
    for bond in np.flatnonzero(generation_on(market.ratings, np.full_like(first, -1), issuer) > issued):
        default = int(np.searchsorted(generation[:, issuer[bond]], issued[bond], side="right"))
        last[bond] = min(last[bond], default - 1)
    return last


def issue_bonds(
    slots: Slots, first: Integers, issue: Integers, years: Floats, market: Market, dispersion: float,
    rng: np.random.Generator,
) -> Universe:  # fmt: skip
    """Draw one bond for each slot, first traded on business day ``first``, issued on the date ``issue``."""
    size = slots.kind.size
    notch = notch_on(market.ratings, first, slots.issuer)
    speculative = NOTCH_LETTER[notch] > LAST_INVESTMENT_GRADE
    rated = (slots.kind == CORPORATE) | (slots.kind == HIGH_YIELD)
    kind = np.where(rated, np.where(speculative, HIGH_YIELD, CORPORATE), slots.kind)

    frequency, day_count = draw_conventions(kind, rng)
    treasury, bill = kind == TREASURY, (kind == TREASURY) & (years <= BILL_YEARS)
    frequency[bill] = 0
    issue, maturity = dated(issue, years, treasury & ~bill, bill, rng)
    pays = frequency > 0
    months = 12 // np.maximum(frequency, 1)
    coming = next_coupon(issue, maturity, months)
    previous = previous_coupon(issue, maturity, months)
    stub = (coming - issue) < SHORTEST_STUB * (coming - previous)
    irregular = pays & stub & (coming < maturity) & (kind != FLOATING_RATE)
    first_coupon = np.where(irregular, next_coupon(coming, maturity, months), int(NO_DATE))

    callable_, convertible, called = draw_options(kind, issue, maturity, months, pays, int(market.days[-1]), rng)
    coupon, margin = draw_coupons(kind, first, issue, maturity, frequency, notch, market, rng)
    call_date, call_price = call_steps(kind, coupon, called, maturity)
    return Universe(
        kind=kind, issuer=slots.issuer, generation=generation_on(market.ratings, first, slots.issuer), first=first,
        last=last_days(market, first, slots.issuer, maturity), issue=issue, maturity=maturity,
        first_coupon=first_coupon, frequency=frequency, day_count=day_count, coupon=coupon, margin=margin,
        callable=callable_, convertible=convertible, call_date=call_date, call_price=call_price,
        log_activity=by_kind(kind, "log_activity")
        + dispersion * by_kind(kind, "dispersion") * rng.standard_normal(size),
    )  # fmt: skip


def dated(
    issue: Integers, years: Floats, noted: NDArray[np.bool_], bill: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Return issue (dated) and maturity dates.

    Treasury notes and bonds mature on a 15th (3, 10 years and longer) or at a month's end and accrue from the last such
    date; bills run for whole weeks; other bonds mature on the 1st, the 15th or the day of their issue.
    """
    fifteenth = (years == 3.0) | (years >= 10.0)
    note_day = np.where(fifteenth, 15, 31)
    this_month = in_month(month_of(issue), note_day)
    note_issue = np.where(this_month <= issue, this_month, in_month(month_of(issue) - 1, note_day))
    issue = np.where(noted, note_issue, issue)
    pick = rng.random(issue.size)
    other_day = np.where(pick < 0.3, 1, np.where(pick < 0.7, 15, day_of_month(issue)))
    day = np.where(noted, note_day, other_day)
    maturity = in_month(month_of(issue) + np.rint(years * 12.0).astype(np.int64), day)
    return issue, np.where(bill, issue + np.rint(years * 52.0).astype(np.int64) * 7, maturity)


def draw_options(
    kind: Integers, issue: Integers, maturity: Integers, months: Integers, pays: NDArray[np.bool_], end: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Integers]:  # fmt: skip
    """Draw calls, whose first date is a coupon date after the window (none is exercised), and conversion rights."""
    pick = rng.random(kind.size)
    called = previous_coupon(issue + (0.6 * (maturity - issue)).astype(np.int64), maturity, months)
    callable_ = pays & (pick < by_kind(kind, "callable_share")) & (called > end + LAST_DAYS_UNTRADED)
    convertible = ~callable_ & pays & (pick > 1.0 - by_kind(kind, "convertible_share"))
    return callable_, convertible, np.where(callable_, called, int(NO_DATE))


def draw_coupons(
    kind: Integers, first: Integers, issue: Integers, maturity: Integers, frequency: Integers, notch: Integers,
    market: Market, rng: np.random.Generator,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return coupons near the par yield at issue, in eighths of a percent, and margins of floating-rate bonds.

    A margin is the spread of the issuer's grade at issue, in whole basis points. Rates before the window are those of
    its first day, moved by a random walk back in time.
    """
    years = (maturity - issue) / DAYS_A_YEAR
    age = np.maximum(market.days[first] - issue, 0) / DAYS_A_YEAR
    move = PAST_RATE_MOVE * np.sqrt(np.minimum(age, 10.0)) * rng.standard_normal(kind.size)
    spread = np.where(kind == TREASURY, 0.0, market.credit.spread_bp(first, notch, years) / 1e4)
    periods = np.maximum(frequency, 1)
    rate = exponentials_less_one((market.curve.at(first, years) + spread + move) / periods) * periods
    coupon = np.clip(np.rint(rate / COUPON_STEP) * COUPON_STEP, LOWEST_COUPON, HIGHEST_COUPON)
    floats = kind == FLOATING_RATE
    fixed = np.where((frequency == 0) | floats, 0.0, np.round(coupon, 6))
    return fixed, np.where(floats, np.round(spread * exponentials(10.0 * move), MARGIN_DIGITS), 0.0)


def min_trading_days(min_observations: int) -> int:
    """Return the shortest stretch of business days for which a bond is worth listing."""
    return max(MIN_TRADING_DAYS, 2 * min_observations)


def draw_universe(slots: Slots, market: Market, min_days: int, dispersion: float, rng: np.random.Generator) -> Universe:
    """Draw the bonds of all slots; a bond that would trade for less than ``min_days`` is left out."""
    years = draw_terms_years(slots, rng)
    remaining = LAST_DAYS_UNTRADED + 1.5 * min_days + 35.0
    spare = np.maximum(years * DAYS_A_YEAR - remaining, 0.0)
    age = (spare * rng.random(years.size)).astype(np.int64)
    first = np.zeros_like(slots.kind)
    rounds = [issue_bonds(slots, first, market.days[0] - age, years, market, dispersion, rng)]
    while True:
        start = rounds[-1].last + 1
        again = np.flatnonzero(start <= market.days.size - min_days)
        if not again.size:
            break
        slots = Slots._make(column[again] for column in slots)
        first = start[again]
        years = draw_terms_years(slots, rng)
        rounds.append(issue_bonds(slots, first, market.days[first], years, market, dispersion, rng))
    whole = Universe._make(np.concatenate(parts) for parts in zip(*rounds, strict=True))
    whole = whole._replace(last=np.minimum(whole.last, market.days.size - 1))
    kept = whole.last - whole.first + 1 >= min_days
    return Universe._make(column[kept] for column in whole)
