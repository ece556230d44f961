"""Stage ``factor_model``: the same bytes however much is held, nothing of later dates in what was fitted."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from richcheap.panel.split import describe_blocks, split_dates
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_json, write_parquet
from richcheap.pipeline.storage.tables import part_paths
from richcheap.surface.valuation import Valuation
from stages import factor_model
from tests.factors.settings import PARAMS
from tests.features.datasets import write_market
from tests.surface.markets import SPLIT, small_market, valued

MODEL = paths.market_model_file(factor_model.NAME)
METRICS = paths.METRICS / "factor_model.json"


@pytest.fixture(scope="module")
def market() -> Valuation:
    return valued(small_market(bonds=24, dates=40, chance=0.8, currencies=1))


@pytest.fixture
def workspace(market: Valuation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    make(market)
    return tmp_path


def make(market: Valuation) -> None:
    """Write what the stage reads."""
    write_market(market.prints, 60)
    write_parquet(market.curves, paths.CURVES)
    counts = market.prints.group_by("date").len().sort("date")
    blocks = describe_blocks(counts["date"], counts["len"], split_dates(counts.height, SPLIT))
    write_json({"blocks": blocks}, paths.SPLIT)
    params = json.dumps(
        {
            "seed": 1,
            "factor_model": PARAMS.model_dump(),
            "compute": {
                "chunk_rows": 10_000,
                "backend": "threading",
                "workers": 1,
                "scheduler": None,
                "checkpoints": None,
            },
        }
    )
    paths.PARAMS.write_text(params, encoding="utf-8")


def made() -> list[bytes]:
    return [path.read_bytes() for path in (MODEL, factor_model.FACTORS, factor_model.EXPOSURES, METRICS)]


def test_it_writes_scores_of_all_dates_and_exposures_of_all_bonds(workspace: Path, market: Valuation) -> None:
    factor_model.main()
    factors, exposures = pl.read_parquet(factor_model.FACTORS), pl.read_parquet(factor_model.EXPOSURES)
    assert factors["date"].to_list() == market.prints["date"].unique().sort().to_list()[1:]
    assert exposures["bond_id"].to_list() == market.prints["bond_id"].unique().sort().to_list()
    assert {"exposure_level", "analytic_level", "residual_std_bp", "noise_std_bp"} <= set(exposures.columns)
    assert (exposures["residual_std_bp"] > 0.0).all()
    metrics = json.loads(METRICS.read_text(encoding="utf-8"))
    explained = metrics["curve"]["train"]["explained"]
    assert [entry["factor"] for entry in explained] == metrics["curve_factors"]
    assert explained[0]["share"] > 0.5
    assert [entry["share"] for entry in explained] == sorted(entry["share"] for entry in explained)
    assert metrics["bonds"]["train"]["explained_fitted"] > 0.5


def test_the_bytes_do_not_depend_on_how_much_is_held_or_on_the_cores(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    factor_model.main()
    once = made()
    monkeypatch.setattr(
        factor_model,
        "read_batches",
        lambda folder, _rows, columns: (pl.read_parquet(path, columns=list(columns)) for path in part_paths(folder)),
    )
    monkeypatch.setattr(factor_model, "available_cores", lambda: 3)
    factor_model.main()
    assert made() == once


def test_prices_after_the_training_dates_change_no_fitted_figure(workspace: Path, market: Valuation) -> None:
    factor_model.main()
    model = MODEL.read_bytes()
    before = pl.read_parquet(factor_model.EXPOSURES)
    ends = json.loads(paths.SPLIT.read_text(encoding="utf-8"))["blocks"][0]["last_date"]
    later = pl.col("date") > pl.lit(ends).str.to_date()
    names = ("z_spread_bp", "move_today_bp", "noise_bp")
    moved = market.prints.with_columns(
        pl.when(later).then(3.0 * pl.col(name) + 1.0).otherwise(name).alias(name) for name in names
    )
    write_market(moved, 60)
    factor_model.main()
    assert MODEL.read_bytes() == model
    assert pl.read_parquet(factor_model.EXPOSURES).equals(before)


def test_a_market_of_governments_alone_has_curve_factors_and_says_why_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bonds = small_market(bonds=24, dates=40, chance=0.8)
    make(valued(bonds.filter(pl.col("bond_type") == "treasury")))
    factor_model.main()
    metrics = json.loads(METRICS.read_text(encoding="utf-8"))
    assert len(metrics["factors"]) == 3
    assert metrics["status"] == ["no spread factors: no rating bucket below governments prints often enough"]


def test_a_market_without_governments_keeps_its_credit_factors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bonds = small_market(bonds=24, dates=40, chance=0.8)
    make(valued(bonds.filter(pl.col("bond_type") == "corporate")))
    factor_model.main()
    exposures = pl.read_parquet(factor_model.EXPOSURES)
    assert "exposure_credit" in exposures.columns
    assert "exposure_level" not in exposures.columns
    assert np.isfinite(exposures["exposure_credit"].to_numpy()).all()
