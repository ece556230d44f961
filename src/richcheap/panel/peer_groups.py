"""Peer groups: the same issuer, the same rating bucket, all bonds of the currency."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

PEER_GROUPS: tuple[str, ...] = ("issuer", "rating", "all")


class PeerGroups(NamedTuple):
    """Members of every group, each sorted by maturity.

    Attributes
    ----------
    issuer_members, rating_members, all_members : ndarray of int32
        Bond numbers; the first two are divided by the offsets below.
    issuer_start, rating_start : ndarray of int32
        Offsets, one more than there are groups.
    rank : ndarray of int32, shape (n_bonds,)
        Place of each bond in the order of maturities.
    """

    issuer_members: Ints
    issuer_start: Ints
    rating_members: Ints
    rating_start: Ints
    all_members: Ints
    rank: Ints

    def of_bonds(self, chosen: NDArray[np.bool_]) -> Self:
        """Return the groups with no members but some bonds; all keep their ranks."""

        def kept(members: Ints, start: Ints) -> tuple[Ints, Ints]:
            before = np.append(0, np.cumsum(chosen[members])).astype(np.int32)
            return members[chosen[members]], before[start]

        issuer_members, issuer_start = kept(self.issuer_members, self.issuer_start)
        rating_members, rating_start = kept(self.rating_members, self.rating_start)
        all_members = self.all_members[chosen[self.all_members]]
        return type(self)(issuer_members, issuer_start, rating_members, rating_start, all_members, self.rank)


def build_peer_groups(maturity: Ints, issuer: Ints, buckets_seen: NDArray[np.bool_], issuers: int) -> PeerGroups:
    """Sort the bonds of one currency into peer groups.

    Parameters
    ----------
    maturity, issuer : ndarray of int32, shape (n_bonds,)
    buckets_seen : ndarray of bool, shape (n_bonds, n_buckets)
        Every bucket that a bond is in at any time; which one counts is decided date by date.
    issuers : int
        Number of issuers.
    """
    bonds = np.arange(maturity.size, dtype=np.int32)
    order = np.lexsort((bonds, maturity)).astype(np.int32)
    rank = np.empty_like(order)
    rank[order] = bonds
    by_issuer = order[np.argsort(issuer[order], kind="stable")]
    by_issuer = by_issuer[issuer[by_issuer] >= 0]
    issuer_start = np.searchsorted(issuer[by_issuer], np.arange(issuers + 1)).astype(np.int32)
    by_rating = [order[buckets_seen[order, bucket]] for bucket in range(buckets_seen.shape[1])]
    rating_start = np.concatenate([[0], np.cumsum([group.size for group in by_rating])]).astype(np.int32)
    return PeerGroups(by_issuer, issuer_start, np.concatenate(by_rating), rating_start, order, rank)


def shrink(values: Floats, counts: Floats, pseudo_count: float) -> Floats:
    """Combine the groups from the widest to the narrowest, each shrunk towards the wider one.

    ``m <- (n_c v_c + k m) / (n_c + k)``, starting from 0, with k the pseudo-count: the posterior mean of a
    nested normal model with equal variance ratios.

    Parameters
    ----------
    values, counts : ndarray, shape (n_rows, 3)
        In the order of `PEER_GROUPS`.
    pseudo_count : float
        Prints that a group needs to weigh as much as the wider one.

    Returns
    -------
    ndarray, shape (n_rows,)
    """
    mean = np.zeros(values.shape[0])
    for group in range(len(PEER_GROUPS) - 1, -1, -1):
        total = counts[:, group] + pseudo_count
        weighted = counts[:, group] * values[:, group] + pseudo_count * mean
        mean = np.divide(weighted, total, out=mean.copy(), where=total > 0.0)
    return mean
