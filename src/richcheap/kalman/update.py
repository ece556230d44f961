"""The update after a date: its prints move the states, the noise multipliers and the half-spreads.

A customer buys above mid and sells below, so that most of a print's distance from mid is known once its side is. The
half-spread is counted in standard deviations of the print's noise around mid, which follow from each bond's own past
errors (`update_noise`): a multiple for each rating bucket, by weighted least squares. The side of a print never enters
its own prediction, only those of the others of its date and of later dates.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from richcheap.kalman.leave_one_out import normal_equations
from richcheap.kalman.prediction import ObservationEquation
from richcheap.kalman.state_space import State
from richcheap.numerics.cholesky import inverse, substitute
from richcheap.numerics.compiled import kernel
from richcheap.panel.ratings import BUCKETS
from richcheap.panel.snapshot import Snapshot

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@kernel
def update_state(
    state: State, observation: ObservationEquation, variance: Floats, bond: Ints, alive: NDArray[np.bool_]
) -> None:
    """Update the state by all prints of a date.

    Parameters
    ----------
    state : State
        Changed in place.
    observation : ObservationEquation
    variance : ndarray, shape (n_rows,)
        Of what is each print's own, with the noise at the weight it is given.
    bond : ndarray of int32, shape (n_rows,)
    alive : ndarray of bool, shape (n_bonds,)
        Bonds whose state is kept.
    """
    size, live = state.covariance.shape[0], state.mean.shape[0]
    normal = normal_equations(observation, variance, inverse(state.covariance), state.issuer_variance)
    right = np.zeros((size, 1))
    groups = observation.group.shape[0] - 1
    beta = np.zeros(groups)
    for j in range(groups):
        for i in range(observation.group[j], observation.group[j + 1]):
            scaled = observation.innovation[i] / variance[i]
            beta[j] += scaled * observation.share[i]
            for k in range(size):
                right[k, 0] += scaled * observation.loading[i, k]
        for k in range(size):
            right[k, 0] -= normal.cross[j, k] * normal.spread[j] * beta[j]
    substitute(normal.lower, right)
    change = right[:, 0].copy()
    row_group = np.full(state.issuer_mean.shape[0], -1)
    for j in range(groups):
        issuer = observation.issuer[observation.group[j]]
        if issuer >= 0:
            row_group[issuer] = j
    # A bond's residual takes its part of the innovation, and with it the opposite part of the loadings.
    for i in range(bond.shape[0]):
        b = bond[i]
        gain = state.bond_variance[b] / variance[i]
        state.bond_mean[b] += gain * observation.innovation[i]
        for k in range(size):
            state.bond_loading[b, k] -= gain * observation.loading[i, k]
        state.bond_share[b] -= gain * observation.share[i]
        state.bond_variance[b] *= 1.0 - gain
    for b in range(alive.shape[0]):
        if alive[b]:
            issuer = state.bond_issuer[b]
            if issuer >= 0 and row_group[issuer] >= 0:
                j = row_group[issuer]
                correction = state.bond_share[b] * normal.spread[j]
                state.bond_mean[b] += correction * beta[j]
                for k in range(size):
                    state.bond_loading[b, k] -= correction * normal.cross[j, k]
            for k in range(size):
                state.bond_mean[b] += state.bond_loading[b, k] * change[k]
    for issuer in range(row_group.shape[0]):
        j = row_group[issuer]
        if j >= 0:
            state.issuer_mean[issuer] += normal.spread[j] * beta[j]
            for k in range(size):
                state.issuer_loading[issuer, k] -= normal.spread[j] * normal.cross[j, k]
            state.issuer_variance[issuer] = normal.spread[j]
        for k in range(size):
            state.issuer_mean[issuer] += state.issuer_loading[issuer, k] * change[k]
    # The memory's mean is passed on to the bonds and issuers above, and starts again from 0.
    for k in range(live):
        state.mean[k] += change[k]
    unit = np.eye(size)
    substitute(normal.lower, unit)
    state.covariance[:] = unit


LARGEST_SQUARED_INNOVATION: Final = 25.0
"""Cap on one squared standardised error, so that a single bad print does not silence a bond for long."""
BUCKET_MEMORY_DATES: Final = 20.0
SMALLEST_MULTIPLIER: Final = 0.01


@kernel
def update_noise(
    state: State, bond: Ints, bucket: Ints, seen: NDArray[np.bool_], error: Floats, variance: Floats,
    memory: float, level: float,
) -> None:  # fmt: skip
    """Update the noise multipliers of bonds and buckets by the errors of one date's predictions.

    Parameters
    ----------
    state : State
        Changed in place; the residuals of the bonds are those after the date.
    bond, bucket : ndarray of int32, shape (n_rows,)
    seen : ndarray of bool, shape (n_rows,)
        The bond has printed before.
    error, variance : ndarray, shape (n_rows,)
        Of each print's prediction from all others; bp, bp squared.
    memory : float
        Of a bond's own multiplier, prints.
    level : float
        Standard deviation of the residual of a bond never seen, bp, at a scale of 1.
    """
    buckets = state.bucket_multiplier.shape[0]
    ratio_sum, ratio_count = np.zeros(buckets), np.zeros(buckets)
    level_sum, level_count = np.zeros(buckets), np.zeros(buckets)
    for i in range(bond.shape[0]):
        b, c = bond[i], bucket[i]
        if seen[i]:
            start = state.multiplier[b]
            ratio = start * min(error[i] * error[i] / variance[i], LARGEST_SQUARED_INNOVATION)
            state.innovation_count[b] += 1.0
            step = 1.0 / min(state.innovation_count[b] + 2.0, memory)
            state.multiplier[b] = max(start + step * (ratio - start), SMALLEST_MULTIPLIER)
            ratio_sum[c] += ratio
            ratio_count[c] += 1.0
        scaled = state.bond_mean[b] / (level * state.bond_scale[b])
        level_sum[c] += min(scaled * scaled, LARGEST_SQUARED_INNOVATION * state.bucket_level[c])
        level_count[c] += 1.0
    for c in range(buckets):
        if ratio_count[c] > 0.0:
            moved = (ratio_sum[c] / ratio_count[c] - state.bucket_multiplier[c]) / BUCKET_MEMORY_DATES
            state.bucket_multiplier[c] = max(state.bucket_multiplier[c] + moved, SMALLEST_MULTIPLIER)
        if level_count[c] > 0.0:
            moved = (level_sum[c] / level_count[c] - state.bucket_level[c]) / BUCKET_MEMORY_DATES
            state.bucket_level[c] = max(state.bucket_level[c] + moved, SMALLEST_MULTIPLIER)


MEMORY_DATES: Final = 250.0
"""Memory of a bucket's half-spread and of its share of prints away from mid."""
PRIOR_PRINTS: Final = 5.0
"""Prints at mid that a bucket starts from."""
MIN_LEFT: Final = 0.1
"""Share of the noise's variance that is left at least once the side is known."""
LARGEST_SIDE_INNOVATION: Final = 4.0
"""Cap on one standardised distance, so that a bad print teaches little."""


