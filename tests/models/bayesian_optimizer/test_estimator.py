"""The model as params.yaml describes it, and that its bytes depend on nothing else."""

import pickle
from typing import Any

import numpy as np
import polars as pl
import pytest
from pydantic import ValidationError

from richcheap.features.catalogue import feature_names
from richcheap.models.bayesian_optimizer import Params, build
from richcheap.models.bayesian_optimizer.trees import (
    NO_DECAY,
    SearchBudget,
    anchored_samples,
    hyperparameters,
    near_best,
)
from richcheap.models.common.base import DatasetError
from richcheap.models.common.lightgbm import DEFAULT_TREES
from richcheap.models.common.search import Trial
from richcheap.models.common.shrinkage import SHRINKAGE_STEPS
from richcheap.models.common.spread_differences import LEVEL
from tests.models.bayesian_optimizer.small import small as bayesian
from tests.models.datasets import stored

VALUES: dict[str, Any] = {
    "trials": 5,
    "batch": 2,
    "keep_share": 0.5,
    "folds": 2,
    "fold_share": 0.2,
    "embargo_dates": 1,
    "search_rows": 5000,
    "min_learning_rate": 0.1,
    "max_learning_rate": 0.2,
    "rounds": 40,
    "evaluation_points": 4,
    "blend": 2,
    "seeds": 2,
    "target_clip_share": 0.01,
    "cold_start_rows": 30,
}


def test_it_learns_with_the_given_params_from_the_advanced_features():
    model = build(Params(**VALUES), seed=11, n_jobs=2)
    constant = {"shrinkage_steps": SHRINKAGE_STEPS, "seed": 11, "n_jobs": 2}
    assert model.get_params() == {**VALUES, **constant, "features": model.features}
    assert {"f_kalman_gap", LEVEL} < set(model.features)
    assert "f_curve_level" not in model.features


@pytest.mark.parametrize("key", sorted(VALUES))
def test_a_param_out_of_range_is_refused(key):
    with pytest.raises(ValidationError, match=key):
        Params(**{**VALUES, key: -1})


def test_learning_rates_in_the_wrong_order_and_folds_without_training_dates_are_refused():
    with pytest.raises(
        ValidationError, match=r"min_learning_rate must be at most max_learning_rate, got 0\.3 and 0\.2"
    ):
        Params(**{**VALUES, "min_learning_rate": 0.3})
    with pytest.raises(ValidationError, match=r"folds x fold_share must be at most 0\.9.*, got 4 x 0\.25"):
        Params(**{**VALUES, "folds": 4, "fold_share": 0.25})


def test_neither_workers_nor_the_order_of_work_change_one_byte(train, validation):
    def elsewhere(function, tasks, *, desc, unit):
        function = pickle.loads(pickle.dumps(function))
        results = [pickle.loads(pickle.dumps(function(task))) for task in reversed(pickle.loads(pickle.dumps(tasks)))]
        return results[::-1]

    fitted = bayesian().fit(train, validation)
    model = bayesian(n_jobs=3).fit(train, validation, elsewhere).set_params(n_jobs=1)
    assert stored(model) == stored(fitted)


def test_a_larger_budget_asks_for_the_finished_evaluations_again_and_for_more(train, validation):
    kept: list[list[object]] = []

    def run(function, tasks, *, desc, unit):
        if desc.startswith("search"):
            kept[-1].extend(tasks)
        return map(function, tasks)

    for trials in (2, 4):
        kept.append([])
        bayesian(trials=trials, rounds=10).fit(train, validation, run)
    assert kept[1][: len(kept[0])] == kept[0]
    assert len(kept[1]) > len(kept[0])


def test_it_starts_from_the_kalman_price_where_that_is_better(train, validation):
    truth = pl.col("target_bp").alias("f_kalman_gap")
    learned, kept = train.with_columns(truth), validation.with_columns(truth)
    features = [*feature_names("advanced"), LEVEL]
    model = bayesian(features=features, trials=2, blend=1).fit(learned, kept)
    assert {choice.candidate.anchor for choice in model.chosen_} == {"kalman"}
    np.testing.assert_allclose(model.predict(kept), validation["target_bp"], atol=1e-9)


def test_an_older_row_weighs_half_for_each_half_life(train):
    seen = anchored_samples(train, [*feature_names("enhanced"), LEVEL], ["own_last"])
    whole = seen.samples["own_last"].dv01
    assert (seen.age.min(), seen.age.max()) == (0.0, pytest.approx(1.0, abs=0.05))
    half = seen.decayed("own_last", 0.25).dv01
    np.testing.assert_allclose(half / whole, 0.5 ** (seen.age / 0.25))
    assert seen.decayed("own_last", NO_DECAY).dv01 is whole


def test_the_first_trial_is_a_plain_one_within_the_bounds():
    budget = SearchBudget(0.1, 0.2, 40, 4, 0.0)
    first = hyperparameters(budget.first(["kalman", "own_last"]))
    assert (first.trees, first.learning_rate, first.half_life, first.anchor) == (DEFAULT_TREES, 0.1, NO_DECAY, "kalman")
    space = budget.space(["kalman", "own_last"])
    for name, value in budget.first(["kalman", "own_last"]).items():
        assert space[name]._contains(space[name].to_internal_repr(value))


def test_of_candidates_near_the_best_each_anchor_gives_its_own_in_turn():
    budget = SearchBudget(0.1, 0.2, 40, 4, 0.0)
    plain = hyperparameters(budget.first(["kalman", "own_last"]))
    table = [("kalman", 0.800), ("kalman", 0.802), ("kalman", 0.801), ("own_last", 0.807), ("own_last", 0.809)]
    trials = [Trial(plain._replace(anchor=anchor), (loss, 0.9), 3) for anchor, loss in table]
    assert near_best(trials, 2) == [0, 3]
    assert near_best(trials, 3) == [0, 2, 3]
    assert near_best(trials, 9) == [0, 2, 1, 3]
    assert near_best([*trials, Trial(plain, (0.1,), 1)], 1) == [0]


def test_too_few_dates_for_the_folds_are_refused(train, validation):
    few = train.filter(pl.col("date") <= train["date"].unique().sort()[3])
    with pytest.raises(DatasetError, match=r"^the training block cannot be divided .*: 4 dates are too few"):
        bayesian(folds=3, embargo_dates=2).fit(few, validation)
