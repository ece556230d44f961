"""Model ``ml_adjuster``: a random forest on the basic features, the simplest model that should work."""

from typing import TYPE_CHECKING

from richcheap.features.catalogue import feature_names
from richcheap.models.common import params as common
from richcheap.models.common.base import ModelFacts
from richcheap.pipeline.config.fields import Section, param

__all__ = ["FACTS", "Params", "build"]

if TYPE_CHECKING:
    from richcheap.models.ml_adjuster.estimator import ForestAdjuster

FACTS = ModelFacts(
    kind="a random forest on the basic features",
    starts_from="the bond's own last spread, moved with curve and peers; without history the matrix spread",
    limits=(
        "Trees predict means of training targets: in a crisis that training has not seen it moves too little.",
        "With few rows, fewer than twice leaf_rows for a tree, every bond gets the same correction.",
        "One multiplier shrinks all corrections: too large when later dates are wilder than the validation block.",
    ),
)


class Params(Section):
    """Size of the forest, and how it is shrunk."""

    trees: int = param(200, "Trees of the forest", user=True, ge=1, le=5000)
    leaf_rows: int = param(20, "Fewest training rows in a leaf", unit="rows", ge=1, le=1_000_000)
    feature_share: float = param(0.4, "Features tried at each split", unit="share of all", ge=0.01, le=1.0)
    # LightGBM grows no forest whose trees all see all rows.
    row_share: float = param(0.5, "Rows drawn for each tree", unit="share of all", ge=0.01, le=0.99)
    target_clip_share: float = common.target_clip_share()


def build(params: Params, seed: int, n_jobs: int) -> "ForestAdjuster":
    """Return the untrained model.

    Parameters
    ----------
    params : Params
    seed : int
        Of the draws of rows and features.
    n_jobs : int
        Cores that predict; changes no result.
    """
    from richcheap.models.ml_adjuster.estimator import ForestAdjuster  # noqa: PLC0415  params are checked without LightGBM

    return ForestAdjuster(features=feature_names("basic"), **params.model_dump(), seed=seed, n_jobs=n_jobs)
