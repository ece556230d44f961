"""The whole pipeline on the shortest files that its split lets through: it reaches the page, and invents nothing."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import richcheap
from richcheap import inspect
from richcheap.pipeline.execution.stage_files import outputs
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_parquet
from tests.conftest import ROOT
from tests.markets import NAME, PRONE, go, metrics, prepare, prices


@pytest.mark.parametrize(
    ("dates", "bonds", "changes", "blocks"),
    [
        (12, 12, {}, (8, 1, 1)),
        (10, 3, {"split.embargo_dates": 0}, (7, 1, 2)),
        (12, 1, {"split.embargo_dates": 0, **PRONE}, (8, 2, 2)),
        (12, 12, {**PRONE, "split.train_share": 0.34, "split.validation_share": 0.33}, (4, 3, 3)),
        (12, 8, {**PRONE, "split.train_share": 0.1, "split.validation_share": 0.5}, (1, 5, 4)),
        (18, 12, PRONE, (13, 1, 2)),
    ],
)
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_the_pipeline_reaches_the_page(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dates: int,
    bonds: int,
    changes: dict[str, Any],
    blocks: tuple[int, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["stage", NAME])
    prepare(prices(dates, bonds), changes)
    go()
    split = {block["name"]: block["dates"] for block in metrics("split")["blocks"]}
    assert (split["train"], split["validation"], split["test"]) == blocks
    page = paths.REPORT.read_text(encoding="utf-8")
    assert "</html>" in page
    assert not [word for word in (">nan<", ">None<", ">inf<") if word in page]
    assert metrics("drift")["status"] == "unknown"
    assert metrics("drift")["models"][NAME]["note"] in page.replace("Residuals, coverage", "residuals, coverage")
    assert metrics("evaluate")["skill_note"] in page
    assert "needs at least 9 dates" in page  # tuning


@pytest.mark.parametrize(("dates", "bonds"), [(1, 12), (1, 1), (3, 8)])
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_one_date_is_enough_for_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dates: int, bonds: int, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["stage", NAME])
    prepare(prices(dates, bonds), {})
    go()
    said = capsys.readouterr().err
    few = "1 date is too few" if dates == 1 else "3 dates are too few"
    assert f"factor_model: left out: {few}: the train block would be empty" in said or "block would be empty" in said
    for stage in ("train", "evaluate", "stress"):
        assert all(path.is_file() for path in outputs(stage, [NAME])), stage
    assert metrics("evaluate")["left_out"].startswith("training_data/dataset/train has no rows")
    page = paths.REPORT.read_text(encoding="utf-8")
    assert few in page
    assert "</html>" in page
    assert not [word for word in (">nan<", ">None<", ">inf<") if word in page]
    table = pl.read_parquet(paths.RELATIVE_VALUE)
    assert table.height == dates * bonds
    assert table["relative_value_bp"].is_finite().all()
    parts = pl.read_parquet(paths.DECOMPOSITION)
    assert parts.height == dates * bonds
    pricer = richcheap.load()
    answered = pricer.price(table["bond_id"].unique().sort().to_list())
    assert pricer.champion == "kalman"
    assert answered["status"].unique().to_list() == ["priced"]
    assert answered["fair_clean_price"].is_finite().all()
    assert answered["low"].null_count() == answered.height
    assert answered["confidence_reasons"].str.contains("too few dates to learn an interval").all()
    assert pl.read_parquet(paths.LISTED_BONDS).select(answered.columns).equals(answered, null_equal=True)
    assert set(pl.read_parquet(paths.LISTED_HISTORY)["fair_from"]) <= {"filter", None}


def test_a_stage_that_is_left_out_ends_well_and_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    prepare(prices(1, 4), {})
    paths.METRICS.mkdir()
    (paths.METRICS / "split.json").write_text('{"blocks": [], "left_out": "one date is too few"}', encoding="utf-8")
    write_parquet(pl.DataFrame({"date": []}, schema={"date": pl.Date}), paths.DATASET_TRAIN / "part.parquet")
    write_parquet(pl.DataFrame({"date": []}, schema={"date": pl.Date}), paths.DATASET_VALIDATION / "part.parquet")
    command = [sys.executable, "-m", "stages.train", NAME]
    env = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    said = f"train {NAME}: left out: training_data/dataset/validation has no rows"
    assert any(line.startswith(said) for line in done.stderr.splitlines())
    assert all(path.is_file() for path in outputs("train", [NAME]))


def test_a_day_of_gilts_reaches_the_page_without_an_editor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, real_data_dir: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["stage", NAME])
    prepare(prices(1, 4), {})
    inspect.main([str(real_data_dir / "desk_files" / "gilts_close_2023-12-01.csv"), "--write"])
    go()
    table = pl.read_parquet(paths.RELATIVE_VALUE)
    assert table.height == metrics("ingest")["rows_accepted"] == 203
    assert set(table["currency"]) == {"GBP"}
    assert table.select("bond_id", "date").is_unique().all()
    assert "1 date is too few" in paths.REPORT.read_text(encoding="utf-8")
