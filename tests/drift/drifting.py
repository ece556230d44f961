"""Datasets in which things drift, or do not."""

from typing import Any

import numpy as np
import polars as pl

from richcheap.evaluation.params import DriftParams, TuneParams
from tests.models.datasets import blocks, planted

DRIFT = DriftParams(
    bins=10,
    rows=100_000,
    feature_reliance_rows=1000,
    block_dates=5,
    permutations=199,
    false_discovery_rate=0.05,
    psi_notable=0.1,
    psi_full=0.5,
    error_growth_full=0.3,
    coverage_gap_full=0.2,
    consensus_shift_full=1.0,
    coverage=0.9,
    warn=0.25,
    retrain=0.5,
)
TUNE = TuneParams(
    trials=3,
    only_flagged=False,
    selection_share=0.5,
    drift_weight=0.1,
    min_gain=0.002,
    bootstrap_resamples=200,
    bootstrap_block_dates=2,
    confidence=0.95,
)


def block(name: str, seed: int = 1, **changes: Any) -> pl.DataFrame:
    """Return a block of a small market whose prices agree with a planted signal."""
    return priced(planted(blocks()[name], seed).with_columns(**changes))


def priced(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows whose observed price is, to first order, the one that the target says."""
    at_base, moved = pl.col("baseline_last_adjusted"), pl.col("dv01") * pl.col("target_bp")
    return rows.with_columns(clean_price=at_base - moved)


def steady(dates: int = 60, bonds: int = 25, seed: int = 1) -> pl.DataFrame:
    """Return made-up rows in which nothing changes with time: five methods that err independently."""
    rng = np.random.default_rng(seed)
    size = dates * bonds
    day = np.repeat(np.arange(dates), bonds)
    value = 100.0 + rng.normal(0.0, 3.0, size)
    noise = {name: value + rng.normal(0.0, 0.3, size) for name in ("last_adjusted", "ewma", "peers", "kalman")}
    return pl.DataFrame(
        {
            "date": pl.Series(day, dtype=pl.Int32).cast(pl.Date),
            "bond_id": [f"B{number:03d}" for number in range(bonds)] * dates,
            "clean_price": value,
            "fair_price": value + rng.normal(0.0, 1.0, size),
            **{f"baseline_{name}": prices for name, prices in noise.items()},
            "dv01": np.full(size, 0.05),
            "noise_scale_bp": np.full(size, 5.0),
            "years_to_maturity": np.full(size, 6.0),
        }
    )
