"""Carry and roll-down by hand: a bond at par on a flat curve, and one on a steep curve."""

import numpy as np
import polars as pl

from richcheap.curves.benchmark import FLAT
from richcheap.features.repricing import Repricer
from richcheap.relative_value.carry import carry_and_roll_down
from tests.surface.markets import small_market, valued


def market(rate: float, slope: float) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return rows of a market repriced on a curve that rises by a slope a year, and that curve."""
    valuation = valued(small_market(bonds=16, dates=6))
    curves = valuation.curves.with_columns(zero_rate=rate + slope * pl.col("tenor_years"), source=pl.lit("given"))
    rows = valuation.prints.with_columns(spread_bp=pl.lit(0.0))
    clean = Repricer.from_frame(curves).clean_price(rows, np.zeros(rows.height))
    return rows.with_columns(clean_price=clean, dirty_price=clean + rows["accrued_interest"].to_numpy()), curves


def test_on_a_flat_curve_a_bond_earns_its_funding_and_no_more() -> None:
    rows, curves = market(0.04, 0.0)
    found = carry_and_roll_down(rows, curves, 20)
    together = (found["carry_points"] + found["roll_down_points"]).to_numpy()
    assert np.abs(together).max() < 0.02


def test_on_a_rising_curve_a_bond_earns_the_slope() -> None:
    rows, curves = market(0.02, 0.001)
    found = carry_and_roll_down(rows, curves, 20)
    together = found["carry_points"] + found["roll_down_points"]
    long, short = (together.filter(mask) for mask in (rows["years_to_maturity"] > 8, rows["years_to_maturity"] < 2))
    assert long.min() > short.max()  # type: ignore[operator]
    assert long.min() > 0.03  # type: ignore[operator]


def test_a_curve_that_is_assumed_says_nothing_of_carry() -> None:
    rows, curves = market(0.04, 0.0)
    assumed = pl.col("reference_curve") == rows["reference_curve"][0]
    marked = curves.with_columns(source=pl.when(assumed).then(pl.lit(FLAT)).otherwise("source"))
    found, affected = carry_and_roll_down(rows, marked, 20), rows.select(assumed).to_series()
    assert affected.any()
    assert not affected.all()
    for name in found.columns:
        assert found[name].is_null().equals(affected, check_names=False)


def test_a_bond_that_matures_within_the_horizon_has_neither() -> None:
    rows, curves = market(0.04, 0.0)
    soon = rows.with_columns(pl.col("settlement_date").dt.offset_by("10d").alias("maturity_date"))
    found = carry_and_roll_down(soon, curves, 20)
    assert found["carry_points"].null_count() == found["roll_down_points"].null_count() == rows.height
    assert found.columns == ["carry_points", "roll_down_points"]
    assert carry_and_roll_down(rows, curves, 20, threads=2).equals(carry_and_roll_down(rows, curves, 20))
