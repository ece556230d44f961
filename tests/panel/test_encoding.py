"""Numbers for names."""

import polars as pl
import pytest

from richcheap.panel.encoding import encode


def test_numbers_follow_the_sorted_values_and_null_is_minus_one() -> None:
    assert encode(pl.Series(["b", None, "a", "b"])).tolist() == [1, -1, 0, 1]


def test_given_names_keep_their_numbers_whatever_comes() -> None:
    names = pl.Series(["a", "b", "c"])
    assert encode(pl.Series(["c", None, "b"]), names).tolist() == [2, -1, 1]
    assert encode(pl.Series([None, None], dtype=pl.String), names).tolist() == [-1, -1]
    assert encode(pl.Series([], dtype=pl.String), names).tolist() == []


def test_a_name_that_was_not_counted_is_told() -> None:
    with pytest.raises(ValueError, match="must be one of the 2 that were counted, got 'z'"):
        encode(pl.Series(["a", "z"]), pl.Series(["a", "b"]))
