"""Multipliers of their own for bonds without history."""

import numpy as np
import polars as pl

from richcheap.models.common.shrinkage import Shrinkage, fit_shrinkage, without_history

ROWS = pl.DataFrame(
    {
        "f_days_since_last": [1.0, 3.0, None, None],
        "target_bp": [2.0, -4.0, 1.0, -3.0],
        "dv01": [0.1, 0.1, 0.1, 0.1],
    }
)
ANCHOR = np.array([0.0, 0.0, 1.0, 1.0])
SAID = np.array([4.0, -8.0, 9.0, 9.0])


def test_bonds_without_history_are_believed_apart_where_there_are_enough_of_them():
    robust_weight = fit_shrinkage(ROWS, SAID, ANCHOR, steps=4, cold_start_rows=2)
    assert robust_weight == Shrinkage(multiplier=0.5, cold_start_multiplier=0.0)
    np.testing.assert_array_equal(robust_weight.shrunk(ROWS, SAID, ANCHOR), [2.0, -4.0, 1.0, 1.0])


def test_too_few_of_them_are_believed_as_all_rows_are():
    robust_weight = fit_shrinkage(ROWS, SAID, ANCHOR, steps=4, cold_start_rows=3)
    assert robust_weight.multiplier == robust_weight.cold_start_multiplier


def test_a_block_without_other_bonds_has_one_multiplier():
    rows = ROWS.filter(without_history(ROWS))
    robust_weight = fit_shrinkage(rows, SAID[2:], ANCHOR[2:], steps=4, cold_start_rows=1)
    assert robust_weight == Shrinkage(0.0, 0.0)


def test_each_seed_is_shrunk_by_the_same_multipliers():
    members = np.column_stack([SAID, ANCHOR])
    shrunk = Shrinkage(0.5, 1.0).shrunk(ROWS, members, ANCHOR)
    np.testing.assert_array_equal(shrunk[:, 0], [2.0, -4.0, 9.0, 9.0])
    np.testing.assert_array_equal(shrunk[:, 1], ANCHOR)
