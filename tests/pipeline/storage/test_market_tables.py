"""The market in its two folders, read as one."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from richcheap.pipeline.storage.artifacts import write_parquet
from richcheap.pipeline.storage.market_tables import MarketTables, spans

DAYS = [date(2024, 1, 2), date(2024, 1, 3), date(2024, 1, 9)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for place, days in ((Path(), DAYS[:2]), (Path("live"), DAYS[2:])):
        for day in days:
            write_parquet(pl.DataFrame({"date": [day]}), place / "market" / f"{day}.parquet")
        write_parquet(pl.DataFrame({"date": days, "rate": [0.1] * len(days)}), place / "curves.parquet")
        write_parquet(pl.DataFrame({"date": days}), place / "counts" / "dates.parquet")


def tables() -> MarketTables:
    return MarketTables.read(Path("market"), Path("curves.parquet"), Path("counts"), Path("live"))


def test_live_parts_follow_the_others() -> None:
    market = tables()
    assert [part.stem for part in market.parts] == [str(day) for day in DAYS]
    assert market.curves["date"].to_list() == DAYS
    assert (market.counts[0].height, market.live_counts[0].height) == (2, 1)


def test_a_part_goes_with_the_rows_of_its_dates() -> None:
    for (name, (part, curves)), day in zip(tables().sources(), DAYS, strict=True):
        assert name == str(day)
        assert isinstance(part, Path)
        assert isinstance(curves, pl.DataFrame)
        assert curves["date"].to_list() == [day]


def test_a_span_of_dates_needs_the_parts_that_overlap_it() -> None:
    market = tables()
    assert [part.stem for part in market.within(date(2024, 1, 4), date(2024, 1, 8))] == ["2024-01-03"]
    assert market.within(date(2024, 1, 1), date(2024, 2, 1)) == market.parts
    assert [start for _, start, _ in spans(market.parts)] == [date.min, *DAYS[1:]]
