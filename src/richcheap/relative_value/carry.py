"""What a bond earns while nothing happens: coupons less funding, and the roll down the curve."""

from typing import Final

import numpy as np
import polars as pl

from richcheap.bonds.measures import accrued_interest
from richcheap.bonds.terms import terms_from_frame
from richcheap.bonds.units import BP, DAYS_PER_YEAR
from richcheap.curves.benchmark import FLAT
from richcheap.features.repricing import Repricer

TERMS: Final = (
    *("bond_type", "settlement_date", "maturity_date", "coupon_rate", "quoted_margin", "frequency", "day_count"),
    *("issue_date", "first_coupon_date", "reference_curve", "accrued_interest", "clean_price", "dirty_price"),
)
"""What is read of each row, besides ``spread_bp``."""


def carry_and_roll_down(rows: pl.DataFrame, curves: pl.DataFrame, horizon_days: int, threads: int = 1) -> pl.DataFrame:
    """Return ``carry_points`` and ``roll_down_points`` over a horizon, per 100 of face.

    Carry is the coupon over the horizon less the dirty price's cost of funding at the curve's shortest zero rate.
    Roll-down is the change of the clean price when the bond has aged by the horizon on the curve of the day, at its own
    spread. Null for a bond that matures within the horizon, and where the curve is flat at an assumed rate: it says
    nothing of funding or of a slope to roll down.

    Parameters
    ----------
    rows : DataFrame
        `TERMS` and ``spread_bp``.
    curves : DataFrame
        As the market stage writes them.
    horizon_days : int
        Business days.
    threads : int
        Changes no result.
    """
    later = rows.with_columns(pl.col("settlement_date").dt.add_business_days(horizon_days, roll="forward"))
    nodes = curves.sort("tenor_years").group_by("reference_curve", maintain_order=True).first()
    nodes = nodes.select("reference_curve", "zero_rate", known=pl.col("source") != FLAT)
    shortest = rows.select("reference_curve").join(nodes, on="reference_curve", how="left", maintain_order="left")
    funding, known = shortest["zero_rate"].to_numpy(), shortest["known"].to_numpy()
    alive = known & (later["settlement_date"] < later["maturity_date"]).to_numpy()
    days = (later["settlement_date"] - rows["settlement_date"]).dt.total_days().to_numpy()
    clean = np.full(rows.height, np.nan)
    if alive.any():
        aged = later.filter(alive)
        aged = aged.with_columns(accrued_interest=pl.Series(accrued_interest(terms_from_frame(aged))))
        spread = aged["spread_bp"].to_numpy() / BP
        clean[alive] = Repricer.from_frame(curves, threads).clean_price(aged, spread)
    years = days / DAYS_PER_YEAR
    carry = 100.0 * rows["coupon_rate"].to_numpy() * years - rows["dirty_price"].to_numpy() * funding * years
    roll_down = clean - rows["clean_price"].to_numpy()
    return pl.DataFrame({"carry_points": np.where(alive, carry, np.nan), "roll_down_points": roll_down}).fill_nan(None)
