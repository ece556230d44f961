"""Logarithms and sums of arrays."""

import numpy as np
import polars as pl

from richcheap.numerics.elementwise import log1p_each, row_sum


def test_the_logarithm_of_one_and_a_value_keeps_what_is_unknown() -> None:
    found = log1p_each(np.array([0.0, np.e - 1.0, np.nan]))
    np.testing.assert_allclose(found, [0.0, 1.0, np.nan], rtol=1e-15)


def test_the_sum_of_a_row_is_added_from_left_to_right() -> None:
    columns = dict(zip("abcde", np.random.default_rng(1).normal(0.0, 10.0, (5, 20_000)), strict=True))
    found = pl.DataFrame(columns).select(row_sum("abcde")).to_series().to_numpy()
    expected = np.zeros(20_000)
    for column in columns.values():
        expected = expected + column
    np.testing.assert_array_equal(found, expected)
