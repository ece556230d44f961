"""Sums over one bond's flows and the solver on top of them: row-level kernels for use inside other kernels.

With flows a_i at times t_i, every figure follows from S_k(x) = sum of t_i^k a_i exp(-x t_i), k = 0 to 3, found by
Horner's scheme backwards in time. Regular periods differ by a few days, so the powers come from a small table and no
flow needs an exponential of its own; all terms are positive, so nothing cancels near a zero yield.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from richcheap.bonds.status import Status
from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementary import exp, expm1, log

# Regular periods differ by at most four days; under 30/360 they are counted from four days below 360 / frequency.
GAPS: Final = 7
_OK: Final = int(Status.OK)
_NO_SOLUTION: Final = int(Status.NO_SOLUTION)
_MAX_STEPS: Final = 200
# Times years to maturity: the moments are taken before the last step.
_LAST_AT_TIMES: Final = 1e-12
# Of the rate: rounding moves a rate of thousands of per cent by more than the above.
_LAST_DIGITS: Final = 2e-15
# Above this |x| times horizon the closed form of an annuity loses less than two digits.
_CLOSED_FORM: Final = 0.3


@kernel
def level_sums(x: float, periods: int, unit: float, coupon: float, last: float) -> tuple[float, float, float, float]:
    """Return S_0 to S_3 of a coupon after each of ``periods`` level periods, the last flow being ``last``.

    Closed forms of the geometric sums g_k = sum of j^k q^j with q = exp(-x unit), each from those before it by taking
    q d/dq of (1 - q) g_0 = q - q^periods, with 1 - q kept exact; for use where |x| times the horizon is not small,
    since every step divides by 1 - q.
    """
    p = -expm1(-x * unit)
    end = exp(-x * unit * periods)
    inverse = 1.0 / p
    q = 1.0 - p
    m = float(periods)
    g0 = (q - end) * inverse
    g1 = (q * (1.0 + g0) - m * end) * inverse
    g2 = (q * (1.0 + g0 + 2.0 * g1) - m * m * end) * inverse
    g3 = (q * (1.0 + g0 + 3.0 * (g1 + g2)) - m * m * m * end) * inverse
    years = unit * m
    s0 = end * last
    s1 = years * s0
    s2 = years * s1
    scale = unit * coupon
    return (
        coupon * g0 + s0,
        scale * g1 + s1,
        unit * scale * g2 + s2,
        unit * unit * scale * g3 + years * s2,
    )


@kernel
def shifted(v: float, t: float, s0: float, s1: float, s2: float, s3: float) -> tuple[float, float, float, float]:
    """Return the sums of flows that come t years later, v = exp(-x t)."""
    return (
        v * s0,
        v * (s1 + t * s0),
        v * (s2 + t * (2.0 * s1 + t * s0)),
        v * (s3 + t * (3.0 * s2 + t * (3.0 * s1 + t * s0))),
    )


@kernel
def fill_powers(x: float, unit: float, shortest: int, power: npt.NDArray[np.float64]) -> None:
    """Fill the discount factors of periods of ``shortest`` units and more."""
    v = exp(-x * unit)
    power[0] = exp(-x * unit * shortest)
    for j in range(1, GAPS):
        power[j] = power[j - 1] * v


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
) -> tuple[float, float, float, float]:
    """Return S_0 to S_3 at the continuous rate x.

    ``level``: every period after the first lasts ``unit`` years; else period i lasts ``(shortest + gap[i]) * unit``.
    ``power`` is scratch space of `GAPS` entries. ``final``, unless 0, is one flow more, ``tail`` years after the last.
    """
    s0 = s1 = s2 = s3 = 0.0
    if final != 0.0:
        s0, s1, s2, s3 = shifted(exp(-x * tail), tail, final, 0.0, 0.0, 0.0)
    if level and count > 2 and final == 0.0 and abs(x) * unit * count > _CLOSED_FORM:
        s0, s1, s2, s3 = level_sums(x, count - 1, unit, amount[1], amount[count - 1])
    elif level and count > 1:
        v = exp(-x * unit)
        for i in range(count - 1, 0, -1):
            s0, s1, s2, s3 = shifted(v, unit, s0 + amount[i], s1, s2, s3)
    elif count > 1:
        fill_powers(x, unit, shortest, power)
        for i in range(count - 1, 0, -1):
            s0, s1, s2, s3 = shifted(power[gap[i]], unit * (shortest + gap[i]), s0 + amount[i], s1, s2, s3)
    return shifted(exp(-x * first_time), first_time, s0 + amount[0], s1, s2, s3)


@kernel
def discounted_value(
    x: float,
    count: int,
    first_time: float,
    amount: npt.NDArray[np.float64],
    gap: npt.NDArray[np.int32],
    unit: float,
    shortest: int,
    power: npt.NDArray[np.float64],
    final: float = 0.0,
    tail: float = 0.0,
) -> float:
    """Return S_0 alone, for periods that are not level: to the bit that of `discounted_sums`."""
    s0 = 0.0
    if final != 0.0:
        s0 = exp(-x * tail) * final
    if count > 1:
        fill_powers(x, unit, shortest, power)
        for i in range(count - 1, 0, -1):
            s0 = power[gap[i]] * (s0 + amount[i])
    return exp(-x * first_time) * float(s0 + amount[0])


@kernel
def plain_sums(
    count: int, time: npt.NDArray[np.float64], amount: npt.NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Return S_0 to S_3 at the rate 0."""
    s0 = s1 = s2 = s3 = 0.0
    for i in range(count):
        moment = time[i] * amount[i]
        s0 += amount[i]
        s1 += moment
        moment *= time[i]
        s2 += moment
        s3 += time[i] * moment
    return s0, s1, s2, s3


