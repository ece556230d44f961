"""Stage ``features``: one table for each block, the same whatever is held at a time."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from richcheap.features.assemble import KALMAN_COLUMNS
from richcheap.pipeline.errors import ArtifactError, DataError, LeftOutError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import read_json, write_parquet
from richcheap.pipeline.storage.tables import batches, part_paths, read_block, read_table
from richcheap.surface.valuation import Valuation
from stages import features
from tests.features.datasets import with_kalman, write_counts, write_market, write_table
from tests.surface.markets import small_market, valued

PARAMS = """
data: {{min_price: 1.0, max_price: 250.0}}
features: {{decay_half_life_days: 5.0, activity_window_days: 20, volatility_window_dates: 5}}
split: {{train_share: 0.6, validation_share: 0.2, embargo_dates: 1,
  train_end: null, validation_end: null, test_end: null}}
compute: {{chunk_rows: {rows}, backend: threading, workers: 1, scheduler: null, checkpoints: null}}
"""
PART_ROWS = 40
"""Few, so that the blocks' boundaries cut parts."""

BLOCK_FOLDERS = (paths.DATASET_TRAIN, paths.DATASET_VALIDATION, paths.DATASET_TEST)


@pytest.fixture(scope="module")
def market() -> Valuation:
    return valued(small_market())


