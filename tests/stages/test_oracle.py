"""Stage ``oracle``: what is expected of simulated prints, and nothing where there is nothing to expect."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from richcheap.oracle import optimal_filter
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_parquet, write_parquet
from stages import oracle, simulate
from tests.stages.test_simulate import write_params


@pytest.fixture
def simulated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run stage simulate in the working folder."""
    monkeypatch.chdir(tmp_path)
    write_params(tmp_path)
    simulate.main()
    return tmp_path


def test_every_print_is_expected_better_than_by_its_last_price(simulated: Path) -> None:
    oracle.main()
    expected = read_parquet(paths.SIMULATED_OPTIMAL_FILTER)
    seen = read_parquet(paths.SIMULATED_OBSERVATIONS)
    mid = read_parquet(paths.SIMULATED_TRUTH)["mid_clean_price"].to_numpy()
    assert expected.select("bond_id", "date").equals(seen.select("bond_id", "date"))
    last = seen.select(pl.col("clean_price").shift(1).over("bond_id")).to_series().to_numpy()
    there = ~np.isnan(last)
    print_, ours = seen["clean_price"].to_numpy(), expected["optimal_filter_clean_price"].to_numpy()
    assert np.square(print_ - ours)[there].sum() < 0.5 * np.square(print_ - last)[there].sum()
    assert np.abs(print_ - ours).mean() > np.abs(print_ - mid).mean()


def test_the_filtered_residual_follows_the_true_one(simulated: Path) -> None:
    oracle.main()
    filtered = read_parquet(paths.SIMULATED_OPTIMAL_FILTER)["optimal_filter_bond_bp"].to_numpy()
    true = read_parquet(paths.SIMULATED_TRUTH)["bond_residual_bp"].to_numpy()
    assert np.corrcoef(filtered, true)[0, 1] > 0.5
    assert np.abs(filtered - true).mean() < np.abs(true).mean()


def test_running_twice_writes_the_same_bytes(simulated: Path) -> None:
    oracle.main()
    before = paths.SIMULATED_OPTIMAL_FILTER.read_bytes()
    oracle.main()
    assert paths.SIMULATED_OPTIMAL_FILTER.read_bytes() == before


def test_other_prices_than_the_simulated_ones_have_an_empty_table(
    simulated: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    params = json.loads(paths.PARAMS.read_text(encoding="utf-8"))
    params["data"]["observations"] = "quotes.csv"
    paths.PARAMS.write_text(json.dumps(params), encoding="utf-8")
    oracle.main()
    assert "nothing worked out: data.observations is quotes.csv" in capsys.readouterr().err
    table = read_parquet(paths.SIMULATED_OPTIMAL_FILTER)
    assert table.height == 0
    assert table.schema == pl.Schema(oracle.SCHEMA)


def test_a_market_too_large_has_an_empty_table(
    simulated: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(optimal_filter, "MAX_WORK", 1e6)
    oracle.main()
    assert "nothing worked out: the market is too large (162 states" in capsys.readouterr().err
    assert read_parquet(paths.SIMULATED_OPTIMAL_FILTER).height == 0


def test_prints_of_other_params_are_refused(simulated: Path) -> None:
    write_parquet(read_parquet(paths.SIMULATED_OBSERVATIONS).head(100), paths.SIMULATED_OBSERVATIONS)
    with pytest.raises(DataError, match=r"observations.parquet: not the prints that params describe; run simulate"):
        oracle.main()
