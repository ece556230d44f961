"""The whole pipeline on the shortest files that its split lets through: it reaches the page, and invents nothing."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import richcheap
from richcheap import inspect
from richcheap.pipeline.config.params_files import read_params
from richcheap.pipeline.errors import LeftOutError
from richcheap.pipeline.execution.left_out import leave_out
from richcheap.pipeline.execution.stage_files import outputs
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import file_md5, write_parquet
from stages import (
    convert,
    decompose,
    drift,
    evaluate,
    factor_model,
    features,
    ingest,
    kalman,
    lists,
    live,
    market,
    oracle,
    regime_detector,
    report,
    signals,
    stress,
    tail_risk,
    train,
    tune,
)
from tests.conftest import ROOT
from tests.projects import SMALL, configure, keep_models

NAME = "ml_adjuster"
STAGES: tuple[Callable[[], None], ...] = (
    *(ingest.main, convert.main, market.main, kalman.main, features.main, train.main, drift.main, tune.main),
    *(factor_model.main, regime_detector.main, tail_risk.main, evaluate.main, decompose.main, signals.main),
    *(live.main, lists.main, stress.main, report.main),
)
PRONE = {
    "factor_model.min_dates": 5,
    "factor_model.bucket_coverage": 0.05,
    "regime_detector.dates_per_state": 5,
    "tail_risk.min_dates": 10,
}
"""The least dates that stages may be told to make do with."""


def prices(dates: int, bonds: int) -> pl.DataFrame:
    """Return closes of half governments, half companies; they move a little from date to date."""
    days = [date(2026, 1, 5) + timedelta(days=k + 2 * (k // 5)) for k in range(dates)]
    return pl.DataFrame(
        [
            {
                "bond_id": f"B{bond:02d}",
                "date": day,
                "clean_price": round(99.0 - 0.4 * bond + 0.05 * ((7 * place + 3 * bond) % 11), 3),
                "maturity_date": date(2027 + bond % 20, 1, 15),
                "coupon_rate": 2.0 + 0.1 * bond,
                "bond_type": "treasury" if bond % 2 == 0 else "corporate",
                "rating": "AA" if bond % 2 == 0 else ("A", "BBB")[bond // 2 % 2],
            }
            for place, day in enumerate(days)
            for bond in range(bonds)
        ]
    )


def prepare(observations: pl.DataFrame, changes: dict[str, Any]) -> None:
    """Write the file, params of the small profile with one model, and a simulated market of other bonds."""
    shutil.copy2(ROOT / "params.yaml", ".")
    shutil.copy2(ROOT / "dvc.yaml", ".")
    shutil.copytree(ROOT / "params", "params")
    observations.write_csv("prices.csv")
    configure(Path(), {**SMALL, "data.observations": "prices.csv", **changes})
    keep_models(Path(), NAME)
    content = read_params().values
    for given in (
        content["data"]["curve"],
        content["data"]["terms"],
        content["tail_risk"]["weights"],
    ):  # files without a row
        Path(given).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / given, given)
    texts = {"bond_id": "other", "regime": "normal"}
    figures = dict.fromkeys(("mid_clean_price", "issuer_residual_bp", "bond_residual_bp"), 1.0)
    write_parquet(pl.DataFrame({**texts, "date": date(2020, 1, 1), **figures}), paths.SIMULATED_TRUTH)
    write_parquet(pl.DataFrame(schema=oracle.SCHEMA), paths.SIMULATED_OPTIMAL_FILTER)


def record() -> None:
    """Record the hashes of the models that there are, as DVC does."""
    models = [*Path().rglob("model.json")]
    outs = [{"path": path.as_posix(), "hash": "md5", "md5": file_md5(path)} for path in models]
    paths.LOCK.write_text(json.dumps({"schema": "2.0", "stages": {"all": {"outs": outs}}}), encoding="utf-8")


def metrics(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((paths.METRICS / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def go() -> None:
    """Run every stage as its command does, but in this process."""
    for main in STAGES:
        try:
            main()
        except LeftOutError as reason:
            name = main.__module__.removeprefix("stages.")
            leave_out(name, [NAME] if name in ("train", "tune") else [], str(reason))
        record()


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
    assert done.stderr.startswith(f"train {NAME}: left out: training_data/dataset/validation has no rows")
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
