"""Stage ``market``: files and summary."""

import json
from pathlib import Path

import polars as pl
import pytest

from stages import market
from stages.pipeline import paths
from stages.pipeline.artifacts import write_parquet
from stages.pipeline.errors import DataError
from tests.spreads.markets import MARKET, no_curve, small_market


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_parquet(small_market(), paths.BONDS)
    write_parquet(no_curve(), paths.BENCHMARK_CURVE)
    # JSON is YAML.
    Path("params.yaml").write_text(json.dumps({"market": MARKET.model_dump(mode="json")}), encoding="utf-8")
    return tmp_path


def test_summary_counts_rows_and_says_which_curve_was_used() -> None:
    market.main()
    summary = json.loads((paths.METRICS / "market.json").read_text(encoding="utf-8"))
    bonds = small_market()
    assert summary["rows_valued"] + summary["rows_set_aside"] == bonds.height
    assert summary["benchmark"] == {"USD": {"fitted": bonds["date"].n_unique() - 1, "flat": 1}}
    assert summary["rows_with_history"] == summary["rows_valued"] - bonds["bond_id"].n_unique()


def test_running_twice_writes_the_same_bytes() -> None:
    market.main()
    first = [path.read_bytes() for path in (paths.MARKET, paths.CURVES)]
    market.main()
    assert [path.read_bytes() for path in (paths.MARKET, paths.CURVES)] == first


def test_without_one_sound_bond_the_remedy_is_named() -> None:
    write_parquet(small_market().with_columns(status=pl.lit("matured")), paths.BONDS)
    with pytest.raises(DataError, match=r"bonds.parquet: none of \d+ rows has figures .*see metrics/convert\.json"):
        market.main()
