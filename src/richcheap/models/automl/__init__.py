"""Model ``automl``: selection over families, sets of features and spaces of the target."""

from typing import TYPE_CHECKING

from richcheap.features.catalogue import FeatureSet, feature_names
from richcheap.models.common import params as common
from richcheap.models.common.base import ModelFacts
from richcheap.models.common.params import SHARED_BY_A_DATE, FoldParams
from richcheap.pipeline.config.fields import param

__all__ = ["FACTS", "Params", "build"]

if TYPE_CHECKING:
    from richcheap.models.automl.estimator import AutoAdjuster

SETS: tuple[FeatureSet, ...] = ("basic", "enhanced", "advanced")
"""The widest last."""

FACTS = ModelFacts(
    kind="the best, or a blend of the best, of model families, feature sets and spaces of the target",
    starts_from="by the search's choice for each member: Kalman price or the bond's own last spread",
    limits=(
        "With few dates candidates differ less than one does from fold to fold.",
        "With a small budget, halving judges most candidates on the latest fold alone.",
        "The space points is first-order: a bond that jumps by hundreds of bp gets too high a spread.",
        "Few rows without history share the multiplier of all others.",
    ),
)


class Params(FoldParams):
    """Budget of the search, size of the models, and how they are shrunk."""

    trials: int = common.trials(12)
    keep_share: float = common.keep_share(0.4)
    search_rows: int = common.search_rows(30_000)
    budget_multiplier: float = param(
        1.0, "What the sizes of ensembles and the passes of networks are multiplied by", ge=0.05, le=100.0
    )
    finalists: int = param(6, "Best candidates that the model may be a blend of", ge=1, le=1000)
    ensemble_size: int = param(10, "Most picks for the blend", ge=1, le=1000)
    seeds: int = common.seeds(3, "Models of each member of the blend")
    cold_start_rows: int = common.cold_start_rows(30)


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
