from datetime import date

import polars as pl
import pytest

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.reading.dates import SECOND, clock, date_format, read_dates, read_times

DAY = date(2024, 3, 4)
HOUR = 3600 * SECOND


def days(texts: list[str | None], wanted: str) -> list[date | None]:
    return read_dates(pl.Series(texts, dtype=pl.String), wanted)["date"].to_list()


@pytest.mark.parametrize("wanted", ["%Y-%m-%d", "%m/%d/%Y", "%d %b %Y", "%d.%m.%y", "%Y%m%d", "%d/%m/%Y %H:%M"])
@pytest.mark.parametrize(
    "text",
    [
        "2024-03-04", "20240304", "20240304.0", "2024-03-04T16:00:00", "2024-03-04 16:00",
        "2024-03-04T23:30:00.123456Z",
        "2024-03-04T23:30:00-05:00", "2024-03-04 00:10:00+0200", "2024-03-04 4:00:00 PM", "20240304 16:00:00",
        "2024-03-04T16:00:00+01:00[Europe/Berlin]", "2024-03-04 16:00:00 America/New_York",
    ],
)  # fmt: skip
def test_what_can_be_read_in_one_way_is_read_whatever_the_format(wanted: str, text: str) -> None:
    assert days([text], wanted) == [DAY]


@pytest.mark.parametrize(
    "text",
    ["2024-02-30", "20241304", "2024030", "202403041", "2024-03-04 25:00", "2024-03-04 16:61", "2024-03-04 16:00 or so",
     "2024-03-04T16:00:00+01:00x", "13:00", "4.3.2024", "45355", "2024-03-04 14:00 PM"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert days([text, None], "%d/%m/%Y") == [None, None]


def test_the_format_goes_first() -> None:
    assert days(["2024-03-04"], "%Y-%d-%m") == [date(2024, 4, 3)]
    assert days(["20120411"], "%Y%d%m") == [date(2012, 11, 4)]


@pytest.mark.parametrize(
    ("wanted", "own", "other"),
    [
        ("%d%m%Y", "04032024", "20240304"),
        ("%m%d%Y", "03042024", "20240304"),
        ("%Y%d%m", "20240403", "20241231"),
        ("%Y-%d-%m", "2024-04-03", "2024-12-31"),
        ("%Y-%d-%m %H:%M", "2024-04-03 16:00", "2024-12-31 16:00"),
    ],
)
def test_a_format_that_gives_such_a_text_another_meaning_is_the_only_one(wanted: str, own: str, other: str) -> None:
    assert days([own, other], wanted) == [DAY, None]


@pytest.mark.parametrize("wanted", ["hello", "%Q", "%Y-%m", "%d/%m", "%Y", "", " ", "%", "%H:%M", "%s", "%Y-%m-%d %H"])
def test_a_format_that_does_not_say_the_day_is_refused(wanted: str) -> None:
    with pytest.raises(InputError, match=r"^expected a format.* such as %Y-%m-%d or %d/%m/%Y, got '"):
        date_format(wanted)


@pytest.mark.parametrize(
    "wanted", ["%d/%m/%y", "%e-%B-%Y", "%-d.%-m.%Y", "%F", "%D", "%j %Y", "%A, %d %B %Y", "%Y%m%d"]
)
def test_a_format_that_says_the_day_is_taken(wanted: str) -> None:
    assert days([date_format(wanted).example], wanted) == [date(2011, 3, 4)]


@pytest.mark.parametrize(
    ("text", "wanted", "hours"),
    [
        ("2024-03-04 16:00:00", "%Y-%m-%d", 16),
        ("2024-03-04T16:00:00+02:00", "%Y-%m-%d", 14),
        ("2024-03-04T01:00:00+02:00", "%Y-%m-%d", -1),
        ("2024-03-04T12:00:00Z", "%Y-%m-%d", 12),
        ("2024-03-04 12:00 AM", "%Y-%m-%d", None),
        ("2024-03-04 12:30 pm", "%Y-%m-%d", 12.5),
        ("2024-03-04", "%Y-%m-%d", None),
        ("2024-03-04 00:00:00", "%Y-%m-%d", None),
        ("04/03/2024 09:30", "%d/%m/%Y %H:%M", 9.5),
        ("04/03/2024 00:00", "%d/%m/%Y %H:%M", None),
        ("2024-03-04T20:00:00-0500", "%Y-%m-%dT%H:%M:%S%z", 25),
    ],
)
def test_the_time_beside_a_date_is_that_of_utc_where_its_offset_is_given(
    text: str, wanted: str, hours: float | None
) -> None:
    read = read_dates(pl.Series([text]), wanted)
    assert read.row(0) == (DAY, None if hours is None else int(hours * HOUR))


def test_times_of_day_are_read_to_the_nanosecond() -> None:
    texts = [
        "09:31",
        "09:31:07",
        "09:31:07.250",
        "9:31:07,000000001",
        "4:00 PM",
        "2024-03-04T16:00:00",
        "16:00:00-05:00",
    ]
    read = read_times(pl.Series(texts))
    minutes = (9 * 60 + 31) * 60 * SECOND
    assert read["time"].to_list() == [
        minutes, minutes + 7 * SECOND, minutes + 7 * SECOND + SECOND // 4, minutes + 7 * SECOND + 1,
        16 * HOUR, 16 * HOUR, 21 * HOUR,
    ]  # fmt: skip
    assert read["readable"].all()


def test_midnight_is_a_time_that_is_not_known() -> None:
    assert read_times(pl.Series(["00:00", "00:00:00.000", "12:00 AM"])).rows() == [(None, True)] * 3


@pytest.mark.parametrize("text", ["24:00", "9", "930", "noon", "13:00 PM", "-1:00", "2024-03-04"])
def test_what_is_no_time_of_day_is_none(text: str) -> None:
    assert read_times(pl.Series([text])).rows() == [(None, False)]


def test_the_clock_of_a_moment_counts_from_the_midnight_of_its_day() -> None:
    moments = pl.Series(["2024-03-04 16:00", "2024-03-05 00:00", None]).str.to_datetime("%Y-%m-%d %H:%M")
    assert clock(moments, moments.cast(pl.Date)).to_list() == [16 * HOUR, None, None]
