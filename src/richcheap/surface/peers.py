"""What bonds alike have done: moves and levels of a bond's nearest peers, the bond itself left out.

There are three peer groups: the same issuer, the same rating bucket, all bonds of the currency. In each group
the peers are the bonds nearest in maturity whose prices are recent. A peer's move is measured over the
window since the bond's own last price, so that news which the bond's stale price has missed is counted
once. Residuals of today's peers are taken on the fit that never saw the bond itself (`leave_one_out`).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.compiled import kernel
from richcheap.numerics.threads import run_blocks
from richcheap.panel.peer_groups import PEER_GROUPS, PeerGroups
from richcheap.panel.print_history import NEVER, PrintHistory, residual_at

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

MATURITY_BANDWIDTH = 0.5
"""Distance in log-maturity at which a peer's weight has halved."""


class PeerWindow(NamedTuple):
    """Which peers count.

    Attributes
    ----------
    peers : int
        Nearest peers taken in each peer group.
    max_age_days : int
        A peer's latest price may be this old, calendar days.
    window_days : int
        The price from which a peer's move is measured may be this old, calendar days.
    """

    peers: int
    max_age_days: int
    window_days: int


class CrossSection(NamedTuple):
    """One date's prints and the fits that left each of them out.

    Attributes
    ----------
    day : int
    row_of_bond : ndarray of int32, shape (n_bonds,)
        Row of the bond's print today, or -1.
    bond, issuer, bucket, own_last_day : ndarray of int32, shape (n_rows,)
        ``issuer`` is -1 where unknown; ``own_last_day`` is `NEVER` for a bond never seen before.
    log_maturity : ndarray, shape (n_bonds,)
        Logarithm of the years left today.
    observed_yield : ndarray, shape (n_rows,)
        The prints, bp, in the space that the loadings explain.
    nodes : int
        Loadings on the curve, which come first.
    pairs : ndarray of int32, shape (n_rows, n_pairs)
        First of the two columns of each pair of the row's other loadings; -1 in place of a pair that it has not.
    loadings, move_without, level_without : ndarray, shape (n_rows, n_terms)
    variant : ndarray of int64, shape (n_rows,)
    factors : ndarray, shape (n_variants, n_rows)
        Factor on the weight of each print where another is left out, see `richcheap.surface.outliers`.
    """

    day: int
    row_of_bond: Ints
    bond: Ints
    issuer: Ints
    bucket: Ints
    own_last_day: Ints
    log_maturity: Floats
    observed_yield: Floats
    nodes: int
    pairs: Ints
    loadings: Floats
    move_without: Floats
    level_without: Floats
    variant: NDArray[np.int64]
    factors: Floats


class PeerStatistics(NamedTuple):
    """Weighted means over the peers of each peer group (columns in the order of `peer_groups.PEER_GROUPS`).

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


def peer_statistics(
    cross_section: CrossSection, history: PrintHistory, peer_groups: PeerGroups, window: PeerWindow, threads: int = 1
) -> PeerStatistics:
    """Measure the peers of every print of one date.

    Parameters
    ----------
    cross_section : CrossSection
    history : PrintHistory
        Before today.
    peer_groups : PeerGroups
    window : PeerWindow
    threads : int
        Does not affect the result.

    Returns
    -------
    PeerStatistics
    """
    shape = (cross_section.bond.size, len(PEER_GROUPS))
    found = PeerStatistics(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape))
    run_blocks(
        cross_section.bond.size,
        threads,
        lambda rows: _measure(rows.start, rows.stop, cross_section, history, peer_groups, window, found),
    )
    return found


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
def _residuals(cross_section: CrossSection, row: int, without: int) -> tuple[float, float]:
    """Return the residuals of a print to the level and the move fit that left another row out."""
    level = 0.0
    move = 0.0
    for k in range(cross_section.nodes):
        level += cross_section.loadings[row, k] * cross_section.level_without[without, k]
        move += cross_section.loadings[row, k] * cross_section.move_without[without, k]
    for first in cross_section.pairs[row]:
        if first >= 0:
            for k in range(first, first + 2):
                level += cross_section.loadings[row, k] * cross_section.level_without[without, k]
                move += cross_section.loadings[row, k] * cross_section.move_without[without, k]
    return cross_section.observed_yield[row] - level, cross_section.observed_yield[row] - move


@kernel
def _measure(
    first_row: int,
    last_row: int,
    cross_section: CrossSection,
    history: PrintHistory,
    peer_groups: PeerGroups,
    window: PeerWindow,
    found: PeerStatistics,
) -> None:
    for i in range(first_row, last_row):
        bond = cross_section.bond[i]
        own_day = cross_section.own_last_day[i]
        for group in range(3):
            if group == 0:
                if cross_section.issuer[i] < 0:
                    continue
                members = peer_groups.issuer_members
                start = peer_groups.issuer_start[cross_section.issuer[i]]
                stop = peer_groups.issuer_start[cross_section.issuer[i] + 1]
            elif group == 1:
                members = peer_groups.rating_members
                start = peer_groups.rating_start[cross_section.bucket[i]]
                stop = peer_groups.rating_start[cross_section.bucket[i] + 1]
            else:
                members = peer_groups.all_members
                start = 0
                stop = members.shape[0]
            place = _place(members, start, stop, peer_groups.rank, bond)
            below = place - 1
            # Circles know a bond's first issuer: where that has changed, the bond is not among the members.
            above = place + 1 if place < stop and members[place] == bond else place
            move_sum = move_weight = move_square = 0.0
            level_sum = level_weight = level_square = 0.0
            taken = 0
            while taken < window.peers and (below >= start or above < stop):
                gap_below = gap_above = np.inf
                if below >= start:
                    gap_below = abs(cross_section.log_maturity[members[below]] - cross_section.log_maturity[bond])
                if above < stop:
                    gap_above = abs(cross_section.log_maturity[members[above]] - cross_section.log_maturity[bond])
                if gap_below <= gap_above and below >= start:
                    peer = members[below]
                    gap = gap_below
                    below -= 1
                else:
                    peer = members[above]
                    gap = gap_above
                    above += 1
                row = cross_section.row_of_bond[peer]
                if row < 0 and (
                    history.day[peer] == NEVER or cross_section.day - history.day[peer] > window.max_age_days
                ):
                    continue
                if (
                    group == 1
                    and (cross_section.bucket[row] if row >= 0 else history.bucket[peer]) != cross_section.bucket[i]
                ):
                    continue
                taken += 1
                if row >= 0:
                    day = cross_section.day
                    robust_weight = cross_section.factors[cross_section.variant[i], row]
                    level_now, move_now = _residuals(cross_section, row, i)
                else:
                    day = history.day[peer]
                    robust_weight = history.robust_weight[peer]
                    level_now = history.level_residual[peer]
                    move_now = history.move_residual[peer]
                weight = robust_weight / ((1.0 + (gap / MATURITY_BANDWIDTH) ** 2) * history.variance[peer])
                level_sum += weight * level_now
                level_weight += weight
                level_square += weight * weight
                if own_day != NEVER and day > own_day:
                    before = residual_at(history, peer, own_day, cross_section.day - window.window_days)
                    if np.isfinite(before):
                        move_sum += weight * (move_now - before)
                        move_weight += weight
                        move_square += weight * weight
            if level_weight > 0.0:
                found.level[i, group] = level_sum / level_weight
                found.level_count[i, group] = level_weight * level_weight / level_square
            if move_weight > 0.0:
                found.move[i, group] = move_sum / move_weight
                found.move_count[i, group] = move_weight * move_weight / move_square
