"""Sort a table that is larger than memory: sorted runs on the disk, merged group by group.

A group is a set of rows that belong together and are consecutive in the order, such as those of one date. What is
handed out does not depend on how the rows came in.

Ours, as its memory does not grow with the table: at 6 and 12 million rows 0.9 and 1.0 GB, where sorts of polars 2.1
(1.6 and 2.9) and DuckDB 2.0 (1.7 and 2.8, held to 0.4) grow with it; both take more CPU time for the same rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from richcheap.pipeline.storage.tables import divide, group_by_row_budget
from richcheap.pipeline.storage.temporary_table import TemporaryTable

Group = int | date

_GROUP, _ROWS = "group", "rows"


class _Run(NamedTuple):
    """Sorted rows: the table, its groups in order, and where each of them begins; one more says where the last ends."""

    table: pl.LazyFrame
    groups: pl.Series
    starts: list[int]

    def slice(self, first: Group, last: Group) -> pl.LazyFrame | None:
        """Return the rows of the groups from ``first`` to ``last``, both included, or None when there are none."""
        low = self.groups.search_sorted(first, side="left")
        high = self.groups.search_sorted(last, side="right")
        start, stop = self.starts[low], self.starts[high]
        return self.table.slice(start, stop - start) if stop > start else None


class ExternalSort:
    """A table that is filled in any order and read in that of its keys.

    Parameters
    ----------
    folder : Path
        Folder for the runs, of this table alone.
    keys : sequence of str
        Columns to sort by; they tell any two rows apart.
    group : Expr
        Says which rows belong together; it never falls while the keys rise.
    rows : int
        Rows that may be held at a time; up to half as many again are, beside a frame that is added.
    """

    def __init__(self, folder: Path, keys: Sequence[str], group: pl.Expr, rows: int) -> None:
        self._sorted, self._keys, self._rows = TemporaryTable(folder), list(keys), rows
        self._group = group.alias(_GROUP)
        self._runs: list[_Run] = []
        self._held: list[pl.DataFrame] = []
        self._held_rows = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Add rows."""
        if frame.is_empty():
            return
        self._held.append(frame)
        self._held_rows += frame.height
        if 2 * self._held_rows >= self._rows:
            run = self._sort(self._held)
            self._runs.append(self._index(run, self._sorted.add(run)))
            self._held, self._held_rows = [], 0

    def counts(self) -> tuple[pl.Series, pl.Series]:
        """Return the groups in order and the rows of each."""
        self._settle()
        if not self._runs:
            return pl.Series(_GROUP, [], dtype=pl.Int64), pl.Series(_ROWS, [], dtype=pl.Int64)
        pieces = [
            pl.DataFrame({_GROUP: run.groups, _ROWS: pl.Series(run.starts, dtype=pl.Int64).diff()[1:]})
            for run in self._runs
        ]
        total = pl.concat(pieces).group_by(_GROUP).agg(pl.col(_ROWS).sum()).sort(_GROUP)
        return total[_GROUP], total[_ROWS]

    def read(self, rows: int, *, before: Group | None = None, since: Group | None = None) -> Iterator[pl.DataFrame]:
        """Read the table in order, or its groups before or since one: whole groups, at most ``rows`` rows together, at
        least one group.
        """
        groups, counts = self.counts()
        start = 0 if since is None else groups.search_sorted(since)
        stop = len(groups) if before is None else groups.search_sorted(before)
        groups, counts = groups[start:stop], counts[start:stop]
        for group in group_by_row_budget(counts, rows):
            first, last = groups[group][0], groups[group][-1]
            slices = [piece for run in self._runs if (piece := run.slice(first, last)) is not None]
            yield self._sort(pl.collect_all(slices))

    def _settle(self) -> None:
        """Take what is held as a run as well; it needs no file."""
        if self._held:
            held = self._sort(self._held)
            self._runs.append(self._index(held, held.lazy()))
            self._held, self._held_rows = [], 0

    def _index(self, frame: pl.DataFrame, table: pl.LazyFrame) -> _Run:
        lengths = frame.select(self._group.rle().struct.unnest())
        return _Run(table, lengths["value"], [0, *lengths["len"].cum_sum().to_list()])

    def _sort(self, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
        frame = pl.concat(frames)
        return frame if in_order(frame, self._keys) else frame.sort(self._keys)


def in_order(frame: pl.DataFrame, keys: Sequence[str]) -> bool:
    """Return whether the rows ascend by the keys; it takes a tenth of the time to sort them."""
    ascends = pl.lit(True)
    for key in reversed(keys):
        before = pl.col(key).shift(1)
        ascends = (pl.col(key) > before) | ((pl.col(key) == before) & ascends)
    return bool(frame.select(ascends.fill_null(True).all()).item())


def in_parts(frames: Iterable[pl.DataFrame]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Divide a sorted table that comes in pieces of whole dates into its parts, each with its name.

    The parts are those that `richcheap.pipeline.storage.tables.divide` finds for the whole table: it looks at the last
    part alone when a date comes, so that only this part is held.
    """
    held: pl.DataFrame | None = None
    for frame in frames:
        held = frame if held is None else pl.concat([held, frame])
        days = held["date"].rle()
        parts = divide(days.struct.field("value"), days.struct.field("len"))
        start = 0
        for part in parts[:-1]:
            yield part.name, held.slice(start, part.rows)
            start += part.rows
        held = held.slice(start)
    if held is not None:
        yield held["date"][0].isoformat(), held
