"""Stage ``signals``, end to end on a small market."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.tables import read_table
from richcheap.relative_value.table import WRITTEN_COLUMNS
from stages import evaluate, signals
from tests.features.test_no_look_ahead import bits
from tests.stages import test_evaluate
from tests.surface.markets import with_prices

SIGNALS = """
signals: {horizon_days: 20, leave_out: [], retail_volume: 50000.0, flag_zscore: 1.5, min_peers: 3,
          history_half_life_prints: 60.0, history_min_prints: 5, half_spread_bp: 1.0}
"""


def prepare(monkeypatch: pytest.MonkeyPatch, live_dates: int = 0) -> pl.DataFrame:
    """Run the stages before signals in the working folder; return the market."""
    bonds = test_evaluate.prepare(monkeypatch, live_dates=live_dates)
    test_evaluate.write_truth(bonds)
    evaluate.main()
    with paths.PARAMS.open("a", encoding="utf-8") as file:
        file.write(SIGNALS)
    return bonds


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pl.DataFrame]:
    """A market whose signals are finished, in the working folder."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(tmp_path_factory.mktemp("signals"))
        bonds = prepare(monkeypatch)
        signals.main()
        yield bonds


def scores() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(paths.SIGNALS.read_text(encoding="utf-8"))
    return found


def test_every_print_of_the_judged_blocks_has_its_signals(market: pl.DataFrame) -> None:
    table = pl.read_parquet(paths.RELATIVE_VALUE)
    assert table.columns == list(WRITTEN_COLUMNS)
    blocks = pl.concat(read_table(folder) for folder in (paths.DATASET_VALIDATION, paths.DATASET_TEST))
    assert table.select("bond_id", "date").equals(blocks.select("bond_id", "date"))
    assert table["relative_value_bp"].is_finite().all()
    assert table["innovation_bp"].null_count() == 0


def test_the_innovation_is_the_print_less_the_champions_price(market: pl.DataFrame) -> None:
    table = pl.read_parquet(paths.RELATIVE_VALUE).filter(block="test")
    predicted = pl.read_parquet(paths.PREDICTIONS)[scores()["champion"]]
    expected = (predicted - table["clean_price"]) / table["dv01"]
    assert table["innovation_bp"].to_list() == pytest.approx(expected.to_list())


def test_each_span_is_judged_on_its_own_rows(market: pl.DataFrame) -> None:
    spans, table = scores()["spans"], pl.read_parquet(paths.RELATIVE_VALUE)
    assert list(spans) == sorted(signals.JUDGED)
    assert spans["test"]["rows"] == table.filter(block="test").height
    assert spans["validation_and_test"]["rows"] == table.height
    assert "truth" in spans["test"]


def test_running_twice_writes_the_same_bytes(market: pl.DataFrame) -> None:
    files = (paths.SIGNALS, paths.RELATIVE_VALUE)
    before = [file.read_bytes() for file in files]
    signals.main()
    assert [file.read_bytes() for file in files] == before


def test_a_test_price_moves_no_earlier_signal_and_no_score_of_the_validation_block(
    market: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the price through market, filter, dataset and champion to the signals: compare bits."""
    before, judged = pl.read_parquet(paths.RELATIVE_VALUE), scores()
    row = before.filter(block="test").row(40, named=True)
    key = (pl.col("bond_id") == row["bond_id"]) & (pl.col("date") == row["date"])
    moved = with_prices(
        market, market.select(pl.col("clean_price") + 1.5 * key.cast(pl.Float64)).to_series().to_numpy()
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(test_evaluate, "small_market", lambda **_: moved)
    prepare(monkeypatch)
    signals.main()
    after = pl.read_parquet(paths.RELATIVE_VALUE)
    earlier = pl.col("date") < row["date"]
    assert bits(after.filter(earlier)) == bits(before.filter(earlier))
    assert scores()["spans"]["validation"] == judged["spans"]["validation"]
    assert scores()["half_life_days"] == judged["half_life_days"]
    own = [frame.filter(key).row(0, named=True) for frame in (before, after)]
    assert own[0]["relative_value_bp"] != own[1]["relative_value_bp"]
    level = [one["spread_bp"] - one["gap_bp"] for one in own]
    assert level[0] == pytest.approx(level[1], abs=1e-9), "the peers' spread saw the bond's own price"


def test_prices_that_are_left_out_have_no_row(market: pl.DataFrame) -> None:
    text = paths.PARAMS.read_text(encoding="utf-8")
    before = pl.read_parquet(paths.RELATIVE_VALUE)
    paths.PARAMS.write_text(text.replace("leave_out: []", "leave_out: [retail]"), encoding="utf-8")
    signals.main()
    after = pl.read_parquet(paths.RELATIVE_VALUE)
    paths.PARAMS.write_text(text, encoding="utf-8")
    signals.main()
    assert after.height == before.filter(pl.col("mark") != "retail").height < before.height
