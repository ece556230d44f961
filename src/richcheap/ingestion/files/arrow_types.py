"""Arrow columns as polars series: what a table of bonds can hold, times as the clocks of their own zone show them."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time

import polars as pl
import pyarrow as pa
import pyarrow.types as kinds
from polars.exceptions import PolarsError

FIRST, LAST = date.min, date.max
"""What lies beyond these days, of the years 1 and 9999, is read as one of them: no bond has such a date, nor Python."""

_SINCE_1970 = date(1970, 1, 1).toordinal()
_FARTHEST = 90_000_000 * 86_400
"""Seconds from 1970 up to which polars converts times: some 246,000 years."""

_TICKS_A_SECOND: Mapping[str, int] = {"s": 1, "ms": 10**3, "us": 10**6}
_OFFSET = re.compile(r"([+-])(\d\d):?([0-5]\d)")


def unreadable(kind: pa.DataType) -> str | None:
    """Say why a column of this type cannot be read; None when it can."""
    if kinds.is_dictionary(kind):
        kind = kind.value_type
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if kinds.is_timestamp(kind):
        if kind.tz is None or _offset_seconds(kind.tz) is not None or _is_zone(kind.tz):
            return None
        return f"expected a time zone such as Europe/Berlin or +01:00, got '{kind.tz}'"
    plain = (
        *(kinds.is_null, kinds.is_boolean, kinds.is_integer, kinds.is_floating, kinds.is_decimal),
        *(kinds.is_date, kinds.is_time),
    )
    if is_text(kind) or any(is_kind(kind) for is_kind in plain):
        return None
    what = str(kind).partition("<")[0].removeprefix("large_").replace("_", " ").capitalize()
    return f"expected plain values, got {what}"


def is_text(kind: pa.DataType) -> bool:
    """Tell text, however it is laid out."""
    return bool(kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind))


def to_series(values: pa.Array) -> pl.Series:
    """Return values of a readable type; a timestamp becomes the local time of its zone, without the zone."""
    if kinds.is_dictionary(values.type):
        if kinds.is_string_view(values.type.value_type):  # which pyarrow cannot decode
            return pl.Series(values.dictionary).gather(pl.Series(values.indices))
        values = values.dictionary_decode()
    if isinstance(values, pa.ExtensionArray):
        values = values.storage
    kind = values.type
    if kinds.is_date32(kind):
        days = pl.Series(values.view(pa.int32()))
        return days.clip(*(day.toordinal() - _SINCE_1970 for day in (FIRST, LAST))).cast(pl.Date)
    if kinds.is_date64(kind):
        return _local(pl.Series(values.view(pa.int64())), "ms", None)
    if kinds.is_timestamp(kind):
        return _local(pl.Series(values.view(pa.int64())), kind.unit, kind.tz)
    if kinds.is_time32(kind) and kind.unit == "s":  # which polars does not have
        values = values.cast(pa.time32("ms"))
    if kinds.is_decimal(kind) and (kinds.is_decimal256(kind) or not 0 <= kind.scale <= kind.precision):
        values = values.cast(pa.string())  # polars has no such type, and the text is exact
    return pl.Series(values)


def _local(ticks: pl.Series, unit: str, zone: str | None) -> pl.Series:
    if unit == "ns":  # 64 bits of them end within a zone's hours of dates that are in use
        ticks, unit = ticks // 1000, "us"
    farthest = _FARTHEST * _TICKS_A_SECOND[unit]
    ticks = ticks.clip(-farthest, farthest)
    if unit == "s":  # which polars does not have
        ticks, unit = ticks * 1000, "ms"
    utc_offset = None if zone is None else _offset_seconds(zone)
    times = (ticks + (utc_offset or 0) * _TICKS_A_SECOND[unit]).cast(pl.Datetime("ms" if unit == "ms" else "us"))
    if zone is not None and utc_offset is None:
        times = times.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return times.clip(datetime.combine(FIRST, time.min), datetime.combine(LAST, time(23, 59, 59)))


def _offset_seconds(zone: str) -> int | None:
    """Return the seconds that a zone such as +05:30 is ahead of UTC; None for one with a name."""
    match = _OFFSET.fullmatch(zone)
    if match is None:
        return None
    seconds = 3600 * int(match[2]) + 60 * int(match[3])
    return -seconds if match[1] == "-" else seconds


def _is_zone(name: str) -> bool:
    try:
        pl.Series([0]).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(name)
    except PolarsError:
        return False
    return True
