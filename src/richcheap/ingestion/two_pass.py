"""Observations from their files to accepted rows and a quarantine, however large they are.

The source is read twice, a piece at a time: to find what holds for all its rows (units, usual coupons), then to judge
each row. What passes is sorted by date on the disk and handed out part by part when its duplicates are out.

A folder that has new files is read on from what an earlier reading has left of all its files but the last, which may
have been sent again, longer or corrected: what the first pass found, the counts, and what is remembered of trades at
the start of the last month but one. Rows since then are judged again.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import polars as pl

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.mappings import MAPPINGS
from richcheap.ingestion.observations import Checker
from richcheap.ingestion.params import DataParams
from richcheap.ingestion.preparation import Options
from richcheap.ingestion.reading.notation import NotationFindings, Stated
from richcheap.ingestion.reading.scan import SCANNED, Findings, Scan, reads_alike
from richcheap.ingestion.reading.source import Source, joined
from richcheap.ingestion.schema import REFUSED_SCHEMA
from richcheap.ingestion.summary import notices, reason_table, summarise
from richcheap.ingestion.trades.daily import KEYS, DailyPrices
from richcheap.ingestion.validation.counters import AcceptedCounts, CheckCounts, RefusedCounts
from richcheap.ingestion.validation.cross_check import Compared, compare
from richcheap.ingestion.validation.hidden_terms import SCHEMA, find_hidden_terms, without_hidden_terms
from richcheap.ingestion.validation.validation_rules import Limits
from richcheap.pipeline.execution.prefetch import prefetch
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.storage.external_sort import ExternalSort, in_parts
from richcheap.pipeline.storage.plain_objects import from_json, to_json

BYTES_WORTH_A_BAR = 10_000_000  # about a second's work
BLOCK_ROWS = 1 << 17
"""Source rows whose quarantined ones share a part."""
DATE_ROWS = 1 << 20
"""Rows of one date that are held, more than `compute.chunk_rows`: a date is never divided."""

PACKAGE = "richcheap.ingestion"

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
    def earlier(self) -> bool:
        """Whether there are rows before that date."""
        return bool(self.frames["reading"]["earlier"][0])

    @property
    def notation(self) -> NotationFindings:
        """What was told of dates and numbers."""
        findings: NotationFindings = from_json(self.frames["reading"]["notation"][0], PACKAGE)
        return findings

    def reads_alike(self, notation: NotationFindings, stated: Stated, findings: Findings) -> bool:
        """Return whether all that was read would be read so now."""
        same = notation.notation(stated) == self.notation.notation(stated)
        return same and reads_alike(findings, self.frames)


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
    files_known : int
        Files that it does not read again; none where it does not go on from an earlier reading.
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
        self._source = Source(
            Path(params.observations),
            self._mapping,
            self._options,
            folder / "copies",
            known=known,
            known_findings=None if before is None else before.notation,
        )
        self._accepted = ExternalSort(folder / "accepted", KEYS, pl.col("date"), rows)
        block = (pl.col("source_row") - 1) // BLOCK_ROWS
        self._refused = ExternalSort(folder / "refused", ["source_row"], block, rows)
        self.checked, self.accepted, self.refused = CheckCounts(), AcceptedCounts(), RefusedCounts()
        self._scan = Scan(self._options, self._source.notation)
        self._prices = DailyPrices(params.trades, params.min_trade_size, params.max_price_move)
        self.files_known, self.final_blocks = len(known), list[str]()
        self._first_of_last: date | None = None
        self._settled_refusals = RefusedCounts()
        self._settled: dict[str, pl.DataFrame] = {}
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
        if before is not None and not before.reads_alike(self._source.findings, self._options.stated, self.findings):
            return False
        self.check(self.findings)
        if before is not None:
            dates = self._dates
            if len(dates) and dates[0] < before.since:
                return False
            self._go_on(before)
            if before.earlier and len(self._months) < 2:  # the last month but one is further back
                return False
            if not before.frames["hidden"].equals(self._hidden):
                return False
        self._refuse_crowded_dates()
        return True

    def look(self) -> Findings:
        """Read what is new, and find what holds for all rows."""
        settled = False
        pieces = prefetch(joined(self._source.pieces(self._rows, SCANNED), self._rows))
        for piece in self._shown(pieces, "units"):
            if piece.in_last and not settled:
                self._scan.settle()
                settled = True
            self._scan.add(piece.frame, piece.layout)
            self._pieces += 1
        if not self._source.rows:
            raise InputError(f"{self._source.path}: expected at least one observation, got a header only")
        return self._scan.findings()

    def check(self, findings: Findings) -> None:
        """Read what is new again, and try every rule on every row."""
        limits = Limits(**{name: getattr(self._params, name) for name in Limits.__dataclass_fields__})
        checker = Checker(self._mapping, self._options, limits, findings)
        pieces = joined(self._source.pieces(self._rows), self._rows)
        every = ((one.in_last, checker.check(one.frame, one.layout, one.first_row)) for one in pieces)
        for in_last, checked in self._shown(prefetch(every), "rules", self._pieces):
            if in_last:
                self._settle(checked.accepted["date"])
            self.checked.add(checked)
            self._accepted.add(checked.accepted)
            self._refuse(checked.refused)

    def _settle(self, dates: pl.Series) -> None:
        """Remember what was counted before the last file, of which some dates come."""
        if not self._settled:
            self._settled = self.checked.frames()
            self._settled_refusals.restore(self.refused.frames())
        known = [] if self._first_of_last is None else [self._first_of_last]
        self._first_of_last = min([*known, *dates.sort().head(1)], default=None)

    def _go_on(self, before: Before) -> None:
        """Take in rows that were checked before and are to be judged again, and what was refused beside them."""
        again, known = [pl.Series(dtype=pl.Int64)], sum(before.file_rows)
        for table in before.checked:
            frame = table.collect()
            again.append(frame["source_row"])
            self._accepted.add(frame)
        rows = pl.concat(again)
        first = min([known + 1, *rows.sort().head(1)])
        final = (pl.col("source_row") <= known) & ~pl.col("source_row").is_in(rows.implode())
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
        reading = {
            "since": [self.since],
            "earlier": [bool(self._before and self._before.earlier) or self._dates[0] < self.since],
            "notation": [to_json(self._source.findings, PACKAGE)],
        }
        return {
            "files": pl.DataFrame({"rows": self._source.file_rows[:-1]}),
            "reading": pl.DataFrame(reading),
            "hidden": self._hidden,
            **self._scan.frames(self.findings),
            **self._settled_refusals.frames(),
            **self._settled,
        }

    def checked_since(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield the rows of all files but the last that the next reading judges again, in parts."""
        known = pl.col("source_row") <= sum(self._source.file_rows[:-1])
        frames = (frame.filter(known) for frame in self._accepted.read(self._rows, since=self.since))
        return in_parts(frame for frame in frames if frame.height)

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
        if self._given_twice is None:
            return []
        bonds, theirs = self._given_twice
        return compare(bonds.join(self._hidden, on="bond_id", how="anti", maintain_order="left"), theirs)

    @cached_property
    def _given_twice(self) -> tuple[pl.DataFrame, pl.DataFrame] | None:
        return self.checked.given_twice()

    @cached_property
    def _hidden(self) -> pl.DataFrame:
        return pl.DataFrame(schema=SCHEMA) if self._given_twice is None else find_hidden_terms(*self._given_twice)

    @cached_property
    def since(self) -> date:
        """First day of the last month but one that has rows, or of the last file's first month where that is earlier:
        since then the next reading judges again.
        """
        first: date = self._months[-2:][0]
        return first if self._first_of_last is None else min(first, self._first_of_last.replace(day=1))

    @property
    def _dates(self) -> pl.Series:
        return self._accepted.counts()[0]

    @property
    def _months(self) -> pl.Series:
        return self._dates.dt.truncate("1mo").unique().sort()

    def _unique(self) -> Iterator[pl.DataFrame]:
        if not len(self._dates):
            return
        spans = (self._accepted.read(self._rows, before=self.since), self._accepted.read(self._rows, since=self.since))
        for frame in self._shown(chain(*spans), "parts"):
            early = frame["date"][0] < self.since
            if not early and "terms" not in self._settled:
                self._settled |= {**self.accepted.frames(), **self._prices.moves.frames(self.since)}
            plain, hidden = without_hidden_terms(frame, self._hidden)
            chosen = self._prices.of(plain)
            for refused in (hidden, chosen.refused):
                self._refuse(refused)
                if early:
                    self._settled_refusals.add(refused)
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
