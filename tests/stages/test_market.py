"""Stage ``market``: files and summary."""

import json
from pathlib import Path

import polars as pl
import pytest

from richcheap.pipeline.errors import DataError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_parquet
from richcheap.pipeline.storage.tables import divide, new_table, part_paths, read_table
from stages import market
from tests.surface.markets import MARKET, SPLIT, no_curve, small_market


def write_bonds(bonds: pl.DataFrame) -> None:
    counted = bonds.group_by("date").len().sort("date")
    with new_table(paths.BONDS) as table:
        for part in divide(counted["date"], counted["len"]):
            table.write(part.name, bonds.filter(pl.col("date").is_between(part.first, part.last)))


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_bonds(small_market())
    write_parquet(no_curve(), paths.BENCHMARK_CURVE)
    # JSON is YAML.
    compute = {"chunk_rows": 10_000, "backend": "loky", "workers": None, "scheduler": None, "checkpoints": None}
    params = {"compute": compute, "market": MARKET.model_dump(mode="json"), "split": SPLIT.model_dump(mode="json")}
    Path("params.yaml").write_text(json.dumps(params), encoding="utf-8")
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
    first = [path.read_bytes() for path in (*part_paths(paths.MARKET), paths.CURVES)]
    market.main()
    assert [path.read_bytes() for path in (*part_paths(paths.MARKET), paths.CURVES)] == first


def test_each_part_of_the_bonds_gives_a_part_of_the_market() -> None:
    market.main()
    assert [path.name for path in part_paths(paths.MARKET)] == ["2024-01-01.parquet", "2024-02-01.parquet"]
    assert read_table(paths.MARKET).select("date", "bond_id").rows() == small_market().select("date", "bond_id").rows()


def test_without_one_sound_bond_the_remedy_is_named() -> None:
    write_bonds(small_market().with_columns(status=pl.lit("matured")))
    with pytest.raises(DataError, match=r"training_data/bonds: no row has figures .*see metrics/convert\.json"):
        market.main()


def priced_at(price: float, share: int) -> pl.DataFrame:
    """Return the market with one bond in so many at a price that no spread explains."""
    wild = pl.col("bond_id").rank("dense") % share == 0
    return small_market().with_columns(
        pl.when(wild).then(price).otherwise(name).alias(name) for name in ("clean_price", "dirty_price")
    )


def allow(share: float) -> None:
    params = json.loads(Path("params.yaml").read_text(encoding="utf-8"))
    params["market"]["max_set_aside_share"] = share
    Path("params.yaml").write_text(json.dumps(params), encoding="utf-8")


def test_too_many_rows_set_aside_fail_the_stage_in_one_line_with_reasons_and_the_key() -> None:
    bonds = priced_at(0.01, 4).with_columns(
        status=pl.when(pl.col("source_row") % 10 == 0).then(pl.lit("matured")).otherwise("status")
    )
    write_bonds(bonds)
    message = (
        r"^training_data/bonds: expected at most 10\.00% of the rows set aside, got \d+ of \d+ rows \(\d\d\.\d\d%\) "
        r"set aside, with all rows of 0 of \d+ dates: no_spread_within_20000_bp \d+, matured \d+; look at prices, "
        r"coupons and maturities, or raise market\.max_set_aside_share$"
    )
    with pytest.raises(DataError, match=message):
        market.main()
    assert not paths.MARKET.exists()
    assert not (paths.METRICS / "market.json").exists()
    allow(0.5)
    market.main()


def test_what_is_set_aside_within_the_limit_is_told_and_counted_by_reason(capsys: pytest.CaptureFixture[str]) -> None:
    bonds = small_market()
    first = bonds["date"].min()
    gone = (pl.col("date") == first) | (pl.col("source_row") % 40 == 0)
    bonds = bonds.with_columns(status=pl.when(gone).then(pl.lit("bad_price")).otherwise("status"))
    write_bonds(bonds)
    allow(0.5)
    market.main()
    aside = bonds.filter(gone).height
    summary = json.loads((paths.METRICS / "market.json").read_text(encoding="utf-8"))
    dates = bonds["date"].n_unique()
    assert summary["set_aside_reasons"] == {"bad_price": aside}
    assert (summary["rows_set_aside"], summary["dates"], summary["dates_valued"]) == (aside, dates, dates - 1)
    message = (
        f"market: {aside} of {bonds.height} rows ({aside / bonds.height:.2%}) set aside, "
        f"with all rows of 1 of {dates} dates"
    )
    assert f"{message}: bad_price {aside}\n" in capsys.readouterr().err


def test_nothing_is_said_where_nothing_notable_is_set_aside(capsys: pytest.CaptureFixture[str]) -> None:
    market.main()
    assert "set aside" not in capsys.readouterr().err
