from datetime import date

import polars as pl
import pytest

from richcheap.bonds.calls import NO_CALLS, calls_from_frame, no_calls, parse_schedule
from richcheap.bonds.terms import days


def test_each_distinct_text_is_held_once() -> None:
    first, second = "2027-03-15@102;2028-03-15@101", "2026-01-01@100.5"
    found = calls_from_frame(pl.DataFrame({"call_schedule": [first, None, second, first]}))
    assert found.schedule.tolist() == [1, NO_CALLS, 0, 1]
    assert found.offset.tolist() == [0, 1, 3]
    assert found.date.tolist() == [int(days(date(*d))) for d in ((2026, 1, 1), (2027, 3, 15), (2028, 3, 15))]
    assert found.price.tolist() == [100.5, 102.0, 101.0]
    assert found.rows(slice(1, 3)).schedule.tolist() == [NO_CALLS, 0]


@pytest.mark.parametrize("frame", [pl.DataFrame({"x": [1, 2]}), pl.DataFrame({"call_schedule": [None, None]})])
def test_without_schedules_nothing_can_be_called(frame: pl.DataFrame) -> None:
    found = calls_from_frame(frame)
    assert found.schedule.tolist() == no_calls(2).schedule.tolist()
    assert found.date.size == found.price.size == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"must look like 2027-03-15@102;2028-03-15@101, but '' has the entry ''"),
        ("2027-03-15", r"has the entry '2027-03-15'"),
        ("2027-03-15@102;", r"has the entry ''"),
        ("15.3.2027@102", r"has the entry '15.3.2027@102'"),
        ("2027-03-15@par", r"has the entry '2027-03-15@par'"),
        ("2028-03-15@102;2027-03-15@101", "the dates of a call schedule must ascend"),
        ("2028-03-15@102;2028-03-15@101", "the dates of a call schedule must ascend"),
        ("2028-03-15@0", "the prices of a call schedule must be positive"),
        ("2028-03-15@nan", "the prices of a call schedule must be positive"),
    ],
)
def test_a_schedule_that_is_none_raises_value_error_with_its_text(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_schedule(text)
    with pytest.raises(ValueError, match=message):
        calls_from_frame(pl.DataFrame({"call_schedule": [None, text]}))
