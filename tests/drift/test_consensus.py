"""The consensus of the methods made from data alone."""

import numpy as np
import polars as pl
import pytest

from richcheap.drift.consensus import METHODS, consensus, methods
from tests.drift.drifting import steady
from tests.models.datasets import blocks


def test_it_is_the_median_and_one_wild_method_moves_it_little():
    rows = steady()
    table = np.column_stack([rows[column].to_numpy() for column in METHODS.values() if column in rows.columns])
    np.testing.assert_array_equal(consensus(rows).price, np.median(table, axis=1))
    wild = consensus(rows.with_columns(baseline_ewma=pl.lit(1e6)))
    assert np.abs(wild.price - consensus(rows).price).max() < 3.0


def test_methods_that_agree_have_no_dispersion():
    rows = steady()
    same = rows.with_columns(pl.col("clean_price").alias(column) for column in METHODS.values())
    agreed = consensus(same)
    assert not agreed.dispersion_bp.any()
    np.testing.assert_array_equal(agreed.price, rows["clean_price"])


def test_dispersion_estimates_the_deviation_of_normal_errors():
    rng = np.random.default_rng(0)
    rows = steady(dates=400)
    errors = {column: rows["clean_price"] + pl.Series(rng.normal(0.0, 0.3, rows.height)) for column in METHODS.values()}
    # 0.3 points at 0.05 points a bp are 6 bp; the median of six has a deviation of its own, which makes it less.
    assert consensus(rows.with_columns(**errors)).dispersion_bp.mean() == pytest.approx(5.0, rel=0.15)


def test_a_price_one_bp_cheaper_deviates_by_one_bp():
    agreed = consensus(steady())
    np.testing.assert_allclose(agreed.deviation_bp(agreed.price - 0.05), 1.0, rtol=1e-9)


def test_where_a_bp_moves_no_price_nothing_is_said_of_spreads():
    agreed = consensus(steady().with_columns(dv01=pl.lit(0.0)))
    assert np.isnan(agreed.dispersion_bp).all()
    assert np.isnan(agreed.deviation_bp(agreed.price)).all()


def test_a_dataset_has_four_methods_at_least():
    found = methods(blocks()["validation"])
    assert {"matrix", "last_adjusted", "ewma", "peers"} <= set(found)
    assert all(np.isfinite(price).all() for price in found.values())


def test_two_methods_make_no_consensus():
    rows = steady().select("date", "dv01", "fair_price", "baseline_ewma")
    with pytest.raises(ValueError, match="a consensus needs three methods, got matrix, ewma"):
        consensus(rows)
