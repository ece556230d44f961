"""Model ``ml_adjuster``: a random forest on the basic features, the simplest model that should work."""

from typing import TYPE_CHECKING

from pydantic import Field

from richcheap.features.catalogue import feature_names
from richcheap.pipeline.config.sections import Section

if TYPE_CHECKING:
    from richcheap.models.ml_adjuster.estimator import ForestAdjuster

__all__ = ["Params", "build"]


class Params(Section):
    """Size of the forest, and how it is shrunk."""

    trees: int = Field(ge=1, le=5000, description="trees of the forest")
    leaf_rows: int = Field(ge=1, le=1_000_000, description="fewest training rows in a leaf")
    feature_share: float = Field(ge=0.01, le=1.0, description="share of the features tried at each split")
    row_share: float = Field(ge=0.01, le=1.0, description="share of the rows drawn for each tree")
    target_clip_share: float = Field(ge=0.0, le=0.2, description="share of each tail of the target pulled in")
    shrinkage_steps: int = Field(ge=1, le=1000, description="steps of the grid of multipliers")


def build(params: Params, seed: int, n_jobs: int) -> "ForestAdjuster":
    """Return the untrained model.

    Parameters
    ----------
    params : Params
    seed : int
        Of the draws of rows and features.
    n_jobs : int
        Cores for growing trees; changes no result.
    """
    from richcheap.models.ml_adjuster.estimator import ForestAdjuster  # noqa: PLC0415  params are checked without scikit-learn

    return ForestAdjuster(features=feature_names("basic"), **params.model_dump(), seed=seed, n_jobs=n_jobs)
