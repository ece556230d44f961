"""Nothing looks ahead: move prices, rebuild everything, and compare bits."""

import numpy as np
import polars as pl
import pytest

from richcheap.features.assemble import STATES
from tests.features.datasets import dataset
from tests.surface.markets import small_market, with_prices

# What an observation's own price may move in its own row.
OWN_PRICE = {"clean_price", "dirty_price", "adjustment", "target_bp", *STATES}


def bits(frame: pl.DataFrame) -> dict[str, list[object]]:
    """Return every column as exact values: floats as their bytes, so that NaN equals NaN and -0 is not 0."""
    return {
        name: (
            [None if value is None else np.float64(value).tobytes() for value in column]
            if column.dtype == pl.Float64
            else column.to_list()
        )
        for name, column in zip(frame.columns, frame.get_columns(), strict=True)
    }


def moved(bonds: pl.DataFrame, rows: np.ndarray, points: float) -> pl.DataFrame:
    clean = bonds["clean_price"].to_numpy().copy()
    clean[rows] += points
    return with_prices(bonds, clean)


@pytest.mark.parametrize("currencies", [1, 2])
def test_a_price_moves_nothing_in_its_own_row_and_nothing_before(currencies: int) -> None:
    bonds = small_market(currencies=currencies)
    before = dataset(bonds)
    exact = bits(before)
    dates = before["date"].to_numpy()
    for row in np.random.default_rng(5).choice(bonds.height, 12, replace=False):
        after = bits(dataset(moved(bonds, np.array([row]), 1.5)))
        earlier = np.flatnonzero(dates < dates[row])
        for name, values in exact.items():
            if name not in OWN_PRICE:
                assert after[name][row] == values[row], f"{name} saw its own price"
            assert all(after[name][k] == values[k] for k in earlier), f"{name} saw the future"
        assert after["target_bp"][row] != exact["target_bp"][row]


def test_prices_after_a_date_move_nothing_up_to_it() -> None:
    bonds = small_market()
    before = dataset(bonds)
    cut = before["date"].unique().sort()[12]
    later = np.flatnonzero((bonds["date"] > cut).to_numpy())
    after = dataset(moved(bonds, later, 3.0))
    keep = pl.col("date") <= cut
    assert bits(after.filter(keep)) == bits(before.filter(keep))


def test_rows_after_a_date_may_vanish_without_a_trace() -> None:
    bonds = small_market()
    cut = bonds["date"].unique().sort()[12]
    before = dataset(bonds).filter(pl.col("date") <= cut)
    assert bits(dataset(bonds.filter(pl.col("date") <= cut))) == bits(before)


def test_bonds_issuers_and_ratings_that_appear_later_leave_no_trace() -> None:
    """Numbers are given to names in sorted order: bonds seen for the first time whose names come first move every
    number.
    """
    bonds = small_market()
    cut = bonds["date"].unique().sort()[12]
    new_bond = pl.col("bond_id").is_in(["B003", "B004", "B010", "B013"])
    bonds = bonds.filter(~new_bond | (pl.col("date") > cut)).with_columns(
        bond_id=pl.when(new_bond).then("A" + pl.col("bond_id")).otherwise("bond_id"),
        issuer=pl.when(new_bond).then("a new " + pl.col("issuer")).otherwise("issuer"),
        credit_rating=pl.when(new_bond).then(pl.lit("B")).otherwise("credit_rating"),
        maturity_date=pl.lit(bonds["maturity_date"].max()),
    )
    bonds = with_prices(bonds, bonds["clean_price"].to_numpy()).sort("date", "bond_id")
    before = dataset(bonds).filter(pl.col("date") <= cut)
    assert bits(dataset(bonds.filter(pl.col("date") <= cut))) == bits(before)


def test_another_bonds_price_does_move_a_row_of_the_same_date() -> None:
    """The tests above could pass on features that never move; these do."""
    bonds = small_market()
    before = dataset(bonds)
    last = before["date"].max()
    rows = np.flatnonzero((before["date"] == last).to_numpy())
    after = dataset(moved(bonds, rows[:1], 1.5))
    for name in ("fair_price", "base_spread", "f_peer_move", "f_matrix_gap", "f_move_today"):
        assert (after[name][rows[1:].tolist()] != before[name][rows[1:].tolist()]).any(), name


def test_currencies_do_not_touch() -> None:
    bonds = small_market(currencies=2)
    euro = pl.col("currency") == "EUR"
    apart = dataset(bonds.filter(euro)).drop("reference_curve")
    together = dataset(bonds).filter(euro).drop("reference_curve")
    assert bits(apart) == bits(together)


def test_no_feature_is_the_target_in_disguise() -> None:
    rows = dataset(small_market(dates=60)).filter("has_history")
    target = rows["target_bp"].to_numpy()
    for name in [name for name in rows.columns if name.startswith("f_")]:
        column = rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
        known = np.isfinite(column)
        if known.sum() > 50 and column[known].std() > 0.0:
            correlation = np.corrcoef(column[known], target[known])[0, 1]
            assert abs(correlation) < 0.95, f"{name}: {correlation:.3f}"
