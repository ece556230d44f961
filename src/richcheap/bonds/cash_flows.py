"""The dates and amounts that bonds still pay, as a holder's calendar has them."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from richcheap.bonds.schedule import MAX_FLOWS, flows_of
from richcheap.bonds.status import Status
from richcheap.bonds.terms import BondTerms, Floats, Ints, Quoted, normalised, quoted_of
from richcheap.numerics.compiled import kernel

_OK: Final = int(Status.OK)


class CashFlows(NamedTuple):
    """What n bonds pay after their settlement, bond by bond and in the order of dates.

    Attributes
    ----------
    bond : ndarray of int32
        Position of the bond among the terms.
    day : ndarray of int32
        Days since 1970-01-01; as scheduled, not moved to a business day.
    amount : ndarray
        Per 100 of face, the redemption included in the last.
    """

    bond: Ints
    day: Ints
    amount: Floats


def cash_flows(terms: BondTerms) -> CashFlows:
    """Return what bonds pay after settlement; a bond whose terms give no flows, or that has matured, has none.

    A coupon that goes to the seller is left out, and so is one of nothing. Later coupons of a floating-rate bond stand
    at the current one.

    Examples
    --------
    >>> settlement, maturity, none = (np.array([day]) for day in (19_000, 19_400, -(2**31)))
    >>> bond = BondTerms(settlement, maturity, np.array([0.04]), np.array([2]), np.array([0]), none, none)
    >>> [float(amount) for amount in cash_flows(bond).amount]
    [2.0, 2.0, 102.0]
    """
    own = normalised(terms)
    shortest = 360 // np.maximum(own.frequency, 1) - 4  # days; no regular period has fewer
    most = np.clip(2 + (own.maturity - own.settlement) // shortest, 0, MAX_FLOWS)
    start = np.append(0, np.cumsum(most))
    day, amount = np.empty(start[-1], np.int32), np.zeros(start[-1])
    _fill(own, quoted_of(own), start, day, amount)
    bond = np.repeat(np.arange(most.size, dtype=np.int32), np.diff(start))
    paid = amount != 0.0
    return CashFlows(bond[paid], day[paid], amount[paid])


@kernel
def _fill(terms: BondTerms, quoted: Quoted | None, start: npt.NDArray[np.int64], days: Ints, amounts: Floats) -> None:
    """Write each bond's flows from its start on."""
    amount = np.empty(MAX_FLOWS)
    gap, day = np.empty(MAX_FLOWS, np.int32), np.empty(MAX_FLOWS, np.int32)
    for i in range(len(start) - 1):
        status, count, _, _, _, _ = flows_of(terms, i, terms.coupon_rate[i], True, amount, gap, day, quoted)
        if status == _OK:
            days[start[i] : start[i] + count] = day[:count]
            amounts[start[i] : start[i] + count] = amount[:count]
