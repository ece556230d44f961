"""A selection among families that ends in a moment."""

from typing import Any

from richcheap.features.catalogue import feature_names
from richcheap.models.automl.estimator import AutoAdjuster
from richcheap.models.common.spread_differences import LEVEL


def small(**changes: Any) -> AutoAdjuster:
    """Return the model untrained, with some parameters changed."""
    sets = {"basic": feature_names("basic"), "contrasts": [*feature_names("enhanced"), LEVEL]}
    sizes = {"trials": 6, "folds": 2, "budget_multiplier": 0.15, "finalists": 3, "seeds": 2, "seed": 3}
    return AutoAdjuster(**{"feature_sets": sets, **sizes, **changes})
