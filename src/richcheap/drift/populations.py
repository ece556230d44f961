"""Does a column look in one window of time as it did in another? Stability index, Kolmogorov-Smirnov, many tests.

Rows of one date share their market and neighbouring dates resemble each other, so that a test which takes rows for
independent finds drift everywhere. Here whole blocks of consecutive dates are permuted between the windows, and
the statistic of the windows as they are is compared with those (a block permutation test).
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from arch.bootstrap import optimal_block_length
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, ks_2samp

from richcheap.evaluation.params import DriftParams
from richcheap.numerics.elementwise import logarithms
from richcheap.numerics.linear_algebra import product

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GRID = 100
"""Quantiles of both windows together at which distributions of permuted blocks are compared."""
PSEUDO_ROWS = 0.5
"""Added to each bin: an empty one has some share still (Jeffreys' prior for proportions)."""
NOISE_QUANTILE = 0.95
TIE = 1e-12
LARGEST = float(np.finfo(np.float64).max)
SPARE = 2.0
"""Multiple of the optimal block that is taken: that one is best for a variance, a test wants blocks that are nearly
independent. It halves the false alarms in excess on columns that persist, and costs little power (docs/drift.md)."""


class DatedValues(NamedTuple):
    """The values of one column in one window, with their dates.

    Attributes
    ----------
    values : ndarray, shape (n_rows,)
        NaN where unknown, which counts as a value of its own, below all others.
    day : ndarray of int, shape (n_rows,)
        Sorted.
    """

    values: Floats
    day: Ints


class TwoSampleTest(NamedTuple):
    """How the distributions of one column in two windows differ.

    Attributes
    ----------
    psi : float
        Population stability index over quantile bins of the reference.
    psi_noise : float
        What it stays below in 95 of 100 permutations.
    ks : float
        Two-sample Kolmogorov-Smirnov distance.
    p_value : float
        Of the distance, under permutation of blocks of dates.
    rows_p_value : float
        What it would be if rows were independent (SciPy).
    block_dates : int
        Length of the blocks.
    """

    psi: float
    psi_noise: float
    ks: float
    p_value: float
    rows_p_value: float
    block_dates: int


def stability_index(expected: Floats, found: Floats) -> Floats:
    """Return the population stability index of counts in bins, over the last axis.

    ``sum((f - e) ln(f / e))`` over the shares e and f of the bins, half a row added to each bin that is not
    empty in both; the divergence of Jeffreys (1946), which scorecards call by this name (Siddiqi 2006).

    Examples
    --------
    >>> float(stability_index(np.array([500.0, 500.0]), np.array([300.0, 300.0])))
    0.0
    """
    occupied = expected + found > 0.0
    e, f = (counts + PSEUDO_ROWS * occupied for counts in (expected, found))
    e, f = e / e.sum(axis=-1, keepdims=True), f / f.sum(axis=-1, keepdims=True)
    ratio = np.divide(f, e, out=np.ones_like(e), where=occupied)
    index: Floats = ((f - e) * logarithms(ratio)).sum(axis=-1)
    return index


def compare(reference: DatedValues, current: DatedValues, params: DriftParams, seed: Sequence[int]) -> TwoSampleTest:
    """Compare one column of two windows, of which the second follows the first.

    Parameters
    ----------
    reference, current : DatedValues
    params : DriftParams
    seed : sequence of int
        Of the permutations.

    Raises
    ------
    ValueError
        A window has no rows.
    """
    if not (reference.values.size and current.values.size):
        raise ValueError("a column is compared between two windows that have rows, got one without")
    old, new = (np.where(np.isnan(column.values), -np.inf, column.values) for column in (reference, current))
    length = block_length(reference, current, params.block_dates)
    bins = _edges(old, params.bins)
    edges = np.union1d(bins, _edges(np.concatenate([old, new]), GRID))
    before = _counts(old, _blocks(reference.day, length, backwards=True), edges)
    after = _counts(new, _blocks(current.day, length, backwards=False), edges)
    bin_of = np.searchsorted(bins, np.append(edges, np.inf))
    counts = np.vstack([before, after])
    is_current = np.arange(len(counts)) >= len(before)

    drawn = np.random.default_rng(seed).random((params.permutations, len(counts))).argsort(axis=1)
    chosen = np.vstack([is_current, drawn < len(after)]).astype(np.float64)
    found = product(chosen, counts)
    expected = counts.sum(axis=0) - found
    distance = np.abs(_shares(found) - _shares(expected)).max(axis=1)
    index = stability_index(_gathered(expected, bin_of), _gathered(found, bin_of))
    with np.errstate(divide="ignore", invalid="ignore"):  # a row against a row has no distribution to speak of
        exact = ks_2samp(old, new, method="asymp")
    return TwoSampleTest(
        psi=float(index[0]),
        psi_noise=float(np.quantile(index[1:], NOISE_QUANTILE)),
        ks=float(exact.statistic),
        p_value=float((distance >= distance[0] - TIE).mean()),
        rows_p_value=float(exact.pvalue),
        block_dates=length,
    )


def discoveries(p_values: Mapping[str, float], share: float) -> dict[str, tuple[float, bool]]:
    """Return each test's adjusted p-value and whether it is significant (Benjamini and Hochberg 1995).

    `share` is the expected false discovery rate among significant tests. A test without a p-value (NaN) does not count.
    """
    known = {name: p for name, p in p_values.items() if not math.isnan(p)}
    adjusted = false_discovery_control(list(known.values()), method="bh") if known else np.empty(0)
    found = {name: (float(q), bool(q <= share)) for name, q in zip(known, adjusted, strict=True)}
    return {name: found.get(name, (math.nan, False)) for name in p_values}


def block_length(reference: DatedValues, current: DatedValues, least: int) -> int:
    """Return how many dates a block needs, so that what lies in two of them is nearly independent.

    `SPARE` times the optimal block of the circular bootstrap (Politis and White 2004; Patton et al. 2009) for the daily
    means of the column's ranks, each window about its own mean; at least `least`, at most the current window.
    """
    longest = int(np.unique(current.day).size)
    ranks = _ranks(np.concatenate([reference.values, current.values]))
    parts = np.split(ranks, [reference.values.size])
    daily = [_daily_means(part, column.day) for part, column in zip(parts, (reference, current), strict=True)]
    series = np.concatenate([means - means.mean() for means in daily])
    if series.size < 8 or not np.ptp(series) > TIE:  # too little to estimate from, or nothing that could persist
        return min(least, longest)
    with np.errstate(divide="ignore", invalid="ignore"):  # a series too short to persist has no optimum
        optimal = SPARE * float(optimal_block_length(series)["circular"].iloc[0])
    return int(min(max(least, math.ceil(optimal) if math.isfinite(optimal) else least), longest))


def _edges(values: Floats, count: int) -> Floats:
    """Return edges that make `count` bins of the values, or fewer when they tie, the same seen from either end.

    An edge lies between two neighbours in rank, half-way. Where it would divide equal values, these have a bin of their
    own, so that what moves away from them is seen on either side. Values outside the range of all, and missing
    ones, have bins of their own too.
    """
    known = np.sort(values[np.isfinite(values)])
    if not known.size:
        return np.array([-LARGEST])
    cuts = np.arange(1, count)
    lower, upper = cuts * known.size // count, known.size - (count - cuts) * known.size // count
    ranks = np.union1d(lower[2 * cuts <= count], upper[2 * cuts >= count])  # rounded towards the nearer end
    ranks = ranks[(ranks > 0) & (ranks < known.size)]
    left, right = known[ranks - 1], known[ranks]
    between = 0.5 * left[left < right] + 0.5 * right[left < right]
    alone = left[left == right]
    around = (np.nextafter(np.append(alone, known[0]), -np.inf), np.nextafter(np.append(alone, known[-1]), np.inf))
    return np.unique(np.concatenate([[-LARGEST], between, *around]))


def _blocks(day: Ints, length: int, *, backwards: bool) -> Ints:
    """Return the block of each row; blocks are counted from where the two windows meet."""
    position = np.unique(day, return_inverse=True)[1]
    blocks: Ints = (position.max() - position if backwards else position) // length
    return blocks


def _counts(values: Floats, block: Ints, edges: Floats) -> Floats:
    """Return the rows of each block between the edges, shape (n_blocks, n_edges + 1).

    A row on an edge counts half on either side.
    """
    width = edges.size + 1
    size = (int(block.max()) + 1) * width
    below, above = (np.searchsorted(edges, values, side=side) for side in ("left", "right"))
    counts = np.bincount(block * width + below, minlength=size) + np.bincount(block * width + above, minlength=size)
    return counts.reshape(-1, width).astype(np.float64) / 2.0


def _gathered(counts: Floats, bin_of: Ints) -> Floats:
    """Return counts of the fine bins summed over the coarse ones that hold them."""
    starts = np.flatnonzero(np.concatenate([[True], bin_of[1:] != bin_of[:-1]]))
    return np.add.reduceat(counts, starts, axis=1)


def _shares(counts: Floats) -> Floats:
    total: Floats = counts.cumsum(axis=1) / np.maximum(counts.sum(axis=1, keepdims=True), 1.0)
    return total


def _ranks(values: Floats) -> Floats:
    """Return the share of the values that lie below each one; missing values are the lowest."""
    filled = np.where(np.isnan(values), -np.inf, values)
    ranks: Floats = np.searchsorted(np.sort(filled), filled) / filled.size
    return ranks


def _daily_means(values: Floats, day: Ints) -> Floats:
    position = np.unique(day, return_inverse=True)[1]
    means: Floats = np.bincount(position, values) / np.bincount(position)
    return means
