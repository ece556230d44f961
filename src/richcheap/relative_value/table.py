"""Signals of every print: relative value, and the plain alternatives that it is judged against.

A signal is positive for a cheap bond, whose spread is wider than its peers'. It depends on prints up to its date, the
bond's own print of the date included, and on nothing later: it can be traded from the bond's next print on.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import polars as pl

from richcheap.bonds.conventions import SIDE_SIGNS
from richcheap.bonds.units import BP
from richcheap.evaluation.simulated_truth import half_life
from richcheap.numerics.elementwise import row_sum
from richcheap.relative_value.params import SignalsParams
from richcheap.relative_value.regression import regression_residuals
from richcheap.relative_value.z_scores import own_history_zscore, peer_zscore, with_peer_groups

PEER_PARTS: Final = ("kalman_curve_bp", "kalman_rating_bp", "kalman_coupon_bp", "kalman_option_bp", "kalman_issuer_bp")
"""The filter's parts of a print's predicted spread, but for the bond's own, each without the print."""
READ_COLUMNS: Final = (
    *("bond_id", "date", "currency", "bond_type", "rating_bucket", "issuer", "price_kind", "side", "volume"),
    *("years_to_maturity", "days_since_last", "coupon_rate", "clean_price", "dv01", "target_bp", "base_spread"),
    *("f_matrix_gap", *PEER_PARTS, "bond_spread_bp", "bond_spread_std_bp", "issuer_spread_bp", "bid_ask_bp"),
)
"""What signals need of the dataset."""
WRITTEN_COLUMNS: Final = (
    *("block", "bond_id", "date", "currency", "bond_type", "rating_bucket", "issuer", "price_kind", "mark", "side"),
    *("volume", "years_to_maturity", "days_since_last", "clean_price", "dv01", "spread_bp", "half_spread_bp"),
    *("relative_value_bp", "relative_value_std_bp", "peer_zscore", "own_zscore", "flag", "half_life_days"),
    *(
        "expected_gain_bp",
        "gain_over_cost",
        "carry_points",
        "roll_down_points",
        "issuer_spread_bp",
        "gap_bp",
        "matrix_gap_bp",
    ),
    *("spread_zscore", "regression_gap_bp", "innovation_bp"),
)
"""Of predictions/relative_value.parquet; docs/relative_value.md says what each means."""
MIN_PAIRS: Final = 100
"""Of consecutive prints from which a currency's own half-life is taken."""
RICH, FAIR, CHEAP = "rich", "fair", "cheap"


class Signal(NamedTuple):
    """A way to tell rich from cheap.

    Attributes
    ----------
    name : str
    column : str
        Of the table; positive for cheap.
    meaning : str
    known_to : str
        ``all``, or the ``simulator`` alone.
    """

    name: str
    column: str
    meaning: str
    known_to: str = "all"


SIGNALS: Final[tuple[Signal, ...]] = (
    Signal("relative_value", "relative_value_bp", "the bond's lasting spread after the date, by the filter"),
    Signal("peer_zscore", "peer_zscore", "its z-score across the peers of the date"),
    Signal("own_zscore", "own_zscore", "its z-score against the bond's own history"),
    Signal("gain_over_cost", "gain_over_cost", "what its convergence earns over the horizon, in multiples of its cost"),
    Signal("gap", "gap_bp", "the print's spread less that of its peers, as it stands"),
    Signal("matrix", "matrix_gap_bp", "the print's spread less that of the matrix price"),
    Signal("spread_zscore", "spread_zscore", "the spread's z-score against the bond's own history"),
    Signal("regression", "regression_gap_bp", "residual of a regression of the date's spreads"),
    Signal("innovation", "innovation_bp", "the print's yield less that at the champion's price: the other signal"),
    Signal("optimal_filter", "optimal_filter_bond_bp", "the optimal filter's estimate of the true one", "simulator"),
    Signal("truth", "true_bond_bp", "the simulated bond's true residual", "simulator"),
)


def kept(rows: pl.DataFrame, params: SignalsParams) -> pl.DataFrame:
    """Mark each print (``mark``: reference, retail or nothing), and leave out those that params name."""
    mark = (
        pl.when(pl.col("price_kind") == "reference")
        .then(pl.lit("reference"))
        .when(pl.col("volume") < params.retail_volume)
        .then(pl.lit("retail"))
        .otherwise(pl.lit(""))
    )
    return rows.with_columns(mark=mark).filter(~pl.col("mark").is_in(list(params.leave_out)))


