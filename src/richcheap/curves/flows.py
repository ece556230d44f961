"""The flows of one bond on its zero curve: kernels that fill a caller's buffers, no objects."""

from typing import Final

from richcheap.bonds.conventions import DayCount
from richcheap.bonds.cycle import day_basis
from richcheap.bonds.terms import Floats, Ints
from richcheap.bonds.units import DAYS_PER_YEAR
from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementary import exp, exp_inside, expm1

DAY: Final = 1.0 / DAYS_PER_YEAR
LANES: Final = 4
_INSIDE: Final = 700.0
_ACT_360: Final = int(DayCount.ACT_360)


@kernel
def segment(node: int, t: float, node_years: Floats) -> tuple[int, int, float, float]:
    """Return the nodes left and right of a time, the left one's years and the share of a year's distance from it.

    The search goes up from ``node``, the right node of an earlier time. Outside the nodes both are the nearest.
    """
    last = len(node_years) - 1
    while node <= last and node_years[node] < t:
        node += 1
    if node == 0:
        return 0, 0, 0.0, 0.0
    if node > last:
        return last, last, 0.0, 0.0
    return node - 1, node, node_years[node - 1], 1.0 / (node_years[node] - node_years[node - 1])


@kernel
def zero_rate(years: float, node_years: Floats, rates: Floats) -> float:
    """Return the zero rate at a time: linear between nodes, flat outside."""
    left, right, start, width = segment(0, years, node_years)
    return float(rates[left] + (years - start) * (width * (rates[right] - rates[left])))


@kernel
def fill_factors(
    settlement: int,
    count: int,
    node_years: Floats,
    rates: Floats,
    largest: float,
    day: Ints,
    time: Floats,
    factor: Floats,
) -> None:
    """Fill the years and the discount factors of flows from their dates; ``largest``: of the rates, without sign.

    Buffers hold numbers to their ends, a multiple of `LANES`.
    """
    j = 0
    node = 0
    last = len(node_years) - 1
    while j < count:
        left, node, start, width = segment(node, (day[j] - settlement) * DAY, node_years)
        # One stretch between two nodes after another, so that the inner loops have no branches.
        if node == last and left == last:
            end = count
        else:
            end = j + 1
            while end < count and (day[end] - settlement) * DAY <= node_years[node]:
                end += 1
        base = rates[left]
        slope = width * (rates[node] - base)
        for i in range(j, end):
            t = (day[i] - settlement) * DAY
            time[i] = t
            factor[i] = -t * (base + (t - start) * slope)
        j = end
    if largest * time[count - 1] < _INSIDE:
        # Whole vectors: a rest of single elements would cost as much as they do.
        for i in range((count + LANES - 1) // LANES * LANES):
            factor[i] = exp_inside(factor[i])
    else:
        for i in range(count):
            factor[i] = exp(factor[i])


@kernel
def margin_of(coupon_rate: float, frequency: int, day_count: int, node_years: Floats, rates: Floats) -> float:
    """Return the margin of a floating-rate bond whose source does not say: its coupon less the curve's simple rate.

    The rate is that of one coupon period from settlement, under the bond's day count.
    """
    years = 1.0 / frequency
    growth = expm1(zero_rate(years, node_years, rates) * years)
    period = years * DAYS_PER_YEAR / day_basis(day_count) if day_count == _ACT_360 else years
    return float(coupon_rate - growth / period)


@kernel
def fill_floating(
    coupon_rate: float, margin: float, count: int, factor: Floats, value: Floats, telescoped: Floats
) -> None:
    """Turn the flows of a fixed coupon of 100 % into the discounted flows of a floating-rate bond.

    ``telescoped`` has the same price as flows that do not move with the index.
    """
    value[count - 1] -= 100.0
    coupon = coupon_rate * value[0]
    telescoped[0] = (100.0 + coupon) * factor[0]
    value[0] = coupon * factor[0]
    for j in range(1, count):
        telescoped[j] = margin * value[j] * factor[j]
        value[j] = 100.0 * (factor[j - 1] - factor[j]) + telescoped[j]
    value[count - 1] += 100.0 * factor[count - 1]


@kernel
def fill_exposure(count: int, price: float, value: Floats, time: Floats, node_years: Floats, out: Floats) -> None:
    """Fill the exposure of discounted flows to each node, years."""
    out[:] = 0.0
    node = 0
    inverse = 1.0 / price
    for j in range(count):
        risk = value[j] * time[j] * inverse
        left, node, start, width = segment(node, time[j], node_years)
        part = (time[j] - start) * width * risk
        out[node] += part
        out[left] += risk - part
