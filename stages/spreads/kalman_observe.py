"""One date's prints against what the Kalman filter expected of them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.bonds.compiled import kernel
from stages.spreads.kalman_state import State

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class Observed(NamedTuple):
    """One date's prints, sorted so that those of an issuer lie together.

    Attributes
    ----------
    innovation : ndarray, shape (n_rows,)
        Quote less its prediction from the dates before, bp.
    load : ndarray, shape (n_rows, n_factors)
    share : ndarray, shape (n_rows,)
        Load on the issuer's own part; 0 without an issuer.
    issuer : ndarray of int32, shape (n_rows,)
        -1 where unknown.
    group : ndarray of int64, shape (n_groups + 1,)
        Row at which each issuer's prints start; a print without issuer is a group of its own.
    own : ndarray, shape (n_rows,)
        Variance of the bond's residual given factors and issuer.
    noise : ndarray, shape (n_rows,)
        Variance of the print's noise.
    """

    innovation: Floats
    load: Floats
    share: Floats
    issuer: Ints
    group: NDArray[np.int64]
    own: Floats
    noise: Floats


@kernel
def welcome(state: State, bond: Ints, issuer: Ints, bucket: Ints, level: float, oldest: int) -> None:
    """Open the residuals of bonds that are new or forgotten, and take down who issues them.

    Parameters
    ----------
    state : State
        Changed in place.
    bond, issuer, bucket : ndarray of int32, shape (n_rows,)
    level : float
        Deviation of a new bond's residual, bp.
    oldest : int
        A bond whose latest print is of this day or before it is forgotten.
    """
    for i in range(bond.shape[0]):
        b, j, c = bond[i], issuer[i], bucket[i]
        if state.last_day[b] <= oldest:
            state.bond_mean[b] = 0.0
            state.bond_load[b] = 0.0
            state.bond_share[b] = 0.0
            state.bond_variance[b] = level * level * state.bucket_level[c]
            if state.surprises[b] == 0.0:
                state.multiplier[b] = state.bucket_multiplier[c]
        elif j != state.bond_issuer[b]:
            own = state.issuer_variance[state.bond_issuer[b]] if state.bond_issuer[b] >= 0 else 0.0
            state.bond_variance[b] += state.bond_share[b] * state.bond_share[b] * own + level * level
            state.bond_share[b] = 0.0
        state.bond_issuer[b] = j


@kernel
def observe(state: State, bond: Ints, issuer: Ints, load: Floats, quote: Floats, noise: Floats) -> Observed:
    """Set one date's prints, those of an issuer together, against what was expected of them."""
    rows, live = load.shape
    size = state.covariance.shape[0]
    innovation, share, own = np.empty(rows), np.zeros(rows), np.empty(rows)
    loads = np.empty((rows, size))
    starts = np.empty(rows + 1, dtype=np.int64)
    groups = 0
    for i in range(rows):
        b, j = bond[i], issuer[i]
        if i == 0 or j < 0 or j != issuer[i - 1]:
            starts[groups] = i
            groups += 1
        value = state.bond_mean[b]
        for k in range(size):
            loads[i, k] = state.bond_load[b, k]
        if j >= 0:
            value += state.issuer_mean[j]
            share[i] = 1.0 + state.bond_share[b]
            for k in range(size):
                loads[i, k] += state.issuer_load[j, k]
        for k in range(live):
            loads[i, k] += load[i, k]
            value += load[i, k] * state.mean[k]
        innovation[i] = quote[i] - value
        own[i] = state.bond_variance[b]
    starts[groups] = rows
    return Observed(innovation, loads, share, issuer, starts[: groups + 1].copy(), own, noise)
