"""Blocks of dates: exact tables, whole dates, and the remedy when there are too few."""

import re
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from richcheap.panel.params import SplitParams
from richcheap.panel.split import (
    BLOCKS,
    EMBARGO,
    LIVE,
    blocks_of,
    cut,
    describe_blocks,
    market_states,
    split_dates,
    tercile_bounds,
)

PARAMS = SplitParams(train_share=0.7, validation_share=0.15, embargo_dates=2)


def test_forty_dates_divide_as_the_table_says() -> None:
    assert [tuple(block) for block in split_dates(40, PARAMS)] == [
        ("train", 0, 27),
        ("embargo", 28, 29),
        ("validation", 30, 33),
        ("embargo", 34, 35),
        ("test", 36, 39),
    ]


def test_no_embargo_leaves_no_gap() -> None:
    params = SplitParams(train_share=0.5, validation_share=0.25, embargo_dates=0)
    assert [tuple(block) for block in split_dates(12, params)] == [
        ("train", 0, 5),
        ("validation", 6, 8),
        ("test", 9, 11),
    ]


@given(st.integers(60, 3000), st.floats(0.3, 0.75), st.floats(0.06, 0.15), st.integers(0, 1))
def test_blocks_cover_every_date_once_and_in_order(dates: int, train: float, validation: float, embargo: int) -> None:
    blocks = split_dates(dates, SplitParams(train_share=train, validation_share=validation, embargo_dates=embargo))
    covered = [position for block in blocks for position in range(block.first, block.last + 1)]
    assert covered == list(range(dates))
    assert [block.name for block in blocks if block.name != EMBARGO] == list(BLOCKS)


@pytest.mark.parametrize(
    ("dates", "params", "said"),
    [
        (
            12,
            PARAMS,
            (
                "12 dates are too few: the validation block would be empty, it takes at least 19 with "
                "split.embargo_dates (2), 10 without an embargo; give more dates, or lower split.embargo_dates (2) to 1"
            ),
        ),
        (
            9,
            SplitParams(train_share=0.7, validation_share=0.15, embargo_dates=0),
            "9 dates are too few: it takes at least 10; give more dates",
        ),
        (
            10,
            SplitParams(train_share=0.76, validation_share=0.05, embargo_dates=0),
            (
                "10 dates are too few: the validation block would be empty, it takes at least 11; give more dates, or "
                "change split.train_share (0.76) and split.validation_share (0.05)"
            ),
        ),
    ],
)
def test_too_few_dates_name_the_block_the_least_number_and_the_remedy(
    dates: int, params: SplitParams, said: str
) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011  the whole message is compared
        split_dates(dates, params)
    assert str(raised.value) == said


@given(st.integers(1, 60), st.floats(0.1, 0.85), st.floats(0.05, 0.1), st.integers(0, 8))
def test_the_least_number_of_dates_that_is_named_will_do(
    dates: int, train: float, validation: float, embargo: int
) -> None:
    params = SplitParams(train_share=train, validation_share=validation, embargo_dates=embargo)
    try:
        split_dates(dates, params)
    except ValueError as error:
        needed = re.search(r"takes at least (\d+)(?: with .*, (\d+) without)?", str(error))
        assert needed
        split_dates(int(needed[1]), params)
        if embargo:
            split_dates(int(needed[2]), params.model_copy(update={"embargo_dates": 0}))
        if lower := re.search(r"to (\d+)$", str(error)):
            split_dates(dates, params.model_copy(update={"embargo_dates": int(lower[1])}))


def test_shares_that_leave_exactly_the_least_test_block_are_accepted() -> None:
    assert split_dates(20, SplitParams(train_share=0.9, validation_share=0.05, embargo_dates=0))[-1] == ("test", 19, 19)


DATES = pl.Series([date(2024, 1, 1) + timedelta(days=k) for k in range(40)])
ROWS = pl.Series([1 + k % 3 for k in range(40)])


