"""How a bond's spread responds to the terms of the surface: curve nodes first, then rating buckets."""

import numpy as np
from numpy.typing import NDArray

from richcheap.bonds.terms import Floating
from richcheap.numerics.elementwise import exponentials, logarithms, mean_discounts
from richcheap.panel.ratings import BUCKETS, GOVERNMENT

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

SLOPE_DECAY_YEARS = 5.0
PREMIUM_TERMS = 2
OPTION_TERMS = 2
NOTCH_SHARE = 1.0 / 3.0
"""Share that a grade with a sign has of the neighbouring letter: notches lie evenly between letters."""
LARGEST_PREMIUM = 8.0
"""Percentage points of coupon over the curve beyond which a bond loads no more on the premium."""


def rating_terms() -> int:
    """Count the terms of the rating buckets: a level and a slope for each but the governments."""
    return 2 * (len(BUCKETS) - 1)


def slope_loadings(years: Floats) -> Floats:
    """Return ``(1 - exp(-T/5)) / (T/5) - 0.5`` of the years to maturity, see `rating_loadings`."""
    shares: Floats = mean_discounts(np.maximum(years, 1e-6) / SLOPE_DECAY_YEARS) - 0.5
    return shares


def rating_loadings(bucket: Ints, years: Floats) -> Floats:
    """Load each bond on the level and slope of its rating bucket; governments are the base and load on none.

    The slope loading is ``(1 - exp(-T/5)) / (T/5) - 0.5``, that of Nelson and Siegel (1987): 0.5 at the
    short end, -0.5 at the long end.

    Parameters
    ----------
    bucket : ndarray of int32, shape (n_rows,)
        Positions in `BUCKETS`.
    years : ndarray, shape (n_rows,)
        Years to maturity.

    Returns
    -------
    ndarray, shape (n_rows, rating_terms())
    """
    slope = slope_loadings(years)
    loadings = np.zeros((bucket.size, rating_terms()))
    rated = np.flatnonzero(bucket != GOVERNMENT)
    column = 2 * (bucket[rated] - 1)
    loadings[rated, column] = 1.0
    loadings[rated, column + 1] = slope[rated]
    return loadings


def premium_loadings(coupon: Floats, rate: Floats, years: Floats, floating: Ints) -> Floats:
    """Load each bond on level and slope of the coupon premium: what a coupon off the curve is worth.

    The level's loading is the coupon less the reference curve at the bond in percentage points, within
    `LARGEST_PREMIUM`; the slope's is that times `slope_loadings`. A floating-rate bond loads on none.

    Parameters
    ----------
    coupon, rate : ndarray, shape (n_rows,)
        Decimal.
    years : ndarray, shape (n_rows,)
        Years to maturity.
    floating : ndarray of int, shape (n_rows,)
        Codes of `Floating`.

    Returns
    -------
    ndarray, shape (n_rows, PREMIUM_TERMS)
    """
    points = np.clip(100.0 * (coupon - rate), -LARGEST_PREMIUM, LARGEST_PREMIUM)
    premium = np.where(floating == Floating.FIXED, points, 0.0)
    return np.column_stack([premium, premium * slope_loadings(years)])


def option_loadings(callable_: NDArray[np.bool_], convertible: NDArray[np.bool_]) -> Floats:
    """Load each bond on what a call, and a right to convert, add to spreads; shape (n_rows, OPTION_TERMS)."""
    return np.column_stack([callable_, convertible]).astype(np.float64)


def surface_loadings(exposure: Floats, spread_duration: Floats, bucket: Ints, years: Floats) -> Floats:
    """Put the node loadings (key-rate durations as shares of the spread duration) beside the rating loadings.

    A bond's yield moves with the zero rates at its cash flows, weighted by their share of its duration, so
    a coupon effect needs no term of its own. The shares of a fixed-coupon bond sum to one; those of a floating-rate
    bond, whose price hardly answers to rates, to little.

    Parameters
    ----------
    exposure : ndarray, shape (n_rows, n_nodes)
        ``-(1/P) dP/d(node rate)``, years.
    spread_duration : ndarray, shape (n_rows,)
        ``-(1/P) dP/d(spread)``, years.
    bucket, years : ndarray, shape (n_rows,)
        As in `rating_loadings`.

    Returns
    -------
    ndarray, shape (n_rows, n_nodes + rating_terms())
    """
    return np.hstack([exposure / spread_duration[:, None], rating_loadings(bucket, years)])


def node_correlation(nodes_years: Floats, length: float) -> Floats:
    """Return the prior correlation of the moves of two nodes, ``exp(-|ln T_a - ln T_b| / length)``."""
    logs = logarithms(nodes_years)
    distance = np.abs(logs[:, None] - logs[None, :]) / length
    return exponentials(-distance.ravel()).reshape(distance.shape)