@kernel
def best_step(excess: float, mean: float, square: float, cube: float) -> float:
    """Return the step in x that takes ln S_0 down by ``excess``, from the first three moments of the times.

    Halley's step, bounded to half and twice Newton's, then Newton's step on the cubic that has the cumulants of the
    moments as its derivatives: the error is of the fourth order.
    """
    spread = square - mean * mean
    squared = mean * mean
    step = excess * mean / min(max(squared - 0.5 * excess * spread, 0.5 * squared), 2.0 * squared)
    skew = cube - mean * (3.0 * square - 2.0 * squared)
    value = excess - step * (mean - step * (0.5 * spread - step * (skew / 6.0)))
    slope = mean - step * (spread - 0.5 * step * skew)
    if slope > 0.25 * mean and abs(value) < 0.25 * slope * abs(step):
        step += value / slope
    return step


@kernel
def solve_rate(
    price: float,
    x: float,
    tolerance: float,
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
    """Solve S_0(x) = price for the continuous rate x, from a first guess.

    A step below ``tolerance`` is the last one. Its fourth power, in units of the time to maturity, is the error of x;
    its third and second powers are those of the moments. The other arguments are those of `discounted_sums`.

    Returns
    -------
    status, x, S_1 / S_0, S_2 / S_0
    """
    inverse_price = 1.0 / price
    previous = 0.0
    for _ in range(_MAX_STEPS):
        s0, s1, s2, s3 = discounted_sums(x, count, first_time, amount, gap, level, unit, shortest, power, final, tail)
        if not (s0 > 0.0 and s0 < np.inf and s1 > 0.0 and s3 < np.inf):
            # Out of range: the last step went too far.
            if x == previous:
                break
            x = 0.5 * (x + previous)
            continue
        inverse = 1.0 / s0
        mean = s1 * inverse
        square = s2 * inverse
        cube = s3 * inverse
        step = best_step(log(s0 * inverse_price), mean, square, cube)
        if abs(step) < tolerance:
            spread = square - mean * mean
            skew = cube - mean * (3.0 * square - 2.0 * mean * mean)
            mean -= step * (spread - 0.5 * step * skew)
            return _OK, x + step, mean, spread - step * skew + mean * mean
        previous = x
        x += step
    return _NO_SOLUTION, np.nan, np.nan, np.nan


@kernel
def sums_at_times(
    x: float, count: int, time: npt.NDArray[np.float64], amount: npt.NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Return S_0 to S_3 at the continuous rate x, of flows at any times."""
    s0 = s1 = s2 = s3 = 0.0
    for i in range(count):
        t = time[i]
        value = amount[i] * exp(-x * t)
        s0 += value
        s1 += t * value
        s2 += t * t * value
        s3 += t * t * t * value
    return s0, s1, s2, s3


@kernel
def solve_at_times(
    price: float, x: float, count: int, time: npt.NDArray[np.float64], amount: npt.NDArray[np.float64]
) -> tuple[int, float, float, float]:
    """Solve S_0(x) = price as `solve_rate` does, of flows at any times."""
    tolerance = _LAST_AT_TIMES / time[count - 1]
    previous = 0.0
    for _ in range(_MAX_STEPS):
        s0, s1, s2, s3 = sums_at_times(x, count, time, amount)
        if not (s0 > 0.0 and s0 < np.inf and s1 > 0.0 and s3 < np.inf):
            if x == previous:
                break
            x = 0.5 * (x + previous)
            continue
        step = best_step(log(s0 / price), s1 / s0, s2 / s0, s3 / s0)
        if abs(step) < max(tolerance, _LAST_DIGITS * abs(x)):
            return _OK, x + step, s1 / s0, s2 / s0
        previous = x
        x += step
    return _NO_SOLUTION, np.nan, np.nan, np.nan
