"""Model ``enhanced_ml_adjuster``: gradient boosting on the enhanced features, its hyper-parameters from a search."""

from typing import TYPE_CHECKING

from richcheap.features.catalogue import feature_names
from richcheap.models.common import params as common
from richcheap.models.common.base import ModelFacts
from richcheap.models.common.params import SHARED_BY_A_DATE, FoldParams
from richcheap.pipeline.config.fields import param

__all__ = ["FACTS", "Params", "build"]

if TYPE_CHECKING:
    from richcheap.models.enhanced_ml_adjuster.estimator import BoostedAdjuster

FACTS = ModelFacts(
    kind="boosted trees on the enhanced features, their hyper-parameters by successive halving",
    starts_from="the bond's own last spread, moved with curve and peers; without history the matrix spread",
    limits=(
        "With few dates the folds hold few regimes, and candidates differ less than one does from fold to fold.",
        "Trees predict means of training targets: a new regime gets the nearest old one.",
        "If the noise of a print is overestimated tenfold, its correction may be ten times too large.",
        "One multiplier shrinks all corrections: too large when later dates are wilder than the validation block.",
    ),
)


class Params(FoldParams):
    """Budget of the search, size of the models, and how they are shrunk."""

    trials: int = common.trials(12)
    keep_share: float = common.keep_share(0.4)
    search_rows: int = common.search_rows(100_000)
    learning_rate: float = common.learning_rate(0.05)
    rounds: int = param(400, "Trees of a model at most; the search finds how many", ge=1, le=20_000)
    round_step: int = param(25, "Trees between two looks at the loss", ge=1, le=20_000)
    seeds: int = common.seeds(4, "Models")
    target_clip_share: float = common.target_clip_share()


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
