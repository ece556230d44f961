"""The Kalman filter from one date to the next: factors move on, and what bonds knew of the old ones is kept as memory.

After a date every bond's residual is known relative to the factors *of that date*, and all that printed share the
error that was made in finding them. Once factors have moved, that shared error is no longer told by the new factors
alone. The exact filter keeps the whole covariance of bonds, of size n_bonds^2. Here the part of the loads that the new
factors do not explain is compressed to its few strongest directions over all bonds, in units of each bond's own noise:
the *memory*. What is left over counts as the bond's own variance, so that no variance is lost.
"""

<<<<<<< HEAD
from typing import Final

=======
>>>>>>> 1d8932710ba17cd8c13e6ed9eba9a6a546cfa7b2
import numpy as np
from numpy.typing import NDArray

from stages.bonds.compiled import kernel
from stages.bonds.elementary import exp
<<<<<<< HEAD
from stages.spreads.cholesky import add_row, factorised, substitute
from stages.spreads.kalman_directions import SMALLEST, strongest
=======
from stages.spreads.cholesky import factorised, substitute
>>>>>>> 1d8932710ba17cd8c13e6ed9eba9a6a546cfa7b2
from stages.spreads.kalman_state import State

Floats = NDArray[np.float64]

<<<<<<< HEAD
JITTER: Final = 1e-10
"""Share of a variance added to keep a covariance positive definite."""
_LOG_TWO: Final = 0.6931471805599453
=======
JITTER = 1e-10
"""Share of a variance added to keep a covariance positive definite."""
ROUNDS = 3
"""Rounds of the iteration that finds the strongest directions."""
SMALLEST = 1e-30


@kernel
def strongest(gram: Floats, count: int) -> Floats:
    """Return directions near the leading eigenvectors of a positive semidefinite matrix, orthonormal or zero.

    Subspace iteration (Golub and Van Loan 2013, section 8.2.4) from the columns that a pivoted elimination picks.
    """
    size = gram.shape[0]
    basis = np.zeros((count, size))
    left = gram.copy()
    for k in range(count):
        best = 0
        for m in range(size):
            if left[m, m] > left[best, best]:
                best = m
        pivot = left[best, best]
        if pivot <= SMALLEST:
            break
        for m in range(size):
            basis[k, m] = left[best, m]
        for a in range(size):
            share = basis[k, a] / pivot
            if share != 0.0:
                for b in range(size):
                    left[a, b] -= share * basis[k, b]
        left[best, best] = 0.0
    orthonormalise(basis)
    for _ in range(ROUNDS):
        turned = np.zeros((count, size))
        for k in range(count):
            for a in range(size):
                share = basis[k, a]
                if share != 0.0:
                    for b in range(size):
                        turned[k, b] += share * gram[a, b]
        orthonormalise(turned)
        basis = turned
    return basis


@kernel
def orthonormalise(basis: Floats) -> None:
    """Make rows orthonormal in place, each twice (Gram and Schmidt); one that depends on those before becomes zero."""
    count, size = basis.shape
    for k in range(count):
        before = 0.0
        for m in range(size):
            before += basis[k, m] * basis[k, m]
        for _ in range(2):
            for q in range(k):
                share = 0.0
                for m in range(size):
                    share += basis[q, m] * basis[k, m]
                for m in range(size):
                    basis[k, m] -= share * basis[q, m]
        norm = 0.0
        for m in range(size):
            norm += basis[k, m] * basis[k, m]
        scale = 1.0 / np.sqrt(norm) if norm > JITTER * before and norm > SMALLEST else 0.0
        for m in range(size):
            basis[k, m] *= scale
>>>>>>> 1d8932710ba17cd8c13e6ed9eba9a6a546cfa7b2


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
<<<<<<< HEAD
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
=======
def transported(load: Floats, regression: Floats, lower: Floats, basis: Floats) -> tuple[Floats, float]:
    """Return a load on the new factors, and the variance of what they do not tell."""
    size, live = regression.shape
    memory = basis.shape[0]
    fresh = np.zeros(live + memory)
    inner = np.zeros(size)
    for a in range(size):
        share = load[a]
        if share != 0.0:
            for k in range(live):
                fresh[k] += share * regression[a, k]
            for m in range(a + 1):
                inner[m] += share * lower[a, m]
    variance = 0.0
    for m in range(size):
        variance += inner[m] * inner[m]
    for k in range(memory):
        total = 0.0
        for m in range(size):
            total += inner[m] * basis[k, m]
        fresh[live + k] = total
        variance -= total * total
    return fresh, max(variance, 0.0)
