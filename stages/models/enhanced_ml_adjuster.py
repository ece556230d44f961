"""Model ``enhanced_ml_adjuster``: gradient boosting on the enhanced features, its hyper-parameters from a search."""

from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from stages.pipeline.params import Section
from stages.spreads.feature_table import feature_names

if TYPE_CHECKING:
    from stages.models.boosted import BoostedAdjuster

LARGEST_TESTED_SHARE = 0.9
SHARED_BY_A_DATE = frozenset(
    {"f_curve_level", "f_curve_slope", "f_curve_curvature", "f_curve_volatility", "f_curve_trend"}
)
"""Features that are the same for every bond of a date: by them trees tell the training dates apart, and learn those."""


class Params(Section):
    """Budget of the search, size of the models, and how much of what they say is believed."""

    trials: int = Field(ge=1, le=10_000, description="candidates that the search tries")
    keep_share: float = Field(ge=0.01, le=1.0, description="share of the candidates that go on to the next fold")
    folds: int = Field(ge=1, le=20, description="walk-forward folds of the training block")
    fold_share: float = Field(ge=0.01, le=0.45, description="share of the dates that each fold is tested on")
    embargo_dates: int = Field(ge=0, le=100, description="dates dropped before each fold's test dates")
    search_rows: int = Field(ge=1000, le=100_000_000, description="most rows that one evaluation trains on")
    learning_rate: float = Field(ge=0.001, le=1.0, description="what a tree's prediction is multiplied by")
    rounds: int = Field(ge=1, le=20_000, description="most trees of a model")
    round_step: int = Field(ge=1, le=20_000, description="trees between two looks at the loss")
    seeds: int = Field(ge=1, le=100, description="models whose mean is the prediction")
    target_clip_share: float = Field(ge=0.0, le=0.2, description="share of each tail of the target pulled in")
    shrinkage_steps: int = Field(ge=1, le=1000, description="steps of the grid of multipliers")

    @model_validator(mode="after")
    def _leaves_dates_to_train_on(self) -> Self:
        if self.folds * self.fold_share > LARGEST_TESTED_SHARE:
            raise ValueError(
                f"folds x fold_share must be at most {LARGEST_TESTED_SHARE}, as the dates before are trained on, "
                f"got {self.folds} x {self.fold_share}"
            )
        return self


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
    from stages.models.boosted import BoostedAdjuster  # noqa: PLC0415  params are checked without LightGBM

    features = [name for name in feature_names("enhanced") if name not in SHARED_BY_A_DATE]
    return BoostedAdjuster(features=features, **params.model_dump(), seed=seed, n_jobs=n_jobs)
