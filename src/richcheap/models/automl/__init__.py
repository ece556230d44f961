"""Model ``automl``: selection over families, sets of features and spaces of the target."""

from typing import TYPE_CHECKING

from pydantic import Field

from richcheap.features.catalogue import FeatureSet, feature_names
from richcheap.models.common.params import SHARED_BY_A_DATE, FoldParams

if TYPE_CHECKING:
    from richcheap.models.automl.estimator import AutoAdjuster

__all__ = ["Params", "build"]

SETS: tuple[FeatureSet, ...] = ("basic", "enhanced", "advanced")
"""The widest last."""


class Params(FoldParams):
    """Budget of the search, size of the models, and how they are shrunk."""

    trials: int = Field(ge=1, le=10_000, description="candidates that the search tries")
    keep_share: float = Field(ge=0.01, le=1.0, description="share of the candidates that go on to the next fold")
    search_rows: int = Field(ge=1000, le=100_000_000, description="most rows that one evaluation trains on")
    effort: float = Field(ge=0.05, le=100.0, description="what sizes of ensembles and passes are multiplied by")
    finalists: int = Field(ge=1, le=1000, description="best candidates that the model may be a blend of")
    picks: int = Field(ge=1, le=1000, description="most picks for the blend")
    seeds: int = Field(ge=1, le=100, description="models of each member of the blend")
    shrinkage_steps: int = Field(ge=1, le=1000, description="steps of the grid of multipliers")
    cold_start_rows: int = Field(ge=1, le=1_000_000, description="rows without history for a multiplier of their own")


def build(params: Params, seed: int, n_jobs: int) -> "AutoAdjuster":
    """Return the untrained model.

    Parameters
    ----------
    params : Params
    seed : int
        Of the candidates and of what is drawn in training.
    n_jobs : int
        Not used: its independent tasks are shared out by `run`.
    """
    from richcheap.models.automl.estimator import AutoAdjuster  # noqa: PLC0415  params are checked without scikit-learn
    from richcheap.models.common.spread_differences import LEVEL  # noqa: PLC0415

    sets: dict[str, list[str]] = {
        name: [each for each in feature_names(name) if each not in SHARED_BY_A_DATE] for name in SETS
    }
    sets["contrasts"] = [*sets["advanced"], LEVEL]
    return AutoAdjuster(feature_sets=sets, **params.model_dump(), seed=seed, n_jobs=n_jobs)
