"""Ticks learned from earlier prices, and prices rounded to them."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from richcheap.evaluation.ticks import MIN_PRINTS, TICKS, learn_ticks, round_to_tick, ticks_of


def prints(bond: str, prices: list[float]) -> pl.DataFrame:
    return pl.DataFrame({"bond_id": [bond] * len(prices), "clean_price": prices})


@pytest.mark.parametrize("tick", TICKS)
def test_the_widest_tick_that_all_prices_lie_on_is_found(tick: float) -> None:
    prices = [99.0 + tick * (7 * k % 41) for k in range(60)]
    assert learn_ticks(prints("A", prices)).row(0) == ("A", tick)


def test_one_price_in_a_hundred_may_lie_off_the_tick() -> None:
    prices = [100.0 + k / 32.0 for k in range(200)]
    assert learn_ticks(prints("A", [*prices[:-2], 100.0123, 100.0321])).row(0) == ("A", 1.0 / 32.0)
    assert learn_ticks(prints("A", [*prices[:-3], 100.01234, 100.03214, 100.04567])).row(0) == ("A", 0.0)


def test_few_prices_show_no_tick() -> None:
    few = [100.0 + k / 32.0 for k in range(MIN_PRINTS - 1)]
    assert learn_ticks(prints("A", few)).row(0) == ("A", 0.0)
    assert learn_ticks(prints("A", [*few, 101.0])).row(0) == ("A", 1.0 / 32.0)


def test_each_bond_has_its_own_and_one_never_seen_has_none() -> None:
    earlier = pl.concat(
        [prints("A", [100.0 + k / 32.0 for k in range(40)]), prints("B", [100.0 + k / 100.0 for k in range(40)])]
    )
    rows = pl.DataFrame({"bond_id": ["B", "C", "A", "B"]})
    assert ticks_of(rows, earlier).tolist() == [0.01, 0.0, 1.0 / 32.0, 0.01]


@given(st.floats(1.0, 200.0), st.sampled_from(TICKS))
def test_a_quote_is_on_the_tick_and_no_further_than_half_of_it(price: float, tick: float) -> None:
    found = float(round_to_tick(np.array([price]), np.array([tick]))[0])
    assert abs(found - price) <= tick / 2.0 + 1e-9
    assert abs(found / tick - round(found / tick)) < 1e-6


def test_without_a_tick_a_price_stays() -> None:
    assert round_to_tick(np.array([99.123456]), np.array([0.0])).tolist() == [99.123456]