class BidAsk:
    """Half-spreads of one currency, followed from date to date."""

    def __init__(self) -> None:
        self._sided, self._known = np.zeros(len(BUCKETS)), np.full(len(BUCKETS), PRIOR_PRINTS)
        self._moment, self._weight = np.zeros(len(BUCKETS)), np.full(len(BUCKETS), PRIOR_PRINTS)

    def half_spread(self, bucket: Ints, noise: Floats) -> Floats:
        """Return how far a customer's print lies from mid, bp of yield; 0 until prints of the bucket have sides.

        Parameters
        ----------
        bucket, noise : ndarray, shape (n_rows,)
            See `offset_and_noise`.
        """
        half: Floats = self._half()[bucket] * np.sqrt(noise)
        return half

    def offset_and_noise(self, bucket: Ints, side: Floats, noise: Floats) -> tuple[Floats, Floats]:
        """Return how far the prints' sides lie from mid, bp of yield, and the variance of prints around their sides.

        Parameters
        ----------
        bucket : ndarray of int32, shape (n_rows,)
        side : ndarray, shape (n_rows,)
            Of `Measurements`; where it is unknown the two are 0 and the noise.
        noise : ndarray, shape (n_rows,)
            Variance of prints around mid, bp squared.
        """
        half = self._half()
        left = np.maximum(1.0 - half**2 * self._sided / self._known, MIN_LEFT)
        known = ~np.isnan(side)
        offset = np.where(known, -np.where(known, side, 0.0) * half[bucket] * np.sqrt(noise), 0.0)
        return offset, np.where(known, left[bucket], 1.0) * noise

    def update(self, bucket: Ints, side: Floats, error: Floats, variance: Floats, noise: Floats) -> None:
        """Update the half-spreads by a date.

        Parameters
        ----------
        bucket, side, noise : ndarray, shape (n_rows,)
            See `offset_and_noise`.
        error, variance : ndarray, shape (n_rows,)
            Of each yield around its prediction from all others, its own side not known; bp, bp squared.
        """
        known = ~np.isnan(side)
        if not known.any():
            return
        size = len(BUCKETS)
        count = np.bincount(bucket[known], minlength=size)
        sided = known & (side != 0.0)
        standard = error[sided] / np.sqrt(variance[sided])
        share = noise[sided] / variance[sided]
        lean = -side[sided] * np.clip(standard, -LARGEST_SIDE_INNOVATION, LARGEST_SIDE_INNOVATION) * np.sqrt(share)
        kept = np.where(count > 0, 1.0 - 1.0 / MEMORY_DATES, 1.0)
        self._known = kept * self._known + count
        self._sided = kept * self._sided + np.bincount(bucket[sided], minlength=size)
        self._moment = kept * self._moment + np.bincount(bucket[sided], lean, minlength=size)
        self._weight = kept * self._weight + np.bincount(bucket[sided], share, minlength=size)

    def snapshot(self) -> Snapshot:
        """Return the sums that the half-spreads follow from."""
        return {"sided": self._sided, "known": self._known, "moment": self._moment, "weight": self._weight}

    def restore(self, snapshot: Snapshot) -> None:
        """Take up a snapshot."""
        self._sided, self._known = snapshot["sided"], snapshot["known"]
        self._moment, self._weight = snapshot["moment"], snapshot["weight"]

    def _half(self) -> Floats:
        """Return each bucket's half-spread, standard deviations of a print's noise around mid."""
        half: Floats = np.maximum(self._moment / self._weight, 0.0)
        return half
