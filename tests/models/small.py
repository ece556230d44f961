"""Small models that learn in a moment."""

from typing import Any

from stages.models.boosted import BoostedAdjuster
from stages.models.forest import ForestAdjuster
from stages.spreads.feature_table import feature_names


def forest(**changes: Any) -> ForestAdjuster:
    """Return a small forest."""
    sizes = {"trees": 12, "leaf_rows": 10, "feature_share": 0.6, "row_share": 0.8, "seed": 3}
    return ForestAdjuster(**{"features": feature_names("basic"), **sizes, **changes})


def boosted(**changes: Any) -> BoostedAdjuster:
    """Return a small model."""
    sizes = {"trials": 3, "folds": 2, "rounds": 60, "round_step": 20, "learning_rate": 0.2, "seeds": 2, "seed": 3}
    return BoostedAdjuster(**{"features": feature_names("enhanced"), **sizes, **changes})
