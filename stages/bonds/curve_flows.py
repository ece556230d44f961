"""The flows of one bond on its zero curve: kernels that fill scratch space, no objects."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from stages.bonds.compiled import kernel
from stages.bonds.conventions import DayCount
from stages.bonds.elementary import exp, expm1
from stages.bonds.schedule import MAX_FLOWS, day_basis, fill_flows, shortest_gap
from stages.bonds.status import Status
from stages.bonds.terms import BondTerms, Floating, Floats, Ints, Table

DAY: Final = 1.0 / 365.0
_ACT_365F: Final = int(DayCount.ACT_365F)
_ACT_360: Final = int(DayCount.ACT_360)
_OK: Final = int(Status.OK)
_BAD_TERMS: Final = int(Status.BAD_TERMS)
_BAD_CURVE: Final = int(Status.BAD_CURVE)
_FIXED: Final = int(Floating.FIXED)
_MARGIN: Final = int(Floating.MARGIN)
_MARGIN_UNKNOWN: Final = int(Floating.MARGIN_UNKNOWN)


class Flows(NamedTuple):
    """Scratch space for the flows of one bond on its curve, `MAX_FLOWS` entries each."""

    value: Floats  # the flow, discounted on the curve
    telescoped: Floats  # the same price as flows that do not move with the index (floating-rate bonds)
    gap: Ints  # days of the period above the shortest
    day: Ints
    time: Floats  # ACT/365F years from settlement
    factor: Floats  # discount factor
    node: Ints  # right node of the curve
    share: Floats  # its weight in the interpolation


@kernel
def scratch() -> Flows:
    """Return new scratch space."""
    return Flows(
        np.empty(MAX_FLOWS),
        np.empty(MAX_FLOWS),
        np.empty(MAX_FLOWS, np.int32),
        np.empty(MAX_FLOWS, np.int32),
        np.empty(MAX_FLOWS),
        np.empty(MAX_FLOWS),
        np.empty(MAX_FLOWS, np.int32),
        np.empty(MAX_FLOWS),
    )


@kernel
def zero_rate(years: float, node_years: Floats, rates: Floats) -> float:
    """Return the zero rate at a time: linear between nodes, flat outside."""
    last = len(node_years) - 1
    if years <= node_years[0]:
        return float(rates[0])
    if years >= node_years[last]:
        return float(rates[last])
    node = 1
    while node_years[node] < years:
        node += 1
    share = (years - node_years[node - 1]) / (node_years[node] - node_years[node - 1])
    return float(rates[node - 1] + share * (rates[node] - rates[node - 1]))


@kernel
def fill_factors(settlement: int, count: int, frequency: int, node_years: Floats, rates: Floats, flows: Flows) -> None:
    """Fill times, places between the nodes and discount factors, and turn the gaps into days."""
    last = len(node_years) - 1
    shortest = shortest_gap(_ACT_365F, max(frequency, 1))
    node = 0
    start = base = 0.0
    width = 1.0
    slope = 0.0
    for j in range(count):
        t = (flows.day[j] - settlement) * DAY
        if j > 0:
            flows.gap[j] = flows.day[j] - flows.day[j - 1] - shortest
        if node <= last and (j == 0 or node_years[node] < t):
            while node <= last and node_years[node] < t:
                node += 1
            # Outside the nodes the share is 0 and the right node stands for both.
            inside = 0 < node <= last
            width = 1.0 / (node_years[node] - node_years[node - 1]) if inside else 0.0
            start = node_years[node - 1] if inside else 0.0
            base = rates[node - 1] if inside else rates[min(node, last)]
            slope = rates[node] - base if inside else 0.0
        share = (t - start) * width
        flows.time[j] = t
        flows.node[j] = min(node, last)
        flows.share[j] = share if width > 0.0 else 1.0
        flows.factor[j] = -(base + share * slope) * t
    for j in range(count):
        flows.factor[j] = exp(flows.factor[j])


@kernel
def margin_of(coupon_rate: float, frequency: int, day_count: int, node_years: Floats, rates: Floats) -> float:
    """Return the margin of a floating-rate bond whose source does not say: its coupon less the curve's simple rate.

    The rate is that of one coupon period from settlement, under the bond's day count.
    """
    years = 1.0 / frequency
    growth = expm1(zero_rate(years, node_years, rates) * years)
    return float(coupon_rate - growth / (years * 365.0 / day_basis(day_count) if day_count == _ACT_360 else years))


@kernel
def discount_flows(
    terms: BondTerms,
    i: int,
    node_years: Floats,
    node_rates: Table,
    sound: npt.NDArray[np.bool_],
    curve: int,
    flows: Flows,
) -> tuple[int, int]:
    """Fill the flows of a bond on its curve, one of those that are ``sound``; return the status and their number."""
    floating = terms.floating[i]
    coupon_rate = terms.coupon_rate[i]
    margin = terms.margin[i]
    if floating not in (_FIXED, _MARGIN, _MARGIN_UNKNOWN) or (floating == _MARGIN and not np.isfinite(margin)):
        return _BAD_TERMS, 0
    floats = floating != _FIXED and terms.frequency[i] > 0 and np.isfinite(coupon_rate)
    # A coupon rate of 1 makes the flows of a floating-rate bond 100 times the years of their periods.
    status, count, _, _, _ = fill_flows(
        terms.settlement[i], terms.maturity[i], 1.0 if floats else coupon_rate, terms.frequency[i], terms.day_count[i],
        terms.issue[i], terms.first_coupon[i], True, flows.value, flows.gap, flows.day,
    )  # fmt: skip
    if status != _OK:
        return status, 0
    if not (0 <= curve < len(sound) and sound[curve]):
        return _BAD_CURVE, 0
    rates = node_rates[curve]
    fill_factors(terms.settlement[i], count, terms.frequency[i], node_years, rates, flows)
    if not floats:
        for j in range(count):
            flows.value[j] *= flows.factor[j]
        return status, count
    if floating == _MARGIN_UNKNOWN:
        margin = margin_of(coupon_rate, terms.frequency[i], terms.day_count[i], node_years, rates)
    flows.value[count - 1] -= 100.0
    coupon = coupon_rate * flows.value[0]
    flows.telescoped[0] = (100.0 + coupon) * flows.factor[0]
    flows.value[0] = coupon * flows.factor[0]
    for j in range(1, count):
        flows.telescoped[j] = margin * flows.value[j] * flows.factor[j]
        flows.value[j] = 100.0 * (flows.factor[j - 1] - flows.factor[j]) + flows.telescoped[j]
    flows.value[count - 1] += 100.0 * flows.factor[count - 1]
    return status, count
