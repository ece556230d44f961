"""Sizes are kept, every bond is seen often enough, and liquid bonds trade more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from richcheap.simulation.constants import TREASURY
from richcheap.simulation.market import Simulated, simulate
from richcheap.simulation.trading.trade_sampling import TooFewObservationsError, choose, picks_by_day, quotas
from tests.simulation.settings import SMALL, default_market, defaults, resized, small_market

MARKET = default_market()


@pytest.mark.parametrize(
    ("market", "observations", "minimum"),
    [
        (MARKET, defaults().observations_per_period, defaults().min_observations),
        (small_market(), SMALL["observations_per_period"], SMALL["min_observations"]),
    ],
    ids=["default", "small"],
)
def test_each_day_has_its_observations_and_each_bond_its_fewest(
    market: Simulated, observations: int, minimum: int
) -> None:
    assert np.all(np.bincount(market.day) == observations)
    assert np.bincount(market.bond, minlength=market.universe.kind.size).min() >= minimum


def test_a_bond_trades_at_most_once_a_day_and_only_while_it_lives() -> None:
    pairs = np.stack([MARKET.day, MARKET.bond])
    assert np.unique(pairs, axis=1).shape == pairs.shape
    assert np.all(np.diff(MARKET.day * 10_000 + MARKET.bond) > 0)  # sorted
    assert np.all(MARKET.universe.first[MARKET.bond] <= MARKET.day)
    assert np.all(MARKET.day <= MARKET.universe.last[MARKET.bond])


def test_treasuries_are_a_fifth_of_the_observations_and_trade_most_days() -> None:
    treasury = MARKET.universe.kind[MARKET.bond] == TREASURY
    assert treasury.mean() == pytest.approx(defaults().treasury_share, abs=0.01)
    bonds = MARKET.universe
    days_alive = (bonds.last - bonds.first + 1)[bonds.kind == TREASURY].sum()
    assert treasury.sum() / days_alive > 0.6


def test_liquid_bonds_trade_more_often() -> None:
    bonds = MARKET.universe
    others = bonds.kind != TREASURY
    rate = np.bincount(MARKET.bond) / (bonds.last - bonds.first + 1)
    activity = bonds.log_activity[others]
    low, high = np.quantile(activity, [0.2, 0.8])
    assert rate[others][activity > high].mean() > 3.0 * rate[others][activity < low].mean()
    assert np.corrcoef(activity, np.log(rate[others]))[0, 1] > 0.7


def test_bonds_trade_more_in_the_months_after_issue() -> None:
    bonds = MARKET.universe
    fresh = (bonds.first > 0) & (bonds.kind != TREASURY) & (bonds.last - bonds.first > 200)
    age = MARKET.day - bonds.first[MARKET.bond]
    mine = fresh[MARKET.bond]
    assert np.sum(mine & (age < 60)) > 1.2 * np.sum(mine & (age >= 140) & (age < 200))


@pytest.mark.parametrize(
    ("total", "share", "treasuries", "others", "expected"),
    [
        (50, 0.2, 16, 300, (10, 40)),
        (50, 0.5, 16, 300, (16, 34)),
        (50, 0.2, 30, 25, (25, 25)),
        (50, 0.2, 5, 10, (5, 10)),
    ],
)
def test_a_quota_that_one_side_cannot_fill_goes_to_the_other(
    total: int, share: float, treasuries: int, others: int, expected: tuple[int, int]
) -> None:
    assert quotas(total, share, treasuries, others) == expected


def test_bonds_that_are_due_go_first_then_the_highest_keys() -> None:
    keys = np.array([5.0, 1.0, 4.0, 3.0])
    due = np.array([False, True, False, True])
    assert choose(keys, due, np.array([0, 9, 0, 3]), 3).tolist() == [0, 1, 3]
    assert choose(keys, due, np.array([0, 9, 0, 3]), 1).tolist() == [3]
    assert choose(keys, due, np.array([0, 9, 0, 3]), 9).tolist() == [0, 1, 2, 3]


@given(st.lists(st.tuples(st.booleans(), st.integers(-3, 3)), max_size=30), st.integers(1, 40), st.integers(0, 9))
def test_the_due_come_first_by_slack_and_key_and_then_the_highest_keys(
    places: list[tuple[bool, int]], quota: int, seed: int
) -> None:
    due = np.array([due for due, _ in places], dtype=bool)
    slack = np.array([slack for _, slack in places], dtype=np.int64)
    keys = np.random.default_rng(seed).permutation(len(places)).astype(np.float64)
    ranked = sorted(range(len(places)), key=lambda k: (not due[k], slack[k] if due[k] else 0, -keys[k]))
    assert choose(keys, due, slack, quota).tolist() == sorted(ranked[:quota])


def test_draws_follow_the_weights() -> None:
    rng = np.random.default_rng(1)
    log_frequency = np.log([1.0, 2.0, 4.0])
    none = np.zeros(3, dtype=bool)
    first = [choose(log_frequency + rng.gumbel(size=3), none, np.zeros(3, np.int64), 1)[0] for _ in range(20_000)]
    assert np.bincount(first) / len(first) == pytest.approx([1 / 7, 2 / 7, 4 / 7], abs=0.02)


def test_sizes_that_leave_a_bond_short_are_refused() -> None:
    params = resized(**{**SMALL, "treasury_share": 0.05, "observations_per_period": 24, "min_observations": 9})
    types = params.bond_types.model_copy(update={"treasury": 0.48, "corporate": 0.02})
    with pytest.raises(TooFewObservationsError, match=r"min_observations = 9 .* bonds have fewer"):
        simulate(params.model_copy(update={"bond_types": types}), 1)


def test_the_same_generator_gives_the_same_picks() -> None:
    def picks() -> list[int]:
        made = picks_by_day(MARKET.universe, MARKET.market.days, 50, 0.2, 1, 1.0, np.random.default_rng(7))
        return [int(next(made).bond.sum()) for _ in range(20)]

    assert picks() == picks()
