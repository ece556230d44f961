"""A forest that learns in a moment."""

from typing import Any

from richcheap.features.catalogue import feature_names
from richcheap.models.ml_adjuster.estimator import ForestAdjuster


def small(**changes: Any) -> ForestAdjuster:
    """Return it untrained, with some parameters changed."""
    sizes = {"trees": 12, "leaf_rows": 10, "feature_share": 0.6, "row_share": 0.8, "seed": 3}
    return ForestAdjuster(**{"features": feature_names("basic"), **sizes, **changes})
