"""LightGBM as all models call it."""

from typing import Any

import numpy as np
import pytest

from richcheap.models.common.trees import contributions_of_trees, grow, grow_forest, staged, sum_of_trees

PARAMS = {"objective": "regression", "num_leaves": 7, "min_data_in_leaf": 10, "learning_rate": 0.2}


def grown(rows):
    matrix, target, weight = rows
    return grow(matrix, target, weight, rounds=30, seed=3, params=PARAMS)


@pytest.fixture(scope="module")
def rows():
    matrix = np.random.default_rng(1).normal(size=(400, 3)).astype(np.float32)
    return matrix, matrix[:, 0].astype(np.float64), np.ones(400)


@pytest.fixture(scope="module")
def model(rows):
    return grown(rows)


def test_the_same_seed_gives_the_same_text_and_the_target_is_learned(rows, model):
    assert grown(rows) == model
    assert np.corrcoef(sum_of_trees(model, rows[0]), rows[1])[0, 1] > 0.95


def test_threads_change_no_bit(rows, model):
    np.testing.assert_array_equal(sum_of_trees(model, rows[0], threads=1), sum_of_trees(model, rows[0], threads=2))


@pytest.mark.parametrize("kind", ["boosting", "forest"])
def test_contributions_of_columns_add_up_to_the_trees_and_belong_to_what_was_learned(rows, model, kind):
    trees = (
        model
        if kind == "boosting"
        else grow_forest(*rows, trees=20, leaves=15, leaf_rows=5, feature_share=0.7, row_share=0.5, seed=1)
    )
    found = contributions_of_trees(trees, rows[0])
    assert found.shape == (400, 4)
    np.testing.assert_allclose(found.sum(axis=1), sum_of_trees(trees, rows[0]), rtol=0.0, atol=1e-12)
    assert found[:, 0].std() > 5.0 * found[:, 1:3].std(axis=0).max()
    np.testing.assert_array_equal(found, contributions_of_trees(trees, rows[0], threads=2))


def test_stages_end_with_what_all_trees_tell(rows, model):
    stages = list(staged(model, rows[0], [5, 5, 20, 30]))
    assert len(stages) == 4
    np.testing.assert_array_equal(stages[0], stages[1])
    np.testing.assert_allclose(stages[-1], sum_of_trees(model, rows[0]), rtol=0, atol=1e-12)
    errors = [np.abs(stage - rows[1]).mean() for stage in stages]
    assert errors[3] < errors[2] < errors[1]


def test_no_rows_are_told_nothing(rows, model):
    assert sum_of_trees(model, rows[0][:0]).shape == (0,)
    assert [stage.shape for stage in staged(model, rows[0][:0], [5, 30])] == [(0,), (0,)]


def test_extremely_randomised_trees_are_other_trees(rows):
    sizes: dict[str, Any] = {
        "trees": 5,
        "leaves": 15,
        "leaf_rows": 5,
        "feature_share": 0.7,
        "row_share": 0.5,
        "seed": 2,
    }
    assert grow_forest(
        *rows, trees=20, leaves=15, leaf_rows=5, feature_share=0.7, row_share=0.5, seed=1
    ) != grow_forest(*rows, **sizes, extreme=True)
