"""Read columns of Parquet and Arrow files in small pieces, whatever the size of their row groups and record batches."""

import mmap
from base64 import b64decode
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.types as kinds
from pyarrow import ipc
from pyarrow import parquet as pq

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.arrow_types import is_text, to_series

LONGEST_TEXT = 1 << 16
"""Bytes of one value of text: far more than any needs, and few enough to hold a piece of them."""

LONGEST_ROW = 1 << 20
"""Bytes of a row with all its columns, on average."""

PIECE_BYTES = 1 << 28
"""A piece that reaches this size ends before it has all its rows."""

COMPRESSED_ROWS = 1 << 20
"""Rows of a compressed record batch that are held at a time, more than a piece has: it is decompressed whole."""

_STEP_ROWS = 1 << 16
_BUFFER_BYTES = 1 << 16
_FILE_MARK = b"ARROW1"
_WRITER_SCHEMA = b"ARROW:schema"


def arrow_schema(path: Path) -> pa.Schema:
    """Return the columns of a Parquet or Arrow file, or of an Arrow stream."""
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty")
    if _is_parquet(path):
        with _parquet(path) as file:
            return _parquet_schema(file)
    return _reader(_map(path)).schema


def read_arrow(path: Path, columns: Sequence[str], rows: int) -> Iterator[pl.DataFrame]:
    """Read columns in order, at most so many rows at a time; nothing when there are no rows.

    Pages of a Parquet file are read one after another, an Arrow file is mapped into memory.

    Raises
    ------
    InputError
        A text or a compressed record batch is too large to be held.
    """
    step = -(-rows // -(-rows // _STEP_ROWS))
    parquet = _is_parquet(path)
    batches = _parquet_batches(path, columns, step) if parquet else _arrow_batches(path, columns, rows, step)
    return _gathered(_frames(path, columns, batches), rows)


def _is_parquet(path: Path) -> bool:
    return path.name.lower().endswith(".parquet")


def _parquet(path: Path, texts: Sequence[str] = ()) -> Any:
    """Open a Parquet file, texts as dictionaries so that one which is often repeated is held once."""
    return pq.ParquetFile(
        path, read_dictionary=texts, pre_buffer=False, buffer_size=_BUFFER_BYTES, coerce_int96_timestamp_unit="ms"
    )


def _parquet_schema(file: Any) -> pa.Schema:
    """Return the columns; times of 96 bits with the zone that their writer kept beside, which pyarrow leaves out."""
    schema, kept = file.schema_arrow, (file.metadata.metadata or {}).get(_WRITER_SCHEMA)
    written = ipc.read_schema(pa.py_buffer(b64decode(kept))) if kept else schema
    zones = {field.name: field.type.tz for field in written if kinds.is_timestamp(field.type)}
    for place, field in enumerate(schema):
        if kinds.is_timestamp(field.type) and field.type.tz is None and zones.get(field.name):
            schema = schema.set(place, field.with_type(pa.timestamp(field.type.unit, zones[field.name])))
    return schema


def _parquet_batches(path: Path, columns: Sequence[str], step: int) -> Iterator[pa.RecordBatch]:
    schema = arrow_schema(path)
    texts = [name for name in columns if is_text(schema.field(name).type)]
    with _parquet(path, texts) as file:
        for number in range(file.metadata.num_row_groups):
            group = file.metadata.row_group(number)  # not its columns: pyarrow 26 dies of some broken ones
            if group.total_byte_size > LONGEST_ROW * max(group.num_rows, 1):
                raise InputError(
                    f"{path}: row group {number + 1}: expected at most {LONGEST_ROW:,} bytes a row, "
                    f"got {group.total_byte_size:,} for {group.num_rows:,} rows"
                )
        for batch in file.iter_batches(batch_size=step, columns=columns, use_threads=False):
            yield _with_zones(batch, schema)


def _with_zones(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    for place, field in enumerate(batch.schema):
        kind = schema.field(field.name).type
        if kinds.is_timestamp(kind) and kind.tz != field.type.tz:
            batch = batch.set_column(place, field.name, batch.column(place).view(kind))
    return batch


def _map(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _reader(mapped: mmap.mmap, fields: Sequence[int] = ()) -> Any:
    opened = ipc.open_file if mapped[: len(_FILE_MARK)] == _FILE_MARK else ipc.open_stream
    return opened(pa.py_buffer(mapped), options=ipc.IpcReadOptions(included_fields=list(fields), use_threads=False))


def _arrow_batches(path: Path, columns: Sequence[str], rows: int, step: int) -> Iterator[pa.RecordBatch]:
    mapped, most = _map(path), max(rows, COMPRESSED_ROWS)
    schema = _reader(mapped).schema
    fields = [schema.get_field_index(name) for name in columns]
    narrowest = min(fields, key=lambda field: _bits(schema.field(field).type))
    chosen = _reader(mapped, fields)
    # Of a file, chosen columns are copied out of the map, all of them are not; of a stream, neither are.
    mapped_whole = _reader(mapped) if isinstance(chosen, ipc.RecordBatchFileReader) else chosen
    for number, column in enumerate(_batches(_reader(mapped, [narrowest]))):
        compressed = any(part.parent is None for part in column.column(0).buffers() if part is not None)
        if compressed and column.num_rows > most:
            raise InputError(
                f"{path}: record batch {number + 1} is compressed and would be held whole: expected at most {most:,} "
                f"rows, got {column.num_rows:,}; write smaller batches or Parquet, or raise compute.chunk_rows"
            )
        batch = _batch(chosen if compressed else mapped_whole, number).select(columns)
        for start in range(0, batch.num_rows, step):
            yield batch.slice(start, step)
            if hasattr(mmap, "MADV_DONTNEED"):  # what was read need not stay in memory
                mapped.madvise(mmap.MADV_DONTNEED)


def _batches(reader: Any) -> Iterator[pa.RecordBatch]:
    if isinstance(reader, ipc.RecordBatchFileReader):
        return map(reader.get_batch, range(reader.num_record_batches))
    return iter(reader)


def _batch(reader: Any, number: int) -> pa.RecordBatch:
    """Return a record batch of a file, or the next one of a stream."""
    return reader.get_batch(number) if isinstance(reader, ipc.RecordBatchFileReader) else reader.read_next_batch()


def _bits(kind: pa.DataType) -> int:
    """Return the width of a value; text is widest."""
    if kinds.is_dictionary(kind):
        kind = kind.index_type
    return int(kind.bit_width) if kinds.is_primitive(kind) else 1 << 10


def _frames(path: Path, columns: Sequence[str], batches: Iterator[pa.RecordBatch]) -> Iterator[pl.DataFrame]:
    for batch in batches:
        batch.validate(full=True)  # text that is no UTF-8, an index outside its dictionary
        width = 1 + sum(_longest(path, name, batch.column(name)) for name in columns)
        rows = max(PIECE_BYTES // width, 1)
        for start in range(0, batch.num_rows, rows):
            part = batch.slice(start, rows)
            yield pl.DataFrame({name: to_series(part.column(name)) for name in columns})


def _longest(path: Path, name: str, values: pa.Array) -> int:
    """Return the bytes of the longest text; 0 of what is none."""
    texts = values.dictionary if kinds.is_dictionary(values.type) else values
    if not is_text(texts.type):
        return 0
    # Of polars: pyarrow 26 cannot tell the length of every layout of text.
    longest = pl.DataFrame({name: texts}).select(pl.col(name).str.len_bytes().max().fill_null(0)).item()
    if longest > LONGEST_TEXT:
        raise InputError(f"{path}: column '{name}': expected text of at most {LONGEST_TEXT:,} bytes, got {longest:,}")
    return int(longest)


def _gathered(frames: Iterator[pl.DataFrame], rows: int) -> Iterator[pl.DataFrame]:
    """Put frames together up to so many rows."""
    held: list[pl.DataFrame] = []
    height = size = 0
    for frame in frames:
        height, size = height + frame.height, size + int(frame.estimated_size())
        if held and (height > rows or size > PIECE_BYTES):
            yield pl.concat(held)
            held, height, size = [], frame.height, int(frame.estimated_size())
        held.append(frame)
    if held:
        yield pl.concat(held)
