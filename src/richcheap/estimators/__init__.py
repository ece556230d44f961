"""The models as estimators of scikit-learn: matrices in, arrays out, for its own tools and pipelines.

What they learn with lies in `models`, `factors` and `regimes`; nothing here learns anything by itself.
"""

from richcheap.estimators.factors import MarketFactors
from richcheap.estimators.prices import (
    AutoMLSpreadRegressor,
    BayesianBoostingSpreadRegressor,
    BoostingSpreadRegressor,
    RandomForestSpreadRegressor,
    RidgeSpreadRegressor,
    SpreadRegressor,
    StackingSpreadRegressor,
)
from richcheap.estimators.regimes import MarketRegimes
from richcheap.models.common.splitter import WalkForward

__all__ = [
    "AutoMLSpreadRegressor",
    "BayesianBoostingSpreadRegressor",
    "BoostingSpreadRegressor",
    "MarketFactors",
    "MarketRegimes",
    "RandomForestSpreadRegressor",
    "RidgeSpreadRegressor",
    "SpreadRegressor",
    "StackingSpreadRegressor",
    "WalkForward",
]
