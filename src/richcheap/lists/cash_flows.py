"""The dates and amounts that bonds still pay, as a holder's calendar has them."""

from datetime import date
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from richcheap.bonds.schedule import MAX_FLOWS, flows_of
from richcheap.bonds.status import Status
from richcheap.bonds.terms import (
    FLOATING_RATE,
    BondTerms,
    Floats,
    Ints,
    Quoted,
    normalised,
    quoted_of,
    terms_from_frame,
)
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


def cash_flow_table(known: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Return what live bonds pay after a date.

    Parameters
    ----------
    known : DataFrame
        Of `live_bonds`.
    as_of : date

    Returns
    -------
    DataFrame
        ``bond_id``, ``date`` (as scheduled), ``amount`` (per 100 of face, the redemption included in the last) and
        ``projected``: a coupon of a floating-rate bond that is not fixed yet, at the current rate.
    """
    held = known.with_columns(settlement_date=pl.max_horizontal(pl.lit(as_of), "issue_date"))
    flows = cash_flows(terms_from_frame(held))
    paid = pl.DataFrame({"number": flows.bond, "date": pl.Series(flows.day).cast(pl.Date), "amount": flows.amount})
    bonds = held.select("bond_id", floats=pl.col("bond_type") == FLOATING_RATE).with_row_index("number")
    first = pl.col("date") == pl.col("date").min().over("number")
    return (
        paid.with_columns(pl.col("number").cast(pl.UInt32), later=~first)
        .join(bonds, on="number", how="left", maintain_order="left")
        .select("bond_id", "date", "amount", projected=pl.col("floats") & pl.col("later"))
    )


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
