"""Small files that unpack to very much, read in a process that the operating system gives little memory."""

import gzip
import io
import json
import resource
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import openpyxl  # type: ignore[import-untyped]
import pyarrow as pa
from pyarrow import ipc
from pyarrow import parquet as pq

from benchmarks.promises.cases import Case, Options, Verdict
from benchmarks.promises.inputs.ingested import data_params, environment, ingested, refusal, room
from richcheap.ingestion.errors import InputError

MEMORY = 1 << 30
"""Bytes of addresses above what a process has that has read a small file."""

SECONDS = 300
HEADER = b"bond_id,date,clean_price,maturity_date,coupon_rate\n"
ROW = b"Q1,2025-02-03,97.5,2032-09-15,4.25\n"
ROWS = 6_000_000


def cases(options: Options) -> Iterator[Case]:
    """Yield every archive; the short run has two."""
    for name in ("one long line.csv.gz", "one long text.parquet") if options.short else FILES:
        yield case(name)


def case(name: str) -> Case:
    """Write a file into a new folder and read it in another process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"prices.{name.partition('.')[2]}"
        FILES[name](path)
        command = [sys.executable, "-m", __spec__.name, str(path)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, check=False, env=environment(), timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            return Case(name, Verdict.FAILED, f"not read in {SECONDS} seconds")
    said = done.stdout.strip().splitlines()
    if done.returncode or not said:
        return Case(name, Verdict.FAILED, f"exit code {done.returncode}: {done.stderr[-300:]}")
    found = json.loads(said[-1])
    return refusal(name, found, "prices.") if isinstance(found, str) else Case(name, Verdict.RIGHT)


def _zipped_lines(path: Path) -> None:
    with gzip.open(path, "wb", 1) as file:
        file.write(HEADER)
        for _ in range(ROWS // 10_000):
            file.write(ROW * 10_000)


def _zipped_line(path: Path) -> None:
    with gzip.open(path, "wb", 1) as file:
        file.write(HEADER)
        for _ in range(2000):
            file.write(b"0" * (1 << 20))


def _zipped_quote(path: Path) -> None:
    with gzip.open(path, "wb", 1) as file:
        file.write(HEADER + b'"')
        for _ in range(2000):
            file.write(b"a,b\n" * (1 << 18))


def _many_columns(path: Path) -> None:
    names = b",".join(b"c%d" % number for number in range(200_000))
    path.write_bytes(HEADER[:-1] + b"," + names + b"\n" + (ROW[:-1] + b"," * 200_000 + b"\n") * 20)


def _columns(rows: int) -> dict[str, pa.Array]:
    texts = dict(zip(HEADER.decode().strip().split(","), ROW.decode().strip().split(","), strict=True))
    return {name: pa.repeat(text, rows) for name, text in texts.items()}


def _one_group(path: Path) -> None:
    table = pa.table({name: column.dictionary_encode() for name, column in _columns(ROWS).items()})
    pq.write_table(table, path, row_group_size=ROWS, compression="zstd")


def _long_text(path: Path) -> None:
    table = pa.table({**_columns(3), "issuer": ["x" * 300_000_000, "a", "b"]})
    pq.write_table(table, path, compression="zstd", use_dictionary=False, write_statistics=False)


def _wide_rows(path: Path) -> None:
    rows = 40_000
    table = pa.table({**_columns(rows), "issuer": pa.repeat("x" * 60_000, rows).dictionary_encode()})
    pq.write_table(table, path, row_group_size=rows, compression="zstd")


def _compressed_batch(path: Path) -> None:
    table = pa.table(_columns(3_000_000))
    with ipc.new_file(str(path), table.schema, options=ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)


def _long_json(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b'{"bond_id": "')
        for _ in range(400):
            file.write(b"x" * (1 << 20))
        file.write(b'", "date": "2025-02-03"}\n')


def _deep_json(path: Path) -> None:
    path.write_bytes(b'{"bond_id": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}\n")


def _workbook(sheet: Callable[[io.BufferedIOBase], None], path: Path) -> None:
    """Write a workbook of which the sheet's text is another."""
    plain = io.BytesIO()
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as after:
        for entry in before.infolist():
            if entry.filename != "xl/worksheets/sheet1.xml":
                after.writestr(entry, before.read(entry))
        with after.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            file.write(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
            sheet(file)  # type: ignore[arg-type]
            file.write(b"</sheetData></worksheet>")


def _row_cells(number: int, texts: list[bytes]) -> bytes:
    cells = b"".join(b'<c t="inlineStr"><is><t>%s</t></is></c>' % text for text in texts)
    return b'<row r="%d">%s</row>' % (number, cells)


def _long_cell(file: io.BufferedIOBase) -> None:
    file.write(_row_cells(1, HEADER.strip().split(b",")))
    file.write(b'<row r="2"><c t="inlineStr"><is><t>')
    for _ in range(1500):
        file.write(b"x" * (1 << 20))
    file.write(b"</t></is></c></row>")


def _far_cell(file: io.BufferedIOBase) -> None:
    file.write(_row_cells(1, HEADER.strip().split(b",")))
    file.write(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


FILES: Mapping[str, Callable[[Path], None]] = MappingProxyType(
    {
        "many lines.csv.gz": _zipped_lines,
        "one long line.csv.gz": _zipped_line,
        "a quote that never ends.csv.gz": _zipped_quote,
        "many columns.csv": _many_columns,
        "one row group.parquet": _one_group,
        "one long text.parquet": _long_text,
        "long texts.parquet": _wide_rows,
        "one compressed batch.arrow": _compressed_batch,
        "a long text.jsonl": _long_json,
        "deep.json": _deep_json,
        "a long cell.xlsx": lambda path: _workbook(_long_cell, path),
        "a far cell.xlsx": lambda path: _workbook(_far_cell, path),
    }
)


def main(path: Path) -> None:
    """Read a small file, then this one with little memory; print what was said, or how many rows were read."""
    with room():
        Path("small.csv").write_bytes(HEADER + ROW)
        ingested(data_params("small.csv"))
        Path(path.name).symlink_to(path)
        held = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, held + MEMORY))
        try:
            said: str | int = ingested(data_params(path.name)).facts["rows_read"]
        except InputError as error:
            said = str(error)
    print(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
