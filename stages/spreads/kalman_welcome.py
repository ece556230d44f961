"""The prints of a date before their prices are looked at: how large shocks are, and what is open of newcomers.

Shocks of spreads are in proportion to spreads (Ben Dor et al. 2007, "DTS"): the deviation of a bond's or issuer's daily
shock is a multiple of that at low spreads. The multiple is the spread that is expected from the dates before over
a floor, and 1 below it. No price of the date enters.
"""

import numpy as np
from numpy.typing import NDArray

from stages.bonds.compiled import kernel
from stages.spreads.kalman_state import State

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


def scale_of(spread: Floats, floor: float) -> Floats:
    """Return the size of shocks at some spreads (bp), a multiple of that at spreads up to the floor."""
    multiple: Floats = np.maximum(np.abs(spread) / floor, 1.0)
    return multiple


def rating_moves(mean: Floats, earned: Floats, floor: float, own: float, widening: float) -> Floats:
    """Return the covariance of the moves of ratings over a business day, bp squared.

    Beside each rating's own move there is one of the whole market, which changes all their spreads in proportion: level
    and slope of a bucket go the same share up or down.

    Parameters
    ----------
    mean : ndarray, shape (2 n_seen,)
        Believed level and slope of each bucket seen, bp.
    earned : ndarray, shape (2 n_seen,)
        Noise of those buckets, a multiple of the common one.
    floor : float
        Spread up to which moves do not grow, bp.
    own, widening : float
        Deviations of both moves of a level at spreads up to the floor, bp.
    """
    level = scale_of(mean[::2], floor)
    together = mean / floor
    together[::2] = level
    apart = (own * np.repeat(level, 2)) ** 2 * np.maximum(earned, 1.0)
    covariance: Floats = widening**2 * np.outer(together, together)
    covariance[np.diag_indices_from(covariance)] += apart
    return covariance


@kernel
def forget(state: State, bond: Ints, oldest: int) -> NDArray[np.bool_]:
    """Empty the residuals of bonds that are new or forgotten, and say which those are.

    Parameters
    ----------
    state : State
        Changed in place.
    bond : ndarray of int32, shape (n_rows,)
    oldest : int
        A bond whose latest print is of this day or before it is forgotten.
    """
    fresh = np.zeros(bond.shape[0], dtype=np.bool_)
    for i in range(bond.shape[0]):
        b = bond[i]
        fresh[i] = state.last_day[b] <= oldest
        if fresh[i]:
            state.bond_mean[b] = 0.0
            state.bond_load[b] = 0.0
            state.bond_share[b] = 0.0
    return fresh


@kernel
def expect(state: State, bond: Ints, issuer: Ints, load: Floats) -> Floats:
    """Return the quotes that are expected of prints from the dates before, bp."""
    expected = np.empty(bond.shape[0])
    for i in range(bond.shape[0]):
        value = state.bond_mean[bond[i]]
        if issuer[i] >= 0:
            value += state.issuer_mean[issuer[i]]
        for k in range(load.shape[1]):
            value += load[i, k] * state.mean[k]
        expected[i] = value
    return expected


@kernel
def welcome(
    state: State, bond: Ints, issuer: Ints, bucket: Ints, fresh: NDArray[np.bool_], scale: Floats, level: float,
    issuer_level: float,
) -> None:  # fmt: skip
    """Take down who issues bonds and how large their shocks are, and open what newcomers may differ by.

    Parameters
    ----------
    state : State
        Changed in place.
    bond, issuer, bucket : ndarray of int32, shape (n_rows,)
        Those of an issuer together.
    fresh : ndarray of bool, shape (n_rows,)
        Of `forget`.
    scale : ndarray, shape (n_rows,)
        Of `scale_of`; an issuer has the mean of its bonds.
    level, issuer_level : float
        Deviation of a new bond's residual and of a new issuer's effect at a scale of 1, bp.
    """
    first = 0
    total = 0.0
    for i in range(bond.shape[0]):
        b, j = bond[i], issuer[i]
        state.bond_scale[b] = scale[i]
        opened = level * scale[i]
        if fresh[i]:
            state.bond_variance[b] = opened * opened * state.bucket_level[bucket[i]]
            if state.surprises[b] == 0.0:
                state.multiplier[b] = state.bucket_multiplier[bucket[i]]
        elif j != state.bond_issuer[b]:
            own = state.issuer_variance[state.bond_issuer[b]] if state.bond_issuer[b] >= 0 else 0.0
            state.bond_variance[b] += state.bond_share[b] * state.bond_share[b] * own + opened * opened
            state.bond_share[b] = 0.0
        state.bond_issuer[b] = j
        if i == 0 or j != issuer[i - 1]:
            first, total = i, 0.0
        total += scale[i]
        if j >= 0 and (i == bond.shape[0] - 1 or issuer[i + 1] != j):
            mean = total / (i - first + 1)
            if state.issuer_scale[j] == 0.0:
                state.issuer_variance[j] = (issuer_level * mean) ** 2
            state.issuer_scale[j] = mean
