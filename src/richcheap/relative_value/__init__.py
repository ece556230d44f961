"""Relative value: how far a bond lasts from its peers in spread, what its convergence earns, and whether it did.

Rows of the dataset with the Kalman filter's parts in, signals and their scores out. Prices are predicted elsewhere.
"""

__all__ = ["carry", "params", "score", "table", "z_scores"]
