"""The market of a date: the pipeline's own rows for its prints, and for bonds that are asked for what prints get."""

import hashlib

import numpy as np
import polars as pl
import pytest

from richcheap.kalman.fit import initial_hyperparameters
from richcheap.panel.snapshot import Snapshot
from richcheap.pricing.market import Engine, MarketAsOf, States, advance, counted
from tests.features.datasets import BOUNDS
from tests.pricing.projects import BONDS, DAYS
from tests.surface.markets import FEATURES, KALMAN, MARKET, no_curve

ENGINE = Engine(MARKET, KALMAN, FEATURES, initial_hyperparameters(KALMAN), BOUNDS, no_curve())
COUNTS = counted(BONDS)
DAY = DAYS[-1]
TODAY = BONDS.filter(date=DAY)
ABOUT_THE_PRICE = ("clean_price", "dirty_price", "adjustment", "target_bp", "source_row", "volume")
STATES = ("bond_spread_bp", "bond_spread_std_bp", "issuer_spread_bp")


@pytest.fixture(scope="module")
def before() -> States:
    return advance(ENGINE, States.none(), COUNTS, BONDS.filter(pl.col("date") < DAY))[1]


def digest(snapshots: tuple[Snapshot, ...]) -> str:
    found = hashlib.sha256()
    for snapshot in snapshots:
        for name in sorted(snapshot):
            found.update(name.encode() + np.ascontiguousarray(snapshot[name]).tobytes())
    return found.hexdigest()


def without_price(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("clean_price", "dirty_price"))


def test_days_one_by_one_give_the_rows_of_all_at_once(before: States) -> None:
    whole = advance(ENGINE, States.none(), COUNTS, BONDS)[0].dataset
    half = BONDS["date"] < DAYS[30]
    early, states = advance(ENGINE, States.none(), COUNTS, BONDS.filter(half))
    late = advance(ENGINE, states, COUNTS, BONDS.filter(~half))[0]
    assert pl.concat([early.dataset, late.dataset]).equals(whole, null_equal=True)
    prints = MarketAsOf(ENGINE, before, COUNTS, TODAY, DAY).prints.dataset
    assert prints.equals(whole.filter(date=DAY), null_equal=True)


def test_a_bond_that_is_asked_for_gets_the_row_that_its_print_would_have_had(before: States) -> None:
    prints = MarketAsOf(ENGINE, before, COUNTS, TODAY, DAY).prints.dataset
    for row in range(0, TODAY.height, 6):
        bond = TODAY["bond_id"][row]
        market = MarketAsOf(ENGINE, before, COUNTS, TODAY.filter(pl.col("bond_id") != bond), DAY)
        asked = market.ask(without_price(TODAY[row : row + 1])).dataset
        own = prints.filter(bond_id=bond)
        for name, dtype in asked.drop(*ABOUT_THE_PRICE, *STATES).schema.items():
            if dtype == pl.Float64:
                np.testing.assert_allclose(asked[name].to_numpy(), own[name].to_numpy(), 1e-6, 1e-7, err_msg=name)
            else:
                assert asked[name].equals(own[name], null_equal=True), name


def test_asking_leaves_no_trace(before: States) -> None:
    parts = (before.market, before.kalman, before.features)
    whole = digest(parts)
    asked, others = without_price(TODAY[:3]), TODAY[3:]
    market = MarketAsOf(ENGINE, before, COUNTS, others, DAY)
    prints = market.prints.dataset
    first, second = market.ask(asked).dataset, market.ask(asked).dataset
    new = asked.with_columns(bond_id=pl.concat_str(pl.lit("NEW "), "bond_id"), issuer=pl.lit("unheard of"))
    with_new = market.ask(pl.concat([asked, new])).dataset
    assert first.equals(second, null_equal=True)
    assert with_new.filter(pl.col("bond_id").is_in(asked["bond_id"].implode())).equals(first, null_equal=True)
    assert market.prints.dataset.equals(prints, null_equal=True)
    assert digest(parts) == whole


def test_an_own_price_moves_the_state_after_the_date_alone(before: States) -> None:
    market = MarketAsOf(ENGINE, before, COUNTS, TODAY[3:], DAY)
    priced, bare = market.ask(TODAY[:3]).dataset, market.ask(without_price(TODAY[:3])).dataset
    own = [name for name in (*ABOUT_THE_PRICE, *STATES[:2]) if name != "source_row"]
    assert priced.drop(own).equals(bare.drop(own), null_equal=True)
    assert (priced["bond_spread_std_bp"] < bare["bond_spread_std_bp"]).all()


def test_a_currency_counts_when_it_has_printed(before: States) -> None:
    assert MarketAsOf(ENGINE, before, COUNTS, TODAY, DAY).currencies == {"USD"}
    first = MarketAsOf(ENGINE, States.none(), COUNTS, BONDS.filter(date=DAYS[0]), DAYS[0])
    assert first.currencies == {"USD"}
