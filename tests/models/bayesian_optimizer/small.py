"""A Bayesian search that ends in a moment."""

from typing import Any

from richcheap.features.catalogue import feature_names
from richcheap.models.bayesian_optimizer.estimator import BayesianAdjuster
from richcheap.models.common.spread_differences import LEVEL


def small(**changes: Any) -> BayesianAdjuster:
    """Return the model untrained, with some parameters changed."""
    sizes = {
        "trials": 5,
        "batch": 2,
        "folds": 2,
        "rounds": 60,
        "evaluation_points": 3,
        "min_learning_rate": 0.1,
        "seeds": 2,
    }
    return BayesianAdjuster(
        **{"features": [*feature_names("enhanced"), LEVEL], **sizes, "blend": 2, "seed": 3, **changes}
    )
