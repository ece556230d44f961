"""Every figure of the filter on a market in which everything occurs is what it was, and so is what is asked for."""

from pathlib import Path

import polars as pl

from richcheap.kalman.fit import MarketFilter, TrainingPrints, initial_hyperparameters, loss_of
from richcheap.kalman.state_space import ReferenceCurves, measure_prints
from richcheap.panel.counts import MarketCounts
from tests.golden import assert_golden
from tests.surface.markets import KALMAN, odd_market, valued

PARAMS = KALMAN.model_copy(
    update={
        "memory_factors": 3,
        "window_days": 8,
        "premium_level_bp": 1.3,
        "premium_move_bp": 0.07,
        "option_level_bp": 23.0,
        "scale_floor_bp": 70.0,
        "widening_move_bp": 1.7,
        "node_move_bp": 3.7,
        "correlation_length": 3.3,
        "rating_move_bp": 1.3,
        "issuer_move_bp": 0.7,
        "bond_move_bp": 0.9,
        "issuer_half_life_days": 17.0,
        "bond_half_life_days": 11.0,
        "issuer_level_bp": 17.0,
        "bond_level_bp": 9.0,
        "spread_noise_bp": 2.3,
        "price_noise_points": 0.037,
        "reference_noise": 0.6,
        "huber_threshold_std": 1.7,
        "noise_memory_prints": 3.7,
        "outlier_threshold_std": 3.0,
    }
)
"""No round numbers, so that no two operations agree on them, and windows that this market outgrows."""


def test_the_figures_of_a_market_are_what_they_were() -> None:
    bonds, curve = odd_market()
    market = valued(bonds, curve)
    day = market.prints["date"].max()
    new = (pl.col("date") == day) & pl.col("credit_rating").is_in(["CCC", "BB+"])
    prints = market.prints.with_columns(issuer=pl.when(new).then(pl.lit("new issuer")).otherwise("issuer"))
    curves = ReferenceCurves.from_frame(market.curves, PARAMS.extra_nodes_years)
    names = MarketCounts.none().plus(prints).names()
    hyperparameters = initial_hyperparameters(PARAMS)
    before, today = (prints.filter(late) for late in (pl.col("date") < day, pl.col("date") == day))
    kalman = MarketFilter(names, curves, hyperparameters, PARAMS)
    found = kalman.value(before)
    third = pl.int_range(pl.len()) % 3 == 0
    asked = kalman.ask(today.filter(~third), today.filter(third))
    samples = [
        TrainingPrints(own, measure_prints(before.filter(pl.col("currency") == currency), own, curves))
        for currency, own in names.items()
    ]
    loss = pl.DataFrame({"loss": [loss_of(hyperparameters, samples, curves, PARAMS)]})
    assert_golden(Path(__file__).with_name("golden.json"), {"prints": found, "asked": asked, "loss": loss})
