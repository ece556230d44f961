"""Exponential and logarithm as kernels of our own, so that results are the same bits on every processor.

The C library chooses among several versions by processor, and these differ in the last bit. Here every operation is an
IEEE addition, multiplication or division. Reduction to |r| <= ln(2) / 2 as in Tang (ACM TOMS 15, 1989) and, for the
logarithm, with s = f / (2 + f) as in FreeBSD's msun; the coefficients are Chebyshev interpolations computed in exact
arithmetic. Errors stay below one unit in the last place, that of `expm1` below one and a half; subnormal results aside.
"""

from typing import Final

import numpy as np

from richcheap.numerics.compiled import kernel

_LOG2_E: Final = 1.4426950408889634
# ln(2) in two parts; the first ends in zeros, so that its multiples by the exponents in question are exact.
_LN2_HIGH: Final = 6.93147180369123816490e-01
_LN2_LOW: Final = 1.90821492927058770002e-10
# Adding it rounds to a whole number, which then stands in the last bits.
_ROUND: Final = 6755399441055744.0
_ROUND_BITS: Final = 0x4338000000000000
_EXPONENT_ONE: Final = 1023
_MANTISSA: Final = 52
_MANTISSA_MASK: Final = (1 << _MANTISSA) - 1
_SQRT_HALF_MANTISSA: Final = 0x6A09E667F3BCD
_BIG: Final = 2.0**512
_SMALL: Final = 2.0**-512
_OVERFLOW: Final = 709.782712893384
_UNDERFLOW: Final = -745.1332191019412
_MIN_NORMAL: Final = 2.2250738585072014e-308


@kernel
def _exp_tail(r: float) -> float:
    """Return exp(r) - 1 - r for |r| <= ln(2) / 2."""
    square = r * r
    fourth = square * square
    low = (0.5 + r * 0.1666666666666667) + square * (0.04166666666666667 + r * 0.00833333333332614)
    middle = (0.0013888888888883752 + r * 0.00019841269874804214) + square * (
        2.4801587325536023e-05 + r * 2.7557255421023506e-06
    )
    high = (2.7557273657975953e-07 + r * 2.5105208339987698e-08) + square * 2.0914680780540267e-09
    return square * (low + fourth * (middle + fourth * high))


@kernel
def _power_of_two(k: int) -> float:
    """Return 2^k for -1022 <= k <= 1023."""
    return float(np.int64(np.int64(k + _EXPONENT_ONE) << _MANTISSA).view(np.float64))


@kernel
def exp(x: float) -> float:
    """Return e^x."""
    rounded = x * _LOG2_E + _ROUND
    k = int(np.float64(rounded).view(np.int64)) - _ROUND_BITS
    whole = rounded - _ROUND
    r = (x - whole * _LN2_HIGH) - whole * _LN2_LOW
    # Far out the power of two is taken in two steps: its exponent alone would leave the format.
    shift = 0
    step = 1.0
    if x > 700.0:
        shift = -512
        step = _BIG
    if x < -700.0:
        shift = 512
        step = _SMALL
    value = (1.0 + (r + _exp_tail(r))) * _power_of_two(k + shift) * step
    if x > _OVERFLOW:
        value = np.inf
    if x < _UNDERFLOW:
        value = 0.0
    return value


@kernel
def exp_inside(x: float) -> float:
    """Return e^x for -700 <= x <= 700, with the bits of `exp`: without the ends of the range loops run on vectors."""
    rounded = x * _LOG2_E + _ROUND
    k = int(np.float64(rounded).view(np.int64)) - _ROUND_BITS
    whole = rounded - _ROUND
    r = (x - whole * _LN2_HIGH) - whole * _LN2_LOW
    return (1.0 + (r + _exp_tail(r))) * _power_of_two(k)


@kernel
def expm1(x: float) -> float:
    """Return e^x - 1, exact also near 0."""
    if not -40.0 < x < 40.0:
        return exp(x) - 1.0
    rounded = x * _LOG2_E + _ROUND
    k = int(np.float64(rounded).view(np.int64)) - _ROUND_BITS
    whole = rounded - _ROUND
    high = x - whole * _LN2_HIGH
    r = high - whole * _LN2_LOW
    if whole == 0.0:
        return r + _exp_tail(r) if r != 0.0 else x
    lost = (high - r) - whole * _LN2_LOW
    return _power_of_two(k) * (((1.0 - _power_of_two(-k)) + r) + (_exp_tail(r) + lost * (1.0 + r)))


@kernel
def _log_tail(f: float) -> tuple[float, float]:
    """Return f^2 / 2 and s (f^2 / 2 + R) with log(1 + f) = f - (first - second), for sqrt(1/2) <= 1 + f < sqrt(2)."""
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = 0.666666666666667 + w * (0.2857142862600345 + w * (0.18182889457821397 + w * 0.14616586306602))
    odd = 0.39999999999899444 + w * (0.22222211130230413 + w * 0.15331710546870128)
    half = 0.5 * f * f
    return half, s * (half + z * (even + z * odd))


@kernel
def _split(x: float) -> tuple[int, float]:
    """Return k and m with x = 2^k m and sqrt(1/2) <= m < sqrt(2), for a normal positive number."""
    bits = int(np.float64(x).view(np.int64))
    mantissa = bits & _MANTISSA_MASK
    up = 1 if mantissa >= _SQRT_HALF_MANTISSA else 0
    k = (bits >> _MANTISSA) - _EXPONENT_ONE + up
    m = np.int64(mantissa | ((_EXPONENT_ONE - up) << _MANTISSA)).view(np.float64)
    return k, float(m)


@kernel
def log(x: float) -> float:
    """Return the natural logarithm; minus infinity at 0, NaN below."""
    if not 0.0 < x < np.inf:
        if x == 0.0:
            return -np.inf
        return x if x == np.inf else np.nan
    shift = 0
    if x < _MIN_NORMAL:
        x *= 2.0**54
        shift = 54
    k, m = _split(x)
    whole = float(k - shift)
    f = m - 1.0
    half, tail = _log_tail(f)
    return float(whole * _LN2_HIGH - ((half - (tail + whole * _LN2_LOW)) - f))


@kernel
def log1p(x: float) -> float:
    """Return log(1 + x), exact also near 0; minus infinity at -1, NaN below."""
    if not -1.0 < x < np.inf:
        if x == -1.0:
            return -np.inf
        return x if x == np.inf else np.nan
    if -0.29 < x < 0.41:
        if abs(x) < 1e-20:
            return x
        half, tail = _log_tail(x)
        return x - (half - tail)
    u = 1.0 + x
    lost = ((1.0 - (u - x)) if x > 1.0 else (x - (u - 1.0))) / u
    k, m = _split(u)
    whole = float(k)
    f = m - 1.0
    half, tail = _log_tail(f)
    return float(whole * _LN2_HIGH - ((half - (tail + (whole * _LN2_LOW + lost))) - f))
