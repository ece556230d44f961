"""Row loop that prices bonds on zero curves; `stages.bonds.curve` checks the arguments and documents the results."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from stages.bonds.compiled import kernel
from stages.bonds.conventions import DayCount
from stages.bonds.curve_flows import DAY, Flows, discount_flows, scratch
from stages.bonds.elementary import log
from stages.bonds.kernels import GAPS, best_step, discounted_sums, discounted_value, plain_sums, solve_rate
from stages.bonds.schedule import shortest_gap
from stages.bonds.status import Status
from stages.bonds.terms import BondTerms, Codes, Floating, Floats, Ints, Table

_ACT_365F: Final = int(DayCount.ACT_365F)
_OK: Final = int(Status.OK)
_BAD_PRICE: Final = int(Status.BAD_PRICE)
_FIXED: Final = int(Floating.FIXED)
# Beyond it, whatever the sign, no price is a number.
_WIDEST_SPREAD: Final = 700.0
# Times years to the last flow: spreads are exact to its fourth power.
_LAST_STEP: Final = 3e-4


class Found(NamedTuple):
    """All that one walk over the flows of n bonds can give; see `curve_rows`."""

    prices: Table
    exposure: Table
    spread: Floats
    price: Floats
    duration: Floats
    convexity: Floats
    status: Codes

    def rows(self, chosen: slice) -> "Found":
        """Return views of some of the rows."""
        return Found(
            self.prices[chosen],
            self.exposure[chosen],
            self.spread[chosen],
            self.price[chosen],
            self.duration[chosen],
            self.convexity[chosen],
            self.status[chosen],
        )


@kernel
def fill_exposure(count: int, floats: bool, price: float, flows: Flows, out: Floats) -> None:
    """Fill the exposure of a bond to each node, years."""
    out[:] = 0.0
    for j in range(count):
        risk = (flows.telescoped[j] if floats else flows.value[j]) * flows.time[j] / price
        right = flows.node[j]
        part = flows.share[j] * risk
        out[right] += part
        if right > 0:
            out[right - 1] += risk - part


@kernel
def curve_rows(
    terms: BondTerms,
    node_years: Floats,
    node_rates: Table,
    sound: npt.NDArray[np.bool_],
    curve_index: Ints,
    at: Floats,
    dirty_price: Floats,
    solve: bool,
    spreads: Table,
    found: Found,
) -> None:
    """Fill all that is asked for from one walk over each bond's flows; see `stages.bonds.curve`.

    Price, duration and convexity at the spread ``at``, the spread at the price when ``solve``, prices at every column
    of ``spreads``, exposure to every node unless ``found.exposure`` has no columns. The status tells of the spread when
    ``solve``.
    """
    prices, exposure, spread, price, duration, convexity, statuses = found
    flows = scratch()
    power = np.empty(GAPS)
    for i in range(len(spread)):
        spread[i] = price[i] = duration[i] = convexity[i] = np.nan
        prices[i, :] = np.nan
        exposure[i, :] = np.nan
        status, count = discount_flows(terms, i, node_years, node_rates, sound, curve_index[i], flows)
        statuses[i] = status
        if status != _OK:
            continue
        first = flows.time[0]
        last = flows.time[count - 1]
        shortest = shortest_gap(_ACT_365F, max(terms.frequency[i], 1))
        value = flows.value
        gap = flows.gap
        for k in range(spreads.shape[1]):
            s = spreads[i, k]
            if s == 0.0:
                prices[i, k] = plain_sums(count, flows.time, value)[0]
            elif abs(s) < _WIDEST_SPREAD:
                prices[i, k] = discounted_value(s, count, first, value, gap, DAY, shortest, power)
        if at[i] == 0.0:
            s0, s1, s2, s3 = plain_sums(count, flows.time, value)
        else:
            s0, s1, s2, s3 = discounted_sums(at[i], count, first, value, gap, False, DAY, shortest, power)
        if abs(at[i]) < _WIDEST_SPREAD:
            price[i] = s0
            duration[i] = s1 / s0
            convexity[i] = s2 / s0
        if exposure.shape[1] > 0:
            fill_exposure(count, terms.floating[i] != _FIXED and terms.frequency[i] > 0, s0, flows, exposure[i])
        if solve:
            given = dirty_price[i]
            if not (given > 0.0 and given < np.inf):
                statuses[i] = _BAD_PRICE
            elif count == 1:
                spread[i] = log(value[0] / given) / first
            else:
                guess = at[i] + best_step(log(s0 / given), s1 / s0, s2 / s0, s3 / s0)
                statuses[i], spread[i], _, _ = solve_rate(
                    given, guess, _LAST_STEP / last, count, first, value, gap, False, DAY, shortest, power
                )
