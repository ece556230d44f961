"""The parts of a fair price in points: one part of the spread after another is put on, and the bond repriced.

Prices bend in the spread, so that a part's points depend on those put on before it; the order is fixed, from what most
bonds share to what is the bond's own:

    price on the reference curve -> curve -> rating -> coupon -> option -> issuer -> bond -> the model's correction

Each part is the difference of two exact prices, and the last price is the model's: the parts add up to it.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.units import BP
from richcheap.features.assemble import PARTS

Floats = NDArray[np.float64]

START: Final = "reference_curve_price"
"""Column of the price on the reference curve without a spread, points per 100."""
FAIR: Final = "fair_clean_price"
"""Column of the model's price: `START` and all parts in points."""
CORRECTION: Final = "correction"
"""What the model adds to the filter's spread."""


class Pricer(Protocol):
    """Prices rows of the dataset: a `richcheap.features.repricing.Repricer`."""

    def clean_prices(self, rows: pl.DataFrame, spreads: Floats) -> Floats:
        """Return clean prices at decimal spreads over the reference curve, shape (n_rows, n_spreads)."""


def decompose(
    rows: pl.DataFrame, delta_bp: Floats, pricer: Pricer, contributions: Mapping[str, Floats] | None = None
) -> pl.DataFrame:
    """Divide a model's prices of rows into the filter's parts and its own correction.

    Parameters
    ----------
    rows : DataFrame
        Of the dataset.
    delta_bp : ndarray, shape (n_rows,)
        What the model adds to the base spread, bp.
    pricer : Pricer
    contributions : mapping of str to ndarray, shape (n_rows,)
        Where the model divides its correction: what each group adds, bp; they add up to the correction.

    Returns
    -------
    DataFrame
        ``bond_id``, ``date``, `START`, for each part ``NAME_bp`` and ``NAME_points``, for each group of `contributions`
        ``correction_NAME_bp`` and ``correction_NAME_points``, `FAIR`, and ``bid_ask_bp`` and ``bid_ask_points``, the
        half-spread of a trade: it is no part of the price, which is a mid.
    """
    parts = {name.removeprefix("kalman_").removesuffix("_bp"): rows[name].to_numpy() for name in PARTS}
    fair = rows["base_spread"].to_numpy() + delta_bp / BP
    correction = BP * fair - sum(parts.values())
    groups = {f"{CORRECTION}_{name}": value for name, value in (contributions or {}).items()}
    steps = {**parts, **(groups or {CORRECTION: correction})}
    spreads = np.cumsum([np.zeros(rows.height), *steps.values()], axis=0) / BP
    spreads[-1] = fair  # where the sum ends but for rounding
    wide = fair + rows["bid_ask_bp"].to_numpy() / BP
    prices = pricer.clean_prices(rows, np.column_stack([*spreads, wide])).T
    changes = {name: after - before for name, (before, after) in zip(steps, pairwise(prices[:-1]), strict=True)}
    changes[CORRECTION] = prices[-2] - prices[len(parts)]
    columns = {
        f"{name}_{unit}": values
        for name, in_bp in {**parts, CORRECTION: correction, **groups}.items()
        for unit, values in (("bp", in_bp), ("points", changes[name]))
    }
    return rows.select("bond_id", "date").with_columns(
        pl.Series(name, np.ascontiguousarray(values))
        for name, values in {
            START: prices[0],
            **columns,
            FAIR: prices[-2],
            "bid_ask_bp": rows["bid_ask_bp"].to_numpy(),
            "bid_ask_points": prices[-2] - prices[-1],
        }.items()
    )