>>>>>>> 1d8932710ba17cd8c13e6ed9eba9a6a546cfa7b2


@kernel
def advance(
    state: State,
    move: Floats,
    days: float,
    issuer_move: float,
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
    issuer_move, bond_move, bond_half_life : float
        See `Settings`.
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
<<<<<<< HEAD
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
    shock = issuer_move * issuer_move * days
    issuers, bonds = state.issuer_mean.shape[0], state.bond_mean.shape[0]
    inside = np.zeros((issuers, size))
    left = np.zeros(issuers)
    before = state.issuer_variance.copy()
    fresh, own_inside = np.zeros(size), np.zeros(size)
    for j in range(issuers):
        left[j] = transported(state.issuer_load[j], passage, lower, live, fresh, inside[j])
        state.issuer_load[j] = fresh
        state.issuer_variance[j] = before[j] + left[j] + shock
    for i in range(bonds):
        if not alive[i]:
            continue
        lost = transported(state.bond_load[i], passage, lower, live, fresh, own_inside)
        j = state.bond_issuer[i]
        if j >= 0 and state.issuer_variance[j] > 0.0:
            # What a bond knows of its issuer's part before and of what was lost of it, by the part after.
            share = state.bond_share[i]
            together = share * before[j] + untold(fresh, own_inside, state.issuer_load[j], inside[j], live)
            lost += share * share * before[j] - together * together / state.issuer_variance[j]
            state.bond_share[i] = kept * together / state.issuer_variance[j]
=======
    basis = strongest(inner, memory)
    kept = exp(-0.6931471805599453 * days / bond_half_life)
    issuers, bonds = state.issuer_mean.shape[0], state.bond_mean.shape[0]
    shock = issuer_move * issuer_move * days
    told = np.zeros(issuers)
    lost = np.zeros(issuers)
    for j in range(issuers):
        fresh, left = transported(state.issuer_load[j], regression, lower, basis)
        state.issuer_load[j] = fresh
        before = state.issuer_variance[j]
        after = before + left + shock
        state.issuer_variance[j] = after
        told[j] = before / after if after > 0.0 else 0.0
        lost[j] = before * (1.0 - told[j])
    for i in range(bonds):
        if not alive[i]:
            continue
        fresh, left = transported(state.bond_load[i], regression, lower, basis)
        j = state.bond_issuer[i]
        if j >= 0:
            left += state.bond_share[i] * state.bond_share[i] * lost[j]
            state.bond_share[i] *= kept * told[j]
>>>>>>> 1d8932710ba17cd8c13e6ed9eba9a6a546cfa7b2
        state.bond_mean[i] *= kept
        for m in range(size):
            state.bond_load[i, m] = kept * fresh[m]
        own_shock = bond_move * bond_move * days * state.multiplier[i]
<<<<<<< HEAD
        state.bond_variance[i] = kept * kept * (state.bond_variance[i] + max(lost, 0.0)) + own_shock
=======
        state.bond_variance[i] = kept * kept * (state.bond_variance[i] + left) + own_shock
>>>>>>> 1d8932710ba17cd8c13e6ed9eba9a6a546cfa7b2
    state.covariance[:] = 0.0
    state.covariance[:live, :live] = moved
    for m in range(live, size):
        state.covariance[m, m] = 1.0


@kernel
def weighted_gram(state: State, alive: NDArray[np.bool_]) -> Floats:
<<<<<<< HEAD
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
=======
    """Return the sum over bonds of ``load load'`` over the variance of a print given the factors (lower triangle)."""
    size = state.covariance.shape[0]
    gram = np.zeros((size, size))
    for i in range(alive.shape[0]):
        if alive[i]:
            weight = 1.0 / (state.bond_variance[i] + state.noise[i])
            for a in range(size):
                scaled = weight * state.bond_load[i, a]
                if scaled != 0.0:
                    for b in range(a + 1):
                        gram[a, b] += scaled * state.bond_load[i, b]
>>>>>>> 1d8932710ba17cd8c13e6ed9eba9a6a546cfa7b2
    return gram
