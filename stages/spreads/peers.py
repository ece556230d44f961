"""What bonds alike have done: moves and levels of a bond's nearest peers, the bond itself left out.

Three circles of peers: the same issuer, the same rating bucket, all bonds of the currency. In each circle
the peers are the bonds nearest in maturity whose prices are recent. A peer's move is measured over the
window since the bond's own last price, so that news which the bond's stale price has missed is counted
once. Residuals of today's peers are taken on the fit that never saw the bond itself (`leave_one_out`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.bonds.compiled import kernel
from stages.spreads.circles import Circles

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

MATURITY_BANDWIDTH = 0.5
"""Distance in log-maturity at which a peer's weight has halved."""


class History(NamedTuple):
    """Prices seen so far, one slot for each print, the slots of a bond in a run sorted by date.

    Attributes
    ----------
    first_slot : ndarray of int32, shape (n_bonds,)
    latest_slot : ndarray of int32, shape (n_bonds,)
        Slot of the latest print up to and including today; -1 where there is none yet.
    day : ndarray of int32, shape (n_slots,)
    move_residual, level_residual : ndarray, shape (n_slots,)
        Residuals to the two surfaces, bp; today's slots are not filled yet.
    bucket : ndarray of int32, shape (n_bonds,)
        Rating bucket at the latest print.
    variance : ndarray, shape (n_bonds,)
        Variance of a print's residual, bp squared, from earlier prints: of its bucket's where the bond has none.
    """

    first_slot: Ints
    latest_slot: Ints
    day: Ints
    move_residual: Floats
    level_residual: Floats
    bucket: Ints
    variance: Floats


class Today(NamedTuple):
    """One date's prints and the fits that left each of them out.

    Attributes
    ----------
    day : int
    row_of_bond : ndarray of int32, shape (n_bonds,)
        Row of the bond's print today, or -1.
    bond, issuer, bucket, own_last_day : ndarray of int32, shape (n_rows,)
        ``issuer`` is -1 where unknown; ``own_last_day`` is -1 for a bond never seen before.
    log_maturity : ndarray, shape (n_bonds,)
        Logarithm of the years left today.
    quote : ndarray, shape (n_rows,)
        The prints, bp, in the space that the loadings explain.
    loadings, move_without, level_without : ndarray, shape (n_rows, n_terms)
    """

    day: int
    row_of_bond: Ints
    bond: Ints
    issuer: Ints
    bucket: Ints
    own_last_day: Ints
    log_maturity: Floats
    quote: Floats
    loadings: Floats
    move_without: Floats
    level_without: Floats


class PeerStatistics(NamedTuple):
    """Weighted means over the peers of each circle (columns in the order of `circles.CIRCLES`).

    Attributes
    ----------
    move, level : ndarray, shape (n_rows, 3)
        Mean change of the peers' residuals since the bond's own last price, and mean residual level, bp;
        0 where there is no peer.
    move_count, level_count : ndarray, shape (n_rows, 3)
        Effective number of peers, ``(sum w)^2 / sum w^2`` (Kish 1965).
    """

    move: Floats
    move_count: Floats
    level: Floats
    level_count: Floats


@kernel
def _slot_at_or_before(history: History, bond: int, day: int) -> int:
    """Return the slot of the bond's latest print on or before the day, or -1."""
    low = history.first_slot[bond]
    high = history.latest_slot[bond] + 1
    start = low
    while low < high:
        middle = (low + high) // 2
        if history.day[middle] <= day:
            low = middle + 1
        else:
            high = middle
    return low - 1 if low > start else -1


@kernel
def _place(members: Ints, start: int, stop: int, rank: Ints, bond: int) -> int:
    low = start
    high = stop
    while low < high:
        middle = (low + high) // 2
        if rank[members[middle]] < rank[bond]:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _fitted(loadings: Floats, row: int, coefficients: Floats) -> float:
    total = 0.0
    for k in range(coefficients.shape[0]):
        total += loadings[row, k] * coefficients[k]
    return total


@kernel
def peer_statistics(today: Today, history: History, circles: Circles, peers: int, max_age_days: int) -> PeerStatistics:
    """Measure the peers of every print of one date.

    Parameters
    ----------
    today : Today
    history : History
        ``latest_slot`` already points to today's prints.
    circles : Circles
    peers : int
        Nearest peers taken in each circle.
    max_age_days : int
        A peer's latest price may be this old, calendar days.

    Returns
    -------
    PeerStatistics
    """
    rows = today.bond.shape[0]
    move = np.zeros((rows, 3))
    move_count = np.zeros((rows, 3))
    level = np.zeros((rows, 3))
    level_count = np.zeros((rows, 3))
    for i in range(rows):
        bond = today.bond[i]
        for circle in range(3):
            if circle == 0:
                if today.issuer[i] < 0:
                    continue
                members = circles.issuer_members
                start = circles.issuer_start[today.issuer[i]]
                stop = circles.issuer_start[today.issuer[i] + 1]
            elif circle == 1:
                members = circles.rating_members
                start = circles.rating_start[today.bucket[i]]
                stop = circles.rating_start[today.bucket[i] + 1]
            else:
                members = circles.all_members
                start = 0
                stop = members.shape[0]
            place = _place(members, start, stop, circles.rank, bond)
            below = place - 1
            # Circles know a bond's first issuer: where that has changed, the bond is not among the members.
            above = place + 1 if place < stop and members[place] == bond else place
            move_sum = move_weight = move_square = 0.0
            level_sum = level_weight = level_square = 0.0
            found = 0
            while found < peers and (below >= start or above < stop):
                gap_below = gap_above = np.inf
                if below >= start:
                    gap_below = abs(today.log_maturity[members[below]] - today.log_maturity[bond])
                if above < stop:
                    gap_above = abs(today.log_maturity[members[above]] - today.log_maturity[bond])
                if gap_below <= gap_above and below >= start:
                    peer = members[below]
                    gap = gap_below
                    below -= 1
                else:
                    peer = members[above]
                    gap = gap_above
                    above += 1
                latest = history.latest_slot[peer]
                if latest < 0 or today.day - history.day[latest] > max_age_days:
                    continue
                if circle == 1 and history.bucket[peer] != today.bucket[i]:
                    continue
                found += 1
                weight = 1.0 / ((1.0 + (gap / MATURITY_BANDWIDTH) ** 2) * history.variance[peer])
                row = today.row_of_bond[peer]
                if row >= 0:
                    level_now = today.quote[row] - _fitted(today.loadings, row, today.level_without[i])
                    move_now = today.quote[row] - _fitted(today.loadings, row, today.move_without[i])
                else:
                    level_now = history.level_residual[latest]
                    move_now = history.move_residual[latest]
                level_sum += weight * level_now
                level_weight += weight
                level_square += weight * weight
                if today.own_last_day[i] >= 0 and history.day[latest] > today.own_last_day[i]:
                    before = _slot_at_or_before(history, peer, today.own_last_day[i])
                    if before >= 0:
                        move_sum += weight * (move_now - history.move_residual[before])
                        move_weight += weight
                        move_square += weight * weight
            if level_weight > 0.0:
                level[i, circle] = level_sum / level_weight
                level_count[i, circle] = level_weight * level_weight / level_square
            if move_weight > 0.0:
                move[i, circle] = move_sum / move_weight
                move_count[i, circle] = move_weight * move_weight / move_square
    return PeerStatistics(move, move_count, level, level_count)
