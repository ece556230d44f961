from datetime import date, time

import polars as pl
import pytest

from richcheap.ingestion.reading.date_columns import date_column, may_be_dates, may_be_times, time_column

DAY = date(2024, 3, 4)
FOUR = 16 * 3600 * 1_000_000_000


def moment(text: str) -> pl.Series:
    return pl.Series([text]).str.to_datetime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([DAY]),
        moment("2024-03-04 00:00"),
        pl.Series(["2024-03-04"]),
        pl.Series([20240304]),
        pl.Series([20240304], dtype=pl.UInt32),
        pl.Series([20240304.0]),
        moment("2024-03-04 00:00").dt.replace_time_zone("Europe/Berlin"),
        moment("2024-03-04 00:00").dt.replace_time_zone("America/New_York"),
    ],
    ids=lambda values: str(values.dtype),
)
def test_dates_are_read_from_columns_of_every_type(values: pl.Series) -> None:
    assert date_column(values, "%d/%m/%Y").rows() == [(DAY, None, False)]


def test_a_zoned_moment_is_on_the_day_and_at_the_time_that_its_zone_shows() -> None:
    late = moment("2024-03-04 21:00").dt.replace_time_zone("America/New_York")
    assert date_column(late, "%Y-%m-%d").row(0) == (DAY, 21 * FOUR // 16, False)


@pytest.mark.parametrize(
    ("values", "bad"),
    [
        (pl.Series([None, float("nan"), 20240304.5, float("inf")]), [False, False, True, True]),
        (pl.Series([2024034, 202403040, None]), [True, True, False]),
        (pl.Series(["", " ", "N/A", "NaT", "-", "soon"]), [False, False, False, False, False, True]),
    ],
    ids=["fractions", "integers", "text"],
)
def test_what_is_there_and_no_date_is_bad_and_a_blank_is_not(values: pl.Series, bad: list[bool]) -> None:
    read = date_column(values, "%Y-%m-%d")
    assert read["date"].null_count() == len(values)
    assert read["bad"].to_list() == bad


@pytest.mark.parametrize(
    "values",
    [
        pl.Series([time(16)]),
        moment("2020-01-01 16:00"),
        pl.Series(["16:00"]),
        pl.Series(["2020-01-01 16:00:00"]),
    ],
    ids=["time", "moment", "text", "text of a moment"],
)
def test_times_are_read_from_columns_of_every_type(values: pl.Series) -> None:
    assert time_column(values).rows() == [(FOUR, False)]


def test_a_day_has_no_time_and_a_blank_is_none() -> None:
    assert time_column(pl.Series([DAY])).rows() == [(None, False)]
    assert time_column(pl.Series([time(0), None])).rows() == [(None, False)] * 2
    assert time_column(pl.Series(["", "n/a", "00:00:00", "early"]))["bad"].to_list() == [False, False, False, True]


def test_a_number_can_be_a_date_but_no_time() -> None:
    assert may_be_dates(pl.Int64())
    assert not may_be_times(pl.Int64())
    assert not may_be_dates(pl.Boolean())
