"""From one date to the next: new bonds are initialised, states move on, and prints are predicted.

Shocks of spreads are in proportion to spreads (Ben Dor et al. 2007, "DTS"): the standard deviation of a bond's or
issuer's daily shock is a multiple of that at low spreads. The multiple is the spread that is expected from the dates
before over a floor, and 1 below it. No price of the date enters.

After a date every bond's residual is known relative to the factors *of that date*, and all that printed share the
error that was made in finding them. Once factors have moved, that shared error no longer follows from the new factors
alone. The exact filter keeps the whole covariance of bonds, of size n_bonds^2. Here the part of the loadings that the
new factors do not explain is compressed to its few strongest directions over all bonds, in units of each bond's own
noise: the *memory*. What is left over counts as the bond's own variance, so that no variance is lost.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.kalman.state_space import State
from richcheap.numerics.cholesky import add_row, factorised, substitute
from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementary import exp
from richcheap.numerics.leading_eigenvectors import SMALLEST, leading_eigenvectors

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


def scale_of(spread: Floats, floor: float) -> Floats:
    """Return the size of shocks at some spreads (bp), a multiple of that at spreads up to the floor."""
    multiple: Floats = np.maximum(np.abs(spread) / floor, 1.0)
    return multiple


def rating_moves(mean: Floats, noise_multiplier: Floats, floor: float, own: float, widening: float) -> Floats:
    """Return the covariance of the moves of ratings over a business day, bp squared.

    Beside each rating's own move there is one of the whole market, which changes all their spreads in proportion: level
    and slope of a bucket go the same share up or down.

    Parameters
    ----------
    mean : ndarray, shape (2 n_seen,)
        Mean of level and slope of each bucket seen, bp.
    noise_multiplier : ndarray, shape (2 n_seen,)
        Noise of those buckets, a multiple of the common one.
    floor : float
        Spread up to which moves do not grow, bp.
    own, widening : float
        Standard deviations of both moves of a level at spreads up to the floor, bp.
    """
    level = scale_of(mean[::2], floor)
    together = mean / floor
    together[::2] = level
    apart = (own * np.repeat(level, 2)) ** 2 * np.maximum(noise_multiplier, 1.0)
    covariance: Floats = widening**2 * np.outer(together, together)
    covariance[np.diag_indices_from(covariance)] += apart
    return covariance


@kernel
def reset_stale(state: State, bond: Ints, oldest: int) -> NDArray[np.bool_]:
    """Reset the residuals of bonds that are new or stale, and say which those are.

    Parameters
    ----------
    state : State
        Changed in place.
    bond : ndarray of int32, shape (n_rows,)
    oldest : int
        A bond whose latest print is of this day or earlier is stale.
    """
    fresh = np.zeros(bond.shape[0], dtype=np.bool_)
    for i in range(bond.shape[0]):
        b = bond[i]
        fresh[i] = state.last_day[b] <= oldest
        if fresh[i]:
            state.bond_mean[b] = 0.0
            state.bond_loading[b] = 0.0
            state.bond_share[b] = 0.0
            state.doubt[b] = 0.0
    return fresh


@kernel
def predict(state: State, bond: Ints, issuer: Ints, loading: Floats) -> Floats:
    """Return the yields of prints predicted from the dates before, bp."""
    expected = np.empty(bond.shape[0])
    for i in range(bond.shape[0]):
        value = state.bond_mean[bond[i]]
        if issuer[i] >= 0:
            value += state.issuer_mean[issuer[i]]
        for k in range(loading.shape[1]):
            value += loading[i, k] * state.mean[k]
        expected[i] = value
    return expected


@kernel
def initialise_new(
    state: State, bond: Ints, issuer: Ints, bucket: Ints, fresh: NDArray[np.bool_], scale: Floats, level: float,
    issuer_level: float,
) -> None:  # fmt: skip
    """Set the issuers and shock scales of bonds, and the prior variances of bonds and issuers seen for the first time.

    Parameters
    ----------
    state : State
        Changed in place.
    bond, issuer, bucket : ndarray of int32, shape (n_rows,)
        Those of an issuer together.
    fresh : ndarray of bool, shape (n_rows,)
        Of `reset_stale`.
    scale : ndarray, shape (n_rows,)
        Of `scale_of`; an issuer has the mean of its bonds.
    level, issuer_level : float
        Standard deviation of a new bond's residual and of a new issuer's effect at a scale of 1, bp.
    """
    first = 0
    total = 0.0
    for i in range(bond.shape[0]):
        b, j = bond[i], issuer[i]
        state.bond_scale[b] = scale[i]
        opened = level * scale[i]
        if fresh[i]:
            state.bond_variance[b] = opened * opened * state.bucket_level[bucket[i]]
            if state.innovation_count[b] == 0.0:
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


JITTER: Final = 1e-10
"""Share of a variance added to keep a covariance positive definite."""
_LOG_TWO: Final = 0.6931471805599453


@kernel
def conditional_covariance(covariance: Floats, moved: Floats, live: int) -> tuple[Floats, Floats]:
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
    normal = covariance[:live, :].copy()
    substitute(factorised(moved), normal)
    given = covariance.copy()
    for a in range(size):
        for q in range(live):
            share = normal[q, a]
            if share != 0.0:
                for b in range(a + 1):
                    given[a, b] -= share * covariance[q, b]
    for a in range(size):
        given[a, a] += JITTER * covariance[a, a] + SMALLEST
    return normal.T.copy(), factorised(given)


@kernel
def transform_loading(
    loading: Floats, passage: Floats, lower: Floats, live: int, fresh: Floats, inner: Floats
) -> float:
    """Fill a loading on the new factors; return the variance that they do not explain.

    Parameters
    ----------
    loading : ndarray, shape (n_factors,)
        On the old factors.
    passage : ndarray, shape (n_factors, n_factors)
        How the old factors follow from the new ones.
    lower : ndarray, shape (n_factors, n_factors)
        Of `conditional_covariance`.
    live : int
    fresh, inner : ndarray, shape (n_factors,)
        Filled: the new loading, and the loading on what the old factors are beyond the new live ones.
    """
    size = loading.shape[0]
    fresh[:] = 0.0
    inner[:] = 0.0
    for a in range(size):
        share = loading[a]
        if share != 0.0:
            for k in range(size):
                fresh[k] += share * passage[a, k]
            for m in range(a + 1):
                inner[m] += share * lower[a, m]
    return max(unexplained_covariance(fresh, inner, fresh, inner, live), 0.0)


@kernel
def unexplained_covariance(fresh: Floats, inner: Floats, other_fresh: Floats, other_inner: Floats, live: int) -> float:
    """Return the covariance that the new factors do not explain of two loadings, see `transform_loading`."""
    size = fresh.shape[0]
    total = 0.0
    for m in range(size):
        total += inner[m] * other_inner[m]
    for k in range(live, size):
        total -= fresh[k] * other_fresh[k]
    return total


@kernel
def transition(
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
        See `HyperParameters`; moves are multiplied by the scales of issuers and bonds.
    alive : ndarray of bool, shape (n_bonds,)
        Bonds whose state is kept; the others lose their loadings.
    """
    live, size = state.mean.shape[0], state.covariance.shape[0]
    memory = size - live
    moved = state.covariance[:live, :live] + move
    regression, lower = conditional_covariance(state.covariance, moved, live)
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
    basis = leading_eigenvectors(inner, memory)
    for a in range(size):
        for k in range(memory):
            total = 0.0
            for m in range(a + 1):
                total += lower[a, m] * basis[k, m]
            passage[a, live + k] = total
    decay = exp(-_LOG_TWO * days / bond_half_life)
    issuer_decay = exp(-_LOG_TWO * days / issuer_half_life)
    issuers, bonds = state.issuer_mean.shape[0], state.bond_mean.shape[0]
    inside = np.zeros((issuers, size))
    left = np.zeros(issuers)
    before = state.issuer_variance.copy()
    fresh, own_inside = np.zeros(size), np.zeros(size)
    for j in range(issuers):
        left[j] = transform_loading(state.issuer_loading[j], passage, lower, live, fresh, inside[j])
        for m in range(size):
            inside[j, m] *= issuer_decay
            state.issuer_loading[j, m] = issuer_decay * fresh[m]
        state.issuer_mean[j] *= issuer_decay
        shock = issuer_move * state.issuer_scale[j]
        state.issuer_variance[j] = issuer_decay * issuer_decay * (before[j] + left[j]) + shock * shock * days
    for i in range(bonds):
        if not alive[i]:
            continue
        lost = transform_loading(state.bond_loading[i], passage, lower, live, fresh, own_inside)
        j = state.bond_issuer[i]
        if j >= 0 and state.issuer_variance[j] > 0.0:
            # Covariance of the bond with its issuer's part before, and with what was lost of it, by the part after.
            share = state.bond_share[i]
            together = unexplained_covariance(fresh, own_inside, state.issuer_loading[j], inside[j], live)
            together += share * issuer_decay * before[j]
            lost += share * share * before[j] - together * together / state.issuer_variance[j]
            state.bond_share[i] = decay * together / state.issuer_variance[j]
        state.bond_mean[i] *= decay
        for m in range(size):
            state.bond_loading[i, m] = decay * fresh[m]
        shock = bond_move * state.bond_scale[i]
        own_shock = shock * shock * days * state.multiplier[i]
        state.bond_variance[i] = decay * decay * (state.bond_variance[i] + max(lost, 0.0)) + own_shock
    state.covariance[:] = 0.0
    state.covariance[:live, :live] = moved
    for m in range(live, size):
        state.covariance[m, m] = 1.0


