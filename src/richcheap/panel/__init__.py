"""Who trades and when: bonds, peer groups, ratings, blocks of dates, and the counts of a market.

No price is looked at here.
"""

__all__ = [
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
