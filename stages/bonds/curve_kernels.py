"""Row loops that price bonds on zero curves; `stages.bonds.curve` checks the arguments and documents the results."""

from typing import Final

import numpy as np
import numpy.typing as npt

from stages.bonds.compiled import kernel
from stages.bonds.conventions import DayCount
from stages.bonds.kernels import GAPS, discounted_sums, solve_rate
from stages.bonds.schedule import MAX_FLOWS, flows_of, shortest_gap
from stages.bonds.status import Status
from stages.bonds.terms import BondTerms, Codes, Floats, Ints

DAY: Final = 1.0 / 365.0
_ACT_365F: Final = int(DayCount.ACT_365F)
_OK: Final = int(Status.OK)
_BAD_PRICE: Final = int(Status.BAD_PRICE)
_BAD_CURVE: Final = int(Status.BAD_CURVE)


@kernel
def between(node_years: Floats, node: int, t: float) -> tuple[int, int, float]:
    """Return the nodes left and right of t and the share of the right one; outside the nodes both are the nearest.

    The search goes up from ``node``, the right node of an earlier time.
    """
    last_node = len(node_years) - 1
    while node <= last_node and node_years[node] < t:
        node += 1
    if node == 0:
        return 0, 0, 0.0
    if node > last_node:
        return last_node, last_node, 0.0
    return node - 1, node, (t - node_years[node - 1]) / (node_years[node] - node_years[node - 1])


@kernel
def discount_flows(
    settlement: int,
    count: int,
    frequency: int,
    node_years: Floats,
    rates: Floats,
    amount: Floats,
    gap: Ints,
    day: Ints,
) -> tuple[float, float]:
    """Discount dated flows on a zero curve in place and turn their gaps into days; return first and last time in years.

    Rates are continuous on ACT/365F years from settlement, linear in the zero rate between nodes, flat outside.
    """
    node = 0
    shortest = shortest_gap(_ACT_365F, max(frequency, 1))
    t = 0.0
    for i in range(count):
        t = (day[i] - settlement) * DAY
        left, node, share = between(node_years, node, t)
        rate = rates[left] + share * (rates[node] - rates[left])
        amount[i] *= np.exp(-rate * t)
        if i > 0:
            gap[i] = day[i] - day[i - 1] - shortest
    return (day[0] - settlement) * DAY, t


@kernel
def spread_rows(
    terms: BondTerms,
    dirty_price: Floats,
    node_years: Floats,
    node_rates: npt.NDArray[np.float64],
    curve_index: Ints,
    solve: bool,
    spread: Floats,
    price: Floats,
    duration: Floats,
    convexity: Floats,
    statuses: Codes,
) -> None:
    """Fill price, duration and convexity at given spreads or, with ``solve``, the spreads at given prices."""
    amount = np.empty(MAX_FLOWS)
    gap = np.empty(MAX_FLOWS, np.int32)
    day = np.empty(MAX_FLOWS, np.int32)
    power = np.empty(GAPS)
    for i in range(len(spread)):
        status, count, _, _, _ = flows_of(terms, i, True, amount, gap, day)
        curve = curve_index[i]
        if status == _OK and not (0 <= curve < len(node_rates) and np.all(np.isfinite(node_rates[curve]))):
            status = _BAD_CURVE
        given = dirty_price[i] if solve else np.exp(spread[i])
        if status == _OK and not (given > 0.0 and given < np.inf):
            status = _BAD_PRICE
        s = p = d = c = np.nan
        if status == _OK:
            first, last = discount_flows(
                terms.settlement[i], count, terms.frequency[i], node_years, node_rates[curve], amount, gap, day
            )
            shortest = shortest_gap(_ACT_365F, max(terms.frequency[i], 1))
            if not solve:
                s = spread[i]
                p, d, c = discounted_sums(s, count, first, amount, gap, False, DAY, shortest, power)
                d /= p
                c /= p
            elif count == 1:
                s = np.log(amount[0] / dirty_price[i]) / first
            else:
                status, s, _, _ = solve_rate(
                    dirty_price[i], 0.0, last, count, first, amount, gap, False, DAY, shortest, power
                )
        spread[i] = s
        price[i] = p
        duration[i] = d
        convexity[i] = c
        statuses[i] = status


@kernel
def key_rate_rows(
    terms: BondTerms,
    node_years: Floats,
    node_rates: npt.NDArray[np.float64],
    curve_index: Ints,
    out: npt.NDArray[np.float64],
) -> None:
    """Fill the exposure of each bond to each node; NaN where it has none."""
    amount = np.empty(MAX_FLOWS)
    gap = np.empty(MAX_FLOWS, np.int32)
    day = np.empty(MAX_FLOWS, np.int32)
    for i in range(len(out)):
        status, count, _, _, _ = flows_of(terms, i, True, amount, gap, day)
        curve = curve_index[i]
        if status != _OK or not (0 <= curve < len(node_rates) and np.all(np.isfinite(node_rates[curve]))):
            out[i, :] = np.nan
            continue
        discount_flows(terms.settlement[i], count, terms.frequency[i], node_years, node_rates[curve], amount, gap, day)
        out[i, :] = 0.0
        price = 0.0
        node = 0
        for j in range(count):
            t = (day[j] - terms.settlement[i]) * DAY
            left, node, share = between(node_years, node, t)
            price += amount[j]
            out[i, left] += (1.0 - share) * t * amount[j]
            out[i, node] += share * t * amount[j]
        out[i, :] /= price
