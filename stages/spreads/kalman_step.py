"""The Kalman filter from one date to the next: factors move on, and what bonds knew of the old ones is kept as memory.

After a date every bond's residual is known relative to the factors *of that date*, and all that printed share the
error that was made in finding them. Once factors have moved, that shared error is no longer told by the new factors
alone. The exact filter keeps the whole covariance of bonds, of size n_bonds^2. Here the part of the loads that the new
factors do not explain is compressed to its few strongest directions over all bonds, in units of each bond's own noise:
the *memory*. What is left over counts as the bond's own variance, so that no variance is lost.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from stages.bonds.compiled import kernel
from stages.bonds.elementary import exp
from stages.spreads.cholesky import add_row, factorised, substitute
from stages.spreads.kalman_directions import SMALLEST, strongest
from stages.spreads.kalman_state import State

Floats = NDArray[np.float64]

JITTER: Final = 1e-10
"""Share of a variance added to keep a covariance positive definite."""
_LOG_TWO: Final = 0.6931471805599453


@kernel
def carried(covariance: Floats, moved: Floats, live: int) -> tuple[Floats, Floats]:
    """Return how old factors follow from the new live ones, and the factor of their covariance given those.

    Parameters
    ----------
    covariance : ndarray, shape (n_factors, n_factors)
    moved : ndarray, shape (n_live, n_live)
        Covariance of the live factors after the move.
    live : int

    Returns
    -------
    tuple of ndarray
        The regression, shape (n_factors, n_live), and a lower triangle C with C C' the conditional covariance.
    """
    size = covariance.shape[0]
    solved = covariance[:live, :].copy()
    substitute(factorised(moved), solved)
    given = covariance.copy()
    for a in range(size):
        for q in range(live):
            share = solved[q, a]
            if share != 0.0:
                for b in range(a + 1):
                    given[a, b] -= share * covariance[q, b]
    for a in range(size):
        given[a, a] += JITTER * covariance[a, a] + SMALLEST
    return solved.T.copy(), factorised(given)


@kernel
def transported(load: Floats, passage: Floats, lower: Floats, live: int, fresh: Floats, inner: Floats) -> float:
    """Fill a load on the new factors; return the variance of what they do not tell.

    Parameters
    ----------
    load : ndarray, shape (n_factors,)
        On the old factors.
    passage : ndarray, shape (n_factors, n_factors)
        How the old factors follow from the new ones.
    lower : ndarray, shape (n_factors, n_factors)
        Of `carried`.
    live : int
    fresh, inner : ndarray, shape (n_factors,)
        Filled: the new load, and the load on what the old factors are beyond the new live ones.
    """
    size = load.shape[0]
    fresh[:] = 0.0
    inner[:] = 0.0
    for a in range(size):
        share = load[a]
        if share != 0.0:
            for k in range(size):
                fresh[k] += share * passage[a, k]
            for m in range(a + 1):
                inner[m] += share * lower[a, m]
    return max(untold(fresh, inner, fresh, inner, live), 0.0)


@kernel
def untold(fresh: Floats, inner: Floats, other_fresh: Floats, other_inner: Floats, live: int) -> float:
    """Return the covariance of what the new factors do not tell of two loads, see `transported`."""
    size = fresh.shape[0]
    total = 0.0
    for m in range(size):
        total += inner[m] * other_inner[m]
    for k in range(live, size):
        total -= fresh[k] * other_fresh[k]
    return total


@kernel
def advance(
    state: State,
    move: Floats,
    days: float,
    issuer_move: float,
    issuer_half_life: float,
    bond_move: float,
    bond_half_life: float,
    alive: NDArray[np.bool_],
) -> None:
    """Move the state on by some business days.

    Parameters
    ----------
    state : State
        Changed in place.
    move : ndarray, shape (n_live, n_live)
        Covariance of the live factors' moves over those days.
    days : float
        Business days.
    issuer_move, issuer_half_life, bond_move, bond_half_life : float
        See `Settings`; moves are multiplied by the scales of issuers and bonds.
    alive : ndarray of bool, shape (n_bonds,)
        Bonds whose state is kept; the others lose their loads.
    """
    live, size = state.mean.shape[0], state.covariance.shape[0]
    memory = size - live
    moved = state.covariance[:live, :live] + move
    regression, lower = carried(state.covariance, moved, live)
    gram = weighted_gram(state, alive)
    inner = np.zeros((size, size))
    half = np.zeros((size, size))
    for a in range(size):
        for b in range(size):
            share = gram[a, b] if b <= a else gram[b, a]
            if share != 0.0:
                for m in range(b + 1):
                    half[a, m] += share * lower[b, m]
    for a in range(size):
        for m in range(a + 1):
            share = lower[a, m]
            if share != 0.0:
                for b in range(size):
                    inner[m, b] += share * half[a, b]
    passage = np.zeros((size, size))
    passage[:, :live] = regression
    basis = strongest(inner, memory)
    for a in range(size):
        for k in range(memory):
            total = 0.0
            for m in range(a + 1):
                total += lower[a, m] * basis[k, m]
            passage[a, live + k] = total
    kept = exp(-_LOG_TWO * days / bond_half_life)
    issuer_kept = exp(-_LOG_TWO * days / issuer_half_life)
    issuers, bonds = state.issuer_mean.shape[0], state.bond_mean.shape[0]
    inside = np.zeros((issuers, size))
    left = np.zeros(issuers)
    before = state.issuer_variance.copy()
    fresh, own_inside = np.zeros(size), np.zeros(size)
    for j in range(issuers):
        left[j] = transported(state.issuer_load[j], passage, lower, live, fresh, inside[j])
        for m in range(size):
            inside[j, m] *= issuer_kept
            state.issuer_load[j, m] = issuer_kept * fresh[m]
        state.issuer_mean[j] *= issuer_kept
        shock = issuer_move * state.issuer_scale[j]
        state.issuer_variance[j] = issuer_kept * issuer_kept * (before[j] + left[j]) + shock * shock * days
    for i in range(bonds):
        if not alive[i]:
            continue
        lost = transported(state.bond_load[i], passage, lower, live, fresh, own_inside)
        j = state.bond_issuer[i]
        if j >= 0 and state.issuer_variance[j] > 0.0:
            # What a bond knows of its issuer's part before and of what was lost of it, by the part after.
            share = state.bond_share[i]
            together = untold(fresh, own_inside, state.issuer_load[j], inside[j], live)
            together += share * issuer_kept * before[j]
            lost += share * share * before[j] - together * together / state.issuer_variance[j]
            state.bond_share[i] = kept * together / state.issuer_variance[j]
        state.bond_mean[i] *= kept
        for m in range(size):
            state.bond_load[i, m] = kept * fresh[m]
        shock = bond_move * state.bond_scale[i]
        own_shock = shock * shock * days * state.multiplier[i]
        state.bond_variance[i] = kept * kept * (state.bond_variance[i] + max(lost, 0.0)) + own_shock
    state.covariance[:] = 0.0
    state.covariance[:live, :live] = moved
    for m in range(live, size):
        state.covariance[m, m] = 1.0


@kernel
def weighted_gram(state: State, alive: NDArray[np.bool_]) -> Floats:
    """Return the sum of ``load load'`` of all values in units of their own variance (lower triangle).

    A value is that of a bond with its issuer's, and of each issuer by itself.
    """
    size, issuers = state.covariance.shape[0], state.issuer_mean.shape[0]
    gram = np.zeros((size, size))
    weight, bonds = np.zeros(issuers), np.zeros(issuers)
    load = np.zeros(size)
    for i in range(alive.shape[0]):
        if alive[i]:
            load[:] = state.bond_load[i]
            own = 1.0 / (state.bond_variance[i] + state.noise[i])
            j = state.bond_issuer[i]
            if j >= 0:
                load += state.issuer_load[j]
                weight[j] += own
                bonds[j] += 1.0
            add_row(gram, load, own)
    for j in range(issuers):
        if bonds[j] > 0.0:
            add_row(gram, state.issuer_load[j], weight[j] / bonds[j])
    return gram
