"""What the simulator knows of rows, and a bound: the expectation under the true process that sees prints without noise.

What can be attained, noise and all, is the business of `richcheap.oracle.optimal_filter`.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from richcheap.numerics.elementwise import exponentials, logarithms, powers

Floats = NDArray[np.float64]

ROW = ("bond_id", "date")
TRUTH_COLUMNS = ("mid_clean_price", "issuer_residual_bp", "bond_residual_bp")
HALF_LIFE_RANGE = (0.1, 10_000.0)
"""Business days."""


class SimulatedTruth(NamedTuple):
    """What the simulator knows of the test block.

    Attributes
    ----------
    mid : ndarray, shape (n_rows,)
        Clean price without the noise of the print.
    regime : Series
        Of each row.
    optimal_filter : ndarray, shape (n_rows,), optional
        Clean price that the process leads to expect from what predictors may know (stage ``oracle``).
    noise_free : ndarray, shape (n_rows,), optional
        The same from what was shown, without noise (`noise_free_mid`).
    """

    mid: Floats
    regime: pl.Series
    optimal_filter: Floats | None = None
    noise_free: Floats | None = None


class HalfLives(NamedTuple):
    """Half-lives of the simulated residuals, business days.

    Attributes
    ----------
    issuer, bond : float
    """

    issuer: float
    bond: float


class UnknownRowsError(ValueError):
    """Some rows are the simulator's, and some are not."""


def simulated_truth(
    rows: pl.DataFrame, dataset: pl.DataFrame, truth: pl.DataFrame, optimal_filter: pl.DataFrame
) -> SimulatedTruth | None:
    """Return what the simulator knows of these rows, or None when they are not the simulator's.

    Parameters
    ----------
    rows : DataFrame
        Rows of the dataset.
    dataset : DataFrame
        ``bond_id``, ``date`` and ``issuer`` of all rows of the dataset.
    truth : DataFrame
        `ROW`, ``regime`` and `TRUTH_COLUMNS` of the simulator's prints.
    optimal_filter : DataFrame
        `ROW` and ``optimal_filter_clean_price`` of those that stage ``oracle`` has filtered; some or none.

    Raises
    ------
    UnknownRowsError
        Some rows are the simulator's and some are not.
    """
    joined = rows.select(ROW).join(truth, on=ROW, how="left", maintain_order="left")
    unknown = joined["mid_clean_price"].null_count()
    if unknown == rows.height:
        return None
    if unknown:
        raise UnknownRowsError(f"{unknown:,} of {rows.height:,} are missing")
    known = visible_residuals(dataset, truth.drop("regime"))
    expected = rows.select(ROW).join(optimal_filter, on=ROW, how="left", maintain_order="left")[
        "optimal_filter_clean_price"
    ]
    return SimulatedTruth(
        mid=joined["mid_clean_price"].to_numpy(),
        regime=joined["regime"],
        optimal_filter=None if expected.null_count() else expected.to_numpy(),
        noise_free=noise_free_mid(rows, known, half_lives(known)),
    )


def visible_residuals(seen: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Return every print's true residuals, and those that earlier prints had shown of its bond and of its issuer.

    Parameters
    ----------
    seen : DataFrame
        ``bond_id``, ``date`` and ``issuer`` of every print that predictors could see.
    truth : DataFrame
        ``bond_id``, ``date`` and `TRUTH_COLUMNS` of them.

    Returns
    -------
    DataFrame
        `ROW`, `TRUTH_COLUMNS`, ``bonds`` (of the issuer that printed on the date); ``bond_before`` and
        ``bond_days``, ``issuer_before`` and ``issuer_days``: the residual of the latest date before, and its age in
        business days; null where there is none.
    """
    known = seen.join(truth, on=ROW, how="left").sort(ROW)
    known = known.with_columns(
        pl.coalesce("issuer", "bond_id").alias("issuer"),  # a bond whose issuer has no name is its own
        pl.col("bond_residual_bp").shift(1).over("bond_id").alias("bond_before"),
        _age("bond_id").alias("bond_days"),
    )
    issuers = known.group_by("issuer", "date").agg(bonds=pl.len(), residual=pl.col("issuer_residual_bp").first())
    issuers = issuers.sort("issuer", "date").select(
        "issuer",
        "date",
        "bonds",
        pl.col("residual").shift(1).over("issuer").alias("issuer_before"),
        _age("issuer").alias("issuer_days"),
    )
    return known.join(issuers, on=("issuer", "date"), how="left")


def half_lives(known: pl.DataFrame) -> HalfLives:
    """Return the half-lives in which the residuals of `visible_residuals` decay, by least squares."""
    return HalfLives(
        issuer=half_life(*_pairs(known, "issuer_residual_bp", "issuer_before", "issuer_days")),
        bond=half_life(*_pairs(known, "bond_residual_bp", "bond_before", "bond_days")),
    )


def half_life(now: Floats, before: Floats, days: Floats) -> float:
    """Return the half-life in which residuals decay from what they were so many days before, by least squares."""

    def loss(logarithm: float) -> float:
        return float(((now - before * powers(0.5, days * exponentials(-logarithm))) ** 2).sum())

    found = minimize_scalar(loss, bounds=logarithms(HALF_LIFE_RANGE), method="bounded")
    return float(exponentials(found.x))


def noise_free_mid(rows: pl.DataFrame, known: pl.DataFrame, decay: HalfLives) -> Floats:
    """Return the mid price that the process leads to expect before the row's own print.

    It knows the market of the date (curve, rating spreads) and the issuer's and the bond's residuals, without noise,
    from every print that a predictor may use: those of other bonds up to the date, its own before it. A residual that
    is known from an earlier print is expected to have decayed since (an Ornstein-Uhlenbeck process); one never seen
    is expected to be nil. No predictor knows as much, as all of that reaches it through noisy prints. To first order
    in the spread.

    Parameters
    ----------
    rows : DataFrame
        ``bond_id``, ``date`` and ``dv01`` of the rows to price.
    known : DataFrame
        What was `visible_residuals`, of `rows` among others.
    decay : HalfLives

    Returns
    -------
    ndarray, shape (n_rows,)
        Clean price.
    """
    own = pl.col("bond_before") * 0.5 ** (pl.col("bond_days") / decay.bond)
    issuer = pl.col("issuer_before") * 0.5 ** (pl.col("issuer_days") / decay.issuer)
    unforeseen = pl.col("bond_residual_bp") - own.fill_null(0.0)
    unforeseen += (
        pl.when(pl.col("bonds") == 1).then(pl.col("issuer_residual_bp") - issuer.fill_null(0.0)).otherwise(0.0)
    )
    priced = rows.select(*ROW, "dv01").join(known, on=ROW, how="left", maintain_order="left")
    return priced.select(pl.col("mid_clean_price") + pl.col("dv01") * unforeseen).to_series().to_numpy()


def _age(group: str) -> pl.Expr:
    """Return the business days since the row before of the group."""
    return pl.business_day_count(pl.col("date").shift(1).over(group), "date").cast(pl.Float64)


def _pairs(known: pl.DataFrame, *columns: str) -> list[Floats]:
    pairs = known.select(columns).drop_nulls()
    return [pairs[column].to_numpy() for column in columns]
