"""Tables as other writers write them: text in many dialects, workbooks, JSON, Parquet and Arrow."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

import openpyxl  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import strategies as st
from pyarrow import ipc
from pyarrow import parquet as pq

from benchmarks.promises.inputs.tables import DATES, NUMBERS, Table, Value, tables

DATE_FORMATS = (
    "%Y-%m-%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%b-%y", "%d-%m-%Y", "%b %d, %Y", "%d%b%Y",
    "%Y/%m/%d", "%m/%d/%y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%d %B %Y", "%Y-%m-%dT%H:%M:%SZ",
)  # fmt: skip
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "iso8859-15")
NAMES: Mapping[str, Callable[[str], str]] = {
    "as they are": str,
    "others": lambda name: f"THE {name.upper()}",
    "blanks around": lambda name: f" {name}  ",
}


class Written(NamedTuple):
    """A file, and what must be read of it.

    Attributes
    ----------
    name : str
        Of the file.
    content : bytes
    params : dict
        What is said of it, in section ``data``.
    table : Table
    single : frozenset of str
        Columns whose numbers have the digits of single precision.
    about : str
        How it is written.
    """

    name: str
    content: bytes
    params: dict[str, Any]
    table: Table
    single: frozenset[str]
    about: str


class Dialect(NamedTuple):
    """How a text is written."""

    delimiter: str
    decimal: str
    thousands: bool
    percent: bool
    coupon_scale: float
    ticks: bool
    dates: str
    clock: time
    quoting: int
    line_end: str
    encoding: str
    names: str
    titles: int
    blank_lines: bool
    extra: bool
    trailing: bool
    padded: bool
    stated: bool
    zipped: bool


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    """Draw a dialect of text."""
    delimiter = draw(st.sampled_from(",;\t|"))
    ticks = draw(st.integers(0, 5)) == 0
    return Dialect(
        delimiter=delimiter,
        decimal=draw(st.sampled_from(".,")) if delimiter != "," and not ticks else ".",
        thousands=draw(st.booleans()),
        percent=draw(st.integers(0, 4)) == 0,
        coupon_scale=draw(st.sampled_from([1.0, 1.0, 0.01])),
        ticks=ticks,
        dates=draw(st.sampled_from(DATE_FORMATS)),
        clock=draw(st.sampled_from([time(0), time(9, 30), time(23, 59, 59)])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])),
        line_end=draw(st.sampled_from(["\n", "\r\n"])),
        encoding=draw(st.sampled_from(ENCODINGS)),
        names=draw(st.sampled_from([*NAMES])),
        titles=draw(st.sampled_from([0, 0, 0, 1, 3])),
        blank_lines=draw(st.integers(0, 3)) == 0,
        extra=draw(st.booleans()),
        trailing=draw(st.integers(0, 4)) == 0,
        padded=draw(st.integers(0, 4)) == 0,
        stated=draw(st.booleans()),
        zipped=draw(st.integers(0, 5)) == 0,
    )


@st.composite
def texts(draw: st.DrawFn) -> Written:
    """Draw a file of separated fields, as Python's csv module writes it."""
    how = draw(dialects())
    table = encodable(draw(tables(how.ticks)), how.encoding)
    lines = io.StringIO(newline="")
    writer = csv.writer(lines, delimiter=how.delimiter, quoting=how.quoting, lineterminator=how.line_end)  # type: ignore[arg-type]
    for number in range(how.titles):
        lines.write(f"Prices of the desk, page {number}{how.line_end}")
    names = [NAMES[how.names](name) for name in table.names]
    extra = ["remark"] if how.extra else []
    empty = [""] if how.trailing else []
    writer.writerow([*names, *extra, *empty])
    for place, row in enumerate(table.rows):
        cells = [_cell(name, value, how) for name, value in row.items()]
        if how.padded:
            cells = [cell if "\n" in cell else f" {cell} " for cell in cells]
        writer.writerow([*cells, *(f'x{how.delimiter}"{place}"' for _ in extra), *empty])
        if how.blank_lines and place % 2:
            lines.write(how.line_end)
    content = lines.getvalue().encode(how.encoding)
    params: dict[str, Any] = {}
    if how.names == "others":
        params["columns"] = {name: NAMES[how.names](name) for name in table.names}
    if not how.encoding.startswith("utf"):
        params["encoding"] = how.encoding
    if how.stated:
        params |= {"separator": how.delimiter, "header_row": how.titles + 1, "decimal": how.decimal}
        params["date_format"] = how.dates
        params["coupon_unit"] = "decimal" if how.coupon_scale < 1 and not how.percent else "percent"
    suffix = ".csv.gz" if how.zipped else ".csv"
    return Written(
        f"prices{suffix}",
        gzip.compress(content, mtime=0) if how.zipped else content,
        params,
        table,
        frozenset(),
        str(how),
    )


