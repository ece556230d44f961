"""Durations as people say them."""

import pytest

from dvc_parallel.views.formatting import clock, duration


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (245, "4 min 05 s"),
     (3599, "59 min 59 s"), (3600, "1 h 00 min"), (7790, "2 h 10 min")],
)  # fmt: skip
def test_a_duration_is_said_with_what_matters(seconds, said):
    assert duration(seconds) == said


@pytest.mark.parametrize(("seconds", "shown"), [(0.9, "0:00"), (65, "1:05"), (3600, "1:00:00"), (36_061, "10:01:01")])
def test_a_clock_shows_digits_that_move_in_place(seconds, shown):
    assert clock(seconds) == shown
