"""Observations from their files to accepted rows and a quarantine, however large they are.

The source is read twice, a piece at a time: to find what holds for all its rows (units, usual coupons), then to judge
each row. What passes is sorted by date on the disk and handed out part by part when its duplicates are out.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.mappings import MAPPINGS
from richcheap.ingestion.observations import Checker
from richcheap.ingestion.params import DataParams
from richcheap.ingestion.preparation import Options
from richcheap.ingestion.reading.scan import SCANNED, Findings, Scan
from richcheap.ingestion.reading.source import Source, joined
from richcheap.ingestion.schema import REFUSED_SCHEMA
from richcheap.ingestion.summary import notices, reason_table, summarise
from richcheap.ingestion.trades.daily import KEYS, DailyPrices
from richcheap.ingestion.validation.counters import AcceptedCounts, CheckCounts, RefusedCounts
from richcheap.ingestion.validation.cross_check import Compared
from richcheap.ingestion.validation.validation_rules import Limits
from richcheap.pipeline.execution.prefetch import prefetch
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.storage.external_sort import ExternalSort, in_parts

BYTES_WORTH_A_BAR = 10_000_000  # about a second's work
BLOCK_ROWS = 1 << 17
"""Source rows whose quarantined ones share a part."""
DATE_ROWS = 1 << 20
"""Rows of one date that are held, more than `compute.chunk_rows`: a date is never divided."""

Item = TypeVar("Item")


class Ingestion:
    """One reading of the observations: what is read, what is held on the disk, what is counted.

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
        self._params, self._rows, self._pieces = params, rows, 0
        self._options = Options(**{name: getattr(params, name) for name in Options.__dataclass_fields__})
        self._mapping = MAPPINGS[params.mapping]
        for name in ("accepted", "refused", "copies"):
            (folder / name).mkdir()
        self._source = Source(Path(params.observations), self._mapping, self._options, folder / "copies")
        self._accepted = ExternalSort(folder / "accepted", KEYS, pl.col("date"), rows)
        block = (pl.col("source_row") - 1) // BLOCK_ROWS
        self._refused = ExternalSort(folder / "refused", ["source_row"], block, rows)
        self.checked, self.accepted, self.refused = CheckCounts(), AcceptedCounts(), RefusedCounts()

    def look(self) -> Findings:
        """Read the source once, and find what holds for all its rows.

        Raises
        ------
        InputError
            It is broken or has no rows.
        """
        scan = Scan(self._options, self._source.notation)
        for piece in self._shown(prefetch(joined(self._source.pieces(self._rows, SCANNED), self._rows)), "units"):
            scan.add(piece.frame, piece.layout)
            self._pieces += 1
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
        every = (checker.check(*piece) for piece in joined(self._source.pieces(self._rows), self._rows))
        for checked in self._shown(prefetch(every), "rules", self._pieces):
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
        return in_parts(prefetch(self._unique()))

    def quarantine(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield the parts of the quarantine in the order of the source; one without rows when there are none."""
        if not self.refused.rows:
            yield _block_name(1), self._source.with_origin(pl.DataFrame(schema=REFUSED_SCHEMA))
        for block in self._refused.read(1):
            first = (block["source_row"][0] - 1) // BLOCK_ROWS * BLOCK_ROWS + 1
            yield _block_name(first), self._source.with_origin(block)

    def refuse_if_too_many(self, quarantine: Path) -> None:
        """Fail with the table of reasons when more rows were quarantined than params allow, or all.

        Parameters
        ----------
        quarantine : Path
            Where a user finds the quarantined rows.

        Raises
        ------
        InputError
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
            f"all refused rows are in {quarantine}"
        )
        unreadable = [
            f"{path}: column '{name}': not one value is readable; data.columns.{name} can name another column"
            for name in self.checked.unreadable
        ]
        raise InputError("\n".join([what, *unreadable, reason_table(self.refused, read)]))

    def summary(self, findings: Findings) -> dict[str, Any]:
        """Return the content of metrics/ingest.json but for the curve's part."""
        summary = summarise(findings, self.checked, self.accepted, self.refused, self._compared)
        return {**summary, "source": self._source.describe()}

    def notices(self, curve: pl.DataFrame) -> list[str]:
        """Return a line for each thing that a user should look at, with the key that settles it."""
        return notices(self.checked, self.accepted, self.refused, self._compared, curve)

    @cached_property
    def _compared(self) -> Sequence[Compared]:
        return self.checked.cross_check()

    def _unique(self) -> Iterator[pl.DataFrame]:
        params = self._params
        prices = DailyPrices(params.trades, params.min_trade_size, params.max_price_move)
        for frame in self._shown(self._accepted.read(self._rows), "parts"):
            chosen = prices.of(frame)
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
