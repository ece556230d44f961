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
def observe(state: State, bond: Ints, issuer: Ints, load: Floats, surprise: Floats, noise: Floats) -> Observed:
    """Describe one date's prints, those of an issuer together, by their surprise and what it may come from."""
    rows, live = load.shape
    size = state.covariance.shape[0]
    share, own = np.zeros(rows), np.empty(rows)
    loads = np.empty((rows, size))
    starts = np.empty(rows + 1, dtype=np.int64)
    groups = 0
    for i in range(rows):
        b, j = bond[i], issuer[i]
        if i == 0 or j < 0 or j != issuer[i - 1]:
            starts[groups] = i
            groups += 1
        for k in range(size):
            loads[i, k] = state.bond_load[b, k]
        if j >= 0:
            share[i] = 1.0 + state.bond_share[b]
            for k in range(size):
                loads[i, k] += state.issuer_load[j, k]
        for k in range(live):
            loads[i, k] += load[i, k]
        own[i] = state.bond_variance[b]
    starts[groups] = rows
    return Observed(surprise, loads, share, issuer, starts[: groups + 1].copy(), own, noise)
