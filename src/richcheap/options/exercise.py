"""When an issuer may end a bond, and what it then pays: the ends that both the tree and the spread to worst know.

The rule is that of `richcheap.bonds.yield_to_worst`: a call may be exercised on the dates of the schedule, and once a
date has passed on coupon dates, at the price of its entry until the next one. A yield is lowest on entries' dates, so
those suffice there; an option's value is not, so here the coupon dates after each entry are ends, too.
"""

from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from richcheap.bonds.calls import Calls
from richcheap.bonds.measures import accrued_interest
from richcheap.bonds.terms import NO_DATE, BondTerms, Floats, Ints, normalised
from richcheap.lists.cash_flows import cash_flows

WEEK: Final = 7
"""Days. The tree takes an exercise so shortly before a coupon as one on the coupon's date, where there can be no other.
"""


class CallableBond(NamedTuple):
    """The flows of a bond to maturity, and what ends it before. All days are counted from settlement.

    Attributes
    ----------
    day : ndarray of int32
        Of each flow, ascending; none where the terms give no flows.
    amount : ndarray
        Per 100 of face, the redemption in the last.
    call_day : ndarray of int32
        Of each exercise before maturity, ascending.
    call_amount : ndarray
        What it pays besides the flows up to its day: call price and interest accrued.
    """

    day: Ints
    amount: Floats
    call_day: Ints
    call_amount: Floats


def callable_bonds(terms: BondTerms, calls: Calls) -> list[CallableBond]:
    """Return the flows and the exercises of n bonds with fixed coupons.

    Examples
    --------
    >>> settlement, maturity, none = (np.array([day]) for day in (19_000, 19_400, -(2**31)))
    >>> terms = BondTerms(settlement, maturity, np.array([0.04]), np.array([2]), np.array([0]), none, none)
    >>> calls = Calls(np.array([0]), np.array([0, 1]), np.array([18_500]), np.array([101.0]))
    >>> (bond,) = callable_bonds(terms, calls)
    >>> bond.day.tolist(), bond.call_day.tolist(), bond.call_amount.tolist()
    ([36, 219, 400], [36, 219], [101.0, 101.0])
    """
    own = normalised(terms)
    flows = cash_flows(own)
    start = np.searchsorted(flows.bond, np.arange(len(own.settlement) + 1))
    paid = [slice(first, last) for first, last in pairwise(start)]
    found = [_exercises(own, calls, i, flows.day[rows]) for i, rows in enumerate(paid)]
    of_bond = np.repeat(np.arange(len(found)), [len(days) for days, _ in found])
    days = np.concatenate([np.empty(0, np.int32), *(days for days, _ in found)]).astype(np.int32)
    accrued = accrued_interest(own.rows(of_bond)._replace(settlement=days, ex_until=np.full(len(days), NO_DATE)))
    bonds = []
    for i, (rows, (call_days, price)) in enumerate(zip(paid, found, strict=True)):
        settlement = own.settlement[i]
        final = price + accrued[of_bond == i]
        bonds.append(CallableBond(flows.day[rows] - settlement, flows.amount[rows], call_days - settlement, final))
    return bonds


def _exercises(terms: BondTerms, calls: Calls, i: int, paid: Ints) -> tuple[Ints, Floats]:
    """Return the days of a bond's exercises and their prices."""
    schedule = calls.schedule[i]
    entries = slice(calls.offset[schedule], calls.offset[schedule + 1])  # of NO_CALLS, -1, from the last to the first
    date, price = calls.date[entries], calls.price[entries]
    settlement, maturity = terms.settlement[i], terms.maturity[i]
    future = date[(date > settlement) & (date < maturity)]
    coupons = paid[(paid < maturity) & (paid >= min(date, default=maturity))] if terms.frequency[i] else paid[:0]
    before = np.append(NO_DATE, future)[np.searchsorted(future, coupons)]
    days = np.union1d(future, coupons[coupons - before.astype(np.int64) > WEEK]).astype(np.int32)
    return days, price[np.searchsorted(date, days, side="right") - 1]
