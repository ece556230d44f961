"""Robust weights of one date's prints: a single wrong price must not move the surface for all other bonds.

A print is an outlier when its innovation, in predicted standard deviations, lies far from the median innovation of its
rating bucket on the same date. The middle and the width are medians, so that a move of the whole market or of a whole
bucket widens the limits instead of making every print an outlier. The weight of an outlier falls steeply with its
distance, so that its pull, greatest at the limit, fades beyond it: a redescending estimator (Hampel 1974).

Whether other prints are outliers when print i is valued is decided without print i: medians are taken without it.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

MIN_PRINTS: Final = 6
"""Prints that a bucket needs for medians of its own; fewer take those of all prints."""
NORMAL_WIDTH: Final = 1.4826
"""Standard deviation of a normal variable over its median absolute deviation."""
STEPS: Final = 4.0
"""Medians and widths are rounded to this part of a standard deviation: leaving one print out seldom moves them."""


class RobustWeights(NamedTuple):
    """Factors on the weights of a cross-section.

    Attributes
    ----------
    factor : ndarray, shape (n_rows,)
        Of each row in the fit of all rows; 1 is full weight.
    variant : ndarray of int, shape (n_rows,)
        Which row of `factors` holds where row i is left out.
    factors : ndarray, shape (n_variants, n_rows)
        A row's own factor means nothing in the variants that serve it.
    """

    factor: Floats
    variant: NDArray[np.int64]
    factors: Floats


def unit_weights(rows: int) -> RobustWeights:
    """Trust every row."""
    return RobustWeights(np.ones(rows), np.zeros(rows, dtype=np.int64), np.ones((1, rows)))


def robust_weights(innovation: Floats, group: Ints, limit: float) -> RobustWeights:
    """Weigh the prints of one date, once by all and once without each of them.

    Parameters
    ----------
    innovation : ndarray, shape (n_rows,)
        Print less its prediction, in predicted standard deviations.
    group : ndarray of int32, shape (n_rows,)
        Rating buckets.
    limit : float
        Widths from the middle beyond which a print is an outlier.

    Returns
    -------
    RobustWeights
        An outlier's factor is the `steep_weight` of its distance from the middle, in widths.
    """
    rows = innovation.size
    pools = [pool for pool in _pools(group) if np.abs(innovation[pool[0]]).max() > 0.5 * limit]
    if rows < MIN_PRINTS or not pools:
        return unit_weights(rows)  # no median of such innovations is further than the limit from any of them
    factor = np.ones(rows)
    kind = np.zeros(rows, dtype=np.int64)  # one number for each combination of choices
    options: list[tuple[NDArray[np.int64], list[Floats]]] = []
    for reference, judged in pools:
        whole = _factors(innovation[judged], *_middle_and_width(innovation[reference]), limit)
        factor[judged] = whole
        pairs, choice = np.unique(_without_each(innovation[reference]), return_inverse=True)
        possible = [whole, *(_factors(innovation[judged], pair.real, pair.imag, limit) for pair in pairs.tolist())]
        kind *= len(possible)
        kind[reference] += 1 + choice
        options.append((judged, possible))
    kinds, kind = np.unique(kind, return_inverse=True)
    numbers: dict[bytes, int] = {}
    variants: list[Floats] = []
    number_of_kind = []
    for one in kinds.tolist():
        variant, left = np.ones(rows), one
        for judged, possible in reversed(options):
            left, position = divmod(left, len(possible))
            variant[judged] = possible[position]
        number = numbers.setdefault(variant.tobytes(), len(variants))
        if number == len(variants):
            variants.append(variant)
        number_of_kind.append(number)
    return RobustWeights(factor, np.array(number_of_kind)[kind], np.array(variants))


def steep_weight(distance: Floats, limit: float) -> Floats:
    """Return 1 up to the limit, and the eighth power of limit over distance beyond it: a tenth at a third more."""
    share = limit / np.maximum(distance, limit)
    weight: Floats = np.square(np.square(np.square(share)))  # no power function: its last bits depend on the processor
    return weight


def _pools(group: Ints) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return pairs of rows: those whose medians count, and those judged by them."""
    size = np.bincount(group)[group]
    own = [np.flatnonzero(group == code) for code in np.unique(group[size >= MIN_PRINTS]).tolist()]
    pools = [(members, members) for members in own]
    small = np.flatnonzero(size < MIN_PRINTS)
    return [*pools, (np.arange(group.size), small)] if small.size else pools


def _factors(innovation: Floats, middle: float, width: float, limit: float) -> Floats:
    return steep_weight(np.abs(innovation - middle) / width, limit)


def _rounded(middle: Floats, std: Floats) -> NDArray[np.complex128]:
    """Return middles and widths as one number each: real and imaginary part."""
    width = np.maximum(np.rint(STEPS * NORMAL_WIDTH * std) / STEPS, 1.0)
    pair: NDArray[np.complex128] = np.rint(STEPS * middle) / STEPS + 1j * width
    return pair


def _middle_and_width(values: Floats) -> tuple[float, float]:
    middle = np.median(values, keepdims=True)
    pair = _rounded(middle, np.median(np.abs(values - middle), keepdims=True))[0]
    return float(pair.real), float(pair.imag)


def _without_each(values: Floats) -> NDArray[np.complex128]:
    """Return middle and width of all values but each, see `_rounded`."""
    middle = medians_without(values)
    std = np.empty_like(middle)
    for one in np.unique(middle).tolist():
        held = middle == one
        std[held] = medians_without(np.abs(values - one))[held]
    return _rounded(middle, std)


def medians_without(values: Floats) -> Floats:
    """Return the median of all values but each: selected, not computed, from the others alone.

    Examples
    --------
    >>> medians_without(np.array([5.0, 1.0, 3.0, 9.0])).tolist()
    [3.0, 5.0, 5.0, 3.0]
    """
    order = np.argsort(values, kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(values.size)
    ascending = values[order]
    others = values.size - 1
    half = others // 2
    upper: Floats = np.where(rank > half, ascending[half], ascending[half + 1])
    if others % 2:
        return upper
    lower = np.where(rank > half - 1, ascending[half - 1], ascending[half])
    middle: Floats = 0.5 * (lower + upper)
    return middle
