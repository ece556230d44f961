"""Prints are spoiled as their kind says, and no others."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from benchmarks.bad_prints import KINDS, ONE_BOND, WRONG_LEVEL, Scored, compared, spoil


@pytest.fixture
def rows() -> pl.DataFrame:
    """Return a thousand prints of twenty bonds."""
    random = np.random.default_rng(3)
    days = [date(2024, 1, 1) + timedelta(days=number // 20) for number in range(1000)]
    return pl.DataFrame(
        {
            "bond_id": [f"B{number % 20:02}" for number in range(1000)],
            "date": days,
            "clean_price": np.round(random.uniform(80.0, 120.0, 1000), 3),
            "volume": 1e6,
            "side": "interdealer",
        }
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_share_of_the_prints_is_touched_and_no_other(kind: str, rows: pl.DataFrame) -> None:
    keys = ["date", "bond_id"]
    found = spoil(rows, kind, 5.0, 1).sort(keys)
    before = rows.sort(keys)
    changed = (found.drop("touched").to_numpy() != before.to_numpy()).any(axis=1)
    assert 30 <= found.filter("touched").height <= 70
    assert not (changed & ~found["touched"].to_numpy()).any()
    assert np.count_nonzero(changed) > 0.9 * found.filter("touched").height


def test_a_smaller_share_is_part_of_a_larger_one(rows: pl.DataFrame) -> None:
    few, many = (spoil(rows, "tenfold", share, 1).filter("touched").select("bond_id", "date") for share in (1.0, 5.0))
    assert few.join(many, on=["bond_id", "date"], how="anti").is_empty()


def test_kinds_do_what_they_say(rows: pl.DataFrame) -> None:
    def ratio(kind: str) -> list[float]:
        both = spoil(rows, kind, 20.0, 1).filter("touched").join(rows, on=["bond_id", "date"], suffix="_before")
        return [round(one / other, 6) for one, other in both.select("clean_price", "clean_price_before").iter_rows()]

    assert set(ratio("tenfold")) == {0.1, 10.0}
    assert -1.0 in ratio("sign-flipped")
    digits = spoil(rows, "swapped digits", 20.0, 1).filter("touched").join(rows, on=["bond_id", "date"], suffix="_was")
    assert all(
        sorted(f"{one:07.3f}") == sorted(f"{other:07.3f}")
        for one, other in digits.select("clean_price", "clean_price_was").iter_rows()
    )


def test_all_prints_of_one_bond_are_off_by_as_much(rows: pl.DataFrame) -> None:
    found = spoil(rows, ONE_BOND, 0.1, 1).join(rows, on=["bond_id", "date"], suffix="_was")
    off = found.filter(pl.col("clean_price") != pl.col("clean_price_was"))
    assert off["bond_id"].n_unique() == 1
    np.testing.assert_allclose(off["clean_price"] - off["clean_price_was"], WRONG_LEVEL)


def test_errors_are_compared_on_rows_that_nobody_touched(rows: pl.DataFrame) -> None:
    spoiled = spoil(rows, "tenfold", 5.0, 1)
    columns = {name: pl.col("clean_price") + 0.1 for name in ("peers", "kalman", "bayesian_optimizer")}
    base = rows.select("bond_id", "date", "clean_price", **columns)
    worse = spoiled.select(
        "bond_id",
        "date",
        "clean_price",
        **{name: pl.col("clean_price") + pl.when("touched").then(90.0).otherwise(0.12) for name in columns},
    )
    refused = set(spoiled.with_row_index("source_row", offset=1).filter("touched")["source_row"].head(10))
    line = compared(Scored(base, set()), Scored(worse, refused), spoiled, "tenfold", 5.0)
    assert line[:2] == ["tenfold", 5.0]
    assert line[2] == pytest.approx(100.0 * 10 / spoiled.filter("touched").height, abs=0.1)
    assert line[3:] == [20.0, 20.0, 20.0, 0.12, 0.12]
