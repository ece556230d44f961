"""Sums over one bond's flows and the solver on top of them: row-level kernels for use inside other kernels.

With flows a_i at times t_i, every figure follows from S_k(x) = sum of t_i^k a_i exp(-x t_i), k = 0, 1, 2, found by
Horner's scheme backwards in time. Periods differ by at most four days, so the powers come from a table of five and no
flow needs an exponential of its own; all terms are positive, so nothing cancels near a zero yield.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from stages.bonds.compiled import kernel
from stages.bonds.elementary import exp, expm1, log
from stages.bonds.status import Status

GAPS: Final = 5
_OK: Final = int(Status.OK)
_NO_SOLUTION: Final = int(Status.NO_SOLUTION)
_MAX_STEPS: Final = 200
# Halley's step is cubic: a step below this, in units of 1 / (time to maturity), leaves the sums exact to 1e-11.
_TOLERANCE: Final = 1e-11
# Above this |x| times horizon the closed form of an annuity loses less than two digits.
_CLOSED_FORM: Final = 0.3


@kernel
def level_sums(x: float, periods: int, unit: float, coupon: float, last: float) -> tuple[float, float, float]:
    """Return S_0, S_1 and S_2 of a coupon after each of ``periods`` level periods, the last flow being ``last``.

    Closed forms of the geometric sums in q = exp(-x unit), with p = 1 - q kept exact; for use where |x| times the
    horizon is not small, since they divide by p cubed.
    """
    p = -expm1(-x * unit)
    q = 1.0 - p
    m = float(periods - 1)
    power = exp(-x * unit * m)
    end = power * q
    g0 = (q - end) / p
    g1 = q * (1.0 - power * (1.0 + m * p)) / (p * p)
    g2 = (q * (1.0 + q) - end * (2.0 + (2.0 * m - 1.0) * p + m * m * p * p)) / (p * p * p)
    years = unit * periods
    final = end * last
    return (
        coupon * g0 + final,
        unit * coupon * g1 + years * final,
        unit * unit * coupon * g2 + years * years * final,
    )


@kernel
def discounted_sums(
    x: float,
    count: int,
    first_time: float,
    amount: npt.NDArray[np.float64],
    gap: npt.NDArray[np.int32],
    level: bool,
    unit: float,
    shortest: int,
    power: npt.NDArray[np.float64],
    final: float = 0.0,
    tail: float = 0.0,
) -> tuple[float, float, float]:
    """Return S_0, S_1 and S_2 at the continuous rate x.

    ``level``: every period after the first lasts ``unit`` years; else period i lasts ``(shortest + gap[i]) * unit``.
    ``power`` is scratch space of `GAPS` entries. ``final``, unless 0, is one flow more, ``tail`` years after the last.
    """
    s0 = 0.0
    s1 = 0.0
    s2 = 0.0
    if final != 0.0:
        s0 = final * exp(-x * tail)
        s1 = tail * s0
        s2 = tail * s1
    if level and count > 2 and final == 0.0 and abs(x) * unit * count > _CLOSED_FORM:
        s0, s1, s2 = level_sums(x, count - 1, unit, amount[1], amount[count - 1])
    elif level and count > 1:
        v = exp(-x * unit)
        for i in range(count - 1, 0, -1):
            s0 += amount[i]
            s2 = v * (s2 + unit * (2.0 * s1 + unit * s0))
            s1 = v * (s1 + unit * s0)
            s0 = v * s0
    elif count > 1:
        v = exp(-x * unit)
        power[0] = exp(-x * unit * shortest)
        for j in range(1, GAPS):
            power[j] = power[j - 1] * v
        for i in range(count - 1, 0, -1):
            s0 += amount[i]
            v = power[gap[i]]
            t = unit * (shortest + gap[i])
            s2 = v * (s2 + t * (2.0 * s1 + t * s0))
            s1 = v * (s1 + t * s0)
            s0 = v * s0
    s0 += amount[0]
    v = exp(-x * first_time)
    s2 = v * (s2 + first_time * (2.0 * s1 + first_time * s0))
    s1 = v * (s1 + first_time * s0)
    return v * s0, s1, s2


@kernel
def plain_sums(
    count: int, time: npt.NDArray[np.float64], amount: npt.NDArray[np.float64]
) -> tuple[float, float, float]:
    """Return S_0, S_1 and S_2 at the rate 0."""
    s0 = 0.0
    s1 = 0.0
    s2 = 0.0
    for i in range(count):
        moment = time[i] * amount[i]
        s0 += amount[i]
        s1 += moment
        s2 += time[i] * moment
    return s0, s1, s2


@kernel
def solve_rate(
    price: float,
    x: float,
    horizon: float,
    count: int,
    first_time: float,
    amount: npt.NDArray[np.float64],
    gap: npt.NDArray[np.int32],
    level: bool,
    unit: float,
    shortest: int,
    power: npt.NDArray[np.float64],
    final: float = 0.0,
    tail: float = 0.0,
) -> tuple[int, float, float, float]:
    """Solve S_0(x) = price for the continuous rate x, from a first guess; ``horizon``: years to the last flow.

    The other arguments are those of `discounted_sums`.

    ln S_0 is convex and falls in x, so Newton's step never fails from the left of the root; Halley's correction makes
    it cubic and is bounded to half and twice Newton's step.

    Returns
    -------
    status, x, S_1 / S_0, S_2 / S_0
    """
    log_price = log(price)
    previous = 0.0
    for _ in range(_MAX_STEPS):
        s0, s1, s2 = discounted_sums(x, count, first_time, amount, gap, level, unit, shortest, power, final, tail)
        if not (s0 > 0.0 and s0 < np.inf and s1 > 0.0 and s2 < np.inf):
            # Out of range: the last step went too far.
            if x == previous:
                break
            x = 0.5 * (x + previous)
            continue
        mean = s1 / s0
        square = s2 / s0
        excess = log(s0) - log_price
        newton = excess / mean
        halley = 1.0 - 0.5 * newton * (square - mean * mean) / mean
        step = newton / min(max(halley, 0.5), 2.0)
        if abs(step) * horizon < _TOLERANCE:
            # First-order update of the moments to the root itself, with a lower bound in place of the third moment.
            third = square * square / mean
            change = 1.0 + mean * step
            return _OK, x + step, (mean - square * step) * change, (square - third * step) * change
        previous = x
        x += step
    return _NO_SOLUTION, np.nan, np.nan, np.nan
