"""Blocks of dates: exact tables, whole dates, and the remedy when there are too few."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.spreads.blocks import BLOCKS, EMBARGO, block_of_rows, describe, divide, market_states
from stages.spreads.params import SplitParams

PARAMS = SplitParams(train_share=0.7, validation_share=0.15, embargo_dates=2)


def test_forty_dates_divide_as_the_table_says() -> None:
    assert [tuple(block) for block in divide(40, PARAMS)] == [
        ("train", 0, 27),
        ("embargo", 28, 29),
        ("validation", 30, 33),
        ("embargo", 34, 35),
        ("test", 36, 39),
    ]


def test_no_embargo_leaves_no_gap() -> None:
    params = SplitParams(train_share=0.5, validation_share=0.25, embargo_dates=0)
    assert [tuple(block) for block in divide(12, params)] == [
        ("train", 0, 5),
        ("validation", 6, 8),
        ("test", 9, 11),
    ]


@given(st.integers(60, 3000), st.floats(0.3, 0.75), st.floats(0.06, 0.15), st.integers(0, 1))
def test_blocks_cover_every_date_once_and_in_order(dates: int, train: float, validation: float, embargo: int) -> None:
    blocks = divide(dates, SplitParams(train_share=train, validation_share=validation, embargo_dates=embargo))
    covered = [position for block in blocks for position in range(block.first, block.last + 1)]
    assert covered == list(range(dates))
    assert [block.name for block in blocks if block.name != EMBARGO] == list(BLOCKS)


def test_too_few_dates_name_the_block_and_the_remedy() -> None:
    with pytest.raises(ValueError, match=r"12 dates are too few: the validation block .* split.embargo_dates \(2\)"):
        divide(12, PARAMS)


def frame() -> pl.DataFrame:
    days = [date(2024, 1, 1) + timedelta(days=k) for k in range(40) for _ in range(1 + k % 3)]
    return pl.DataFrame({"date": days})


def test_rows_of_one_date_share_a_block() -> None:
    rows = frame()
    block = block_of_rows(rows, divide(40, PARAMS))
    assert rows.with_columns(block=block).group_by("date").agg(pl.col("block").n_unique())["block"].max() == 1


def test_the_table_counts_every_row() -> None:
    rows = frame()
    table = describe(rows, divide(40, PARAMS))
    assert sum(int(str(entry["rows"])) for entry in table) == rows.height
    assert table[0] == {
        "name": "train",
        "first_date": "2024-01-01",
        "last_date": "2024-01-28",
        "dates": 28,
        "rows": 55,
    }


def test_market_states_are_thirds_of_the_training_block_alone() -> None:
    volatility = pl.Series([1.0, 2.0, 3.0, 100.0, None])
    in_train = pl.Series([True, True, True, False, False])
    assert market_states(volatility, in_train).to_list() == ["calm", "normal", "stressed", "stressed", "normal"]


def test_market_states_without_any_volatility_are_normal() -> None:
    assert market_states(pl.Series([None], dtype=pl.Float64), pl.Series([True])).to_list() == ["normal"]
