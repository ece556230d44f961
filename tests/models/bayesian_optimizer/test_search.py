"""The Bayesian search: who is pruned, that a larger budget continues it, and that workers do not affect it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.distributions import FloatDistribution

from richcheap.models.bayesian_optimizer.search import Budget, bayesian_search, ranking
from richcheap.models.common.search import Trial
from richcheap.pipeline.execution.map_tasks import map_here

SPACE = {"x": FloatDistribution(-5.0, 5.0)}


def valley(shift):
    """Return a fold whose loss is least at `shift`, with two lengths of training."""
    return lambda x: np.array([1.0 + abs(x - shift), 1.2 + abs(x - shift)])


def search(trials, folds=None, batch=4, keep_share=0.5, run=map_here):
    """Search the valley."""
    folds = folds or [valley(1.0), valley(1.4)]
    budget = Budget(trials, batch, keep_share)
    return bayesian_search(SPACE, {"x": 4.0}, lambda values: values["x"], folds, budget, 7, run)


def test_it_finds_the_valley_and_its_first_trial_is_the_given_one():
    found = search(40)
    assert found.trials[0].candidate == 4.0
    assert 0.9 < found.trials[found.number].candidate < 1.5
    assert found.length == 0
    others = [trial.candidate for trial in found.trials[4:20]]
    assert np.median(np.abs(np.array(others) - 1.2)) < 1.5


@pytest.mark.parametrize("trials", [3, 4, 6, 11])
def test_a_larger_budget_begins_with_the_same_trials(trials):
    assert search(14).trials[:trials] == search(trials).trials


def test_the_order_in_which_work_is_done_has_no_say():
    def backwards(function, tasks, *, desc, unit):
        results = [function(task) for task in reversed(tasks)]
        return results[::-1]

    assert search(12, run=backwards) == search(12)


def test_a_trial_is_pruned_when_it_is_worse_than_the_quantile_of_the_batches_before():
    """Golden: each loss is given by its position; the first batch is tried on every fold whatever its losses."""
    first = iter([1.0, 2.0, 3.0, 4.0, 2.5, 2.6, 0.5, 9.0])
    second = iter([1.0, 2.0, 3.0, 4.0, 5.0, 0.0])
    asked: list[list[float]] = [[], []]

    def fold(number, losses):
        def loss(x):
            asked[number].append(x)
            return np.array([next(losses)])

        return loss

    found = search(8, [fold(0, first), fold(1, second)])
    assert [trial.folds for trial in found.trials] == [2, 2, 2, 2, 2, 1, 2, 1]  # the median of 1, 2, 3, 4 is 2.5
    assert [len(tasks) for tasks in asked] == [8, 6]
    assert found.trials[4].losses == pytest.approx((3.75,))
    assert found.number == 6


def test_each_batch_and_fold_is_announced():
    said = []

    def run(function, tasks, *, desc, unit):
        said.append((desc, unit, len(tasks)))
        return map(function, tasks)

    search(5, keep_share=1.0, run=run)
    assert said[:3] == [
        ("search, trials from 1, fold 1 of 2", "trial", 4),
        ("search, trials from 1, fold 2 of 2", "trial", 4),
        ("search, trials from 5, fold 1 of 2", "trial", 1),
    ]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 4)), min_size=1, max_size=12))
def test_the_ranking_holds_those_tried_on_every_fold_from_the_best_on(table):
    trials = [Trial(number, (float(loss), 9.0), folds) for number, (folds, loss) in enumerate(table)]
    order = ranking(trials)
    most = max(folds for folds, _ in table)
    assert sorted(order) == [number for number, (folds, _) in enumerate(table) if folds == most]
    assert [(table[n][1], n) for n in order] == sorted((table[n][1], n) for n in order)
