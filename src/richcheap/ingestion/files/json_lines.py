"""Records in JSON: a line each, or an array of them, by itself or in an object, as a table of text."""

import json
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from richcheap.ingestion.errors import InputError

_MARK = b"\xef\xbb\xbf"
_LINES = (".jsonl", ".ndjson")
LONGEST_LINE = 1 << 20
"""Bytes of a record that has a line of its own: far more than any needs, and little enough to hold."""


def copy_records(path: Path, copy: Path) -> None:
    """Write records as an Arrow file of text, a piece at a time where each has a line of its own.

    A value keeps the spelling that it has in the file, so that one column may hold numbers and words. What is nested
    is named as ``outer.inner``.
    """
    with path.open("rb") as file:
        is_array = file.read(64).removeprefix(_MARK).lstrip().startswith(b"[")
    has_lines = path.suffix.lower() in _LINES or (not is_array and _has_lines(path))
    if has_lines:
        _refuse_long_lines(path)
    if is_array:
        flat = _flat(pl.read_json(path, infer_schema_length=None).lazy())
    elif not has_lines and (records := _wrapped(path)) is not None:
        flat = _flat(records.lazy())
    else:
        schema = pl.scan_ndjson(path, infer_schema_length=None).collect_schema()
        texts = {name: kind if isinstance(kind, pl.Struct | pl.List) else pl.String() for name, kind in schema.items()}
        flat = _flat(pl.scan_ndjson(path, schema=texts))
    flat.sink_ipc(copy, compression="uncompressed")


def _has_lines(path: Path) -> bool:
    """Say whether the first line is a record of its own and another follows: such a file is never held whole."""
    with path.open("rb") as file:
        first = file.readline(LONGEST_LINE).removeprefix(_MARK)
        if not file.read(1):
            return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _refuse_long_lines(path: Path) -> None:
    lines = held = 0
    with path.open("rb") as file:
        while block := file.read(LONGEST_LINE):
            end = block.find(b"\n")
            if held + (end if end >= 0 else len(block)) > LONGEST_LINE:
                raise InputError(f"{path}: line {lines + 1}: expected a record of at most {LONGEST_LINE:,} bytes")
            lines += block.count(b"\n")
            held = held + len(block) if end < 0 else len(block) - block.rfind(b"\n") - 1


def _wrapped(path: Path) -> pl.DataFrame | None:
    """Return the records of a file that is one object, of which one key holds them; None where it is not."""
    try:
        whole = pl.read_json(path, infer_schema_length=None)
    except PolarsError:
        return None
    kinds = whole.schema.items()
    holders = [name for name, kind in kinds if isinstance(kind, pl.List) and isinstance(kind.inner, pl.Struct)]
    if whole.height != 1 or len(holders) != 1:
        return None
    return whole.select(pl.col(holders[0]).explode().struct.unnest())


def _flat(table: pl.LazyFrame) -> pl.LazyFrame:
    """Take structures apart, until there are none."""
    while nested := {name: kind for name, kind in table.collect_schema().items() if isinstance(kind, pl.Struct)}:
        table = table.select(
            field
            for name, kind in table.collect_schema().items()
            for field in (
                [pl.col(name).struct.field(inner.name).alias(f"{name}.{inner.name}") for inner in kind.fields]
                if name in nested and isinstance(kind, pl.Struct)
                else [pl.col(name)]
            )
        )
    return table.with_columns(pl.col(pl.Null).cast(pl.String))
