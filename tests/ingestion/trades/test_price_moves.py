"""Prints that a bond's earlier prints contradict, judged by nothing that comes later."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.ingestion.schema import CHECKED_SCHEMA
from richcheap.ingestion.trades.price_moves import WINDOW, PriceMoves

MONDAY = date(2024, 3, 4)
Print = tuple[int, float]


def rows(prints: Sequence[Print], times: Sequence[int | None] = ()) -> pl.DataFrame:
    """Return prints of one bond, each of a day and a price, some with a time."""
    data = {
        "bond_id": "A",
        "date": pl.Series([MONDAY + timedelta(days=day) for day, _ in prints], dtype=pl.Date),
        "observed": "clean_price",
        "clean_price": pl.Series([price for _, price in prints], dtype=pl.Float64),
        "time": pl.Series(list(times) or [None] * len(prints), dtype=pl.Int64),
        "source_row": pl.Series(range(1, len(prints) + 1), dtype=pl.Int64),
    }
    frame = pl.DataFrame(data)
    absent = [pl.lit(None, dtype=kind).alias(name) for name, kind in CHECKED_SCHEMA.items() if name not in data]
    return frame.with_columns(absent).select(*CHECKED_SCHEMA)


def refused(prints: Sequence[Print], times: Sequence[int | None] = (), max_move: float = 35.0) -> dict[int, str]:
    """Return the refused of some prints, by their place from 1."""
    out = PriceMoves(max_move).judge(rows(prints, times)).refused
    return dict(out.select("source_row", "reason").rows())


def daily(*prices: float) -> list[Print]:
    """Return a print a day."""
    return list(enumerate(prices))


def test_a_decimal_point_in_the_wrong_place_is_refused() -> None:
    assert refused(daily(99.0, 99.5, 9.95, 99.6)) == {3: "decimal_shift"}
    assert refused(daily(19.9, 19.8, 198.5, 20.1)) == {3: "decimal_shift"}


def test_a_jump_that_the_next_print_undoes_is_refused() -> None:
    assert refused(daily(99.0, 99.5, 155.0, 99.6, 99.7)) == {3: "unconfirmed_jump"}


def test_a_jump_that_another_print_confirms_costs_its_first_print_alone() -> None:
    assert refused(daily(99.0, 98.0, 40.0, 38.0, 37.0, 41.0)) == {3: "unconfirmed_jump"}


def test_a_report_of_the_same_time_confirms_nothing() -> None:
    prints = [(0, 99.0), (1, 40.0), (1, 40.0), (1, 99.0)]
    assert refused(prints, [1, 5, 5, 9]) == {2: "unconfirmed_jump", 3: "unconfirmed_jump"}
    assert refused(prints, [1, 5, 6, 9]) == {2: "unconfirmed_jump", 4: "unconfirmed_jump"}


def test_prints_of_a_day_are_judged_in_the_order_of_their_times() -> None:
    """The newest-first export: the bad print is the earlier one."""
    assert refused([(0, 99.0), (1, 99.2), (1, 150.0)], [1, 9, 2]) == {3: "unconfirmed_jump"}


def test_a_bond_that_was_not_seen_for_a_month_is_not_judged() -> None:
    assert refused([(0, 99.0), (32, 40.0)]) == {}
    assert refused([(0, 99.0), (31, 40.0)]) == {2: "unconfirmed_jump"}


def test_the_message_names_the_median_and_the_key() -> None:
    (detail,) = PriceMoves(35.0).judge(rows(daily(99.0, 150.0))).refused["detail"]
    assert detail == (
        "clean_price: expected at most 35 points (data.max_price_move) from earlier prints, whose median is 99.0, got "
        "150.0, which none of them confirms"
    )


def test_a_market_that_falls_step_by_step_is_followed() -> None:
    assert refused(daily(119.0, 120.0, 118.0, 99.0, 70.0, 66.0)) == {}


def test_nothing_is_judged_when_that_is_asked() -> None:
    assert PriceMoves(None).judge(rows(daily(99.0, 9.9, 150.0))).refused.is_empty()


PRICES = st.sampled_from([99.0, 99.5, 101.0, 9.95, 990.0 / 8, 45.0, 44.0, 150.0, 148.0, 1.0, 240.0])
PRINTS = st.lists(st.tuples(st.integers(0, 30), PRICES), min_size=1, max_size=30).map(sorted)


@settings(max_examples=60, deadline=None)
@given(PRINTS, st.integers(0, 30), PRICES)
def test_no_later_print_decides_on_an_earlier_one(prints: list[Print], day: int, other: float) -> None:
    changed = [(when, other if when > day else price) for when, price in prints]
    before = {place for place, (when, _) in enumerate(prints, 1) if when <= day}
    first, second = refused(prints), refused(changed)
    assert {row: first[row] for row in first if row in before} == {row: second[row] for row in second if row in before}


@settings(max_examples=60, deadline=None)
@given(PRINTS, st.lists(st.integers(0, 30), max_size=6).map(sorted), st.booleans())
def test_it_does_not_matter_where_the_prints_are_cut(prints: list[Print], cuts: list[int], timed: bool) -> None:
    times = [(7 * place) % 5 if timed else None for place in range(len(prints))]
    frame = rows(prints, times)
    whole = PriceMoves(20.0).judge(frame)
    moves, bounds = PriceMoves(20.0), [-1, *cuts, 31]
    day = (pl.col("date") - MONDAY).dt.total_days()
    parts = [moves.judge(frame.filter(day > low, day <= high)) for low, high in pairwise(bounds)]
    assert pl.concat([part.kept for part in parts]).equals(whole.kept)
    assert pl.concat([part.refused for part in parts]).sort("source_row").equals(whole.refused)


@pytest.mark.parametrize("count", [WINDOW, 3 * WINDOW])
def test_every_print_is_kept_or_refused(count: int) -> None:
    judged = PriceMoves(5.0).judge(rows(daily(*(100.0 + 10.0 * (place % 3) for place in range(count)))))
    assert judged.kept.height + judged.refused.height == count
