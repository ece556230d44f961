"""The market as stage ``market`` has written it: the dates up to the test block, then those of the live block."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_json, read_parquet
from richcheap.pipeline.storage.tables import part_paths

Counts = list[pl.DataFrame]


class MarketTables(NamedTuple):
    """Parts in order, with what belongs to them.

    Attributes
    ----------
    parts : list of Path
        Files of valued prints, each named by its first date.
    curves : DataFrame
        All reference curves.
    counts, live_counts : list of DataFrame
        The tables of the counts up to the test block, and of the live block.
    """

    parts: list[Path]
    curves: pl.DataFrame
    counts: Counts
    live_counts: Counts

    @classmethod
    def read(cls, market: Path, curves: Path, counts: Path, live: Path) -> "MarketTables":
        """Read all but the prints; the tables of the folder `live` bear the names of the others."""
        later = live / market.name
        return cls(
            parts=[*part_paths(market), *(part_paths(later) if later.is_dir() else ())],
            curves=pl.concat([read_parquet(curves), read_parquet(live / curves.name)]),
            counts=[read_parquet(part) for part in part_paths(counts)],
            live_counts=[read_parquet(part) for part in part_paths(live / counts.name)],
        )

    def sources(self) -> Iterator[tuple[str, list[object]]]:
        """Yield what each part is made from: its prints and the curves of its dates."""
        yield from with_rows_of_dates(self.parts, self.curves)

    def within(self, first: date, last: date) -> list[Path]:
        """Return the parts that may have prints of a span of dates."""
        return [part for part, start, end in spans(self.parts) if start <= last and end > first]


def with_rows_of_dates(parts: Sequence[Path], frame: pl.DataFrame) -> Iterator[tuple[str, list[object]]]:
    """Yield each part's name, and with its file the rows of a frame from its first date until the next part begins."""
    for part, start, end in spans(parts):
        yield part.stem, [part, frame.filter(pl.col("date").is_between(start, end, closed="left"))]


def spans(parts: Sequence[Path]) -> list[tuple[Path, date, date]]:
    """Return each part with the date on which it starts, the first one the earliest there is, and the next one's."""
    starts = [date.min, *(date.fromisoformat(part.stem) for part in parts[1:]), date.max]
    return list(zip(parts, starts[:-1], starts[1:], strict=True))


def set_aside() -> str:
    """Say what stage ``market`` set aside, where it did: it may be why there is too little left."""
    file = paths.METRICS / "market.json"
    if not file.is_file():
        return ""
    market = read_json(file)
    rows, valued = market["rows_set_aside"], market["rows_valued"]
    if not rows:
        return ""
    why = ", ".join(f"{name} {count:,}" for name, count in market["set_aside_reasons"].items())
    left = f"{market['dates_valued']:,} of {market['dates']:,} dates are left"
    return f"; {left} by stage market, which set aside {rows:,} of {rows + valued:,} rows: {why}"
