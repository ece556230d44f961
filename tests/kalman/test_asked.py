"""What the filter says of bonds that are asked for: what it would have said of their prints, which move nothing."""

import numpy as np
import polars as pl
import pytest

from richcheap.kalman.fit import MarketFilter, initial_hyperparameters
from richcheap.kalman.state_space import ReferenceCurves
from richcheap.panel.counts import MarketCounts, Names
from tests.surface.markets import KALMAN, small_market, valued


class Asked:
    """A filter that stands before the last date of a small market."""

    def __init__(self, without: str | None = None) -> None:
        market = valued(small_market(bonds=40).filter(pl.col("credit_rating").ne_missing(without)))
        day = market.prints["date"].max()
        self.before = market.prints.filter(pl.col("date") < day)
        self.today = market.prints.filter(pl.col("date") == day)
        self.curves = ReferenceCurves.from_frame(market.curves, KALMAN.extra_nodes_years)
        self.names = MarketCounts.none().plus(market.prints).names()
        filtered = self.fresh()
        filtered.value(self.before)
        self.snapshot = filtered.snapshot()

    def fresh(self, strangers: pl.DataFrame | None = None) -> MarketFilter:
        names = self.names
        if strangers is not None:
            own = names["USD"]
            bonds, issuers = pl.concat([own.bonds, strangers["bond_id"]]), pl.concat([own.issuers, strangers["issuer"]])
            names = {"USD": Names(bonds.unique().sort(), issuers.drop_nulls().unique().sort())}
        return MarketFilter(names, self.curves, initial_hyperparameters(KALMAN), KALMAN)

    def filter(self, strangers: pl.DataFrame | None = None) -> MarketFilter:
        filtered = self.fresh(strangers)
        filtered.restore(self.snapshot)
        return filtered


@pytest.fixture(scope="module")
def market() -> Asked:
    return Asked()


def without_price(rows: pl.DataFrame) -> pl.DataFrame:
    prices = ("clean_price", "dirty_price", "z_spread_bp")
    return rows.with_columns(pl.lit(None, pl.Float64).alias(name) for name in prices)


def assert_near(found: pl.DataFrame, expected: pl.DataFrame, names: list[str]) -> None:
    for name in names:
        np.testing.assert_allclose(
            found[name].to_numpy(), expected[name].to_numpy(), rtol=1e-7, atol=1e-7, err_msg=name
        )


def test_a_bond_gets_what_its_print_would_have_got(market: Asked) -> None:
    printed = market.filter().value(market.today)
    names = [name for name in printed.columns if name.startswith("kalman") or name == "bid_ask_bp"]
    for row in range(0, market.today.height, 4):
        one = market.today[row : row + 1]
        asked = market.filter().ask(market.today.filter(pl.col("bond_id") != one["bond_id"][0]), without_price(one))
        assert_near(asked, printed[row : row + 1], names)


def test_with_its_own_price_a_bond_has_the_state_that_its_print_would_have_left(market: Asked) -> None:
    """As long as no print is so far from its prediction that it weighs less: the date decides that together."""
    predicted = market.filter().value(market.today)["kalman_spread_bp"]
    calm = market.today.with_columns(z_spread_bp=predicted + 0.5 * (pl.int_range(pl.len()) % 2))
    printed = market.filter().value(calm)
    for row in range(0, calm.height, 4):
        asked = market.filter().ask(calm.filter(pl.int_range(pl.len()) != row), calm[row : row + 1])
        assert_near(asked, printed[row : row + 1], ["bond_spread_bp", "bond_spread_std_bp"])


def test_an_own_price_moves_the_states_alone(market: Asked) -> None:
    rows = market.today[::3]
    others = market.today.filter(~pl.col("bond_id").is_in(rows["bond_id"].implode()))
    priced, bare = market.filter().ask(others, rows), market.filter().ask(others, without_price(rows))
    states = ["bond_spread_bp", "bond_spread_std_bp"]
    assert priced.drop(states).equals(bare.drop(states))
    assert (priced["bond_spread_std_bp"] < bare["bond_spread_std_bp"]).all()
    np.testing.assert_array_equal(bare["bond_spread_bp"], bare["kalman_bond_bp"])


def test_what_is_asked_for_depends_on_nothing_else_that_is(market: Asked) -> None:
    rows = without_price(market.today[::3])
    others = market.today.filter(~pl.col("bond_id").is_in(rows["bond_id"].implode()))
    new = rows.with_columns(pl.concat_str(pl.lit("NEW "), "bond_id").alias("bond_id"), issuer=pl.lit("new issuer"))
    wanted = pl.concat([rows, new]).sort("bond_id")
    together = market.filter(new).ask(others, wanted)
    for part in (wanted[2:3], wanted[-1:], wanted[::2]):
        alone = market.filter(new).ask(others, part)
        assert alone.equals(together.filter(pl.col("bond_id").is_in(part["bond_id"].implode())))


def test_a_stranger_leans_to_no_bucket_that_has_never_printed() -> None:
    market = Asked("A-")
    rows = without_price(market.today[::3]).with_columns(
        pl.concat_str(pl.lit("NEW "), "bond_id").alias("bond_id"), bond_type=pl.lit("corporate")
    )
    found = {
        rating: market.filter(rows).ask(market.today, rows.with_columns(credit_rating=pl.lit(rating)))
        for rating in ("BBB+", "BBB", "BBB-")
    }
    assert found["BBB+"].equals(found["BBB"])
    assert (found["BBB-"]["kalman_rating_bp"] > found["BBB"]["kalman_rating_bp"]).all()


def test_without_a_print_of_the_date_the_state_is_carried_forward(market: Asked) -> None:
    rows = without_price(market.today[::3])
    found = market.filter().ask(market.today.clear(), rows)
    later = market.filter().ask(market.today.clear(), rows.with_columns(pl.col("date").dt.offset_by("90d")))
    assert (later["kalman_std_bp"] > found["kalman_std_bp"]).all()
