"""Logarithms and sums of arrays."""

import math

import numpy as np
import polars as pl

from richcheap.numerics.elementwise import (
    divided,
    exponentials,
    exponentials_less_one,
    log1p_each,
    logarithms,
    logistic,
    powers,
    row_sum,
    softplus,
)


def test_the_logarithm_of_one_and_a_value_keeps_what_is_unknown() -> None:
    found = log1p_each(np.array([0.0, math.e - 1.0, np.nan]))
    np.testing.assert_allclose(found, [0.0, 1.0, np.nan], rtol=1e-15)


def test_the_sum_of_a_row_is_added_from_left_to_right() -> None:
    columns = dict(zip("abcde", np.random.default_rng(1).normal(0.0, 10.0, (5, 20_000)), strict=True))
    found = pl.DataFrame(columns).select(row_sum("abcde")).to_series().to_numpy()
    expected = np.zeros(20_000)
    for column in columns.values():
        expected = expected + column
    np.testing.assert_array_equal(found, expected)


def test_functions_are_numpys_to_the_last_digits_in_any_shape() -> None:
    values = np.random.default_rng(3).normal(0.0, 20.0, (3, 4, 50))
    for ours, theirs in (
        (exponentials(values), np.exp(values)),
        (exponentials_less_one(values), np.expm1(values)),
        (logarithms(np.abs(values)), np.log(np.abs(values))),
        (powers(np.abs(values), 0.25), np.abs(values) ** 0.25),
        (powers(0.5, values), 0.5**values),
        (logistic(values), 1.0 / (1.0 + np.exp(-values))),
        (softplus(values), np.logaddexp(0.0, values)),
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-13)
    assert float(exponentials(0.0)) == 1.0
    np.testing.assert_array_equal(exponentials(np.asfortranarray(values[0])), exponentials(values[0]))


def test_a_single_row_is_divided_as_a_column_is() -> None:
    table = pl.DataFrame({"a": np.random.default_rng(4).normal(size=500)})
    whole = table.select(divided(pl.col("a"), 1e4))
    alone = pl.concat([table[row : row + 1].select(divided(pl.col("a"), 1e4)) for row in range(table.height)])
    assert whole.equals(alone)
    assert whole.equals(table.select(pl.col("a") / 1e4))
