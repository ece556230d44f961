"""Params and changes for tests of the factor model."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from richcheap.factors.changes import Changes
from richcheap.factors.params import FactorParams
from richcheap.panel.ratings import BUCKETS

PARAMS = FactorParams(
    curve_factors=3,
    spread_factors=2,
    min_dates=10,
    bucket_coverage=0.5,
    move_prior_bp=10.0,
    move_noise_bp=1.0,
    move_correlation_length=4.0,
    noise_dv01=0.01,
    exposure_prior_dates=100.0,
    residual_prior_changes=20.0,
    clip_std=5.0,
)
NODES = np.array([0.25, 1.0, 3.0, 5.0, 10.0, 30.0])


def planted(dates: int = 80, seed: int = 1) -> Changes:
    """Return changes of a curve with a level and a slope, and of buckets A, BBB and BB that widen together."""
    rng = np.random.default_rng(seed)
    level, slope, credit = rng.normal(size=(3, dates, 1))
    curve = 5.0 * level + 2.0 * slope * np.linspace(-1.0, 1.0, NODES.size) + 0.1 * rng.normal(size=(dates, NODES.size))
    spreads = np.zeros((dates, len(BUCKETS)))
    for bucket, size in (("A", 2.0), ("BBB", 4.0), ("BB", 9.0)):
        spreads[:, BUCKETS.index(bucket)] = size * (credit + 0.3 * rng.normal(size=(dates, 1)))[:, 0]
    return Changes(
        dates=pl.Series("date", [date(2024, 1, 1) + timedelta(days=k) for k in range(dates)]),
        nodes_years=NODES,
        curve=curve,
        curve_known=np.ones(dates, dtype=np.bool_),
        spreads=spreads,
        prints=np.where(spreads != 0.0, 3, 0),
        levels=np.where(spreads != 0.0, 100.0, np.nan),
    )