def signal_table(rows: pl.DataFrame, half_lives: Mapping[str, float], params: SignalsParams) -> pl.DataFrame:
    """Add the signals to rows of the dataset, and what trading on them costs.

    Parameters
    ----------
    rows : DataFrame
        `READ_COLUMNS` of all dates, sorted by (date, bond_id), of `kept` prints.
    half_lives : mapping of str to float
        Of each currency's relative value, business days (`fitted_half_lives`).
    params : SignalsParams

    Returns
    -------
    DataFrame
        The rows with ``spread_bp``, ``mid_spread_bp`` (where the side is known, moved to mid), ``half_spread_bp``,
        ``gap_bp``, the columns of `SIGNALS` that a market shows by itself, ``half_life_days`` and ``flag``.
    """
    gapped = with_peer_groups(with_gaps(rows, params))
    gapped = gapped.with_columns(
        relative_value_bp=pl.col("bond_spread_bp"),
        relative_value_std_bp=pl.col("bond_spread_std_bp"),
        half_life_days=pl.col("currency").replace_strict(half_lives, default=None, return_dtype=pl.Float64),
        regression_gap_bp=regression_residuals(gapped),
    )
    converged = 1.0 - 0.5 ** (params.horizon_days / pl.col("half_life_days"))
    scored = gapped.with_columns(
        expected_gain_bp=pl.col("relative_value_bp") * converged,
        gain_over_cost=pl.col("relative_value_bp") * converged / (2.0 * pl.col("half_spread_bp")),
        peer_zscore=peer_zscore("relative_value_bp", params),
        own_zscore=own_history_zscore("relative_value_bp", params),
        spread_zscore=own_history_zscore("mid_spread_bp", params),
    )
    far = pl.col("peer_zscore").abs() >= params.flag_zscore
    side = pl.when(pl.col("peer_zscore") > 0).then(pl.lit(CHEAP)).otherwise(pl.lit(RICH))
    return scored.with_columns(
        flag=pl.when(pl.col("peer_zscore").is_not_null()).then(pl.when(far).then(side).otherwise(pl.lit(FAIR)))
    )


def with_gaps(rows: pl.DataFrame, params: SignalsParams) -> pl.DataFrame:
    """Add spread, mid spread, half-spread and the gaps to the peers' and to the matrix price's spread, bp."""
    base = BP * pl.col("base_spread")
    side = pl.col("side").replace_strict(SIDE_SIGNS, default=0.0, return_dtype=pl.Float64)
    known = pl.col("bid_ask_bp") > 0.0
    return (
        rows.with_columns(spread_bp=pl.col("target_bp") + base)
        .with_columns(
            mid_spread_bp=pl.col("spread_bp") + side * pl.col("bid_ask_bp"),
            half_spread_bp=pl.when(known).then("bid_ask_bp").otherwise(params.half_spread_bp),
        )
        .with_columns(
            gap_bp=pl.col("mid_spread_bp") - row_sum(PEER_PARTS),
            matrix_gap_bp=pl.col("mid_spread_bp") - base - pl.col("f_matrix_gap"),
        )
    )


def fitted_half_lives(training: pl.DataFrame, params: SignalsParams) -> dict[str, float]:
    """Return in how many business days half of a relative value is gone, by currency, from training rows alone.

    By least squares of the gap at the bond's next print on the relative value at this one and the days between, each
    pair in units of the relative value's standard deviation, so that bonds in distress do not decide alone. A currency
    with fewer than `MIN_PAIRS` pairs has the half-life of all together.

    Parameters
    ----------
    training : DataFrame
        `READ_COLUMNS` of the training block, sorted by (date, bond_id).
    """
    pairs = (
        with_gaps(training, params)
        .with_columns(
            later_gap_bp=pl.col("gap_bp").shift(-1).over("bond_id"), later=pl.col("date").shift(-1).over("bond_id")
        )
        .drop_nulls("later_gap_bp")
    )
    together = _half_life(pairs)
    return {
        currency: _half_life(own) if own.height >= MIN_PAIRS else together
        for currency in training["currency"].unique().sort()
        for own in [pairs.filter(pl.col("currency") == currency)]
    }


def _half_life(pairs: pl.DataFrame) -> float:
    days = np.busday_count(pairs["date"].to_numpy(), pairs["later"].to_numpy()).astype(np.float64)
    std = pairs["bond_spread_std_bp"].to_numpy()
    return half_life(pairs["later_gap_bp"].to_numpy() / std, pairs["bond_spread_bp"].to_numpy() / std, days)


def with_truth(table: pl.DataFrame, truth: pl.DataFrame, optimal_filter: pl.DataFrame) -> pl.DataFrame:
    """Add what the simulator and its optimal filter know of the bonds' residuals, where all rows are the simulator's.

    Parameters
    ----------
    table : DataFrame
    truth, optimal_filter : DataFrame
        ``bond_id``, ``date`` and ``bond_residual_bp``, and ``optimal_filter_bond_bp`` of those that were filtered.
    """
    key = ["bond_id", "date"]
    joined = table.join(truth.rename({"bond_residual_bp": "true_bond_bp"}), on=key, how="left", maintain_order="left")
    if joined["true_bond_bp"].null_count():
        return table
    return joined.join(optimal_filter, on=key, how="left", maintain_order="left")
