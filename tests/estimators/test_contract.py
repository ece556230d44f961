"""scikit-learn's own checks of every public estimator; what one cannot pass is named, with the reason."""

from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from richcheap.estimators import (
    AutoMLSpreadRegressor,
    BayesianBoostingSpreadRegressor,
    BoostingSpreadRegressor,
    MarketFactors,
    MarketRegimes,
    RandomForestSpreadRegressor,
    RidgeSpreadRegressor,
    SpreadRegressor,
    StackingSpreadRegressor,
)

TREES = {"leaf_rows": 2}
SEARCH = {"folds": 1, "fold_share": 0.3, "seeds": 1, "validation_fraction": 0.1}
ESTIMATORS = (
    RidgeSpreadRegressor(),
    RandomForestSpreadRegressor(trees=20, feature_share=1.0, row_share=0.9, leaf_rows=1, validation_fraction=0.1),
    BoostingSpreadRegressor(**SEARCH, trials=6, rounds=40, learning_rate=0.3),
    StackingSpreadRegressor(
        **SEARCH, **TREES, forest_trees=5, forest_leaf_rows=2, rounds=20, hidden=(8,), network_epochs=5
    ),
    AutoMLSpreadRegressor(**SEARCH, trials=4, budget_multiplier=0.1),
    BayesianBoostingSpreadRegressor(
        **SEARCH, trials=6, batch=6, rounds=40, max_learning_rate=1.0, min_learning_rate=0.3
    ),
    MarketFactors(),
    MarketRegimes(n_init=1),
)

WEIGHTS = (
    "a row of weight 2 is one row of one date where two equal rows are two: in quantiles, in the rows that a leaf must "
    "hold, and in the order of dates"
)
EXPECTED = {"check_sample_weight_equivalence_on_dense_data": WEIGHTS}


def expected(estimator: Any) -> dict[str, str]:
    """Return the checks that an estimator cannot pass, and why."""
    return EXPECTED if isinstance(estimator, SpreadRegressor) else {}


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected)
def test_scikit_learn_finds_its_contract_kept(estimator, check):
    check(estimator)
