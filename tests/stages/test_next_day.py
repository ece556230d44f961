"""The next day in the stages of the data path: what is unchanged is kept, and the bytes are those of a whole run."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from richcheap.pipeline.resume.continuation import Continuation
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_parquet
from richcheap.pipeline.storage.tables import part_paths, read_table
from stages import features, kalman, market
from tests.features.datasets import write_table
from tests.surface.markets import FEATURES, KALMAN, MARKET, SPLIT, no_curve, small_market

PART_ROWS = 60
BONDS = small_market(bonds=30, dates=30)
DAYS = BONDS["date"].unique().sort()
ENDS = {"train_end": 14, "validation_end": 19, "test_end": 24}
"""Of the blocks, as places of dates: five more come after the test block."""


def days(count: int) -> pl.DataFrame:
    """Return the market's first dates; late in them a bond, an issuer and a currency appear."""

    def otherwise(column: str, value: str, bond: pl.Expr, first: int) -> pl.Expr:
        return pl.when(bond & (pl.col("date") >= DAYS[first])).then(pl.lit(value)).otherwise(column).alias(column)

    changed = BONDS.with_columns(
        otherwise("currency", "EUR", pl.col("bond_id") >= "B024", 23),
        otherwise("issuer", "a new one", pl.col("bond_id") == "B005", 26),
    )
    new = (pl.col("bond_id") == "B001") & (pl.col("date") < DAYS[25])
    return changed.filter(~new & (pl.col("date") <= DAYS[count - 1]))


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_parquet(no_curve(), paths.BENCHMARK_CURVE)
    compute = {"chunk_rows": 10_000, "backend": "threading", "workers": 1, "scheduler": None, "checkpoints": None}
    split = SPLIT.model_dump(mode="json") | {name: str(DAYS[place]) for name, place in ENDS.items()}
    sections = {"market": MARKET, "kalman": KALMAN, "features": FEATURES}
    params = {name: section.model_dump(mode="json") for name, section in sections.items()}
    params["kalman"]["fit_evaluations"] = 3
    params["data"] = {"min_price": 1.0, "max_price": 250.0}
    Path("params.yaml").write_text(json.dumps(params | {"compute": compute, "split": split}), encoding="utf-8")


def run(bonds: pl.DataFrame) -> None:
    """Run the stages on some bonds, with what was kept of an earlier run."""
    write_table(bonds, paths.BONDS, PART_ROWS)
    for stage in (market, kalman, features):
        stage.main()


def made() -> dict[str, bytes]:
    """Return every file that the stages have made."""
    files = [path for folder in (paths.TRAINING_DATA, paths.METRICS) for path in sorted(folder.rglob("*"))]
    return {path.as_posix(): path.read_bytes() for path in files if path.is_file() and paths.BONDS not in path.parents}


def forget() -> None:
    """Delete all that the stages have made."""
    for folder in (paths.METRICS, *paths.TRAINING_DATA.iterdir()):
        shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
    write_parquet(no_curve(), paths.BENCHMARK_CURVE)


def from_nothing(bonds: pl.DataFrame) -> dict[str, bytes]:
    forget()
    run(bonds)
    return made()


@pytest.fixture
def parts_done(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return the list that every part is added to that a stage makes: stage and name."""
    found: list[tuple[str, str]] = []
    write: Callable[..., None] = Continuation.write

    def recorded(self: Continuation, name: str, table: object, frame: pl.DataFrame, part: str | None = None) -> None:
        found.append((self._manifest.stem.removesuffix("_manifest"), name))
        write(self, name, table, frame, part)

    monkeypatch.setattr(Continuation, "write", recorded)
    return found


def test_days_one_by_one_give_the_bytes_of_a_run_from_nothing(parts_done: list[tuple[str, str]]) -> None:
    run(days(22))
    stable: dict[str, bytes] = {}
    for count in range(23, 31):
        parts_done.clear()
        run(days(count))
        last = part_paths(paths.BONDS)[-1].stem
        redone = {name for stage, name in parts_done if stage == "market"}
        assert redone <= {last, part_paths(paths.BONDS)[-2].stem}
        now = made()
        blocks = [paths.DATASET_TRAIN, paths.DATASET_VALIDATION, paths.DATASET_TEST, paths.MARKET, paths.MARKET_COUNTS]
        fixed = {
            name: content
            for name, content in now.items()
            if any(Path(name).is_relative_to(folder) for folder in (*blocks, paths.SPLIT, paths.CURVES))
        }
        if count > 25:
            assert fixed == stable
        stable = fixed
        if count in {24, 26, 30}:
            shutil.copytree(paths.TRAINING_DATA, "kept_data")
            shutil.copytree(paths.METRICS, "kept_metrics")
            assert from_nothing(days(count)) == now
            for folder, kept in ((paths.TRAINING_DATA, "kept_data"), (paths.METRICS, "kept_metrics")):
                shutil.rmtree(folder)
                Path(kept).rename(folder)
    live = read_table(paths.DATASET_LIVE)
    assert live["date"].unique().sort().to_list() == DAYS[25:30].to_list()


def test_a_fit_is_not_repeated_while_training_prints_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    run(days(26))
    monkeypatch.setattr("richcheap.kalman.fit.fit_hyperparameters", None)
    run(days(28))
    training = pl.col("date") == DAYS[10]
    with pytest.raises(TypeError):
        run(days(28).filter(~training))


def test_a_change_in_the_past_is_taken_in_from_its_part_on() -> None:
    run(days(28))
    changed = days(28).filter((pl.col("date") != DAYS[24]) | (pl.col("bond_id") != "B010"))
    run(changed)
    once = made()
    assert from_nothing(changed) == once


def test_days_that_are_taken_away_and_put_back_leave_no_trace() -> None:
    run(days(28))
    whole = made()
    run(days(22))
    run(days(28))
    assert made() == whole


def test_what_is_broken_is_made_again() -> None:
    run(days(28))
    whole = made()
    for broken in (
        part_paths(paths.MARKET)[1],
        part_paths(paths.DATASET_TEST)[0],
        next(paths.KALMAN_STATES.rglob("*.npz")),
        paths.FEATURES_MANIFEST,
    ):
        broken.write_bytes(b"nothing")
        run(days(28))
        assert made() == whole


def test_published_curves_count_from_their_dates_on() -> None:
    def published(until: int) -> pl.DataFrame:
        table = pl.DataFrame({"currency": "USD", "date": DAYS[5:until]}).join(
            pl.DataFrame({"tenor_years": [1.0, 30.0], "rate": [0.03, 0.04], "kind": "zero_continuous"}), how="cross"
        )
        return table.with_columns(pl.col("rate") + 0.0001 * pl.col("date").dt.day())

    write_parquet(published(26), paths.BENCHMARK_CURVE)
    run(days(26))
    write_parquet(published(27), paths.BENCHMARK_CURVE)
    run(days(27))
    once = made()
    forget()
    write_parquet(published(27), paths.BENCHMARK_CURVE)
    run(days(27))
    assert made() == once
