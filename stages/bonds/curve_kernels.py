"""Row loops that price bonds on zero curves; `stages.bonds.curve` checks the arguments and documents the results."""

from typing import Final

import numpy as np
import numpy.typing as npt

from stages.bonds.compiled import kernel
from stages.bonds.conventions import DayCount
from stages.bonds.kernels import GAPS, discounted_sums, solve_rate
from stages.bonds.schedule import MAX_FLOWS, fill_flows, shortest_gap
from stages.bonds.status import Status
from stages.bonds.terms import Codes, Floats, Ints

DAY: Final = 1.0 / 365.0
_ACT_365F: Final = int(DayCount.ACT_365F)
_OK: Final = int(Status.OK)
_BAD_PRICE: Final = int(Status.BAD_PRICE)
_BAD_CURVE: Final = int(Status.BAD_CURVE)


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
    last_node = len(node_years) - 1
    shortest = shortest_gap(_ACT_365F, max(frequency, 1))
    t = 0.0
    for i in range(count):
        t = (day[i] - settlement) * DAY
        while node <= last_node and node_years[node] < t:
            node += 1
        if node == 0:
            rate = rates[0]
        elif node > last_node:
            rate = rates[last_node]
        else:
            share = (t - node_years[node - 1]) / (node_years[node] - node_years[node - 1])
            rate = rates[node - 1] + share * (rates[node] - rates[node - 1])
        amount[i] *= np.exp(-rate * t)
        if i > 0:
            gap[i] = day[i] - day[i - 1] - shortest
    return (day[0] - settlement) * DAY, t


@kernel
def spread_rows(
    settlement: Ints,
    maturity: Ints,
    coupon_rate: Floats,
    frequency: Ints,
    day_count: Ints,
    issue: Ints,
    first_coupon: Ints,
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
        status, count, _, _, _ = fill_flows(
            settlement[i], maturity[i], coupon_rate[i], frequency[i], day_count[i], issue[i], first_coupon[i],
            True, amount, gap, day,
        )  # fmt: skip
        curve = curve_index[i]
        if status == _OK and not (0 <= curve < len(node_rates) and np.all(np.isfinite(node_rates[curve]))):
            status = _BAD_CURVE
        given = dirty_price[i] if solve else np.exp(spread[i])
        if status == _OK and not (given > 0.0 and given < np.inf):
            status = _BAD_PRICE
        s = p = d = c = np.nan
        if status == _OK:
            first, last = discount_flows(
                settlement[i], count, frequency[i], node_years, node_rates[curve], amount, gap, day
            )
            shortest = shortest_gap(_ACT_365F, max(frequency[i], 1))
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
    settlement: Ints,
    maturity: Ints,
    coupon_rate: Floats,
    frequency: Ints,
    day_count: Ints,
    issue: Ints,
    first_coupon: Ints,
    node_years: Floats,
    node_rates: npt.NDArray[np.float64],
    curve_index: Ints,
    out: npt.NDArray[np.float64],
) -> None:
    """Fill the exposure of each bond to each node; NaN where it has none."""
    amount = np.empty(MAX_FLOWS)
    gap = np.empty(MAX_FLOWS, np.int32)
    day = np.empty(MAX_FLOWS, np.int32)
    last_node = len(node_years) - 1
    for i in range(len(out)):
        status, count, _, _, _ = fill_flows(
            settlement[i], maturity[i], coupon_rate[i], frequency[i], day_count[i], issue[i], first_coupon[i],
            True, amount, gap, day,
        )  # fmt: skip
        curve = curve_index[i]
        if status != _OK or not (0 <= curve < len(node_rates) and np.all(np.isfinite(node_rates[curve]))):
            out[i, :] = np.nan
            continue
        discount_flows(settlement[i], count, frequency[i], node_years, node_rates[curve], amount, gap, day)
        out[i, :] = 0.0
        price = 0.0
        node = 0
        for j in range(count):
            t = (day[j] - settlement[i]) * DAY
            while node <= last_node and node_years[node] < t:
                node += 1
            price += amount[j]
            if node == 0:
                out[i, 0] += t * amount[j]
            elif node > last_node:
                out[i, last_node] += t * amount[j]
            else:
                share = (t - node_years[node - 1]) / (node_years[node] - node_years[node - 1])
                out[i, node - 1] += (1.0 - share) * t * amount[j]
                out[i, node] += share * t * amount[j]
        out[i, :] /= price
