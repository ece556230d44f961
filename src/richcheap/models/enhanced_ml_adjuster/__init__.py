"""Model ``enhanced_ml_adjuster``: gradient boosting on the enhanced features, its hyper-parameters from a search."""

from typing import TYPE_CHECKING

from pydantic import Field

from richcheap.features.catalogue import feature_names
from richcheap.models.common.params import SHARED_BY_A_DATE, FoldParams

if TYPE_CHECKING:
    from richcheap.models.enhanced_ml_adjuster.estimator import BoostedAdjuster

__all__ = ["Params", "build"]


class Params(FoldParams):
    """Budget of the search, size of the models, and how they are shrunk."""

    trials: int = Field(ge=1, le=10_000, description="candidates that the search tries")
    keep_share: float = Field(ge=0.01, le=1.0, description="share of the candidates that go on to the next fold")
    search_rows: int = Field(ge=1000, le=100_000_000, description="most rows that one evaluation trains on")
    learning_rate: float = Field(ge=0.001, le=1.0, description="what a tree's prediction is multiplied by")
    rounds: int = Field(ge=1, le=20_000, description="most trees of a model")
    round_step: int = Field(ge=1, le=20_000, description="trees between two looks at the loss")
    seeds: int = Field(ge=1, le=100, description="models whose mean is the prediction")
    target_clip_share: float = Field(ge=0.0, le=0.2, description="share of each tail of the target pulled in")
    shrinkage_steps: int = Field(ge=1, le=1000, description="steps of the grid of multipliers")


def build(params: Params, seed: int, n_jobs: int) -> "BoostedAdjuster":
    """Return the untrained model.

    Parameters
    ----------
    params : Params
    seed : int
        Of the candidates and of the draws of rows and features.
    n_jobs : int
        Cores that predict; changes no result.
    """
    from richcheap.models.enhanced_ml_adjuster.estimator import BoostedAdjuster  # noqa: PLC0415  params are checked without LightGBM

    features = [name for name in feature_names("enhanced") if name not in SHARED_BY_A_DATE]
    return BoostedAdjuster(features=features, **params.model_dump(), seed=seed, n_jobs=n_jobs)
