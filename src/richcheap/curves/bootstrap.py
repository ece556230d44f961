"""Zero rates from par yields as the US Treasury publishes them."""

import numpy as np
import numpy.typing as npt

from richcheap.bonds.terms import Floats
from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementary import exp, log, log1p

_STEPS = 50
_TOLERANCE = 1e-14


@kernel
def _bill_discount(rate: float, years: float, frequency: int) -> float:
    """Return the discount factor of a bill from its bond-equivalent rate (31 CFR 356 Appendix B, section III)."""
    whole = np.floor(years * frequency - 1e-9)
    return float(exp(-whole * log1p(rate / frequency)) / (1.0 + rate * (years - whole / frequency)))


@kernel
def _bootstrap(tenors: Floats, par: Floats, frequency: int, zero: Floats) -> bool:
    """Fill the zero rates one tenor after another; return whether every tenor has one."""
    for k in range(len(tenors)):
        tenor = tenors[k]
        rate = par[k]
        if tenor < 1.0 - 1e-9:
            factor = _bill_discount(rate, tenor, frequency)
            if not factor > 0.0:
                return False
            zero[k] = -log(factor) / tenor
            continue
        zero[k] = frequency * log1p(rate / frequency)
        count = int(np.ceil(tenor * frequency - 1e-9))
        for _ in range(_STEPS):
            value = -1.0
            slope = 0.0
            for i in range(count):
                t = tenor - i / frequency
                node = min(np.searchsorted(tenors[: k + 1], t), k)
                share = 1.0
                z = zero[node]
                if node > 0:
                    share = (t - tenors[node - 1]) / (tenors[node] - tenors[node - 1])
                    z = zero[node - 1] + share * (zero[node] - zero[node - 1])
                flow = rate * min(1.0 / frequency, t) * exp(-z * t)
                if i == 0:
                    flow = (1.0 + rate * min(1.0 / frequency, t)) * exp(-z * t)
                value += flow
                if node == k:
                    slope -= share * t * flow
            step = value / slope
            zero[k] -= step
            if not np.isfinite(zero[k]):
                return False
            if abs(step) < _TOLERANCE:
                break
    return True


def bootstrap_par_curve(tenor_years: npt.ArrayLike, par_rates: npt.ArrayLike, frequency: int = 2) -> Floats:
    """Return continuous zero rates at the tenors of a par curve.

    Parameters
    ----------
    tenor_years : array_like
        Ascending tenors in years; leave out those that are not published.
    par_rates : array_like
        Decimal par yields, compounded ``frequency`` times a year. Below one year they are bond-equivalent yields of
        bills: simple interest up to one coupon period, 31 CFR 356 Appendix B beyond.
    frequency : int
        Coupons a year: 1, 2, 4 or 12.

    Returns
    -------
    ndarray
        Zero rates that price every par bond at 100 when the zero rate is linear between tenors and flat before the
        first, as in `richcheap.curves.pricing`.

    Raises
    ------
    ValueError
        When tenors are not ascending and positive, rates are not finite, or no zero rate fits.
    """
    tenors = np.array(tenor_years, dtype=np.float64)
    rates = np.array(par_rates, dtype=np.float64)
    if tenors.ndim != 1 or tenors.shape != rates.shape or len(tenors) == 0:
        raise ValueError(
            f"tenor_years and par_rates must be two rows of one length, but their shapes are {tenors.shape} and "
            f"{rates.shape}"
        )
    if not (np.all(np.isfinite(tenors)) and tenors[0] > 0.0 and np.all(np.diff(tenors) > 0.0)):
        raise ValueError(f"tenor_years must be positive and ascending, but they are {tenors.tolist()}")
    if not np.all(np.isfinite(rates)) or np.any(rates <= -frequency):
        raise ValueError(f"par_rates must be finite and above -{frequency}, but they are {rates.tolist()}")
    if frequency not in (1, 2, 4, 12):
        raise ValueError(f"frequency must be 1, 2, 4 or 12, but it is {frequency}")
    zero = np.empty_like(tenors)
    if not _bootstrap(tenors, rates, frequency, zero):
        raise ValueError(f"no zero curve prices the par rates {rates.tolist()} at tenors {tenors.tolist()}")
    return zero
