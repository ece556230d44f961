"""What one who knows the simulated process would expect of a price: the most that can be predicted."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROW = ("bond_id", "date")


class HalfLives(NamedTuple):
    """Half-lives of the simulated residuals, business days.

    Attributes
    ----------
    issuer, bond : float
    """

    issuer: float
    bond: float


def expected_mid(rows: pl.DataFrame, seen: pl.DataFrame, truth: pl.DataFrame, half_lives: HalfLives) -> Floats:
    """Return the mid price that the process leads to expect before the row's own print.

    It knows the market of the date (curve, rating spreads) and the issuer's and the bond's residuals, without noise,
    from every print that a predictor may use: those of other bonds up to the date, its own before it. A residual that
    is known from an earlier print is expected to have decayed since (an Ornstein-Uhlenbeck process); one never seen
    is expected to be nil. No predictor knows as much, as all of that reaches it through noisy prints. To first order
    in the spread.

    Parameters
    ----------
    rows : DataFrame
        ``bond_id``, ``date`` and ``price_risk`` of the rows to price.
    seen : DataFrame
        ``bond_id``, ``date`` and ``issuer`` of every print that predictors could see, `rows` among them.
    truth : DataFrame
        ``bond_id``, ``date``, ``mid_clean_price``, ``issuer_residual_bp`` and ``bond_residual_bp`` of them.
    half_lives : HalfLives

    Returns
    -------
    ndarray, shape (n_rows,)
        Clean price.
    """
    known = seen.join(truth, on=ROW, how="left").sort("bond_id", "date")
    known = known.with_columns(
        pl.coalesce("issuer", "bond_id").alias("issuer"),  # a bond without an issuer's name is its own
        pl.col("bond_residual_bp", "date").shift(1).over("bond_id").name.prefix("own_"),
    )
    issuers = known.group_by("issuer", "date").agg(bonds=pl.len(), residual=pl.col("issuer_residual_bp").first())
    issuers = issuers.sort("issuer", "date").with_columns(
        pl.col("residual", "date").shift(1).over("issuer").name.prefix("issuer_")
    )
    found = rows.select(*ROW, "price_risk").join(
        known.join(issuers, on=("issuer", "date"), how="left"), on=ROW, how="left", maintain_order="left"
    )
    own = _expected(found, "own_bond_residual_bp", "own_date", half_lives.bond)
    issuer = _expected(found, "issuer_residual", "issuer_date", half_lives.issuer)
    shared = (found["bonds"] > 1).to_numpy()
    surprise = found["bond_residual_bp"].to_numpy() - own
    surprise += np.where(shared, 0.0, found["issuer_residual_bp"].to_numpy() - issuer)
    expected: Floats = found["mid_clean_price"].to_numpy() + found["price_risk"].to_numpy() * surprise
    return expected


def _expected(found: pl.DataFrame, residual: str, date: str, half_life: float) -> Floats:
    """Return what is left of a residual of an earlier date; nil for one that was never seen."""
    then = found[date].fill_null(found["date"]).to_numpy().astype("datetime64[D]")
    days = np.busday_count(then, found["date"].to_numpy().astype("datetime64[D]"))
    decayed: Floats = found[residual].fill_null(0.0).to_numpy() * 0.5 ** (days / half_life)
    return decayed