@kernel
def weighted_gram(state: State, alive: NDArray[np.bool_]) -> Floats:
    """Return the sum of ``loading loading'`` of all values in units of their own variance (lower triangle).

    A value is that of a bond with its issuer's, and of each issuer by itself.
    """
    size, issuers = state.covariance.shape[0], state.issuer_mean.shape[0]
    gram = np.zeros((size, size))
    weight, bonds = np.zeros(issuers), np.zeros(issuers)
    loading = np.zeros(size)
    for i in range(alive.shape[0]):
        if alive[i]:
            loading[:] = state.bond_loading[i]
            own = 1.0 / (state.bond_variance[i] + state.noise[i])
            j = state.bond_issuer[i]
            if j >= 0:
                loading += state.issuer_loading[j]
                weight[j] += own
                bonds[j] += 1.0
            add_row(gram, loading, own)
    for j in range(issuers):
        if bonds[j] > 0.0:
            add_row(gram, state.issuer_loading[j], weight[j] / bonds[j])
    return gram


class ObservationEquation(NamedTuple):
    """The observation equation of one date's prints, sorted so that those of an issuer lie together.

    Attributes
    ----------
    innovation : ndarray, shape (n_rows,)
        Yield less its prediction from the dates before, bp.
    loading : ndarray, shape (n_rows, n_factors)
    share : ndarray, shape (n_rows,)
        Loading on the issuer's own part; 0 without an issuer.
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
    loading: Floats
    share: Floats
    issuer: Ints
    group: NDArray[np.int64]
    own: Floats
    noise: Floats


@kernel
def observation_equation(
    state: State, bond: Ints, issuer: Ints, loading: Floats, innovation: Floats, noise: Floats
) -> ObservationEquation:
    """Build the observation equation of one date's prints, those of an issuer together."""
    rows, live = loading.shape
    size = state.covariance.shape[0]
    share, own = np.zeros(rows), np.empty(rows)
    loadings = np.empty((rows, size))
    starts = np.empty(rows + 1, dtype=np.int64)
    groups = 0
    for i in range(rows):
        b, j = bond[i], issuer[i]
        if i == 0 or j < 0 or j != issuer[i - 1]:
            starts[groups] = i
            groups += 1
        for k in range(size):
            loadings[i, k] = state.bond_loading[b, k]
        if j >= 0:
            share[i] = 1.0 + state.bond_share[b]
            for k in range(size):
                loadings[i, k] += state.issuer_loading[j, k]
        for k in range(live):
            loadings[i, k] += loading[i, k]
        own[i] = state.bond_variance[b]
    starts[groups] = rows
    return ObservationEquation(innovation, loadings, share, issuer, starts[: groups + 1].copy(), own, noise)
