"""Drift: has the market moved away from what the models learned? Tests, scores, the consensus of methods.

What is done about it, varying a model, lies in `tuning`.
"""

__all__ = ["consensus", "hac_tests", "populations", "score", "tracks", "windows"]
