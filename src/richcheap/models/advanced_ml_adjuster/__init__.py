"""Model ``advanced_ml_adjuster``: a stack of forest, boosted trees, networks and a line on the advanced features."""

from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from richcheap.features.catalogue import FEATURES
from richcheap.models.common.params import SHARED_BY_A_DATE, FoldParams

if TYPE_CHECKING:
    from richcheap.models.advanced_ml_adjuster.estimator import StackedAdjuster

__all__ = ["Params", "build"]

MOST_UNITS = 1000


class Params(FoldParams):
    """Size of the members, how they are weighted and shrunk."""

    member_rows: int = Field(ge=1000, le=100_000_000, description="most rows that a member learns from")
    seeds: int = Field(ge=1, le=100, description="members of each kind, whose mean counts")
    forest_trees: int = Field(ge=1, le=5000, description="trees of each forest")
    forest_leaf_rows: int = Field(ge=1, le=1_000_000, description="fewest training rows in a leaf of a forest")
    rounds: int = Field(ge=1, le=20_000, description="boosted trees")
    learning_rate: float = Field(ge=0.001, le=1.0, description="what a boosted tree's prediction is multiplied by")
    leaves: int = Field(ge=2, le=1000, description="most leaves of a boosted tree")
    leaf_rows: int = Field(ge=1, le=1_000_000, description="fewest training rows in a leaf of a boosted tree")
    hidden: list[int] = Field(min_length=1, max_length=5, description="units of each hidden layer of a network")
    network_penalty: float = Field(ge=0.0, le=1000.0, description="penalty on a network's squared weights")
    network_epochs: int = Field(ge=1, le=10_000, description="passes of a network over the rows")
    network_learning_rate: float = Field(ge=1e-5, le=1.0, description="first step size of a network")
    pull: float = Field(ge=1e-6, le=1000.0, description="pull of the kinds' weights towards equal ones")
    target_clip_share: float = Field(ge=0.0, le=0.2, description="share of each tail of target and inputs pulled in")
    shrinkage_steps: int = Field(ge=1, le=1000, description="steps of the grid of multipliers")
    cold_start_rows: int = Field(ge=1, le=1_000_000, description="rows without history for a multiplier of their own")

    @model_validator(mode="after")
    def _layers_have_units(self) -> Self:
        if not all(1 <= units <= MOST_UNITS for units in self.hidden):
            raise ValueError(f"each of hidden must be between 1 and {MOST_UNITS}, got {self.hidden}")
        return self


def build(params: Params, seed: int, n_jobs: int) -> "StackedAdjuster":
    """Return the untrained model.

    Parameters
    ----------
    params : Params
    seed : int
        Of the members.
    n_jobs : int
        Cores that predict; changes no result.
    """
    from richcheap.models.advanced_ml_adjuster.base_learners import Sizes  # noqa: PLC0415
    from richcheap.models.advanced_ml_adjuster.estimator import StackedAdjuster  # noqa: PLC0415
    from richcheap.models.common.lightgbm import DEFAULT_TREES  # noqa: PLC0415  params are checked without LightGBM
    from richcheap.models.common.spread_differences import LEVEL  # noqa: PLC0415
    from richcheap.models.common.target_space import KALMAN  # noqa: PLC0415

    return StackedAdjuster(
        features=[*(feature.name for feature in FEATURES if feature.name not in SHARED_BY_A_DATE), LEVEL],
        sizes=Sizes(
            forest_trees=params.forest_trees,
            forest_leaf_rows=params.forest_leaf_rows,
            rounds=params.rounds,
            learning_rate=params.learning_rate,
            trees=DEFAULT_TREES._replace(leaves=params.leaves, leaf_rows=params.leaf_rows),
            hidden=tuple(params.hidden),
            network_penalty=params.network_penalty,
            network_epochs=params.network_epochs,
            network_learning_rate=params.network_learning_rate,
            clip_share=params.target_clip_share,
        ),
        anchor=KALMAN,
        folds=params.folds,
        fold_share=params.fold_share,
        embargo_dates=params.embargo_dates,
        member_rows=params.member_rows,
        seeds=params.seeds,
        pull=params.pull,
        shrinkage_steps=params.shrinkage_steps,
        cold_start_rows=params.cold_start_rows,
        seed=seed,
        n_jobs=n_jobs,
    )
