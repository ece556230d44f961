"""The models of prices as regressors: the pipeline's own estimators, in scikit-learn's tools."""

import inspect
from typing import Any

import numpy as np
import polars as pl
import pytest
import sklearn
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from richcheap.estimators import (
    AutoMLSpreadRegressor,
    BayesianBoostingSpreadRegressor,
    BoostingSpreadRegressor,
    RandomForestSpreadRegressor,
    RidgeSpreadRegressor,
    SpreadRegressor,
    StackingSpreadRegressor,
    WalkForward,
)
from richcheap.models.common.base import model_module
from richcheap.models.registry import MODELS
from richcheap.models.ridge import RidgeBaseline
from richcheap.pipeline.execution.map_tasks import map_here
from tests.models.datasets import stored

FOREST = {"trees": 8, "leaf_rows": 5}
SMALL: dict[type[SpreadRegressor], dict[str, Any]] = {
    RandomForestSpreadRegressor: FOREST,
    BoostingSpreadRegressor: {"trials": 2, "folds": 1, "rounds": 30, "seeds": 2},
    StackingSpreadRegressor: {"folds": 1, "seeds": 1, "forest_trees": 3, "rounds": 10, "network_epochs": 2},
    AutoMLSpreadRegressor: {"trials": 4, "folds": 1, "seeds": 1, "budget_multiplier": 0.1},
    BayesianBoostingSpreadRegressor: {"trials": 2, "batch": 2, "folds": 1, "rounds": 30, "seeds": 1},
}


@pytest.fixture(scope="module")
def rows(train, validation):
    """Return rows of the dataset."""
    return pl.concat([train, validation])


def small(kind, **given):
    return kind(**SMALL[kind], **given)


