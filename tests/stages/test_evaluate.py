"""Stage ``evaluate``, end to end on a small market."""

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from richcheap.evaluation.baselines import COLUMNS
from richcheap.features.assemble import KALMAN_COLUMNS
from richcheap.pipeline.errors import ArtifactError, DataError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_parquet, write_parquet
from richcheap.pipeline.storage.tables import read_table
from stages import drift, evaluate, features, train
from tests.conftest import ROOT
from tests.drift.drifting import DRIFT
from tests.features.datasets import with_kalman, write_market, write_table
from tests.surface.markets import small_market, valued

NAMES = {False: "calm", True: "stressed"}
BOUNDS = "data: {min_price: 1.0, max_price: 250.0}\n"
PARAMS = """
seed: 1
features: {decay_half_life_days: 5.0, activity_window_days: 20, volatility_window_dates: 5}
split: {train_share: 0.6, validation_share: 0.2, embargo_dates: 1,
        train_end: null, validation_end: null, test_end: null}
models:
  ml_adjuster: {trees: 20, leaf_rows: 5, feature_share: 0.5, row_share: 0.8, target_clip_share: 0.01}
evaluate: {bootstrap_resamples: 200, bootstrap_block_dates: 3, confidence: 0.95, interval_coverage: 0.9,
           interval_half_life_dates: 30, interval_level_half_life_dates: 3, interval_min_rows: 50,
           interval_step: 0.5, interval_scale_trees: 20, interval_scale_rows: 2000, ridge_penalty: 0.01,
           ridge_clip_share: 0.01}
importance: {repeats: 2, rows: 1000}
decompose: {contribution_rows: 50}
compute: {chunk_rows: 10000, backend: threading, workers: 1, scheduler: null, checkpoints: null}
"""


