"""Model ``bayesian_optimizer``: gradient boosting, its hyper-parameters from a Bayesian search."""

from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from richcheap.features.catalogue import feature_names
from richcheap.models.common.params import SHARED_BY_A_DATE, FoldParams

if TYPE_CHECKING:
    from richcheap.models.bayesian_optimizer.estimator import BayesianAdjuster

__all__ = ["Params", "build"]


class Params(FoldParams):
    """Budget of the search, size of the models, and how they are shrunk."""

    trials: int = Field(ge=1, le=10_000, description="candidates that the search tries")
    batch: int = Field(ge=1, le=1000, description="candidates that are tried at the same time")
    keep_share: float = Field(ge=0.01, le=1.0, description="share of the best that a candidate must be among to go on")
    search_rows: int = Field(ge=1000, le=100_000_000, description="most rows that one evaluation trains on")
    min_learning_rate: float = Field(ge=0.001, le=1.0, description="least that a tree's prediction is multiplied by")
    max_learning_rate: float = Field(ge=0.001, le=1.0, description="most that a tree's prediction is multiplied by")
    rounds: int = Field(ge=1, le=20_000, description="most trees of a model at the lowest learning rate")
    looks: int = Field(ge=1, le=1000, description="numbers of trees at which the loss is looked at")
    blend: int = Field(ge=1, le=100, description="best candidates whose mean is the prediction")
    seeds: int = Field(ge=1, le=100, description="models of each of them")
    target_clip_share: float = Field(ge=0.0, le=0.2, description="share of each tail of the target pulled in")
    shrinkage_steps: int = Field(ge=1, le=1000, description="steps of the grid of multipliers")
    cold_start_rows: int = Field(ge=1, le=1_000_000, description="rows without history for a multiplier of their own")

    @model_validator(mode="after")
    def _rates_ascend(self) -> Self:
        if self.min_learning_rate > self.max_learning_rate:
            raise ValueError(
                f"min_learning_rate must be at most max_learning_rate, "
                f"got {self.min_learning_rate} and {self.max_learning_rate}"
            )
        return self


def build(params: Params, seed: int, n_jobs: int) -> "BayesianAdjuster":
    """Return the untrained model.

    Parameters
    ----------
    params : Params
    seed : int
        Of the search and of the draws of rows and features.
    n_jobs : int
        Cores that predict; changes no result.
    """
    from richcheap.models.bayesian_optimizer.estimator import BayesianAdjuster  # noqa: PLC0415  params need no LightGBM
    from richcheap.models.common.spread_differences import LEVEL  # noqa: PLC0415

    features = [*(name for name in feature_names("advanced") if name not in SHARED_BY_A_DATE), LEVEL]
    return BayesianAdjuster(features=features, **params.model_dump(), seed=seed, n_jobs=n_jobs)
