"""Model ``automl``: selection over families, sets of features and spaces of the target."""

from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from stages.models.enhanced_ml_adjuster import LARGEST_TESTED_SHARE, SHARED_BY_A_DATE
from stages.pipeline.params import Section
from stages.spreads.feature_table import FeatureSet, feature_names

if TYPE_CHECKING:
    from stages.models.automl_model import AutoAdjuster

SETS: tuple[FeatureSet, ...] = ("basic", "enhanced", "advanced")
"""The widest last."""


class Params(Section):
    """Budget of the search, size of the models, and how much of what they say is believed."""

    trials: int = Field(ge=1, le=10_000, description="candidates that the search tries")
    keep_share: float = Field(ge=0.01, le=1.0, description="share of the candidates that go on to the next fold")
    folds: int = Field(ge=1, le=20, description="walk-forward folds of the training block")
    fold_share: float = Field(ge=0.01, le=0.45, description="share of the dates that each fold is tested on")
    embargo_dates: int = Field(ge=0, le=100, description="dates dropped before each fold's test dates")
    search_rows: int = Field(ge=1000, le=100_000_000, description="most rows that one evaluation trains on")
    effort: float = Field(ge=0.05, le=100.0, description="what sizes of ensembles and passes are multiplied by")
    finalists: int = Field(ge=1, le=1000, description="best candidates that the model may be a blend of")
    picks: int = Field(ge=1, le=1000, description="most picks for the blend")
    seeds: int = Field(ge=1, le=100, description="models of each member of the blend")
    shrinkage_steps: int = Field(ge=1, le=1000, description="steps of the grid of multipliers")
    cold_start_rows: int = Field(ge=1, le=1_000_000, description="rows without history for a multiplier of their own")

    @model_validator(mode="after")
    def _leaves_dates_to_train_on(self) -> Self:
        if self.folds * self.fold_share > LARGEST_TESTED_SHARE:
            raise ValueError(
                f"folds x fold_share must be at most {LARGEST_TESTED_SHARE}, as the dates before are trained on, "
                f"got {self.folds} x {self.fold_share}"
            )
        return self


def build(params: Params, seed: int, n_jobs: int) -> "AutoAdjuster":
    """Return the untrained model.

    Parameters
    ----------
    params : Params
    seed : int
        Of the candidates and of what is drawn in training.
    n_jobs : int
        Not used: its work is shared out as independent pieces.
    """
    from stages.models.automl_model import AutoAdjuster  # noqa: PLC0415  params are checked without scikit-learn
    from stages.models.contrasts import LEVEL  # noqa: PLC0415

    sets: dict[str, list[str]] = {
        name: [each for each in feature_names(name) if each not in SHARED_BY_A_DATE] for name in SETS
    }
    sets["contrasts"] = [*sets["advanced"], LEVEL]
    return AutoAdjuster(feature_sets=sets, **params.model_dump(), seed=seed, n_jobs=n_jobs)
