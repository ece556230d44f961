"""The Kalman filter after a date: all its prints are taken in together."""

import numpy as np
from numpy.typing import NDArray

from stages.bonds.compiled import kernel
from stages.spreads.cholesky import inverse, substitute
from stages.spreads.kalman_observe import Observed
from stages.spreads.kalman_solve import assemble
from stages.spreads.kalman_state import State

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@kernel
def learn(state: State, observed: Observed, variance: Floats, bond: Ints, alive: NDArray[np.bool_]) -> None:
    """Take in all prints of a date.

    Parameters
    ----------
    state : State
        Changed in place.
    observed : Observed
    variance : ndarray, shape (n_rows,)
        Of what is each print's own, with the noise at the weight it is given.
    bond : ndarray of int32, shape (n_rows,)
    alive : ndarray of bool, shape (n_bonds,)
        Bonds whose state is kept.
    """
    size, live = state.covariance.shape[0], state.mean.shape[0]
    solved = assemble(observed, variance, inverse(state.covariance), state.issuer_variance)
    right = np.zeros((size, 1))
    groups = observed.group.shape[0] - 1
    beta = np.zeros(groups)
    for j in range(groups):
        for i in range(observed.group[j], observed.group[j + 1]):
            scaled = observed.innovation[i] / variance[i]
            beta[j] += scaled * observed.share[i]
            for k in range(size):
                right[k, 0] += scaled * observed.load[i, k]
        for k in range(size):
            right[k, 0] -= solved.cross[j, k] * solved.spread[j] * beta[j]
    substitute(solved.lower, right)
    change = right[:, 0].copy()
    row_group = np.full(state.issuer_mean.shape[0], -1)
    for j in range(groups):
        issuer = observed.issuer[observed.group[j]]
        if issuer >= 0:
            row_group[issuer] = j
    # A bond's residual takes its part of the innovation, and with it the opposite part of the loads.
    for i in range(bond.shape[0]):
        b = bond[i]
        gain = state.bond_variance[b] / variance[i]
        state.bond_mean[b] += gain * observed.innovation[i]
        for k in range(size):
            state.bond_load[b, k] -= gain * observed.load[i, k]
        state.bond_share[b] -= gain * observed.share[i]
        state.bond_variance[b] *= 1.0 - gain
    for b in range(alive.shape[0]):
        if alive[b]:
            issuer = state.bond_issuer[b]
            if issuer >= 0 and row_group[issuer] >= 0:
                j = row_group[issuer]
                pull = state.bond_share[b] * solved.spread[j]
                state.bond_mean[b] += pull * beta[j]
                for k in range(size):
                    state.bond_load[b, k] -= pull * solved.cross[j, k]
            for k in range(size):
                state.bond_mean[b] += state.bond_load[b, k] * change[k]
    for issuer in range(row_group.shape[0]):
        j = row_group[issuer]
        if j >= 0:
            state.issuer_mean[issuer] += solved.spread[j] * beta[j]
            for k in range(size):
                state.issuer_load[issuer, k] -= solved.spread[j] * solved.cross[j, k]
            state.issuer_variance[issuer] = solved.spread[j]
        for k in range(size):
            state.issuer_mean[issuer] += state.issuer_load[issuer, k] * change[k]
    # The memory's mean is passed on to the bonds and issuers above, and starts again from 0.
    for k in range(live):
        state.mean[k] += change[k]
    unit = np.eye(size)
    substitute(solved.lower, unit)
    state.covariance[:] = unit
