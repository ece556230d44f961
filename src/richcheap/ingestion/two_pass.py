"""Observations from their files to accepted rows and a quarantine, however large they are.

The source is read twice, a piece at a time: to find what holds for all its rows (units, usual coupons), then to judge
each row. What passes is sorted by date on the disk and handed out part by part when its duplicates are out.

A folder that has new files is read on from what an earlier reading has left: what its first pass found, its counts, and
of trades what is remembered at the start of the last month but one. Rows since then are judged again.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

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


class Before(NamedTuple):
    """What an earlier reading of the first files of a folder has left.

    Attributes
    ----------
    frames : dict of str to DataFrame
        As `Ingestion.frames` returned them.
    checked : sequence of LazyFrame
        As `Ingestion.checked_since` returned them.
    quarantine : dict of str to LazyFrame
        The parts of the quarantine, by name.
    """

    frames: Mapping[str, pl.DataFrame]
    checked: Sequence[pl.LazyFrame]
    quarantine: Mapping[str, pl.LazyFrame]

    @property
    def file_rows(self) -> list[int]:
        """Rows of each file that was read."""
        return self.frames["files"]["rows"].to_list()

    @property
    def since(self) -> date:
        """The date since which rows are judged again; the parts of the table before it are final."""
        first: date = self.frames["reading"]["since"][0]
        return first

    @property
    def notation(self) -> str:
        """How dates and numbers were read."""
        return str(self.frames["reading"]["notation"][0])


class Ingestion:
    """One reading of the observations: what is read, what is held on the disk, what is counted.

    Parameters
    ----------
    params : DataParams
    rows : int
        Rows held at a time.
    folder : Path
        Folder that is made for what is held on the disk.
    before : Before, optional
        What an earlier reading has left, of files that are as they were.

    Attributes
    ----------
    goes_on : bool
        Whether it goes on from an earlier reading.
    final_blocks : list of str
        Parts of the quarantine of before that stay as they are, as all parts of the table before `since` do.

    Raises
    ------
    InputError
        The source cannot be used.
    """

    def __init__(self, params: DataParams, rows: int, folder: Path, before: Before | None = None) -> None:
        self._params, self._rows, self._pieces, self._before = params, rows, 0, before
        self._options = Options(**{name: getattr(params, name) for name in Options.__dataclass_fields__})
        self._mapping = MAPPINGS[params.mapping]
        for name in ("accepted", "refused", "copies"):
            (folder / name).mkdir(parents=True)
        known = [] if before is None else before.file_rows
        self._source = Source(Path(params.observations), self._mapping, self._options, folder / "copies", known=known)
        self._accepted = ExternalSort(folder / "accepted", KEYS, pl.col("date"), rows)
        block = (pl.col("source_row") - 1) // BLOCK_ROWS
        self._refused = ExternalSort(folder / "refused", ["source_row"], block, rows)
        self.checked, self.accepted, self.refused = CheckCounts(), AcceptedCounts(), RefusedCounts()
        self._scan = Scan(self._options, self._source.notation)
        self._prices = DailyPrices(params.trades, params.min_trade_size, params.max_price_move)
        self.goes_on, self.final_blocks = before is not None, list[str]()
        self._judged: Mapping[str, pl.DataFrame] = {}
        if before is not None:
            for part in (self._scan, self.checked, self.accepted, self.refused, self._prices.moves):
                part.restore(before.frames)

    def read(self) -> bool:
        """Read the source once to find what holds for all its rows, and again to try every rule on every row.

        Returns
        -------
        bool
            Whether what was left of before holds still. If not, all must be read anew: what new rows say is how earlier
            ones are to be read, or they are of earlier dates.

        Raises
        ------
        InputError
            It is broken or has no rows, or a date has more of them than can be held.
        """
        before, self.findings = self._before, self.look()
        if before is not None and not (
            before.notation == repr(self._source.notation) and self._scan.keeps(self.findings)
        ):
            return False
        self.check(self.findings)
        if before is not None:
            dates, _ = self._accepted.counts()
            if len(dates) and dates[0] < before.since:
                return False
            self._go_on(before)
        self._refuse_crowded_dates()
        return True

    def look(self) -> Findings:
        """Read what is new, and find what holds for all rows."""
        pieces = prefetch(joined(self._source.pieces(self._rows, SCANNED), self._rows))
        for piece in self._shown(pieces, "units"):
            self._scan.add(piece.frame, piece.layout)
            self._pieces += 1
        if not self._source.rows:
            raise InputError(f"{self._source.path}: expected at least one observation, got a header only")
        return self._scan.findings()

    def check(self, findings: Findings) -> None:
        """Read what is new again, and try every rule on every row."""
        limits = Limits(**{name: getattr(self._params, name) for name in Limits.__dataclass_fields__})
        checker = Checker(self._mapping, self._options, limits, findings)
        every = (checker.check(*piece) for piece in joined(self._source.pieces(self._rows), self._rows))
        for checked in self._shown(prefetch(every), "rules", self._pieces):
            self.checked.add(checked)
            self._accepted.add(checked.accepted)
            self._refuse(checked.refused)

    def _go_on(self, before: Before) -> None:
        """Take in rows that were checked before and are to be judged again, and what was refused beside them."""
        again = []
        for table in before.checked:
            frame = table.collect()
            again.append(frame["source_row"])
            self._accepted.add(frame)
        rows = pl.concat(again)
        final, first = ~pl.col("source_row").is_in(rows.implode()), int(rows.sort()[0])
        for name, block in before.quarantine.items() if before.frames["refused"].height else ():
            if int(name) + BLOCK_ROWS <= first:
                self.final_blocks.append(name)
            else:
                self._refused.add(block.filter(final).select(*REFUSED_SCHEMA).collect())

    def _refuse_crowded_dates(self) -> None:
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

    def frames(self) -> dict[str, pl.DataFrame]:
        """Return what the next reading needs to go on, once all parts have been handed out."""
        reading = {"since": [self.since], "notation": [repr(self._source.notation)]}
        files = pl.DataFrame({"rows": self._source.file_rows}, schema={"rows": pl.Int64})
        return {
            "files": files,
            "reading": pl.DataFrame(reading),
            **self._scan.frames(),
            **self.checked.frames(),
            **self._judged,
        }

    def checked_since(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield the rows that the next reading judges again, in parts as those of the table."""
        return in_parts(self._accepted.read(self._rows, since=self.since))

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

    def summary(self) -> dict[str, Any]:
        """Return the content of metrics/ingest.json but for the curve's part."""
        summary = summarise(self.findings, self.checked, self.accepted, self.refused, self._compared)
        return {**summary, "source": self._source.describe()}

    def notices(self, curve: pl.DataFrame) -> list[str]:
        """Return a line for each thing that a user should look at, with the key that settles it."""
        return notices(self.checked, self.accepted, self.refused, self._compared, curve)

    @cached_property
    def _compared(self) -> Sequence[Compared]:
        return self.checked.cross_check()

    @cached_property
    def since(self) -> date:
        """First day of the last month but one that has rows; from there on, the next reading judges again."""
        months = self._accepted.counts()[0].dt.truncate("1mo").unique().sort()
        first: date = months[-2:][0]
        return first

    def _unique(self) -> Iterator[pl.DataFrame]:
        if not len(self._accepted.counts()[0]):
            return
        yield from self._daily(self._accepted.read(self._rows, before=self.since))
        self._judged = {**self.accepted.frames(), **self.refused.frames(), **self._prices.moves.frames(self.since)}
        yield from self._daily(self._accepted.read(self._rows, since=self.since))

    def _daily(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for frame in self._shown(frames, "parts"):
            chosen = self._prices.of(frame)
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
