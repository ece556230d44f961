"""Predictions scored: metrics, baselines, skill and its significance, intervals, feature importance.

No model is trained here, and no test block is read: rows come with their predictions.
"""

__all__ = [
    "baselines",
    "cells",
    "importance",
    "intervals",
    "metrics",
    "params",
    "pricing",
    "score",
    "simulated_truth",
    "skill",
    "summary",
    "ticks",
    "validation",
]
