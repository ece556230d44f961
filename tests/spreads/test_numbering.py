"""Numbers for names."""

import polars as pl

from stages.spreads.numbering import number


def test_numbers_follow_the_sorted_values_and_null_is_minus_one() -> None:
    assert number(pl.Series(["b", None, "a", "b"])).tolist() == [1, -1, 0, 1]
