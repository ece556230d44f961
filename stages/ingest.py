"""Stage ``ingest``: files of bond observations in, the canonical table and a quarantine out.

The source is read twice, a piece at a time: to find what holds for all its rows (units, usual coupons), then to judge
each row. What passes is sorted by date on the disk and written part by part when its duplicates are out.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from richcheap.ingestion.curves import canonical_curve
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.readers import read_table
from richcheap.ingestion.mappings import MAPPINGS
from richcheap.ingestion.observations import Checker
from richcheap.ingestion.params import DataParams
from richcheap.ingestion.preparation import AUTO, Options
from richcheap.ingestion.reading.scan import SCANNED, Findings, Scan
from richcheap.ingestion.reading.source import Source
from richcheap.ingestion.schema import REFUSED_SCHEMA
from richcheap.ingestion.summary import reason_table, summarise, summarise_curve, told
from richcheap.ingestion.trades import KEYS, one_a_day
from richcheap.ingestion.validation.counters import AcceptedCounts, CheckCounts, RefusedCounts
from richcheap.ingestion.validation.validation_rules import Limits
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.prefetch import ahead
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.execution.workers import load_compute
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_json, write_parquet
from richcheap.pipeline.storage.external_sort import ExternalSort, in_parts
from richcheap.pipeline.storage.tables import new_table
from richcheap.pipeline.storage.temp_dir import temporary_folder

BYTES_WORTH_A_BAR = 10_000_000  # about a second's work
BLOCK_ROWS = 1 << 17
"""Source rows whose quarantined ones share a part."""
DATE_ROWS = 1 << 20
"""Rows of one date that are held, more than `compute.chunk_rows`: a date is never divided."""

Item = TypeVar("Item")


class Ingestion:
    """One run of the stage: what it reads, what it holds on the disk, what it counts.

    Parameters
    ----------
    params : DataParams
    rows : int
        Rows held at a time.
    folder : Path
        Existing folder for what is held on the disk.

    Raises
    ------
    InputError
        The source cannot be used.
    """

    def __init__(self, params: DataParams, rows: int, folder: Path) -> None:
        self._params, self._rows = params, rows
        self._options = Options(**{name: getattr(params, name) for name in Options.__dataclass_fields__})
        self._mapping = MAPPINGS[params.mapping]
        for name in ("accepted", "refused", "copies"):
            (folder / name).mkdir()
        self._source = Source(Path(params.observations), self._mapping, self._options, folder / "copies")
        self._accepted = ExternalSort(folder / "accepted", KEYS, pl.col("date"), rows)
        block = (pl.col("source_row") - 1) // BLOCK_ROWS
        self._refused = ExternalSort(folder / "refused", ["source_row"], block, rows)
        self.checked, self.accepted, self.refused = CheckCounts(), AcceptedCounts(), RefusedCounts()

    def source(self) -> dict[str, Any]:
        """Return how the source is written, as it was told."""
        return self._source.describe()

    def look(self) -> Findings:
        """Read the source once, and find what holds for all its rows.

        Raises
        ------
        InputError
            It is broken or has no rows.
        """
        scan = Scan(self._options, self._source.notation)
        for piece in self._shown(ahead(self._source.pieces(self._rows, SCANNED)), "units"):
            scan.add(piece.frame, piece.layout)
        if not self._source.rows:
            raise InputError(f"{self._source.path}: expected at least one observation, got a header only")
        return scan.findings()

    def check(self, findings: Findings) -> None:
        """Read the source again, and try every rule on every row.

        Raises
        ------
        InputError
            It is broken, or a date has more rows than can be held.
        """
        limits = Limits(**{name: getattr(self._params, name) for name in Limits.__dataclass_fields__})
        checker = Checker(self._mapping, self._options, limits, findings)
        pieces = -(-self._source.rows // self._rows)
        every = (checker.check(*piece) for piece in self._source.pieces(self._rows))
        for checked in self._shown(ahead(every), "rules", pieces):
            self.checked.add(checked)
            self._accepted.add(checked.accepted)
            self._refuse(checked.refused)
        dates, counts = self._accepted.counts()
        most = max(self._rows, DATE_ROWS)
        for place in (counts > most).arg_true().head(1):
            raise InputError(
                f"{self._source.path}: expected at most {most:,} rows of one date, which are held together, got "
                f"{counts[place]:,} of {dates[place]}; is `date` another column, or compute.chunk_rows too low?"
            )

    def observations(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield the parts of the table of observations, without duplicates, which go to the quarantine."""
        return in_parts(ahead(self._unique()))

    def quarantine(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield the parts of the quarantine in the order of the source; one without rows when there are none."""
        if not self.refused.rows:
            yield _block_name(1), self._source.with_origin(pl.DataFrame(schema=REFUSED_SCHEMA))
        for block in self._refused.read(1):
            first = (block["source_row"][0] - 1) // BLOCK_ROWS * BLOCK_ROWS + 1
            yield _block_name(first), self._source.with_origin(block)

    def refuse_if_too_many(self) -> None:
        """Fail with the table of reasons when more rows were quarantined than params allow, or all.

        Raises
        ------
        DataError
            One line for the source, one for each column of which nothing is readable, one for each reason.
        """
        params, path, read = self._params, self._params.observations, self.checked.rows
        if self.accepted.rows + self.refused.rows != read:
            raise RuntimeError(f"{read} rows read, but {self.accepted.rows} accepted, {self.refused.rows} quarantined")
        share = self.refused.faults / max(read, 1)
        if share <= params.max_rejected_share and self.accepted.rows:
            return
        what = (
            f"{path}: expected at most {params.max_rejected_share:.2%} of the rows refused (data.max_rejected_share) "
            f"and one accepted, got {share:.2%} refused and {self.accepted.rows:,} accepted; "
            f"all refused rows are in {paths.QUARANTINE}"
        )
        unreadable = [
            f"{path}: column '{name}': not one value is readable; data.columns.{name} can name another column"
            for name in self.checked.unreadable
        ]
        raise DataError("\n".join([what, *unreadable, reason_table(self.refused, read)]))

    def _unique(self) -> Iterator[pl.DataFrame]:
        for frame in self._shown(self._accepted.read(self._rows), "parts"):
            chosen = one_a_day(frame, self._options.trades)
            self._refuse(chosen.refused)
            self.accepted.add(chosen.kept)
            self.accepted.several.update(chosen.days)
            if chosen.kept.height:  # all may have been cancelled
                yield chosen.kept

    def _refuse(self, refused: pl.DataFrame) -> None:
        self.refused.add(refused)
        self._refused.add(refused)

    def _shown(self, items: Iterator[Item], what: str, total: int | None = None) -> Iterator[Item]:
        if self._source.bytes < BYTES_WORTH_A_BAR:
            return items
        return iter(progress(items, total=total, desc=f"ingest {what}", unit="piece"))


def _block_name(first_row: int) -> str:
    return f"{first_row:012d}"


def read_curve(params: DataParams) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Read the benchmark curves that params name, and summarise them."""
    path = Path(params.curve)
    table = read_table(path)
    dates = params.date_format if isinstance(params.date_format, str) else AUTO
    try:
        curve, unit = canonical_curve(table, params.curve_mapping, params.default_currency, params.curve_unit, dates)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return curve, summarise_curve(curve, unit)


def ingest(params: DataParams, rows: int) -> None:
    """Read all, then let the outputs take the place of those there are: an error leaves nothing half-written.

    When too many rows are refused the quarantine alone is written, whole, for the user to look at.
    """
    curve, curve_summary = read_curve(params)
    with temporary_folder(paths.OBSERVATIONS) as folder:
        ingestion = Ingestion(params, rows, folder)
        findings = ingestion.look()
        ingestion.check(findings)
        with new_table(paths.OBSERVATIONS) as table:
            for name, part in ingestion.observations():
                table.write(name, part)
            with new_table(paths.QUARANTINE) as quarantine:
                for name, part in ingestion.quarantine():
                    quarantine.write(name, part)
            ingestion.refuse_if_too_many()
    compared = ingestion.checked.cross_check()
    summary = summarise(findings, ingestion.checked, ingestion.accepted, ingestion.refused, compared)
    for line in told(ingestion.checked, ingestion.accepted, ingestion.refused, compared, curve):
        print(line, file=sys.stderr)
    write_parquet(curve, paths.BENCHMARK_CURVE)
    write_json({**summary, "source": ingestion.source(), "curve": curve_summary}, paths.METRICS / "ingest.json")


def main() -> None:
    """Ingest what params name."""
    params = load(DataParams, "data")
    try:
        ingest(params, load_compute().chunk_rows)
    except InputError as error:
        raise DataError(str(error)) from error


if __name__ == "__main__":
    run(main, __doc__)