def plain_rows(count=300, seed=0):
    """Return a matrix without names, a target that its first column explains, and a date for three rows each."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(count, 3))
    return X, 3.0 * X[:, 0] + rng.normal(scale=0.1, size=count), np.arange(count) // 3


def test_there_is_one_for_each_model():
    assert {kind._model for kind in SMALL} == set(MODELS)


@pytest.mark.parametrize("kind", SMALL)
def test_it_learns_what_the_pipeline_learns_to_the_last_bit(rows, kind):
    module = model_module(kind._model)
    given = {name: value if name != "hidden" else list(value) for name, value in SMALL[kind].items()}
    model = module.build(module.Params(**given), 7, 1)
    dates = rows["date"].n_unique()
    ((train, validation),) = WalkForward(folds=1, test_dates=round(0.2 * dates), embargo_dates=1).split(rows)
    model.fit(rows[train], rows[validation], map_here)
    names = [*dict.fromkeys([*model.features, "dv01"])]
    found = small(kind, random_state=7).fit(rows.select(names), rows["target_bp"], dates=rows["date"])
    assert stored(found.model_) == stored(model)
    np.testing.assert_array_equal(found.predict(rows.select(names)), model.predict(rows))
    assert found.feature_names_in_.tolist() == names


def test_the_linear_baseline_is_that_of_the_pipeline(rows):
    names = ["f_reversion", "f_noise", "f_years_to_maturity"]
    X = rows.select(*names, "dv01").to_pandas()
    found = RidgeSpreadRegressor().fit(X, rows["target_bp"])
    baseline = RidgeBaseline(rows, names, found.penalty, found.clip_share)
    np.testing.assert_array_equal(found.predict(X), baseline.predict(rows))


def test_rows_of_later_dates_only_choose_how_far_it_is_shrunk():
    X, y, dates = plain_rows()
    late = dates >= 80
    assert small(RandomForestSpreadRegressor).fit(X, y, dates=dates).model_.multiplier_ > 0.8
    opposite = small(RandomForestSpreadRegressor).fit(X, np.where(late, -y, y), dates=dates)
    assert opposite.model_.multiplier_ == 0.0
    order = np.random.default_rng(1).permutation(len(X))
    shuffled = small(RandomForestSpreadRegressor).fit(X[order], np.where(late, -y, y)[order], dates=dates[order])
    assert shuffled.model_.multiplier_ == 0.0


def test_it_is_judged_forward_in_time_by_scikit_learns_own_tools():
    X, y, dates = plain_rows()
    splits = WalkForward(folds=3, test_dates=15, embargo_dates=1)
    forest = make_pipeline(StandardScaler(), small(RandomForestSpreadRegressor))
    given = {"groups": dates, "params": {"randomforestspreadregressor__dates": dates}}
    scores = cross_val_score(forest, X, y, cv=splits, **given)
    assert scores.min() > 0.6
    search = GridSearchCV(small(RandomForestSpreadRegressor), {"leaf_rows": [5, 100]}, cv=splits)
    search.fit(X, y, groups=dates, dates=dates)
    assert search.best_params_ == {"leaf_rows": 5}


def test_metadata_are_routed_to_fit_and_splits():
    X, y, dates = plain_rows()
    with sklearn.config_context(enable_metadata_routing=True):
        forest = small(RandomForestSpreadRegressor).set_fit_request(dates=True, sample_weight=True)
        forest = forest.set_score_request(sample_weight=True)
        params = {"dates": dates, "groups": dates, "sample_weight": np.ones(len(X))}
        scores = cross_val_score(forest, X, y, cv=WalkForward(folds=2, test_dates=15), params=params)
    assert scores.min() > 0.6


def test_a_row_of_weight_0_is_left_out():
    X, y, dates = plain_rows()
    weight = np.where(dates % 7 == 0, 0.0, 1.0)
    kept = weight > 0.0
    first = small(RandomForestSpreadRegressor).fit(X, np.where(kept, y, 1e6), weight, dates)
    second = small(RandomForestSpreadRegressor).fit(X[kept], y[kept], dates=dates[kept])
    np.testing.assert_array_equal(first.predict(X), second.predict(X))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"leaf_rows": 0}, r"^leaf_rows of RandomForestSpreadRegressor must be greater than or equal to 1, got 0$"),
        ({"trees": "many", "row_share": 2.0}, r"^trees of \w+ must be a valid integer, got 'many'; row_share of "),
        ({"validation_fraction": 1.0}, r"^validation_fraction of \w+ must be between 0 and 1, got 1.0$"),
    ],
)
def test_a_parameter_out_of_its_range_is_told_when_it_is_used(given, message):
    X, y, _ = plain_rows()
    with pytest.raises(ValueError, match=message):
        RandomForestSpreadRegressor(**given).fit(X, y)


@pytest.mark.parametrize(
    ("columns", "kind", "message"),
    [
        (["date"], RandomForestSpreadRegressor, r"^X must hold features alone, got date; give dates and y apart$"),
        (["base_spread"], StackingSpreadRegressor, r"^X: expected beside base_spread the columns .* f_all_level, "),
    ],
)
def test_columns_that_mean_something_else_are_told(columns, kind, message):
    X, y, _ = plain_rows()
    frame = pl.DataFrame(np.abs(X[:, : len(columns)]), schema=columns)
    with pytest.raises(ValueError, match=message):
        small(kind).fit(frame, y)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"sample_weight": np.full(300, -1.0)}, r"^sample_weight must be 0 or above, and above 0 in some row$"),
        ({"sample_weight": np.zeros(300)}, r"above 0 in some row|at least one non-zero"),
        ({"dates": np.zeros(300)}, r"^1 dates are too few: 1 folds of 1 test dates with 1 dropped before them need 3$"),
        ({"dates": [1, 2]}, r"inconsistent numbers of samples"),
        ({"dates": [None] * 300}, r"^dates must be known for every row, missing in 300 of 300$"),
    ],
)
def test_weights_and_dates_that_say_nothing_are_told(given, message):
    X, y, _ = plain_rows()
    with pytest.raises(ValueError, match=message):
        RandomForestSpreadRegressor().fit(X, y, **given)


@pytest.mark.parametrize("kind", SMALL)
def test_its_parameters_are_those_of_the_section_and_stand_in_its_docstring(kind):
    section = model_module(kind._model).Params
    names = list(inspect.signature(kind).parameters)
    assert names[: len(section.model_fields)] == list(section.model_fields)
    assert all(f"\n{name} : " in str(inspect.getdoc(kind)) for name in names)
    with pytest.raises(TypeError, match="unexpected keyword argument 'tree'"):
        kind(tree=5)
