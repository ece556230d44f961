"""Intervals on blocks of a small market's dataset."""

from functools import cache

import joblib
import numpy as np
import polars as pl

from richcheap.evaluation.intervals.blocks import SCALE_COLUMNS, RowScales, fit_intervals, walk_intervals
from richcheap.evaluation.score import ScoredBlock
from richcheap.features.catalogue import feature_names
from richcheap.panel.split import cut, split_dates
from tests.evaluation.test_score import PARAMS
from tests.features.datasets import dataset
from tests.surface.markets import SPLIT, small_market

NAMES = ("fair_price", "baseline_last", "baseline_last_adjusted")


@cache
def rows() -> dict[str, pl.DataFrame]:
    found = dataset(small_market(bonds=32, dates=60))
    dates = found["date"].unique().sort()
    return cut(found, dates, split_dates(dates.len(), SPLIT))


@cache
def scales() -> RowScales:
    train = rows()["train"]
    features = feature_names("basic")
    return RowScales(features, PARAMS, 1).fit(train.select(*dict.fromkeys([*features, *SCALE_COLUMNS])))


def block(found: pl.DataFrame) -> ScoredBlock:
    return ScoredBlock(found, {name: found[name].to_numpy() for name in NAMES})


def widths(test: pl.DataFrame) -> dict[str, np.ndarray]:
    intervals = fit_intervals(block(rows()["validation"]), scales(), PARAMS)
    return walk_intervals(intervals, block(test), scales())


def test_every_predictor_has_intervals_of_its_own() -> None:
    test = rows()["test"]
    found = widths(test)
    assert list(found) == list(NAMES)
    for width in found.values():
        assert width.shape == (test.height,)
        assert (np.isfinite(width) & (width > 0.0)).all()
    assert found["baseline_last_adjusted"].mean() < found["fair_price"].mean()


def test_what_intervals_may_depend_on_holds_no_price_of_the_row() -> None:
    test = rows()["test"]
    prices = ("clean_price", "dirty_price", "adjustment", "target_bp")
    changed = test.with_columns(*(pl.col(name) + 1.5 for name in prices if name in test.columns))
    for before, after in zip(scales().rows(test), scales().rows(changed), strict=True):
        np.testing.assert_array_equal(before, after)


def test_a_price_changes_no_interval_of_its_date_nor_of_an_earlier_one() -> None:
    test = rows()["test"]
    dates = test["date"].unique().sort()
    moved = test["date"] == dates[3]
    changed = test.with_columns(clean_price=pl.col("clean_price") + 50.0 * moved.cast(pl.Float64))
    before, after = widths(test), widths(changed)
    known = (test["date"] <= dates[3]).to_numpy()
    for name in NAMES:
        np.testing.assert_array_equal(before[name][known], after[name][known])
        assert (before[name][~known] != after[name][~known]).any()


def test_intervals_that_walked_a_block_go_on_after_it() -> None:
    test = rows()["test"]
    dates = test["date"].unique().sort()
    early, late = (test.filter(chosen) for chosen in (pl.col("date") < dates[5], pl.col("date") >= dates[5]))
    intervals = fit_intervals(block(rows()["validation"]), scales(), PARAMS)
    walk_intervals(intervals, block(early), scales())
    found = walk_intervals(intervals, block(late), scales())
    for name, width in widths(test).items():
        np.testing.assert_array_equal(found[name], width[early.height :])


def test_each_kind_and_size_of_price_has_a_width_of_its_own() -> None:
    """Every other bond has loose prices; they are told by their kind alone, or by their size alone."""
    loose = pl.col("bond_id").hash(1) % 2 == 0
    marks = (
        pl.when(loose).then(pl.lit("trade")).otherwise(pl.lit("reference")).alias("price_kind"),
        pl.when(loose).then(5e4).otherwise(2e6).alias("volume"),
    )
    noise = np.random.default_rng(1)
    for mark in marks:
        marked = {name: rows()[name].with_columns(mark) for name in ("validation", "test")}
        blocks = {}
        for name, found in marked.items():
            spread = np.where(found.select(loose).to_series().to_numpy(), 2.0, 0.2)
            blocks[name] = ScoredBlock(
                found, {"price": found["clean_price"].to_numpy() + spread * noise.normal(size=found.height)}
            )
        intervals = fit_intervals(blocks["validation"], scales(), PARAMS)
        width = walk_intervals(intervals, blocks["test"], scales())["price"]
        of_loose = marked["test"].select(loose).to_series().to_numpy()
        assert np.median(width[of_loose]) > 4.0 * np.median(width[~of_loose])


def test_fitting_twice_gives_the_same_state() -> None:
    validation = block(rows()["validation"])
    first, second = (joblib.hash(fit_intervals(validation, scales(), PARAMS)) for _ in range(2))
    assert first == second
