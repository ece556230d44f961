import math
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from richcheap.ingestion.validation.streaming_median import StreamingMedian

VALUES = st.lists(st.floats(1e-6, 1e9) | st.floats(-1e9, -1e-6), min_size=1, max_size=30)


def median(*pieces: list[float]) -> float:
    counted = StreamingMedian()
    for piece in pieces:
        counted.add(pl.Series(piece, dtype=pl.Float64))
    return counted.median()


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_the_median_is_the_lower_one_to_four_digits(values: list[float]) -> None:
    exact = sorted(map(abs, values))[(len(values) - 1) // 2]
    assert median(values) == pytest.approx(exact, rel=6e-4)


@settings(max_examples=60, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_pieces_add_up_in_any_order(pieces: list[list[float]], random: Random) -> None:
    whole = [value for piece in pieces for value in piece]
    random.shuffle(pieces)
    assert median(*pieces) == median(whole)


@pytest.mark.parametrize("value", [0.05, 0.2, 4.65, 100.0, 99.5, 1e-3, 123.4])
def test_a_common_value_is_shown_as_it_is_written(value: float) -> None:
    assert median([value] * 3) == value


def test_zeros_and_nulls_have_no_magnitude() -> None:
    counted = StreamingMedian()
    counted.add(pl.Series([0.0, None, -2.0]))
    assert counted.median() == 2.0
    assert math.isnan(median([]))
    assert math.isnan(median([0.0]))
