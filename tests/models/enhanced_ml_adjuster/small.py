"""Boosted trees that learn in a moment."""

from typing import Any

from richcheap.features.catalogue import feature_names
from richcheap.models.enhanced_ml_adjuster.estimator import BoostedAdjuster


def small(**changes: Any) -> BoostedAdjuster:
    """Return them untrained, with some parameters changed."""
    sizes = {"trials": 3, "folds": 2, "rounds": 60, "round_step": 20, "learning_rate": 0.2, "seeds": 2, "seed": 3}
    return BoostedAdjuster(**{"features": feature_names("enhanced"), **sizes, **changes})
