"""The two files: the data contract's columns, and the truth beside them."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from richcheap.bonds.terms import terms_from_frame
from richcheap.simulation.tables import bond_table, observations, truth
from tests.simulation.settings import small_market

BONDS = bond_table(small_market().issuers, small_market().universe)
SEEN, TRUE = observations(small_market(), BONDS), truth(small_market(), BONDS)


def test_observations_have_the_columns_of_the_data_contract() -> None:
    assert SEEN.columns == [
        "bond_id", "date", "clean_price", "maturity_date", "coupon_rate", "quoted_margin", "frequency", "day_count",
        "issue_date", "first_coupon_date", "settlement_date", "bond_type", "credit_rating", "issuer", "sector",
        "currency", "callable", "convertible", "call_date", "call_price", "call_schedule", "face_value",
        "volume", "side",
    ]  # fmt: skip
    nullable = {"quoted_margin", "first_coupon_date", "call_date", "call_price", "call_schedule"}
    assert {name for name in SEEN.columns if SEEN[name].null_count()} == nullable
    assert SEEN.select(pl.col(pl.Float64).is_nan().any()).sum_horizontal().item() == 0


def test_the_truth_has_the_same_rows_in_the_same_order() -> None:
    assert TRUE.select("bond_id", "date").equals(SEEN.select("bond_id", "date"))
    assert TRUE["mid_clean_price"].null_count() == 0
    assert (TRUE["noise_points"] > 0.0).all()
    error = (SEEN["clean_price"] - TRUE["mid_clean_price"]) / TRUE["noise_points"]
    assert error.std() == pytest.approx(1.0, abs=0.05)


def test_rows_are_unique_and_sorted_by_date_and_bond() -> None:
    assert SEEN.select("date", "bond_id").is_unique().all()
    assert SEEN.sort("date", "bond_id").equals(SEEN)


def test_nothing_of_the_truth_is_among_the_observations() -> None:
    assert set(TRUE.columns) & set(SEEN.columns) == {"bond_id", "date"}


def test_settlement_is_the_next_weekday() -> None:
    gap = SEEN.select(
        (pl.col("settlement_date") - pl.col("date")).dt.total_days().alias("days"),
        pl.col("date").dt.weekday().alias("weekday"),
    )
    assert set(gap.filter(pl.col("weekday") < 5)["days"]) == {1}
    assert set(gap.filter(pl.col("weekday") == 5)["days"]) == {3}
    assert SEEN["date"].min() == dt.date(2022, 1, 3)


def test_a_bond_keeps_its_static_data_except_for_floating_coupons_and_ratings() -> None:
    static = [
        "maturity_date", "quoted_margin", "frequency", "day_count", "issue_date", "first_coupon_date", "bond_type",
        "issuer", "sector", "callable", "convertible", "call_schedule", "face_value",
    ]  # fmt: skip
    assert SEEN.select("bond_id", *static).unique().height == SEEN["bond_id"].n_unique()
    fixed = SEEN.filter(pl.col("bond_type") != "floating_rate")
    assert fixed.select("bond_id", "coupon_rate").unique().height == fixed["bond_id"].n_unique()


def test_floating_rate_bonds_and_no_others_have_a_margin_in_basis_points() -> None:
    assert (
        SEEN.select((pl.col("bond_type") == "floating_rate") == pl.col("quoted_margin").is_not_null()).to_series().all()
    )
    margin = SEEN["quoted_margin"].drop_nulls().to_numpy() * 1e4
    assert margin == pytest.approx(np.rint(margin), abs=1e-9)
    assert margin.min() > 0.0


def test_the_terms_of_the_table_are_those_that_were_priced() -> None:
    read, priced = terms_from_frame(SEEN), small_market().terms
    for name in read._fields:  # what is one for all may stand once
        of_read, of_priced = np.broadcast_arrays(getattr(read, name), getattr(priced, name))
        assert np.array_equal(of_read, of_priced), name


def test_treasuries_carry_the_benchmark_grade() -> None:
    treasuries = SEEN.filter(pl.col("bond_type") == "treasury")
    assert set(treasuries["credit_rating"]) == {"AA+"}
    assert set(treasuries["issuer"]) == {"US Treasury"}
