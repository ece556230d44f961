"""Model ``bayesian_optimizer``: gradient boosting, its hyper-parameters from a Bayesian search."""

from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from richcheap.features.catalogue import feature_names
from richcheap.models.common import params as common
from richcheap.models.common.base import ModelFacts
from richcheap.models.common.params import SHARED_BY_A_DATE, FoldParams
from richcheap.pipeline.config.fields import param

__all__ = ["FACTS", "Params", "build"]

if TYPE_CHECKING:
    from richcheap.models.bayesian_optimizer.estimator import BayesianAdjuster

FACTS = ModelFacts(
    kind="boosted trees on the advanced features, their hyper-parameters by a Bayesian search (Optuna)",
    starts_from="by the search's choice for each member: Kalman price or the bond's own last spread",
    limits=(
        "With few dates good candidates differ less than the folds' noise: the search chooses among equals.",
        "With a batch or two it is a random search.",
        "A short half-life forgets regimes that return.",
    ),
)


class Params(FoldParams):
    """Budget of the search, size of the models, and how they are shrunk."""

    trials: int = common.trials(16)
    batch: int = param(8, "Candidates that are asked for and tried at the same time; part of the result", ge=1, le=1000)
    keep_share: float = param(
        0.3, "Quantile of earlier trials' losses that a candidate must reach to go on to the next fold", ge=0.01, le=1.0
    )
    search_rows: int = common.search_rows(30_000)
    min_learning_rate: float = common.learning_rate(0.04, "Least that the prediction of a tree is multiplied by")
    max_learning_rate: float = common.learning_rate(0.2, "Most that the prediction of a tree is multiplied by")
    rounds: int = param(
        300, "Trees of a model at most, at the lowest learning rate; trees x rate is the same for all", ge=1, le=20_000
    )
    evaluation_points: int = param(12, "Numbers of trees at which the loss is looked at", ge=1, le=1000)
    blend: int = param(
        4, "Most candidates whose mean is the prediction: those within 1 % of the best, anchors in turn", ge=1, le=100
    )
    seeds: int = common.seeds(3, "Models of each of the best candidates")
    target_clip_share: float = common.target_clip_share()
    cold_start_rows: int = common.cold_start_rows(30)

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
