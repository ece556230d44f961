# ruff: noqa: DTZ001 - local times have no zone
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from richcheap.ingestion.files.arrow_types import to_series, unreadable

TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def stamps(seconds: list[int | None], unit: str, zone: str | None) -> pa.Array:
    ticks = [None if second is None else second * TICKS[unit] for second in seconds]
    return pa.array(ticks, pa.int64()).view(pa.timestamp(unit, zone))


@pytest.mark.parametrize("unit", TICKS)
@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("Europe/Berlin", datetime(2024, 3, 20)),
        ("Asia/Tokyo", datetime(2024, 7, 1)),
        ("America/New_York", datetime(2024, 3, 20, 21, 15)),
        ("Pacific/Kiritimati", datetime(1969, 12, 31, 3)),
        ("UTC", datetime(2024, 3, 20, 23, 59, 59)),
    ],
)
def test_a_time_is_what_the_clocks_of_its_zone_show(unit: str, zone: str, local: datetime) -> None:
    seconds = round(local.replace(tzinfo=ZoneInfo(zone)).timestamp())
    values = stamps([seconds, None], unit, zone)
    assert unreadable(values.type) is None
    assert to_series(values).to_list() == [local, None]


@pytest.mark.parametrize(("zone", "hours"), [("+05:30", 5.5), ("-0800", -8), ("+14:00", 14), ("-00:30", -0.5)])
def test_a_zone_may_be_an_offset(zone: str, hours: float) -> None:
    values = stamps([round(-3600 * hours)], "us", zone)
    assert unreadable(values.type) is None
    assert to_series(values).to_list() == [datetime(1970, 1, 1)]


def test_a_time_without_a_zone_stays_and_keeps_its_milliseconds() -> None:
    values = pa.array([datetime(2024, 3, 20, 16, 0, 0, 123000)], pa.timestamp("ms"))
    assert to_series(values).to_list() == [datetime(2024, 3, 20, 16, 0, 0, 123000)]


@pytest.mark.parametrize("zone", ["Mars/Base", "+5", "+05:75"])
def test_an_unknown_zone_is_a_fault(zone: str) -> None:
    fault = unreadable(pa.timestamp("us", zone))
    assert fault == f"expected a time zone such as Europe/Berlin or +01:00, got '{zone}'"


@pytest.mark.parametrize("day", [2**31 - 1, -(2**31), 2_932_897, -719_163])
def test_a_day_beyond_the_calendar_is_its_first_or_last(day: int) -> None:
    values = pa.array([19_000, day, None], pa.int32()).view(pa.date32())
    assert to_series(values).to_list() == [date(2022, 1, 8), date.max if day > 0 else date.min, None]


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
@pytest.mark.parametrize("zone", [None, "Europe/Berlin", "+05:30", "Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("ticks", [2**63 - 1, -(2**63), 2**62 + 1])
def test_a_time_at_the_end_of_64_bits_is_no_other_date(unit: str, zone: str | None, ticks: int) -> None:
    days = to_series(pa.array([ticks]).view(pa.timestamp(unit, zone))).cast(pl.Date)
    assert days.to_list() == [date.max if ticks > 0 else date.min]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "-12:00"])
def test_the_last_nanoseconds_do_not_turn_into_the_first(zone: str) -> None:
    days = to_series(pa.array([2**63 - 1, -(2**63)]).view(pa.timestamp("ns", zone))).dt.year()
    assert days.to_list() == [2262, 1677]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array(["a", None, "a"]).dictionary_encode(), ["a", None, "a"]),
        (pa.array(["a"], pa.string_view()), ["a"]),
        (pa.array(["a"], pa.large_string()), ["a"]),
        (pa.array([19_000 * 86_400_000]).view(pa.date64()), [datetime(2022, 1, 8)]),
        (pa.DictionaryArray.from_arrays(pa.array([0, 0]), stamps([0], "us", "+01:00")), [datetime(1970, 1, 1, 1)] * 2),
        (pa.array([Decimal("99.50")], pa.decimal128(10, 2)), [Decimal("99.50")]),
        (pa.array([Decimal("99.50")], pa.decimal256(60, 2)), ["99.50"]),
        (pa.array([Decimal(12500)], pa.decimal128(5, -2)), ["1.25E+4"]),
        (pa.array(np.array([1.5], dtype=np.float16)), [1.5]),
        (pa.array([2**64 - 1], pa.uint64()), [2**64 - 1]),
        (pa.array([True, None]), [True, None]),
        (pa.nulls(2), [None, None]),
        (pa.array(['{"a": 1}']).cast(pa.json_(pa.string())), ['{"a": 1}']),
    ],
)
def test_plain_values_are_read(values: pa.Array, expected: list[object]) -> None:
    assert unreadable(values.type) is None
    assert to_series(values).to_list() == expected


@pytest.mark.parametrize("kind", [pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")])
def test_times_of_day_are_read_in_any_unit(kind: pa.DataType) -> None:
    assert unreadable(kind) is None
    assert to_series(pa.array([time(9, 30), None], type=kind)).to_list() == [time(9, 30), None]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (pa.list_(pa.int8()), "List"),
        (pa.large_list(pa.int8()), "List"),
        (pa.struct([("a", pa.int8())]), "Struct"),
        (pa.map_(pa.string(), pa.int8()), "Map"),
        (pa.binary(), "Binary"),
        (pa.uuid(), "Fixed size binary[16]"),
        (pa.duration("s"), "Duration[s]"),
        (pa.run_end_encoded(pa.int32(), pa.string()), "Run end encoded"),
        (pa.dictionary(pa.int8(), pa.binary()), "Binary"),
    ],
)
def test_other_types_are_a_fault(kind: pa.DataType, name: str) -> None:
    assert unreadable(kind) == f"expected plain values, got {name}"
