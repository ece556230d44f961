"""Files that are written to, cut, replaced or taken away while they are read, in a process of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl
import pyarrow as pa
from pyarrow import ipc

from benchmarks.promises.cases import Case, Options, Verdict
from benchmarks.promises.inputs import ingested
from richcheap.ingestion.files import readers

ROWS, AT_A_TIME = 40, 8
SECONDS = 300
MOMENTS = (0, 1, 3, 6, 8, 11)
"""Pieces that have been read: of the first pass over the file, or of the second."""


def prices(first: int) -> pl.DataFrame:
    """Return the rows of a file."""
    days = [date(2025, 2, 3) + timedelta(first + place) for place in range(ROWS)]
    terms = {"maturity_date": date(2032, 9, 15), "coupon_rate": 4.25}
    frame = pl.DataFrame({"bond_id": "Q", "date": days, "clean_price": [95.0 + place / 8 for place in range(ROWS)]})
    return frame.with_columns(**{name: pl.lit(value) for name, value in terms.items()})


def _arrow(frame: pl.DataFrame, path: Path) -> None:
    table: pa.Table = frame.to_arrow()
    with ipc.new_file(str(path), table.schema) as writer:
        writer.write_table(table)


FILES: Mapping[str, Callable[[pl.DataFrame, Path], Any]] = MappingProxyType(
    {
        "prices.csv": lambda frame, path: frame.write_csv(path),
        "prices.csv.gz": lambda frame, path: frame.write_csv(path, compression="gzip"),
        "prices.parquet": lambda frame, path: frame.write_parquet(path, row_group_size=AT_A_TIME),
        "prices.arrow": _arrow,
        "prices.jsonl": lambda frame, path: frame.write_ndjson(path),
    }
)


def _appended(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"Q,2026-02-03,97.5,2032-09-15,4.25\n")


def _cut(path: Path) -> None:
    os.truncate(path, 64)


def _replaced(path: Path) -> None:
    other = path.with_name(f"other-{path.name}")
    FILES[path.name](prices(200), other)
    other.replace(path)


DEEDS: Mapping[str, Callable[[Path], None]] = MappingProxyType(
    {"is written to": _appended, "is cut": _cut, "is replaced": _replaced, "is taken away": Path.unlink}
)


def cases(options: Options) -> Iterator[Case]:
    """Yield every deed at every moment; a process that dies loses the cases after it, and starts again with these."""
    every = [f"{file} {deed} after {moment}" for file in FILES for deed in DEEDS for moment in MOMENTS]
    left = every[options.seed % 11 :: 11] if options.short else every
    while left:
        command = [sys.executable, "-m", __spec__.name]
        done = subprocess.run(
            command,
            input=json.dumps(left),
            capture_output=True,
            text=True,
            check=False,
            env=ingested.environment(),
            timeout=SECONDS,
        )
        found = [Case(*json.loads(line)) for line in done.stdout.splitlines()]
        yield from (case._replace(verdict=Verdict(case.verdict)) for case in found)
        left = left[len(found) :]
        if left:
            yield Case(left[0], Verdict.FAILED, f"the process ended with {done.returncode}: {done.stderr[-300:]}")
            left = left[1:]


def case(name: str) -> Case:
    """Read a file to which something is done in the middle."""
    file, _, more = name.partition(" ")
    deed, _, moment = more.rpartition(" after ")
    path = Path(file)
    FILES[file](prices(0), path)
    read, pieces = readers._next_piece, 0

    def next_piece(source: readers.SourceFile, *given: Any) -> Any:
        nonlocal pieces
        if source.path == path and pieces == int(moment):
            DEEDS[deed](path)
        pieces += source.path == path
        return read(source, *given)

    def work() -> str:
        found = ingested.ingested(ingested.data_params(file), AT_A_TIME)
        same = found.accepted["date"].to_list() == prices(0)["date"].to_list()
        return "" if same else f"{found.accepted.height} rows were read, which are not those of the file"

    setattr(readers, "_next_piece", next_piece)  # noqa: B010  a function, as mypy knows
    try:
        return ingested.judged(name, file, work)
    finally:
        setattr(readers, "_next_piece", read)  # noqa: B010


def main() -> None:
    """Try the cases that standard input names, and print what became of each at once."""
    with ingested.room():
        for name in json.loads(sys.stdin.read()):
            print(json.dumps(case(name)), flush=True)


if __name__ == "__main__":
    main()
