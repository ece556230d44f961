"""What models share: the estimator's contract and base class, splits, searches, learners, target spaces, shrinkage.

Nothing here knows a model by name.
"""

__all__ = [
    "base",
    "estimator",
    "lightgbm",
    "neural_network",
    "params",
    "search",
    "shrinkage",
    "splitter",
    "spread_differences",
    "target_space",
    "trees",
]