@pytest.fixture
def workspace(market: Valuation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_market(market.prints, PART_ROWS)
    write_table(with_kalman(market).select(KALMAN_COLUMNS), paths.KALMAN, PART_ROWS)
    write_parquet(market.curves, paths.CURVES)
    hold(rows=10_000)
    return tmp_path


def hold(rows: int) -> None:
    Path("params.yaml").write_text(PARAMS.format(rows=rows), encoding="utf-8")


def made() -> dict[str, bytes]:
    files = [*sorted(paths.DATASET.rglob("*.parquet")), paths.SPLIT]
    return {path.as_posix(): path.read_bytes() for path in files}


def test_blocks_follow_each_other_with_an_embargo_between(workspace: Path, market: Valuation) -> None:
    features.main()
    train, validation, test, live = (read_table(folder) for folder in features.FOLDERS.values())
    assert live.is_empty()
    assert live.schema == test.schema
    dates = market.prints["date"].unique().sort().to_list()
    assert dates.index(validation["date"].min()) - dates.index(train["date"].max()) == 2
    assert dates.index(test["date"].min()) - dates.index(validation["date"].max()) == 2
    table = json.loads(paths.SPLIT.read_text(encoding="utf-8"))["blocks"]
    rows = {entry["name"]: entry["rows"] for entry in table if entry["name"] != "embargo"}
    assert rows == {"train": train.height, "validation": validation.height, "test": test.height}
    assert sum(entry["rows"] for entry in table) == market.prints.height


def test_parts_are_those_of_the_market_cut_at_the_boundaries_and_named_by_their_first_date(workspace: Path) -> None:
    features.main()
    starts = {path.name for path in part_paths(paths.MARKET)}
    for folder in BLOCK_FOLDERS:
        parts = part_paths(folder)
        for number, path in enumerate(parts):
            assert path.stem == str(pl.read_parquet(path)["date"].min())
            assert number == 0 or path.name in starts
    assert any(path.name not in starts for folder in BLOCK_FOLDERS for path in part_paths(folder))


def test_the_bytes_do_not_depend_on_how_many_rows_are_held_or_on_the_cores(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    features.main()
    once = made()
    reads: list[int] = []

    def few(parts: list[Path], _rows: int) -> list[list[Path]]:
        found = batches(parts, 100)
        reads.extend(map(len, found))
        return found

    monkeypatch.setattr(features, "batches", few)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    paths.FEATURES_MANIFEST.unlink()
    features.main()
    assert 1 < len(reads) < sum(reads)
    assert made() == once


def test_later_parts_leave_earlier_ones_as_they_were(workspace: Path, market: Valuation) -> None:
    """Change everything that the last parts say: what was written from earlier ones keeps its bytes."""
    features.main()
    before = made()
    last = part_paths(paths.MARKET)[-2:]
    first_changed = last[0].name
    for path in last:
        rows = pl.read_parquet(path)
        measured = [name for name, dtype in rows.schema.items() if dtype == pl.Float64 and name != "years_to_maturity"]
        changed = rows.with_columns(pl.col(name) * 1.01 for name in measured)
        new_bonds = changed.with_columns(bond_id="A" + pl.col("bond_id"))
        rows = pl.concat([changed, new_bonds]).sort("date", "bond_id")
        write_parquet(rows, path)
        spread = pl.col("z_spread_bp").alias("kalman_spread_bp")
        others = {name: pl.lit(1.0) for name in KALMAN_COLUMNS[3:]}
        write_parquet(rows.select("bond_id", "date", spread, **others), paths.KALMAN / path.name)
    write_counts(read_table(paths.MARKET).select(market.prints.columns))
    features.main()
    after = made()
    kept = [name for name in before if name.endswith(".parquet") and Path(name).name < first_changed]
    assert len(kept) > 3
    assert all(after[name] == before[name] for name in kept)
    assert after != before


def test_market_states_are_thirds_of_the_training_rows(workspace: Path) -> None:
    features.main()
    train = read_table(paths.DATASET_TRAIN)
    low, high = np.quantile(train["f_curve_volatility"].drop_nulls().to_numpy(), [1.0 / 3.0, 2.0 / 3.0])
    for folder in BLOCK_FOLDERS:
        rows = read_table(folder).with_columns(value=pl.col("f_curve_volatility"))
        expected = pl.when(pl.col("value") <= low).then(pl.lit("calm")).when(pl.col("value") > high)
        states = rows.select(market_state=expected.then(pl.lit("stressed")).otherwise(pl.lit("normal")))
        assert rows["market_state"].equals(states["market_state"])


@pytest.mark.parametrize("dates", [1, 5])
def test_too_few_dates_are_all_to_be_judged_and_none_to_be_learned_from(
    workspace: Path, market: Valuation, dates: int
) -> None:
    paths_of_market, few = part_paths(paths.MARKET), market.prints["date"].unique().sort()[:dates]
    for path in (*paths_of_market, *part_paths(paths.KALMAN)):
        rows = pl.read_parquet(path).filter(pl.col("date").is_in(few.implode()))
        if rows.height:
            write_parquet(rows, path)
        else:
            path.unlink()
    write_counts(read_table(paths.MARKET).select(market.prints.columns))
    features.main()
    blocks = {name: read_table(folder) for name, folder in features.FOLDERS.items()}
    assert {name: rows["date"].n_unique() for name, rows in blocks.items()} == {
        "train": 0,
        "validation": 0,
        "test": dates,
        "live": 0,
    }
    assert blocks["train"].schema == blocks["test"].schema
    with pytest.raises(
        LeftOutError, match=rf"{dates} dates? (is|are) too few: .*it takes at least \d+ .*; give more dates"
    ):
        read_json(paths.SPLIT)
    assert [block["name"] for block in read_json(paths.SPLIT, even_left_out=True)["blocks"]] == ["test"]
    with pytest.raises(LeftOutError, match=r"training_data/dataset/train has no rows: too few dates"):
        read_block(paths.DATASET_TRAIN)


def test_rows_of_the_filter_that_are_not_those_of_the_market_are_refused(workspace: Path) -> None:
    path = part_paths(paths.KALMAN)[2]
    write_parquet(pl.read_parquet(path).reverse(), path)
    with pytest.raises(DataError, match=rf"{path}: its rows are not those of training_data/market/{path.name}"):
        features.main()


def test_a_missing_column_names_the_part_and_leaves_the_dataset_as_it_was(workspace: Path, market: Valuation) -> None:
    features.main()
    before = made()
    last = part_paths(paths.MARKET)[-1]
    write_parquet(pl.read_parquet(last).drop("noise_bp"), last)
    with pytest.raises(ArtifactError, match=f"{last}: no column noise_bp"):
        features.main()
    assert made() == before
    assert [path.name for path in sorted(paths.DATASET.iterdir())] == ["live", "test", "train", "validation"]
