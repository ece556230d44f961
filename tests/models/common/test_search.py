"""Successive halving: who goes on, who wins, and that neither order of work nor budget has a say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from richcheap.models.common.search import halving_search
from richcheap.pipeline.execution.map_tasks import map_here

CURVES = st.lists(st.lists(st.integers(0, 5), min_size=9, max_size=9), min_size=1, max_size=12)


class TableFold:
    """A fold whose losses stand in a table, and which remembers what it was asked."""

    def __init__(self, losses):
        self.losses = np.array(losses, dtype=float)
        self.asked = []

    def __call__(self, candidate):
        self.asked.append(candidate)
        return self.losses[candidate]


def test_the_best_of_a_fold_go_on_to_the_next_and_the_mean_decides():
    folds = [
        TableFold([[5.0, 4.0], [3.0, 9.0], [2.0, 2.0], [9.0, 1.0], [8.0, 8.0]]),
        TableFold([[0.0, 0.0], [1.0, 1.0], [4.0, 4.0], [9.0, 4.0], [0.0, 0.0]]),
        TableFold([[0.0, 0.0], [3.0, 1.0], [1.0, 1.0], [0.0, 4.0], [0.0, 0.0]]),
    ]
    found = halving_search(range(5), folds, 0.5, map_here)
    assert [fold.asked for fold in folds] == [[0, 1, 2, 3, 4], [1, 2, 3], [1, 3]]
    assert (found.number, found.length) == (1, 0)
    assert [trial.folds for trial in found.trials] == [1, 3, 2, 3, 1]
    assert found.trials[1].losses == pytest.approx((7.0 / 3.0, 11.0 / 3.0))


def test_of_two_equal_candidates_the_first_wins_and_of_two_equal_lengths_the_shorter():
    fold = TableFold([[3.0, 3.0], [2.0, 2.0], [2.0, 2.0]])
    found = halving_search([0, 1, 2], [fold], 0.5, map_here)
    assert (found.number, found.length) == (1, 0)


def test_one_candidate_is_tried_on_every_fold():
    folds = [TableFold([[2.0, 1.0]]), TableFold([[5.0, 4.0]])]
    found = halving_search([0], folds, 0.1, map_here)
    assert (found.number, found.length, found.trials[0].losses) == (0, 1, (3.5, 2.5))


def test_each_fold_is_announced():
    said = []

    def run(function, tasks, *, desc, unit):
        said.append((desc, unit, len(tasks)))
        return map(function, tasks)

    halving_search(range(4), [TableFold([[1.0]] * 4), TableFold([[1.0]] * 4)], 0.5, run)
    assert said == [("search, fold 1 of 2", "trial", 4), ("search, fold 2 of 2", "trial", 2)]


@given(CURVES, st.floats(0.05, 1.0))
def test_the_winner_is_the_best_of_those_tried_on_all_folds(curves, keep_share):
    table = np.array(curves, dtype=float).reshape(-1, 3, 3)
    folds = [TableFold(table[:, fold]) for fold in range(3)]
    found = halving_search(range(len(table)), folds, keep_share, map_here)
    finalists = [number for number, trial in enumerate(found.trials) if trial.folds == 3]
    totals = table.sum(axis=1)
    assert found.number == min(finalists, key=lambda number: (totals[number].min(), number))
    assert found.length == totals[found.number].argmin()


@given(CURVES, st.floats(0.05, 1.0))
def test_the_order_in_which_work_is_done_has_no_say(curves, keep_share):
    def backwards(function, tasks, *, desc, unit):
        results = [function(task) for task in reversed(tasks)]
        return results[::-1]

    table = np.array(curves, dtype=float).reshape(-1, 3, 3)
    folds = [TableFold(table[:, fold]) for fold in range(3)]
    forwards = halving_search(range(len(table)), folds, keep_share, map_here)
    assert halving_search(range(len(table)), folds, keep_share, backwards) == forwards
