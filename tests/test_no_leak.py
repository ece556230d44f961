"""Nothing leaks on the whole way from prices to judged predictions: move a price, or shuffle what is learned."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from richcheap.evaluation.skill import BETTER, PairedBootstrap, sums_by_date
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.tables import read_table
from stages import evaluate, features
from tests.features.datasets import write_table
from tests.models.datasets import blocks, planted, shuffled
from tests.models.enhanced_ml_adjuster.small import small as boosted
from tests.models.ml_adjuster.small import small as forest
from tests.stages import test_evaluate
from tests.surface.markets import with_prices

OBSERVED = {"clean_price"}
"""What an observation's own price may move in its own row of the predictions."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("no_leak")


@pytest.fixture(scope="module")
def untouched(folder: Path) -> Iterator[tuple[pl.DataFrame, pl.DataFrame, str]]:
    """Return a market, the predictions for its test block, and the hash of the model."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.chdir(folder)
        bonds = test_evaluate.prepare(monkeypatch)
        test_evaluate.write_truth(bonds)
        evaluate.main()
        yield bonds, pl.read_parquet(paths.PREDICTIONS), model_hash()


def model_hash() -> str:
    return hashlib.sha256(paths.model_file("ml_adjuster").read_bytes()).hexdigest()


def rerun(monkeypatch: pytest.MonkeyPatch, bonds: pl.DataFrame) -> pl.DataFrame:
    """Make everything anew from a changed market; return the predictions."""
    monkeypatch.setattr(test_evaluate, "small_market", lambda **_: bonds)
    test_evaluate.prepare(monkeypatch)
    evaluate.main()
    return pl.read_parquet(paths.PREDICTIONS)


def test_a_test_price_moves_no_prediction_and_no_interval_of_its_row_nor_anything_before(
    untouched, monkeypatch: pytest.MonkeyPatch
) -> None:
    bonds, before, model = untouched
    days = before["date"].unique().sort()
    row = before.with_row_index().filter(pl.col("date") == days[days.len() // 2]).row(3, named=True)
    key = (pl.col("bond_id") == row["bond_id"]) & (pl.col("date") == row["date"])
    moved = with_prices(bonds, bonds.select(pl.col("clean_price") + 1.5 * key.cast(pl.Float64)).to_series().to_numpy())
    after = rerun(monkeypatch, moved)

    assert model_hash() == model
    earlier = pl.col("date") < row["date"]
    assert after.filter(earlier).equals(before.filter(earlier), null_equal=True)
    own = [frame.filter(key).drop(OBSERVED) for frame in (before, after)]
    assert own[1].equals(own[0], null_equal=True), "a prediction or an interval saw its own price"
    later = pl.col("date") > row["date"]
    assert not after.filter(later).equals(before.filter(later))
    assert after.filter(key)["clean_price"].item() == pytest.approx(row["clean_price"] + 1.5)


def test_shuffling_the_target_destroys_all_skill(untouched, monkeypatch: pytest.MonkeyPatch) -> None:
    """Models and ridge learn from shuffled targets; the test block and the simple baselines stay what they are."""
    make = features.main

    def shuffled_features() -> None:
        make()
        for number, folder in enumerate((paths.DATASET_TRAIN, paths.DATASET_VALIDATION)):
            rows = shuffled(read_table(folder), seed=number)
            for part in folder.iterdir():
                part.unlink()
            write_table(rows, folder)

    monkeypatch.setattr(features, "main", shuffled_features)
    table = rerun(monkeypatch, untouched[0])
    names = ["ml_adjuster", "ridge", "last_adjusted"]
    errors = np.column_stack([(table[name] - table["clean_price"]).abs().to_numpy() for name in names])
    by_date = sums_by_date(table["date"].to_physical().to_numpy(), errors)
    bootstrap = PairedBootstrap(by_date, block_dates=2, resamples=500, confidence=0.95, seed=1)
    for position in (0, 1):
        skill = bootstrap.skill(position, 2)
        assert skill.verdict != BETTER, f"{names[position]} has a skill of {skill.skill:.3f} after shuffling"
        assert skill.skill < 0.05


@pytest.mark.parametrize("build", [forest, boosted])
def test_what_a_model_learned_does_not_depend_on_the_validation_block_but_for_its_multiplier(
    build,
) -> None:
    train, validation = planted(blocks()["train"], seed=1), planted(blocks()["validation"], seed=2)
    moved = validation.with_columns(pl.col("target_bp") * 0.5 + 1.0, pl.col("dv01") * 2.0)
    models = [build().fit(train, rows) for rows in (validation, moved)]
    assert models[0].multiplier_ != models[1].multiplier_
    raw = [model.predict(train) / model.multiplier_ for model in models]
    np.testing.assert_allclose(raw[0], raw[1], rtol=1e-12, atol=1e-12)
