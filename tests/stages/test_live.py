"""Stage ``live``: the champion on dates after the test block."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from richcheap.decomposition.points import FAIR
from richcheap.evaluation.intervals.blocks import KeptIntervals
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_arrays, write_parquet
from richcheap.pipeline.storage.tables import part_paths, read_table
from richcheap.relative_value.table import WRITTEN_COLUMNS
from stages import live, signals
from tests.stages import test_signals
from tests.stages.test_decompose import sums

DATES = 8
OUTPUTS = (
    paths.LIVE_PREDICTIONS,
    paths.LIVE_DECOMPOSITION,
    paths.LIVE_INTERVALS,
    paths.LIVE_RELATIVE_VALUE,
    paths.LIVE_METRICS,
)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pl.DataFrame]:
    """A market whose last dates are live and judged, in the working folder."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(tmp_path_factory.mktemp("live"))
        bonds = test_signals.prepare(monkeypatch, live_dates=DATES)
        signals.main()
        live.main()
        yield bonds


@pytest.fixture
def copied(market: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    """Return the live rows in a copy of the folder, to be changed."""
    shutil.copytree(".", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return read_table(paths.DATASET_LIVE)


def card() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(paths.LIVE_METRICS.read_text(encoding="utf-8"))
    return found


def rewrite(rows: pl.DataFrame) -> None:
    """Put other rows in the place of the live ones."""
    first, *others = part_paths(paths.DATASET_LIVE)
    for path in others:
        path.unlink()
    write_parquet(rows, first)


def test_every_live_print_is_priced_and_scored(market: pl.DataFrame) -> None:
    rows, table, found = read_table(paths.DATASET_LIVE), pl.read_parquet(paths.LIVE_PREDICTIONS), card()
    assert rows["date"].n_unique() == DATES == found["dates"] == len(found["by_date"])
    assert table.select("bond_id", "date").equals(rows.select("bond_id", "date"))
    assert found["champion"] == "ml_adjuster"
    for name in (found["champion"], *found["compared_with"]):
        assert found["predictors"][name]["mae"] == pytest.approx(
            float((table[name] - table["clean_price"]).abs().mean())
        )
        held = table.select(pl.col("clean_price").is_between(f"{name}_low", f"{name}_high").mean()).item()
        assert found["predictors"][name]["coverage"] == pytest.approx(held)
    assert sum(day["rows"] for day in found["by_date"]) == rows.height
    assert found["drift"]["status"] in {"unknown", "steady", "watch", "retrain"}


def test_relative_value_is_there_for_every_live_print(market: pl.DataFrame) -> None:
    table = pl.read_parquet(paths.LIVE_RELATIVE_VALUE)
    assert table.columns == list(WRITTEN_COLUMNS)
    assert table.schema == pl.read_parquet(paths.RELATIVE_VALUE).schema
    assert set(table["block"]) == {"live"}
    assert table["relative_value_bp"].is_finite().all()


def test_the_parts_of_every_live_price_add_up_to_it(market: pl.DataFrame) -> None:
    table, predictions = pl.read_parquet(paths.LIVE_DECOMPOSITION), pl.read_parquet(paths.LIVE_PREDICTIONS)
    assert table.select("bond_id", "date").equals(predictions.select("bond_id", "date"))
    assert table[FAIR].equals(predictions["ml_adjuster"].alias(FAIR))
    np.testing.assert_allclose(sums(table), table[FAIR], rtol=0.0, atol=1e-9)


def test_intervals_go_on_from_the_test_block(market: pl.DataFrame) -> None:
    before, after = (KeptIntervals.of(read_arrays(path)) for path in (paths.INTERVALS, paths.LIVE_INTERVALS))
    assert len(after.days) == len(before.days) + DATES
    assert len(after.widths) == len(after.days) + 1
    np.testing.assert_array_equal(after.widths[len(before.days)].steps, before.widths[-1].steps)
    assert not np.array_equal(after.widths[-1].steps, before.widths[-1].steps)


def test_running_twice_writes_the_same_bytes(market: pl.DataFrame) -> None:
    before = [path.read_bytes() for path in OUTPUTS]
    live.main()
    assert [path.read_bytes() for path in OUTPUTS] == before


def test_days_one_by_one_leave_what_was_said_before_them(copied: pl.DataFrame) -> None:
    """Intervals, signals and scores of a date know nothing later: fewer days give the same bits."""
    predictions, table, found = (
        pl.read_parquet(paths.LIVE_PREDICTIONS),
        pl.read_parquet(paths.LIVE_RELATIVE_VALUE),
        card(),
    )
    days = copied["date"].unique().sort()
    for count in (1, 5):
        early = pl.col("date") < days[count]
        rewrite(copied.filter(early))
        live.main()
        assert pl.read_parquet(paths.LIVE_PREDICTIONS).equals(predictions.filter(early))
        assert pl.read_parquet(paths.LIVE_RELATIVE_VALUE).equals(table.filter(early))
        assert card()["by_date"] == found["by_date"][:count]


def test_without_a_live_row_the_tables_are_empty_and_the_counts_nil(copied: pl.DataFrame) -> None:
    schema = pl.read_parquet(paths.LIVE_PREDICTIONS).schema
    rewrite(copied.clear())
    live.main()
    assert pl.read_parquet(paths.LIVE_PREDICTIONS).is_empty()
    assert pl.read_parquet(paths.LIVE_PREDICTIONS).schema == schema
    assert pl.read_parquet(paths.LIVE_RELATIVE_VALUE).is_empty()
    assert pl.read_parquet(paths.LIVE_DECOMPOSITION).is_empty()
    assert {key: card()[key] for key in ("rows", "dates", "retrain", "by_date")} == {
        "rows": 0,
        "dates": 0,
        "retrain": False,
        "by_date": [],
    }
    before, after = (KeptIntervals.of(read_arrays(path)) for path in (paths.INTERVALS, paths.LIVE_INTERVALS))
    assert after.days.tolist() == before.days.tolist()