def prepare(monkeypatch: pytest.MonkeyPatch, dates: int = 60, live_dates: int = 0) -> pl.DataFrame:
    """Run the stages before evaluate in the working folder; return the market, whose last dates may be live."""
    bonds = small_market(bonds=32, dates=dates + live_dates)
    params, last = PARAMS, None
    if live_dates:
        dated = bonds["date"].unique().sort()[:dates]
        for name, place in (("train_end", dates * 6 // 10), ("validation_end", dates * 8 // 10), ("test_end", -1)):
            params = params.replace(f"{name}: null", f"{name}: {(last := dated[place])}")
    Path("params.yaml").write_text(f"{BOUNDS}{params}drift: {DRIFT.model_dump_json()}\n", encoding="utf-8")
    valuation = valued(bonds)
    write_market(valuation.prints, last=last)
    filtered = with_kalman(valuation).select(KALMAN_COLUMNS)
    write_table(filtered, paths.KALMAN)
    write_parquet(valuation.curves, paths.CURVES)
    if last is not None:
        divide_at(filtered, valuation.curves, last)
    features.main()
    monkeypatch.setattr("sys.argv", ["train", "ml_adjuster"])
    train.main()
    keep_model()
    drift.main()
    days = bonds.select("date").unique().sort("date")
    late = pl.int_range(pl.len()) >= days.height - 4
    write_parquet(days.with_columns(regime=late.cast(pl.Int8), name=late.replace_strict(NAMES)), paths.REGIMES)
    return bonds


def divide_at(filtered: pl.DataFrame, curves: pl.DataFrame, last: date) -> None:
    """Write what the filter says part by part as the market is divided, and the curves of both."""
    early = pl.col("date") <= last
    write_parquet(curves.filter(early), paths.CURVES)
    write_parquet(curves.filter(~early), paths.LIVE_CURVES)
    later = Path("later")
    write_table(filtered.filter(~early), later)
    write_table(filtered.filter(early), paths.KALMAN)
    for path in later.iterdir():
        path.rename(paths.KALMAN / path.name)


def keep_model() -> None:
    """Take the model over unchanged, as tuning mostly does, and record its hash as DVC does."""
    trained, tuned = paths.model_file("ml_adjuster"), paths.tuned_model_file("ml_adjuster")
    tuned.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(trained, tuned)
    shutil.copyfile(paths.validation_predictions("ml_adjuster"), paths.tuned_predictions("ml_adjuster"))
    digest = hashlib.md5(trained.read_bytes(), usedforsecurity=False).hexdigest()
    outs = [{"path": path.as_posix(), "hash": "md5", "md5": digest} for path in (trained, tuned)]
    lock = {"schema": "2.0", "stages": {"train@ml_adjuster": {"cmd": "train", "outs": outs}}}
    paths.LOCK.write_text(json.dumps(lock), encoding="utf-8")


def write_truth(bonds: pl.DataFrame, rows: int | None = None) -> None:
    known = bonds.head(rows) if rows else bonds
    truth = known.select("bond_id", "date", mid_clean_price="clean_price").with_columns(
        regime=pl.lit("normal"), issuer_residual_bp=pl.lit(0.0), bond_residual_bp=pl.lit(0.0)
    )
    write_parquet(truth, paths.SIMULATED_TRUTH)
    optimal_filter = known.select(
        "bond_id", "date", optimal_filter_clean_price=pl.col("clean_price") + 0.1, optimal_filter_bond_bp=pl.lit(0.0)
    )
    write_parquet(optimal_filter, paths.SIMULATED_OPTIMAL_FILTER)


def result() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((paths.METRICS / "evaluate.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory):
    """A finished evaluation of a market whose mid prices are the observed ones."""
    folder = tmp_path_factory.mktemp("evaluated")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        write_truth(prepare(monkeypatch))
        evaluate.main()
        yield folder


def test_every_predictor_is_judged_on_every_row_of_the_test_block(evaluated: Path) -> None:
    metrics, table = result(), pl.read_parquet(paths.PREDICTIONS)
    test = read_table(paths.DATASET_TEST)
    assert metrics["rows"] == table.height == test.height
    assert list(metrics["predictors"]) == sorted([*COLUMNS, "ridge", "ml_adjuster"])
    for name in metrics["predictors"]:
        assert table[name].is_finite().all()
        error = (table[name] - table["clean_price"]).abs().mean()
        assert metrics["predictors"][name]["mae"] == pytest.approx(error, rel=1e-9)


def test_the_base_spread_is_a_baseline_that_matters(evaluated: Path) -> None:
    mae = {name: entry["mae"] for name, entry in result()["predictors"].items()}
    assert mae["last_adjusted"] < mae["last"]


def test_a_predictor_that_loses_is_shown_as_losing(evaluated: Path) -> None:
    skill = result()["skill"]["matrix"]["against_best_baseline"]
    assert skill["high"] < 0.0
    assert skill["verdict"] == "worse"


def test_slices_add_up_to_the_whole(evaluated: Path) -> None:
    metrics = result()
    for name in ("maturity", "staleness", "rating_bucket", "regime"):
        cells = metrics["slices"][name]
        assert sum(cell["rows"] for cell in cells) == metrics["rows"]
        total = sum(cell["rows"] * cell["predictors"]["peers"]["mae"] for cell in cells)
        assert total / metrics["rows"] == pytest.approx(metrics["predictors"]["peers"]["mae"], rel=1e-8)


def test_the_oracle_bounds_what_can_be_attained(evaluated: Path) -> None:
    metrics = result()
    exact = {"mae": 0.0, "rmse": 0.0, "r2_adjustment": 1.0, "r2_move": 1.0}
    assert metrics["oracle"]["mid"] == metrics["oracle"]["noise_free"] == exact
    assert metrics["oracle"]["optimal_filter"]["mae"] == pytest.approx(0.1)
    ridge = metrics["predictors"]["ridge"]
    assert ridge["noise_free_share_of_move"] == ridge["r2_move"]
    assert ridge["optimal_filter_share_of_move"] > ridge["r2_move"]


def test_without_what_the_oracle_expects_the_bound_is_left(evaluated: Path) -> None:
    expected = read_parquet(paths.SIMULATED_OPTIMAL_FILTER)
    write_parquet(expected.clear(), paths.SIMULATED_OPTIMAL_FILTER)
    truth = evaluate.read_truth(*2 * [read_table(paths.DATASET_TEST)])
    write_parquet(expected, paths.SIMULATED_OPTIMAL_FILTER)
    assert truth is not None
    assert truth.optimal_filter is None
    assert truth.noise_free is not None


def test_the_best_model_is_named_for_those_who_show_it(evaluated: Path) -> None:
    assert result()["best_model"] == "ml_adjuster"


def test_coverage_and_errors_are_cut_by_the_detected_regime(evaluated: Path) -> None:
    cells = result()["slices"]["detected_regime"]
    assert [cell["cell"] for cell in cells] == ["calm", "stressed"]
    assert cells[1]["dates"] == 4
    assert sum(cell["rows"] for cell in cells) == result()["rows"]


def test_each_seed_is_judged_alone(evaluated: Path) -> None:
    seeds = result()["predictors"]["ml_adjuster"]["seeds"]
    assert seeds["mae"] >= result()["predictors"]["ml_adjuster"]["mae"] * (1.0 - 1e-9)  # a mean beats its parts
    assert result()["predictors"]["ridge"]["seeds"] is None


def test_the_test_block_is_compared_with_the_blocks_before_it(evaluated: Path) -> None:
    found = result()["drift"]
    assert found["windows"]["before"]["last_date"] < found["windows"]["current"]["first_date"]
    assert list(found["models"]) == ["ml_adjuster"]
    assert found["score"] == found["models"]["ml_adjuster"]["score"]


def test_what_the_best_model_owes_to_its_features_is_measured(evaluated: Path) -> None:
    found = result()["importance"]
    assert found["mae"] == pytest.approx(result()["predictors"]["ml_adjuster"]["mae"], rel=1e-9)
    assert max(found["groups"], key=lambda group: group["importance"])["importance"] > 0.0


def test_headline_is_small_enough_to_read(evaluated: Path) -> None:
    headline = json.loads((paths.METRICS / "headline.json").read_text(encoding="utf-8"))
    figures = {"best_baseline_mae", "best_simple_baseline_mae", "kalman_mae", "champion_mae"}
    assert set(headline) == {"best_baseline", "best_simple_baseline", "champion", "ml_adjuster"} | figures
    assert (headline["champion"], headline["champion_mae"]) == ("ml_adjuster", headline["ml_adjuster"]["mae"])


def test_headline_compares_with_the_best_simple_baseline_and_the_filter(evaluated: Path) -> None:
    headline, evaluation = json.loads(paths.HEADLINE.read_text(encoding="utf-8")), result()
    simple = evaluation["best_simple_baseline"]
    assert headline["best_simple_baseline"] == simple
    assert headline["best_simple_baseline_mae"] == evaluation["predictors"][simple]["mae"]
    against = evaluation["skill"]["ml_adjuster"]["against"]
    for key, name in (("best_simple_baseline", simple), ("kalman", "kalman")):
        shown = headline["ml_adjuster"][f"skill_against_{key}"]
        assert shown == {figure: against[name][figure] for figure in ("skill", "low", "high", "verdict")}


def test_evaluating_twice_writes_the_same_bytes(evaluated: Path) -> None:
    files = [paths.PREDICTIONS, *sorted(paths.METRICS.glob("*.json")), *sorted(paths.PLOTS.glob("*.csv"))]
    before = [path.read_bytes() for path in files]
    evaluate.main()
    assert [path.read_bytes() for path in files] == before


def test_a_market_that_is_not_simulated_has_no_oracle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    bonds = prepare(monkeypatch)
    write_truth(bonds.with_columns(bond_id=pl.lit("other ") + pl.col("bond_id")))
    evaluate.main()
    metrics = result()
    assert metrics["oracle"] is None
    assert "regime" not in metrics["slices"]
    write_truth(bonds, rows=bonds.height - 3)
    with pytest.raises(DataError, match=r"truth.parquet: holds only some of the test rows \(3 of"):
        evaluate.main()


def test_a_model_file_that_changed_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    prepare(monkeypatch)
    with paths.tuned_model_file("ml_adjuster").open("ab") as file:
        file.write(b"!")
    with pytest.raises(ArtifactError, match=r"tuned/ml_adjuster/model\.json"):
        evaluate.main()


def test_shuffling_the_target_destroys_the_skill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of shuffled targets must not beat its base spread by more than luck."""
    monkeypatch.chdir(tmp_path)
    write_truth(prepare(monkeypatch))
    for folder in (paths.DATASET_TRAIN, paths.DATASET_VALIDATION):
        rows = read_table(folder)
        shuffled = np.random.default_rng(0).permutation(rows["target_bp"].to_numpy())
        write_table(rows.with_columns(target_bp=pl.Series(shuffled)), folder)
    train.main()
    keep_model()
    evaluate.main()
    predictors = result()["predictors"]
    for name in ("ridge", "ml_adjuster"):
        assert predictors[name]["mae"] > 0.99 * predictors["last_adjusted"]["mae"], name


def test_no_other_stage_reads_the_test_block() -> None:
    """`features` writes it; only `evaluate` may name it again, and five that choose nothing: `stress`, which takes the
    bonds' terms from it, `decompose`, which divides the prices that were scored, `signals`, which scores, too, `live`,
    which goes on from it, and `lists`, which shows it.

    In the library the trainer hands it out, to whoever asks for it; prices on request read the bonds' history from it.
    What stages need of memory follows from its number of rows.
    """
    files = [*(ROOT / "stages").glob("*.py"), *(ROOT / "src").rglob("*.py")]
    readers = {path.name for path in files if "paths.DATASET_TEST" in path.read_text("utf-8")}
    scorers, counts = {"evaluate.py", "live.py", "signals.py"}, {"held.py"}
    others = {"decompose.py", "features.py", "lists.py", "stress.py", "trainer.py", "pricer.py"}
    assert readers == {*scorers, *counts, *others}


def test_plotted_errors_are_the_best_models(evaluated: Path) -> None:
    cells = result()["slices"]["maturity"]
    table = pl.read_csv(paths.PLOTS / "error_by_maturity.csv")
    assert table["cell"].to_list() == [cell["cell"] for cell in cells]
    expected = [cell["predictors"]["ml_adjuster"]["mae"] for cell in cells]
    assert table["mae"].to_list() == pytest.approx(expected, rel=1e-9)
