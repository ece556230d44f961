"""Who trades and when: bonds and their ages, peer groups, ratings, blocks of dates, and the counts of a market.

No price is looked at here.
"""

__all__ = [
    "ages",
    "counts",
    "encoding",
    "panel",
    "params",
    "peer_groups",
    "print_history",
    "ratings",
    "snapshot",
    "split",
    "universe",
]
