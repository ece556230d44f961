"""Rows of a dataset whose mispricing is planted: bonds' own spreads that revert, seen through noisy prints."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from richcheap.bonds.units import BP
from richcheap.evaluation.params import EvaluateParams
from richcheap.relative_value.params import SignalsParams
from richcheap.relative_value.table import fitted_half_lives, signal_table

PARAMS = SignalsParams(min_peers=4, history_min_prints=5)
EVALUATE = EvaluateParams(bootstrap_resamples=300, bootstrap_block_dates=3)
START = date(2024, 1, 1)


def planted(
    bonds: int = 60,
    dates: int = 120,
    chance: float = 0.4,
    std_bp: float = 8.0,
    half_life: float = 8.0,
    noise_bp: float = 2.0,
    half_spread_bp: float = 0.5,
    seed: int = 1,
) -> pl.DataFrame:
    """Return rows with a true residual that reverts with a half-life, and the optimal filter's estimate of it."""
    rng = np.random.default_rng(seed)
    decay = 0.5 ** (1.0 / half_life)
    true = np.empty((dates, bonds))
    true[0] = rng.normal(0.0, std_bp, bonds)
    for day in range(1, dates):
        true[day] = decay * true[day - 1] + rng.normal(0.0, std_bp * np.sqrt(1.0 - decay**2), bonds)
    noise = rng.normal(0.0, noise_bp, (dates, bonds))
    printed = rng.random((dates, bonds)) < chance
    mean, variance = np.zeros(bonds), np.full(bonds, std_bp**2)
    before, after, std = (np.empty((dates, bonds)) for _ in range(3))
    for day in range(dates):
        mean, variance = decay * mean, decay**2 * variance + std_bp**2 * (1.0 - decay**2)
        before[day] = mean
        gain = np.where(printed[day], variance / (variance + noise_bp**2), 0.0)
        mean, variance = mean + gain * (true[day] + noise[day] - mean), (1.0 - gain) * variance
        after[day], std[day] = mean, np.sqrt(variance)
    when, which = np.nonzero(printed)
    level = 60.0 + np.cumsum(rng.normal(0.0, 3.0, dates))[when] + 40.0 * (which % 3)
    gap = true[when, which] + noise[when, which]
    matrix = level + rng.normal(0.0, 4.0, when.size)
    weekday = [START + timedelta(days=k) for k in range(2 * dates) if (START + timedelta(days=k)).weekday() < 5]
    days = pl.Series([weekday[k] for k in when])
    side = rng.integers(0, 3, when.size)
    sign = np.array([1.0, -1.0, 0.0])[side]
    return pl.DataFrame(
        {
            "bond_id": [f"B{k:03d}" for k in which],
            "date": days,
            "currency": ["USD"] * when.size,
            "bond_type": ["corporate"] * when.size,
            "rating_bucket": [("A", "BBB", "BB")[k % 3] for k in which],
            "issuer": [f"issuer {k % 20}" for k in which],
            "price_kind": np.where(which % 7 == 0, "reference", "trade"),
            "side": np.array(["buy", "sell", "interdealer"])[side],
            "volume": np.where(which % 5 == 0, 2e4, 1e6),
            "years_to_maturity": 1.5 + (which * 7 % 25) - when / 250.0,
            "days_since_last": pl.Series(rng.integers(1, 40, when.size)),
            "coupon_rate": 0.02 + 0.002 * (which % 10),
            "clean_price": 100.0 + gap / 20.0,
            "dv01": np.full(when.size, 0.05),
            "target_bp": level + gap - sign * half_spread_bp - 50.0,
            "base_spread": np.full(when.size, 50.0 / BP),
            "f_matrix_gap": matrix - 50.0,
            "kalman_curve_bp": 0.1 * level,
            "kalman_rating_bp": 0.7 * level,
            "kalman_coupon_bp": np.full(when.size, 1.0),
            "kalman_option_bp": np.zeros(when.size),
            "kalman_issuer_bp": 0.2 * level - 1.0,
            "kalman_bond_bp": before[when, which],
            "bond_spread_bp": after[when, which],
            "bond_spread_std_bp": std[when, which],
            "issuer_spread_bp": np.zeros(when.size),
            "bid_ask_bp": np.full(when.size, half_spread_bp),
            "true_bond_bp": true[when, which],
        }
    ).sort("date", "bond_id")


def table(rows: pl.DataFrame, params: SignalsParams = PARAMS, training_share: float = 0.3) -> pl.DataFrame:
    """Return the signals of rows; half-lives are of the first dates."""
    days = rows["date"].unique().sort()
    training = rows.filter(pl.col("date") < days[int(training_share * days.len())])
    return signal_table(rows, fitted_half_lives(training, params), params)
