"""Small models that learn in a moment."""

from typing import Any

from stages.models.automl_model import AutoAdjuster
from stages.models.bayesian_optimizer_model import BayesianAdjuster
from stages.models.boosted import BoostedAdjuster
from stages.models.boosting import FIRST
from stages.models.contrasts import LEVEL
from stages.models.forest import ForestAdjuster
from stages.models.members import Sizes
from stages.models.stacking import StackedAdjuster
from stages.spreads.feature_table import feature_names

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
