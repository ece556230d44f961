"""Bonds that are asked for are valued as prints without weight: they get what a print gets, and move nothing."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from richcheap.panel.snapshot import Snapshot
from richcheap.panel.universe import UNIVERSE_COLUMNS, UniverseCounts
from richcheap.surface.valuation import MarketValuer
from tests.surface.markets import MARKET, no_curve, small_market

FOUND = pl.exclude(
    "z_spread_bp", "level_residual_bp", "move_residual_bp", "clean_price", "dirty_price", "reference_curve"
)
"""What is said of a bond without its own price."""


class Asked:
    """A small market that stands before its last date."""

    def __init__(self, without: str | None = None, **market: int) -> None:
        bonds = small_market(**market).filter(pl.col("credit_rating").ne_missing(without))
        self.day = bonds["date"].max()
        self.before = bonds.filter(pl.col("date") < self.day)
        self.today = bonds.filter(pl.col("date") == self.day)
        self.counts = UniverseCounts.none().plus(bonds.select(UNIVERSE_COLUMNS))
        valuer = MarketValuer(self.counts.universes(), no_curve(), MARKET)
        valuer.value(self.before)
        self.snapshot: Snapshot = valuer.snapshot()

    def valuer(self, strangers: pl.DataFrame | None = None) -> MarketValuer:
        counts = self.counts if strangers is None else self.counts.with_strangers(strangers)
        valuer = MarketValuer(counts.universes(), no_curve(), MARKET)
        valuer.restore(self.snapshot)
        return valuer


@pytest.fixture(scope="module")
def market() -> Asked:
    return Asked(bonds=40, currencies=2)


def without_price(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("clean_price", "dirty_price"))


def test_a_bond_gets_what_its_print_would_have_got(market: Asked) -> None:
    printed = market.valuer().value(market.today).prints
    for row in range(0, market.today.height, 5):
        one = market.today[row : row + 1]
        others = market.today.filter(pl.col("bond_id") != one["bond_id"][0])
        asked = market.valuer().ask(others, without_price(one)).prints
        own = printed.filter(pl.col("bond_id") == one["bond_id"][0])
        for name in asked.select(FOUND).columns:
            assert asked[name].dtype == own[name].dtype
            if own[name].dtype == pl.Float64:
                np.testing.assert_allclose(
                    asked[name].to_numpy(), own[name].to_numpy(), rtol=1e-8, atol=1e-8, err_msg=name
                )
            else:
                assert asked[name].equals(own[name]), name


def silent(market: Asked) -> pl.DataFrame:
    """Return the last print of every bond that did not print on the last date, as of that date."""
    rows = market.before.filter(~pl.col("bond_id").is_in(market.today["bond_id"].implode()))
    dates = {"date": market.day, "settlement_date": market.today["settlement_date"][0]}
    return rows.unique("bond_id", keep="last").with_columns(**dates).sort("bond_id")


def strange(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.concat_str(pl.lit("NEW "), "bond_id").alias("bond_id"), issuer=pl.lit("new issuer"))


def test_what_is_asked_for_depends_on_nothing_else_that_is(market: Asked) -> None:
    known = silent(market)
    new = strange(known)
    wanted = pl.concat([known, new]).sort("bond_id")
    together = market.valuer(new).ask(market.today, wanted).prints
    for part in (wanted[3:4], wanted[::2]):
        alone = market.valuer(part.filter(pl.col("issuer") == "new issuer")).ask(market.today, part).prints
        same = together.filter(pl.col("bond_id").is_in(part["bond_id"].implode()))
        assert alone.drop("reference_curve").equals(same.drop("reference_curve"), null_equal=True)


def test_an_own_price_moves_the_spread_alone(market: Asked) -> None:
    known = silent(market)
    priced, bare = (market.valuer().ask(market.today, rows).prints for rows in (known, without_price(known)))
    assert priced.select(FOUND).equals(bare.select(FOUND), null_equal=True)
    assert priced["z_spread_bp"].null_count() == 0
    assert bare["z_spread_bp"].null_count() == bare.height


def test_strangers_move_no_print(market: Asked) -> None:
    with_strangers = market.valuer(strange(silent(market))).value(market.today).prints
    assert with_strangers.equals(market.valuer().value(market.today).prints, null_equal=True)


def test_a_stranger_leans_to_no_bucket_that_has_never_printed() -> None:
    """Nothing in this market is rated A, and what a state says of A before its first print is nothing."""
    market = Asked(bonds=40, without="A-")
    new = strange(silent(market).filter(pl.col("bond_type") == "corporate"))
    found = {
        rating: market.valuer(new).ask(market.today, new.with_columns(credit_rating=pl.lit(rating))).prints
        for rating in ("BBB+", "BBB", "BBB-")
    }
    drop = ("credit_rating", "reference_curve")
    assert found["BBB+"].drop(drop).equals(found["BBB"].drop(drop), null_equal=True)
    assert (found["BBB-"]["surface_bp"] > found["BBB"]["surface_bp"]).all()


def test_without_a_print_of_the_date_the_state_is_carried_forward(market: Asked) -> None:
    known = without_price(silent(market)).with_columns(date=date(2024, 3, 1), settlement_date=date(2024, 3, 4))
    found = market.valuer().ask(market.today.clear(), known).prints
    soon = market.valuer().ask(market.today.clear(), without_price(silent(market))).prints
    assert found["fair_price"].is_finite().all()
    assert (found["noise_bp"] > soon["noise_bp"]).all()
