"""A stack that learns in a moment."""

from typing import Any

from richcheap.features.catalogue import feature_names
from richcheap.models.advanced_ml_adjuster.base_learners import Sizes
from richcheap.models.advanced_ml_adjuster.estimator import StackedAdjuster
from richcheap.models.common.lightgbm import DEFAULT_TREES
from richcheap.models.common.spread_differences import LEVEL

SIZES = Sizes(
    forest_trees=4,
    forest_leaf_rows=5,
    rounds=25,
    learning_rate=0.2,
    trees=DEFAULT_TREES._replace(leaf_rows=20),
    hidden=(8,),
    network_penalty=0.1,
    network_epochs=20,
    network_learning_rate=0.02,
    clip_share=0.005,
)


def small(**changes: Any) -> StackedAdjuster:
    """Return it untrained, with some parameters changed."""
    features = [*feature_names("enhanced"), LEVEL]
    sizes = {"sizes": SIZES, "folds": 1, "fold_share": 0.3, "seeds": 2, "seed": 3}
    return StackedAdjuster(**{"features": features, **sizes, **changes})
