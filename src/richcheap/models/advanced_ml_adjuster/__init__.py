"""Model ``advanced_ml_adjuster``: a stack of forest, boosted trees, networks and a line on the advanced features."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from richcheap.features.catalogue import FEATURES
from richcheap.models.common import params as common
from richcheap.models.common.base import ModelFacts
from richcheap.models.common.params import SHARED_BY_A_DATE, FoldParams
from richcheap.pipeline.config.fields import param

__all__ = ["FACTS", "Params", "build"]

if TYPE_CHECKING:
    from richcheap.models.advanced_ml_adjuster.estimator import StackedAdjuster

FACTS = ModelFacts(
    kind="a stack of random forest, boosted trees, neural networks and a linear model on the advanced features",
    starts_from="the Kalman filter's price",
    limits=(
        "A wrong filter misleads it: if the filter's standard deviation is far too large, the correction may be, too.",
        "With some thirty dates a fold has four, and the weights of the members stay close to equal ones.",
        "Trees predict means of training targets; networks and the line extrapolate up to the bounds of their inputs.",
        "Few rows without history decide the multiplier of such bonds.",
    ),
)


class Params(FoldParams):
    """Size of the members, how they are weighted and shrunk."""

    member_rows: int = param(200_000, "Rows that a member learns from at most", unit="rows", ge=1000, le=100_000_000)
    seeds: int = common.seeds(3, "Members of each kind")
    forest_trees: int = param(25, "Trees of each forest", ge=1, le=5000)
    forest_leaf_rows: int = param(15, "Fewest training rows in a leaf of a forest", unit="rows", ge=1, le=1_000_000)
    rounds: int = param(120, "Boosted trees", ge=1, le=20_000)
    learning_rate: float = common.learning_rate(0.1, "What the prediction of a boosted tree is multiplied by")
    leaves: int = param(47, "Most leaves of a boosted tree", ge=2, le=1000)
    leaf_rows: int = param(20, "Fewest training rows in a leaf of a boosted tree", unit="rows", ge=1, le=1_000_000)
    hidden: list[Annotated[int, Field(ge=1, le=1000)]] = param(
        [32, 16], "Units of each hidden layer of a network", min_length=1, max_length=5
    )
    network_penalty: float = param(1.0, "Penalty on a network's squared weights", ge=0.0, le=1000.0)
    network_epochs: int = param(15, "Passes of a network over the rows", ge=1, le=10_000)
    network_learning_rate: float = param(0.002, "First step size of a network", ge=1e-5, le=1.0)
    weight_shrinkage: float = param(0.1, "Pull of the kinds' weights towards equal ones", ge=1e-6, le=1000.0)
    target_clip_share: float = common.target_clip_share("target and inputs")
    cold_start_rows: int = common.cold_start_rows(20)


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
        weight_shrinkage=params.weight_shrinkage,
        cold_start_rows=params.cold_start_rows,
        seed=seed,
        n_jobs=n_jobs,
    )
