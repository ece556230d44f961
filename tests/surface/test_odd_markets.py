"""Markets that a fit could stumble over: every row still gets finite figures."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from richcheap.features.assemble import PRICES
from tests.features.datasets import dataset
from tests.surface.markets import small_market, with_prices

Change = Callable[[pl.DataFrame], pl.DataFrame]


def one_in_seven_at(price: float) -> Change:
    def change(frame: pl.DataFrame) -> pl.DataFrame:
        clean = frame["clean_price"].to_numpy()
        return with_prices(frame, np.where(np.arange(frame.height) % 7 == 0, price, clean))

    return change


def about_to_mature(frame: pl.DataFrame) -> pl.DataFrame:
    last = pl.col("date").max() + timedelta(days=2)
    short = pl.col("bond_id") == "B001"
    dated = frame.with_columns(maturity_date=pl.when(short).then(last).otherwise("maturity_date"))
    clean = np.where((frame["bond_id"] == "B001").to_numpy(), 100.0, frame["clean_price"].to_numpy())
    return with_prices(dated, clean).filter(pl.col("maturity_date") > pl.col("settlement_date"))


def with_a_currency_of_three_rows(frame: pl.DataFrame) -> pl.DataFrame:
    few = frame.head(3).with_columns(currency=pl.lit("CHF"), bond_id="Z" + pl.col("bond_id"))
    return pl.concat([frame, few]).sort("date", "bond_id")


CASES: dict[str, Change] = {
    "one row": lambda frame: frame.head(1),
    "one bond": lambda frame: frame.filter(pl.col("bond_id") == "B003"),
    "one date": lambda frame: frame.filter(pl.col("date") == pl.col("date").min()),
    "no issuer is known": lambda frame: frame.with_columns(issuer=pl.lit(None, dtype=pl.String)),
    "no government": lambda frame: frame.filter(pl.col("bond_type") != "treasury"),
    "governments alone": lambda frame: frame.filter(pl.col("bond_type") == "treasury"),
    "a gap of weeks": lambda frame: frame.filter(~pl.col("date").dt.day().is_between(5, 28)),
    "ratings that change": lambda frame: frame.with_columns(
        credit_rating=pl.when(pl.col("date").dt.day() > 15).then(pl.lit("B")).otherwise("credit_rating")
    ),
    "prices of 20": one_in_seven_at(20.0),
    "prices of 180": one_in_seven_at(180.0),
    "a bond about to mature": about_to_mature,
    "a currency of three rows": with_a_currency_of_three_rows,
}


@pytest.mark.parametrize("case", CASES)
def test_every_row_gets_finite_prices_and_features(case: str) -> None:
    bonds = CASES[case](small_market())
    rows = dataset(bonds)
    assert rows.height == bonds.height > 0
    assert all(rows[name].null_count() == 0 for name in PRICES)
    for name in (name for name in rows.columns if rows[name].dtype == pl.Float64):
        assert rows[name].drop_nulls().is_finite().all(), name
    assert (rows["noise_scale_bp"] > 0.0).all()
