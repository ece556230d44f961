"""What comes after the test block: how the champion, chosen before it, fares as days are added.

Nothing is fitted or chosen here; what is learned is what intervals learn from errors that have been seen.
"""

__all__ = ["score_card", "signals"]
