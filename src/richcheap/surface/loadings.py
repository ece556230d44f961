"""How a bond's spread responds to the terms of the surface: curve nodes first, then rating buckets."""

import numpy as np
from numpy.typing import NDArray

from richcheap.bonds.terms import Floating
from richcheap.numerics.elementwise import exponentials, logarithms, mean_discounts
from richcheap.panel.ratings import BUCKETS, GOVERNMENT, NOTCH_SHARE

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

SLOPE_DECAY_YEARS = 5.0
PREMIUM_TERMS = 2
OPTION_TERMS = 2
LARGEST_PREMIUM = 8.0
"""Percentage points of coupon over the curve beyond which a bond loads no more on the premium."""


def rating_terms() -> int:
    """Count the terms of the rating buckets: a level and a slope for each but the governments."""
    return 2 * (len(BUCKETS) - 1)


def slope_loadings(years: Floats) -> Floats:
    """Return ``(1 - exp(-T/5)) / (T/5) - 0.5`` of the years to maturity T.

    It is that of Nelson and Siegel (1987): 0.5 at the short end, -0.5 at the long end.
    """
    shares: Floats = mean_discounts(np.maximum(years, 1e-6) / SLOPE_DECAY_YEARS) - 0.5
    return shares


def rating_columns(first: int) -> Ints:
    """Return the first of each bucket's two columns, -1 for governments, where the rating terms begin at ``first``."""
    columns = np.arange(first - 2, first + rating_terms(), 2, dtype=np.int32)
    columns[GOVERNMENT] = -1
    return columns


def add_rating_loadings(loadings: Floats, bucket: Ints, neighbour: Ints, slope: Floats, columns: Ints) -> None:
    """Load each bond on level and slope of its rating bucket; governments are the base and load on none.

    A grade with a sign has `NOTCH_SHARE` of the bucket that it leans to, and the rest of its own.

    Parameters
    ----------
    loadings : ndarray, shape (n_rows, n_terms)
        Zero in the columns of ratings; these are filled.
    bucket, neighbour : ndarray of int32, shape (n_rows,)
        Positions in `BUCKETS`; the same where a bond leans to no other bucket.
    slope : ndarray, shape (n_rows,)
        Of `slope_loadings`.
    columns : ndarray of int, shape (n_buckets,)
        First of each bucket's two columns.
    """
    rated = np.flatnonzero(bucket != GOVERNMENT)
    notch_share = np.where(neighbour[rated] != bucket[rated], NOTCH_SHARE, 0.0)
    for codes, share in ((bucket, 1.0 - notch_share), (neighbour, notch_share)):
        column = columns[codes[rated]]
        loadings[rated, column] += share
        loadings[rated, column + 1] += share * slope[rated]


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


def surface_loadings(exposure: Floats, spread_duration: Floats, bucket: Ints, neighbour: Ints, years: Floats) -> Floats:
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
    bucket, neighbour : ndarray of int32, shape (n_rows,)
        As in `add_rating_loadings`.
    years : ndarray, shape (n_rows,)
        Years to maturity.

    Returns
    -------
    ndarray, shape (n_rows, n_nodes + rating_terms())
    """
    rows, nodes = exposure.shape
    loadings = np.hstack([exposure / spread_duration[:, None], np.zeros((rows, rating_terms()))])
    add_rating_loadings(loadings, bucket, neighbour, slope_loadings(years), rating_columns(nodes))
    return loadings


def node_correlation(nodes_years: Floats, length: float) -> Floats:
    """Return the prior correlation of the moves of two nodes, ``exp(-|ln T_a - ln T_b| / length)``."""
    logs = logarithms(nodes_years)
    distance = np.abs(logs[:, None] - logs[None, :]) / length
    return exponentials(-distance.ravel()).reshape(distance.shape)
