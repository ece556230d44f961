"""The parts of a block's prices."""

import polars as pl

from richcheap.decomposition.blocks import latest_rows


def test_contributions_are_of_whole_latest_dates() -> None:
    rows = pl.DataFrame({"date": [1, 1, 2, 3, 3, 3]})
    assert [latest_rows(rows, count) for count in (1, 3, 4, 5, 6, 100)] == [3, 3, 2, 2, 0, 0]