def test_a_part_that_a_boundary_cuts_goes_to_both_blocks_and_embargoed_rows_to_none() -> None:
    part = pl.DataFrame({"date": [DATES[k] for k in range(26, 32) for _ in range(2)]})
    pieces = cut(part, DATES, split_dates(40, PARAMS))
    assert {name: piece["date"].to_list() for name, piece in pieces.items()} == {
        "train": [DATES[26], DATES[26], DATES[27], DATES[27]],
        "validation": [DATES[30], DATES[30], DATES[31], DATES[31]],
    }


def test_every_row_that_is_not_embargoed_belongs_to_one_block() -> None:
    blocks = split_dates(40, PARAMS)
    pieces = cut(pl.DataFrame({"date": DATES}), DATES, blocks)
    assert list(pieces) == list(BLOCKS)
    assert sum(piece.height for piece in pieces.values()) == 36


def test_the_table_counts_every_row() -> None:
    table = describe_blocks(DATES, ROWS, split_dates(40, PARAMS))
    assert sum(int(str(entry["rows"])) for entry in table) == ROWS.sum()
    assert table[0] == {"name": "train", "first_date": "2024-01-01", "last_date": "2024-01-28", "dates": 28, "rows": 55}


@given(st.lists(st.tuples(st.one_of(st.none(), st.floats(0.0, 50.0)), st.integers(0, 6)), min_size=1, max_size=30))
def test_thirds_are_the_quantiles_of_the_rows_to_the_bit(curves: list[tuple[float | None, int]]) -> None:
    rows = [value for value, count in curves if value is not None for _ in range(count)]
    found = tercile_bounds(
        pl.Series([value for value, _ in curves], dtype=pl.Float64), np.array([count for _, count in curves])
    )
    assert found == (tuple(np.quantile(rows, [1.0 / 3.0, 2.0 / 3.0])) if rows else None)


def test_market_states_are_thirds_of_the_training_block_alone() -> None:
    volatility = pl.Series([1.0, 2.0, 3.0, 100.0, None])
    bounds = tercile_bounds(volatility, np.array([5, 5, 5, 0, 0]))
    assert market_states(volatility, bounds).to_list() == ["calm", "normal", "stressed", "stressed", "normal"]


def test_market_states_without_any_volatility_are_normal() -> None:
    volatility = pl.Series([None, 3.0], dtype=pl.Float64)
    bounds = tercile_bounds(volatility, np.array([4, 0]))
    assert market_states(volatility, bounds).to_list() == ["normal", "normal"]


def test_blocks_end_where_params_say_and_what_comes_later_is_live() -> None:
    """What shares give, given as dates, gives the same; and again when dates are added."""
    blocks = split_dates(40, PARAMS)
    ends = [DATES[block.last] for block in blocks if block.name != EMBARGO]
    anchored = PARAMS.model_copy(update=dict(zip(("train_end", "validation_end", "test_end"), ends, strict=True)))
    assert blocks_of(DATES, PARAMS) == blocks
    assert blocks_of(DATES, anchored) == blocks
    more = pl.concat([DATES, pl.Series([DATES[39] + timedelta(days=k) for k in (1, 4)])])
    assert blocks_of(more, anchored) == [*blocks, (LIVE, 40, 41)]
    assert list(cut(pl.DataFrame({"date": more}), more, blocks_of(more, anchored))) == [*BLOCKS, LIVE]


def test_ends_that_leave_a_block_empty_name_the_key() -> None:
    ends = {"train_end": DATES[10], "validation_end": DATES[11], "test_end": DATES[30]}
    with pytest.raises(ValueError, match=r"the validation block would be empty: .*split\.validation_end 2024-01-12"):
        blocks_of(DATES, PARAMS.model_copy(update=ends))


@pytest.mark.parametrize("ends", [(3, None, None), (3, 2, 9), (None, 3, 9)])
def test_ends_are_given_all_or_none_and_ascend(ends: tuple[int | None, ...]) -> None:
    train, validation, test = (None if end is None else DATES[end] for end in ends)
    with pytest.raises(ValueError, match="must be three ascending dates, or null"):
        SplitParams(train_end=train, validation_end=validation, test_end=test)
