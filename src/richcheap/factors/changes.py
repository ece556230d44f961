"""How far the curve and the spread of each rating bucket moved on each date, from what the market stage wrote."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.terms import terms_from_frame
from richcheap.bonds.units import BP
from richcheap.curves.benchmark import GIVEN
from richcheap.curves.pricing import curve_measures
from richcheap.factors.params import FactorParams
from richcheap.numerics.cholesky import inverse
from richcheap.panel.ratings import BUCKETS, GOVERNMENT, bucket_codes
from richcheap.surface.leave_one_out import fitted, solve
from richcheap.surface.loadings import node_correlation

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

TERM_COLUMNS: tuple[str, ...] = (
    *("currency", "bond_type", "credit_rating", "settlement_date", "maturity_date", "coupon_rate", "quoted_margin"),
    *("frequency", "day_count", "issue_date", "first_coupon_date"),
)
MOVE_COLUMNS: tuple[str, ...] = ("bond_id", "date", "reference_curve", "move_today_bp", "matrix_spread", *TERM_COLUMNS)
"""What is read of a valued print to see what moved."""


class CurveHistory(NamedTuple):
    """Reference curves of one currency, date by date.

    Attributes
    ----------
    currency : str
    dates : Series of Date
        Ascending.
    numbers : ndarray of int32
        ``reference_curve`` of each date, ascending.
    nodes_years : ndarray, shape (n_nodes,)
    rates : ndarray, shape (n_dates, n_nodes)
        Zero rates known before the date's own prices, decimal.
    close_rates : ndarray, shape (n_dates, n_nodes)
        The same with the date's governments: what is known at its close.
    given : ndarray of bool
        Whether the date and the date before have a published curve, so that its change is a move of the market.
    """

    currency: str
    dates: pl.Series
    numbers: Ints
    nodes_years: Floats
    rates: Floats
    close_rates: Floats
    given: NDArray[np.bool_]


class Changes(NamedTuple):
    """Changes from each date to the next, bp.

    Attributes
    ----------
    dates : Series of Date
        Dates at whose close a change is known: all but the first one.
    nodes_years : ndarray, shape (n_nodes,)
    curve : ndarray, shape (n_dates, n_nodes)
        Of the zero rates at the nodes; 0 where no government says anything.
    curve_known : ndarray of bool, shape (n_dates,)
    spreads : ndarray, shape (n_dates, len(BUCKETS))
        Of the spread over that curve, by rating bucket: the median, over the date's prints of the bucket, of the
        surface's move at the bond less the curve's. Where none prints 0: the next one brings the whole move.
    prints : ndarray of int64, shape (n_dates, len(BUCKETS))
        How many prints that median has.
    levels : ndarray, shape (n_dates, len(BUCKETS))
        Median matrix spread of those prints, bp; NaN where there are none.
    """

    dates: pl.Series
    nodes_years: Floats
    curve: Floats
    curve_known: NDArray[np.bool_]
    spreads: Floats
    prints: NDArray[np.int64]
    levels: Floats


def read_curves(curves: pl.DataFrame, currency: str) -> CurveHistory:
    """Arrange the curves of one currency.

    Parameters
    ----------
    curves : DataFrame
        As the market stage writes them (`richcheap.curves.benchmark.CURVE_SCHEMA`).
    currency : str
    """
    own = curves.filter(pl.col("currency") == currency).sort("reference_curve", "tenor_years")
    nodes = own["tenor_years"].unique().sort().to_numpy()
    heads = own.gather_every(nodes.size)
    given = (heads["source"] == GIVEN).to_numpy()
    return CurveHistory(
        currency=currency,
        dates=heads["date"],
        numbers=heads["reference_curve"].to_numpy(),
        nodes_years=nodes,
        rates=own["zero_rate"].to_numpy().reshape(-1, nodes.size),
        close_rates=own["zero_rate_at_close"].to_numpy().reshape(-1, nodes.size),
        given=given & np.concatenate([[False], given[:-1]]),
    )


class CurveExposures(NamedTuple):
    """Prints of one currency and how each answers to the curve.

    Attributes
    ----------
    rows : DataFrame
    position : ndarray of int64
        Place of each row's date among the curves.
    bucket : ndarray of int32
    shares : ndarray, shape (n_rows, n_nodes)
        Key-rate durations as shares of the spread duration: what a bond's yield does for a move of each node.
    dv01 : ndarray
        On the reference curve, points per 100 for one bp.
    """

    rows: pl.DataFrame
    position: NDArray[np.int64]
    bucket: Ints
    shares: Floats
    dv01: Floats


def curve_exposures(batch: pl.DataFrame, curves: CurveHistory, threads: int = 1) -> CurveExposures:
    """Measure how the prints of a batch answer to the nodes of their date's reference curve.

    No own price takes part: the figures are those at zero spread. Rows of other currencies, and those whose terms give
    no duration, are left out.
    """
    own = batch.filter(pl.col("currency") == curves.currency)
    position = np.searchsorted(curves.numbers, own["reference_curve"].to_numpy())
    view = curve_measures(
        terms_from_frame(own), np.nan, curves.nodes_years, curves.rates, position.astype(np.int32), threads
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = view.exposure / view.spread_duration[:, None]
    sound = np.isfinite(shares).all(axis=1)
    return CurveExposures(
        rows=own.filter(pl.Series(sound)),
        position=position[sound],
        bucket=bucket_codes(own)[sound],
        shares=shares[sound],
        dv01=(view.spread_duration * view.price)[sound] / BP,
    )


def market_changes(
    batches: Iterable[pl.DataFrame], curves: CurveHistory, params: FactorParams, threads: int = 1
) -> Changes:
    """Find what moved on each date.

    The curve's move is the change of the published curve; without one it is fitted to the moves of the surface at the
    date's governments, by penalised least squares on their key-rate durations with the prior of the market stage (node
    moves correlated as ``exp(-|ln(T_a / T_b)| / length)``). A move is measured bond by bond, so that it does not change
    with who happens to print.

    Parameters
    ----------
    batches : iterable of DataFrame
        Whole dates of the market stage's prints, in order: the columns `MOVE_COLUMNS`.
    curves : CurveHistory
    params : FactorParams
    threads : int
        Does not affect the result.
    """
    days, nodes, buckets = curves.dates.len(), curves.nodes_years.size, len(BUCKETS)
    curve = np.zeros((days, nodes))
    curve[1:] = np.where(curves.given[1:, None], BP * np.diff(curves.rates, axis=0), 0.0)
    known = curves.given.copy()
    spreads, prints = np.zeros((days, buckets)), np.zeros((days, buckets), dtype=np.int64)
    levels = np.full((days, buckets), np.nan)
    correlation = node_correlation(curves.nodes_years, params.move_correlation_length)
    precision = inverse(correlation) / params.move_prior_bp**2
    for batch in batches:
        exposed = curve_exposures(batch, curves, threads)
        moves, matrix = exposed.rows.select("move_today_bp", BP * pl.col("matrix_spread")).to_numpy().T
        for position in np.unique(exposed.position).tolist():
            today = exposed.position == position
            bucket, shares, move = exposed.bucket[today], exposed.shares[today], moves[today]
            if not curves.given[position]:
                own = bucket == GOVERNMENT
                known[position] = own.any()
                weight = np.full(int(own.sum()), 1.0 / params.move_noise_bp**2)
                curve[position] = (
                    solve(shares[own], move[own], weight, np.zeros(nodes), precision) if own.any() else 0.0
                )
                move = move - fitted(shares, curve[position])
            for code in np.unique(bucket).tolist():
                alike = bucket == code
                spreads[position, code], prints[position, code] = np.median(move[alike]), alike.sum()
                levels[position, code] = np.median(matrix[today][alike])
    return Changes(curves.dates[1:], curves.nodes_years, curve[1:], known[1:], spreads[1:], prints[1:], levels[1:])


def node_names(nodes_years: Sequence[float]) -> list[str]:
    """Name the curve's changes: ``curve_0.25y``, ``curve_10y``."""
    return [f"curve_{years:g}y" for years in nodes_years]
