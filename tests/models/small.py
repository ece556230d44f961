"""Small models that learn in a moment."""

from typing import Any

from richcheap.features.catalogue import feature_names
from richcheap.models.advanced_ml_adjuster.base_learners import Sizes
from richcheap.models.advanced_ml_adjuster.estimator import StackedAdjuster
from richcheap.models.automl.estimator import AutoAdjuster
from richcheap.models.bayesian_optimizer.estimator import BayesianAdjuster
from richcheap.models.common.lightgbm import FIRST
from richcheap.models.common.spread_differences import LEVEL
from richcheap.models.enhanced_ml_adjuster.estimator import BoostedAdjuster
from richcheap.models.ml_adjuster.estimator import ForestAdjuster

SIZES = Sizes(
    forest_trees=4,
    forest_leaf_rows=5,
    rounds=25,
    learning_rate=0.2,
    trees=FIRST._replace(leaf_rows=20),
    hidden=(8,),
    network_penalty=0.1,
    network_epochs=20,
    network_learning_rate=0.02,
    clip_share=0.005,
)


def forest(**changes: Any) -> ForestAdjuster:
    """Return a small forest."""
    sizes = {"trees": 12, "leaf_rows": 10, "feature_share": 0.6, "row_share": 0.8, "seed": 3}
    return ForestAdjuster(**{"features": feature_names("basic"), **sizes, **changes})


def boosted(**changes: Any) -> BoostedAdjuster:
    """Return a small model."""
    sizes = {"trials": 3, "folds": 2, "rounds": 60, "round_step": 20, "learning_rate": 0.2, "seeds": 2, "seed": 3}
    return BoostedAdjuster(**{"features": feature_names("enhanced"), **sizes, **changes})


def bayesian(**changes: Any) -> BayesianAdjuster:
    """Return a small model."""
    sizes = {"trials": 5, "batch": 2, "folds": 2, "rounds": 60, "looks": 3, "min_learning_rate": 0.1, "seeds": 2}
    return BayesianAdjuster(
        **{"features": [*feature_names("enhanced"), LEVEL], **sizes, "blend": 2, "seed": 3, **changes}
    )


def automatic(**changes: Any) -> AutoAdjuster:
    """Return a small model."""
    sets = {"basic": feature_names("basic"), "contrasts": [*feature_names("enhanced"), LEVEL]}
    sizes = {"trials": 6, "folds": 2, "effort": 0.15, "finalists": 3, "seeds": 2, "seed": 3}
    return AutoAdjuster(**{"feature_sets": sets, **sizes, **changes})


def stacked(**changes: Any) -> StackedAdjuster:
    """Return a small stack."""
    small = {
        "features": [*feature_names("enhanced"), LEVEL],
        "sizes": SIZES,
        "folds": 1,
        "fold_share": 0.3,
        "seeds": 2,
        "seed": 3,
    }
    return StackedAdjuster(**{**small, **changes})
