"""What a prediction is made of, without the print itself, and what is known of bond and issuer after its date.

A print's predicted spread over the reference curve is the sum of six parts:

    curve     loadings on the nodes, less the reference curve at the bond
    rating    level and slope of its bucket, with the share of the neighbouring letter
    coupon    level and slope of the coupon premium
    option    what a call and a right to convert add
    issuer    its effect
    bond      the bond's own lasting spread

Each is its mean given all prints of the dates before and the *other* prints of the date (`predict_without`). The means
are of unobserved states, so that they say how the filter has divided the spread: what it cannot tell apart it shares
out by the prior variances.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from richcheap.kalman.state_space import State
from richcheap.numerics.compiled import kernel
from richcheap.surface.loadings import OPTION_TERMS, PREMIUM_TERMS

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

PARTS: Final = (
    *("kalman_curve_bp", "kalman_rating_bp", "kalman_coupon_bp", "kalman_option_bp", "kalman_issuer_bp"),
    "kalman_bond_bp",
)
"""Columns of the parts of ``kalman_spread_bp``, bp, each without the print."""
STATES: Final = ("bond_spread_bp", "bond_spread_std_bp", "issuer_spread_bp")
"""Columns of what is known after the date, with the print and all others of its date: the bond's own lasting spread
with its standard deviation, and its issuer's effect; bp."""
BID_ASK: Final = "bid_ask_bp"
"""Column of the half-spread of a trade as known before the date, bp; 0 until prints of the bucket have had sides."""
COLUMNS: Final = (*PARTS, *STATES, BID_ASK)


@kernel
def parts_of(
    state: State,
    loading: Floats,
    issuer: Ints,
    means: Floats,
    nodes: int,
    reference_yield: Floats,
    spread: Floats,
) -> Floats:
    """Divide predicted spreads into `PARTS`; the last is what the others leave, so that they add up.

    Parameters
    ----------
    state : State
        Before the date's update.
    loading : ndarray, shape (n_rows, n_live)
        On the live factors.
    issuer : ndarray of int32, shape (n_rows,)
        -1 where unknown: its part is 0.
    means : ndarray, shape (n_rows, n_factors + 1)
        Of `predict_without`.
    nodes : int
        Live factors that are curve nodes: the first.
    reference_yield : ndarray, shape (n_rows,)
        The reference curve at the bond, bp.
    spread : ndarray, shape (n_rows,)
        Predicted without the print, over the reference curve, bp.

    Returns
    -------
    ndarray, shape (n_rows, 6)
    """
    rows, live = loading.shape
    size = means.shape[1] - 1
    coupon, option = nodes + PREMIUM_TERMS, nodes + PREMIUM_TERMS + OPTION_TERMS
    parts = np.zeros((rows, 6))
    for i in range(rows):
        for k in range(live):
            part = 0 if k < nodes else 2 if k < coupon else 3 if k < option else 1
            parts[i, part] += loading[i, k] * (state.mean[k] + means[i, k])
        parts[i, 0] -= reference_yield[i]
        if issuer[i] >= 0:
            value = state.issuer_mean[issuer[i]] + means[i, size]
            for k in range(size):
                value += state.issuer_loading[issuer[i], k] * means[i, k]
            parts[i, 4] = value
        parts[i, 5] = spread[i]
        for part in range(5):
            parts[i, 5] -= parts[i, part]
    return parts


@kernel
def states_of(state: State, bond: Ints, issuer: Ints) -> Floats:
    """Return `STATES` after the date's update, shape (n_rows, 3); the effect of an unknown issuer is 0."""
    size = state.covariance.shape[0]
    found = np.zeros((bond.shape[0], 3))
    for i in range(bond.shape[0]):
        b, j = bond[i], issuer[i]
        found[i, 0] = state.bond_mean[b]
        variance = state.bond_variance[b]
        for k in range(size):
            total = 0.0
            for m in range(size):
                total += state.covariance[k, m] * state.bond_loading[b, m]
            variance += state.bond_loading[b, k] * total
        if j >= 0:
            variance += state.bond_share[b] * state.bond_share[b] * state.issuer_variance[j]
            found[i, 2] = state.issuer_mean[j]
        found[i, 1] = np.sqrt(variance)
    return found
