"""Every figure of a market in which everything occurs is what it was, and so is what is asked for after it."""

from pathlib import Path

import polars as pl

from richcheap.panel.universe import UNIVERSE_COLUMNS, UniverseCounts
from richcheap.surface.valuation import MarketValuer
from tests.golden import assert_golden
from tests.surface.markets import MARKET, odd_market

PARAMS = MARKET.model_copy(
    update={
        "level_prior_bp": 11.3,
        "refit_prior_bp": 90.7,
        "move_prior_bp": 7.7,
        "move_correlation_length": 1.7,
        "spread_noise_bp": 3.3,
        "price_noise_points": 0.037,
        "variance_growth_per_day": 0.37,
        "noise_memory_prints": 3.7,
        "peers": 3,
        "peer_shrinkage": 2.3,
        "peer_max_age_days": 5,
        "peer_window_days": 6,
    }
)
"""No round numbers, so that no two operations agree on them, and windows that this market outgrows."""


def test_the_figures_of_a_market_are_what_they_were() -> None:
    bonds, curve = odd_market()
    day = bonds["date"].max()
    before, today = bonds.filter(pl.col("date") < day), bonds.filter(pl.col("date") == day)
    valuer = MarketValuer(UniverseCounts.none().plus(bonds.select(UNIVERSE_COLUMNS)).universes(), curve, PARAMS)
    first = valuer.value(before)
    asked = today.filter(pl.int_range(pl.len()) % 3 == 0)
    found = valuer.ask(today.filter(pl.int_range(pl.len()) % 3 != 0), asked)
    assert_golden(
        Path(__file__).with_name("golden.json"),
        {"prints": first.prints, "curves": first.curves, "asked": found.prints, "asked_curves": found.curves},
    )