def encodable(table: Table, encoding: str) -> Table:
    """Return the table without the characters that an encoding lacks; a name that has none left is ``x``."""

    def kept(value: Value) -> Value:
        if not isinstance(value, str):
            return value
        return value.encode(encoding, errors="ignore").decode(encoding).strip() or "x"

    return Table([{name: kept(value) for name, value in row.items()} for row in table.rows])


def _cell(name: str, value: Value, how: Dialect) -> str:
    """Return a value as the dialect writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, date):
        return datetime.combine(value, how.clock, UTC).strftime(how.dates)
    if name == "clean_price" and how.ticks and isinstance(value, float):
        return f"{int(value)}-{round(value % 1 * 32):02d}"
    if name == "coupon_rate" and isinstance(value, float):
        return _number(value, how) + "%" if how.percent else _number(round(value * how.coupon_scale, 6), how)
    return _number(value, how) if name in NUMBERS and isinstance(value, int | float) else str(value)


def _number(value: float, how: Dialect) -> str:
    plain = f"{value:,}" if how.thousands else f"{value}"
    if how.decimal == ".":
        return plain
    return plain.translate(str.maketrans(",.", ".,"))


@st.composite
def workbooks(draw: st.DrawFn) -> Written:
    """Draw a workbook, as openpyxl writes it."""
    table = sheet_safe(draw(tables()))
    titles, dates = draw(st.sampled_from([0, 0, 1, 3])), draw(st.sampled_from(["cells", "moments", "text", "mixed"]))
    numbers, shift = draw(st.sampled_from(["cells", "text", "mixed"])), draw(st.sampled_from([0, 0, 2]))
    other, blank = draw(st.booleans()), draw(st.integers(0, 3)) == 0
    book = openpyxl.Workbook()
    sheet = book.active
    for number in range(titles):
        sheet.cell(number + 1, 1 + shift, f"Prices of the desk, page {number}")
    for place, name in enumerate(table.names):
        sheet.cell(titles + 1, place + 1 + shift, name)
    at = titles + 1
    for number, row in enumerate(table.rows):
        at += 1 + (blank and number == 1)
        for place, (name, value) in enumerate(row.items()):
            cell = sheet.cell(at, place + 1 + shift)
            odd = number % 2 == 1
            if isinstance(value, date):
                as_text = dates == "text" or (dates == "mixed" and odd)
                cell.value = (
                    value.isoformat() if as_text else datetime.combine(value, time(0)) if dates == "moments" else value
                )
            elif name in NUMBERS and value is not None:
                cell.value = str(value) if numbers == "text" or (numbers == "mixed" and odd) else value
            else:
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"  # not a formula, whatever it begins with
    if other:
        book.create_sheet("notes").append(["nothing", "of", "interest"])
    content = io.BytesIO()
    book.save(content)
    about = f"titles {titles}, dates {dates}, numbers {numbers}, shift {shift}, other {other}, blank {blank}"
    return Written("prices.xlsx", content.getvalue(), {}, table, frozenset(), about)


def sheet_safe(table: Table) -> Table:
    """Return the table without line breaks, which a sheet's text spells otherwise."""
    return Table(
        [
            {
                name: value.replace("\r", " ").strip() or "x" if isinstance(value, str) else value
                for name, value in row.items()
            }
            for row in table.rows
        ]
    )


@st.composite
def records(draw: st.DrawFn) -> Written:
    """Draw a file of JSON, as Python's json module writes it."""
    table = draw(tables())
    shape = draw(st.sampled_from(["array", "lines", "object"]))
    numbers, absent = draw(st.sampled_from(["numbers", "text", "mixed"])), draw(st.booleans())
    ascii_only, nested = draw(st.booleans()), draw(st.booleans())
    rows: list[dict[str, Any]] = []
    for place, row in enumerate(table.rows):
        found = {}
        for name, value in row.items():
            if value is None and absent and place:
                continue
            spelled = numbers == "text" or (numbers == "mixed" and place % 2 == 1)
            plain = str(value) if spelled and name in NUMBERS and value is not None else value
            found[name] = plain.isoformat() if isinstance(plain, date) else plain
        rows.append({**found, "more": {"a": place, "b": [1, 2]}} if nested else found)
    dumped = [json.dumps(row, ensure_ascii=ascii_only) for row in rows]
    text = {
        "lines": "\n".join(dumped) + "\n",
        "array": "[" + ",\n".join(dumped) + "]",
        "object": f'{{"count": {len(rows)}, "data": [{", ".join(dumped)}]}}',
    }[shape]
    name = "prices.jsonl" if shape == "lines" else "prices.json"
    about = f"{shape}, numbers {numbers}, absent {absent}, ascii {ascii_only}, nested {nested}"
    return Written(name, text.encode(), {}, table, frozenset(), about)


TEXT_TYPES = (
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.dictionary(pa.int32(), pa.string()),
    pa.dictionary(pa.int8(), pa.large_string()),
)
DATE_TYPES = (
    pa.date32(), pa.date64(), pa.timestamp("s"), pa.timestamp("ms"), pa.timestamp("us"), pa.timestamp("ns"),
    pa.timestamp("us", "UTC"), pa.timestamp("ms", "America/New_York"), pa.timestamp("ns", "Asia/Tokyo"),
    pa.timestamp("us", "+05:30"), pa.string(), pa.dictionary(pa.int32(), pa.string()),
)  # fmt: skip
NUMBER_TYPES = (pa.float64(), pa.float64(), pa.float32(), pa.decimal128(20, 6), pa.decimal256(50, 6), pa.string())
INTEGER_TYPES = (pa.int64(), pa.uint64(), pa.float64(), pa.decimal128(20, 0), pa.string())
COMPRESSIONS = ("none", "snappy", "gzip", "zstd", "lz4", "brotli")


@st.composite
def column_files(draw: st.DrawFn) -> Written:
    """Draw a Parquet or Arrow file, as pyarrow writes it."""
    table = draw(tables())
    types = {name: draw(_types(name)) for name in table.names}
    arrays = {name: _array([row[name] for row in table.rows], types[name]) for name in table.names}
    if draw(st.booleans()):
        arrays["nested"] = pa.array([{"a": [1, 2], "b": {"c": "x"}}] * len(table.rows))
        arrays["bytes"] = pa.array([b"\xff\x00"] * len(table.rows))
    if draw(st.booleans()):
        arrays["nothing"] = pa.nulls(len(table.rows))
    columns = pa.table(arrays)
    group = draw(st.sampled_from([1, 2, 1000]))
    kind = draw(st.sampled_from(["parquet", "parquet", "file", "stream"]))
    content = io.BytesIO()
    if kind == "parquet":
        how = {
            "compression": draw(st.sampled_from(COMPRESSIONS)),
            "version": draw(st.sampled_from(["1.0", "2.4", "2.6"])),
            "data_page_version": draw(st.sampled_from(["1.0", "2.0"])),
            "use_dictionary": draw(st.booleans()),
            "write_statistics": draw(st.booleans()),
            "store_schema": draw(st.booleans()),
            "use_deprecated_int96_timestamps": draw(st.integers(0, 4)) == 0,
        }
        if any(getattr(kind, "tz", None) not in {None, "UTC"} for kind in types.values()):
            how["store_schema"] = True  # the format itself knows no zone but UTC
        try:
            pq.write_table(columns, content, row_group_size=group, allow_truncated_timestamps=True, **how)
        except pa.ArrowNotImplementedError:  # a type that this version of the format has not
            content = io.BytesIO()
            pq.write_table(columns, content, row_group_size=group, compression=how["compression"])
    else:
        how = {"compression": draw(st.sampled_from([None, "lz4", "zstd"]))}
        options = ipc.IpcWriteOptions(compression=how["compression"], unify_dictionaries=kind == "file")
        opened = ipc.new_file if kind == "file" else ipc.new_stream
        with opened(content, columns.schema, options=options) as writer:
            writer.write_table(columns, max_chunksize=group)
    name = "prices.parquet" if kind == "parquet" else "prices.arrow"
    single = frozenset(name for name, kind in types.items() if kind == pa.float32())
    about = f"{kind}, groups of {group}, {how}, { ({name: str(one) for name, one in types.items()}) }"
    return Written(name, content.getvalue(), {"coupon_unit": "percent"}, table, single, about)


def _types(name: str) -> st.SearchStrategy[Any]:
    if name in DATES:
        return st.sampled_from(DATE_TYPES)
    if name == "volume":
        return st.sampled_from(INTEGER_TYPES)
    if name in NUMBERS:
        return st.sampled_from(NUMBER_TYPES)
    if name == "frequency":
        return st.sampled_from([pa.int8(), pa.int64(), pa.string(), pa.float64()])
    return st.just(pa.bool_()) if name == "callable" else st.sampled_from(TEXT_TYPES)


def _array(values: Sequence[Any], kind: Any) -> Any:
    """Return values as a column of a type, dates of a zone as their midnight there."""
    is_text = pa.types.is_string(kind) or (pa.types.is_dictionary(kind) and not values_are_text(values))
    if is_text:
        values = [None if value is None else str(value) for value in values]
    if pa.types.is_dictionary(kind):
        return pa.array(values, kind.value_type).dictionary_encode().cast(kind)
    if pa.types.is_timestamp(kind):
        local = pa.array(
            [None if value is None else datetime.combine(value, time(0)) for value in values], pa.timestamp(kind.unit)
        )
        return local if kind.tz is None else pc.assume_timezone(local, kind.tz)
    if pa.types.is_decimal(kind):
        return pa.array([None if value is None else str(value) for value in values]).cast(kind)
    return pa.array(values, kind)


def values_are_text(values: Sequence[Any]) -> bool:
    """Say whether values are texts already."""
    return all(value is None or isinstance(value, str) for value in values)
