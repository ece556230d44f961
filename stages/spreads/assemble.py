"""From valued prints to the dataset: the one place where a price becomes a feature.

A print's own price enters its row in `clean_price`, `dirty_price`, `adjustment` and `target_bp` alone. Every
``f_`` column is made of static data, of columns that `surface` and `peers` found without the print, or of the
bond's own earlier prints, which are always reached by ``_before`` or by `own_history`.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stages.spreads.feature_table import FEATURES
from stages.spreads.history import own_history
from stages.spreads.numbering import number
from stages.spreads.params import FeaturesParams
from stages.spreads.ratings import BUCKETS, bucket_codes
from stages.spreads.repricing import Repricer
from stages.spreads.units import BP, DAYS_PER_YEAR

Floats = NDArray[np.float64]

CALENDAR_PER_BUSINESS_DAY = 7.0 / 5.0
RATING_SCALE: tuple[str, ...] = (
    *("AAA", "AA+", "AA", "AA-", "A+", "A", "A-", "BBB+", "BBB", "BBB-", "BB+", "BB", "BB-"),
    *("B+", "B", "B-", "CCC+", "CCC", "CCC-", "CC", "C", "D"),
)
KEYS: tuple[str, ...] = (
    *("bond_id", "date", "source_row", "currency", "bond_type", "credit_rating", "rating_bucket", "issuer"),
    *("price_kind", "years_to_maturity", "days_since_last", "has_history"),
)
PRICES: tuple[str, ...] = (
    *("clean_price", "dirty_price", "accrued_interest", "fair_price", "adjustment", "target_bp"),
    *("price_risk", "noise_scale_bp", "base_spread"),
    *("baseline_last", "baseline_last_adjusted", "baseline_last_adjusted_move", "baseline_ewma", "baseline_peers"),
)
TERMS: tuple[str, ...] = (
    *("settlement_date", "maturity_date", "coupon_rate", "frequency", "day_count", "issue_date"),
    *("first_coupon_date", "reference_curve"),
)


def assemble(prints: pl.DataFrame, curves: pl.DataFrame, params: FeaturesParams) -> pl.DataFrame:
    """Make the dataset of docs/features.md.

    Parameters
    ----------
    prints, curves : DataFrame
        As the market stage writes them; `prints` sorted by (date, bond_id).
    params : FeaturesParams

    Returns
    -------
    DataFrame
        One row for each print, in the same order.
    """
    repricer = Repricer.from_frame(curves)
    enriched = _with_own_history(prints, params).join(
        curve_state(curves, params.volatility_window_dates), on="reference_curve", maintain_order="left"
    )
    enriched = enriched.with_columns(
        pl.Series("rating_bucket", [BUCKETS[code] for code in bucket_codes(prints)]),
        pl.Series("price_risk", repricer.price_risk(prints, prints["base_spread"].to_numpy())),
        adjustment=pl.col("clean_price") / pl.col("fair_price"),
        # The only use of the own price besides the price columns themselves.
        target_bp=pl.col("z_spread_bp") - BP * pl.col("base_spread"),
        noise_scale_bp=pl.col("noise_bp"),
        days_since_last=(pl.col("date") - _before("date")).dt.total_days().cast(pl.Float64),
    )
    enriched = enriched.with_columns(_baselines(enriched, repricer)).with_columns(**_features())
    names = [feature.name for feature in FEATURES]
    state = ["curve_volatility_bp"]
    return enriched.select(*KEYS, *PRICES, *TERMS, *state, *(pl.col(name).cast(pl.Float64) for name in names))


def curve_state(curves: pl.DataFrame, window_dates: int) -> pl.DataFrame:
    """Describe each reference curve, which was known before its date's own prices.

    Returns
    -------
    DataFrame
        ``reference_curve``, ``curve_level``, ``curve_slope``, ``curve_curvature`` (decimal),
        ``curve_volatility_bp`` and ``curve_trend_bp`` over the trailing window (null until there are three
        curves in it).
    """
    nodes = curves["tenor_years"].n_unique()
    table = curves.sort("reference_curve", "tenor_years")
    rates = table["zero_rate"].to_numpy().reshape(-1, nodes)
    heads = table.gather_every(nodes).select("reference_curve", "currency", "source")
    change = (BP * pl.col("curve_level").diff()).over("currency")
    # A switch between sources (flat to fitted, say) is not a move of the market.
    same_source = (pl.col("source") == pl.col("source").shift()).over("currency")
    return (
        heads.with_columns(
            curve_level=pl.Series(rates.mean(axis=1)),
            curve_slope=pl.Series(rates[:, -1] - rates[:, 0]),
            curve_curvature=pl.Series(2.0 * rates[:, nodes // 2] - rates[:, 0] - rates[:, -1]),
        )
        .with_columns(change=pl.when(same_source).then(change))
        .with_columns(
            curve_volatility_bp=pl.col("change").rolling_std(window_dates, min_samples=3).over("currency"),
            curve_trend_bp=pl.col("change").rolling_sum(window_dates, min_samples=3).over("currency"),
        )
        .drop("change", "currency", "source")
    )


def _before(value: str | pl.Expr, prints: int = 1) -> pl.Expr:
    """Return a value at the bond's own print before (null where there is none)."""
    expression = pl.col(value) if isinstance(value, str) else value
    return expression.shift(prints).over("bond_id")


def _with_own_history(prints: pl.DataFrame, params: FeaturesParams) -> pl.DataFrame:
    ordered = prints.with_columns(
        pl.Series("bond_number", number(prints["bond_id"])), row=pl.int_range(pl.len(), dtype=pl.Int64)
    ).sort("bond_number", "date")
    past = own_history(
        ordered["bond_number"].to_numpy(),
        ordered["date"].cast(pl.Int32).to_numpy(),
        ordered["move_residual_bp"].to_numpy(),
        ordered["clean_price"].to_numpy(),
        params.decay_half_life_days * CALENDAR_PER_BUSINESS_DAY,
        params.activity_window_days,
    )
    summaries = pl.DataFrame({f"own_{name}": values for name, values in past._asdict().items()})
    return (
        ordered.hstack(summaries.with_columns(pl.col(pl.Float64).fill_nan(None))).sort("row").drop("row", "bond_number")
    )


def _baselines(frame: pl.DataFrame, repricer: Repricer) -> list[pl.Series]:
    """Price the simple methods; a bond without history gets the matrix price from each of them."""
    spreads = frame.select(
        baseline_last_adjusted=pl.col("refit_surface_bp") + pl.col("last_refit_bp"),
        baseline_last_adjusted_move=pl.col("move_surface_bp") + pl.col("last_residual_bp"),
        baseline_ewma=pl.col("move_surface_bp") + pl.col("own_decayed_mean"),
        baseline_peers=pl.col("move_surface_bp") + pl.col("last_residual_bp") + pl.col("peer_move_bp"),
    )
    matrix_bp = BP * frame["matrix_spread"]
    priced = [
        pl.Series(name, repricer.clean_price(frame, spreads[name].fill_null(matrix_bp).to_numpy() / BP))
        for name in spreads.columns
    ]
    last = frame.select(baseline_last=pl.coalesce(_before("clean_price"), pl.col("fair_price")))
    return [last["baseline_last"], *priced]


def _features() -> dict[str, pl.Expr]:
    rating = pl.col("credit_rating").replace_strict(
        RATING_SCALE, range(len(RATING_SCALE)), default=None, return_dtype=pl.Float64
    )
    side = pl.col("side").replace_strict(["buy", "sell"], [1.0, -1.0], default=0.0, return_dtype=pl.Float64)
    base_bp = BP * pl.col("base_spread")
    return {
        "f_years_to_maturity": pl.col("years_to_maturity"),
        "f_coupon": 100.0 * pl.col("coupon_rate"),
        "f_rating": rating,
        "f_is_treasury": pl.col("bond_type") == "treasury",
        "f_price_risk": pl.col("price_risk"),
        "f_days_since_last": pl.col("days_since_last"),
        "f_prints_in_window": pl.col("own_prints_in_window"),
        "f_last_residual": pl.col("last_residual_bp"),
        "f_reversion": pl.col("own_decayed_mean") - pl.col("last_residual_bp"),
        "f_residual_deviation": pl.col("own_deviation"),
        "f_noise": pl.col("noise_bp"),
        "f_move_since_last": pl.col("move_since_last_bp"),
        "f_peer_move": pl.col("peer_move_bp"),
        "f_matrix_gap": BP * pl.col("matrix_spread") - base_bp,
        "f_curve_level": 100.0 * pl.col("curve_level"),
        "f_curve_slope": 100.0 * pl.col("curve_slope"),
        **{f"f_{name}": pl.col(f"{name}_bp") for name in ("issuer_move", "rating_move", "all_move")},
        **{f"f_{name}": pl.col(name) for name in ("issuer_move_count", "rating_move_count", "all_move_count")},
        **{f"f_{name}": pl.col(f"{name}_bp") for name in ("issuer_level", "rating_level", "all_level")},
        "f_last_level": pl.col("last_level_bp"),
        "f_surface_gap": pl.col("surface_bp") - pl.col("move_surface_bp"),
        "f_move_today": pl.col("move_today_bp"),
        "f_last_change": pl.col("last_residual_bp") - _before("last_residual_bp"),
        "f_last_surprise": _before("target_bp"),
        "f_surprise_before": _before("target_bp", 2),
        "f_last_side": _before(side),
        "f_last_log_volume": _before("volume").log1p(),
        "f_last_is_reference": _before("price_kind") == "reference",
        "f_unchanged_share": pl.col("own_unchanged_share"),
        "f_prints": pl.col("own_prints"),
        "f_age": (pl.col("date") - pl.col("issue_date")).dt.total_days() / DAYS_PER_YEAR,
        "f_is_callable": pl.col("callable"),
        "f_is_zero": pl.col("frequency") == 0,
        "f_is_floating": pl.col("bond_type") == "floating_rate",
        "f_last_price": _before("clean_price"),
        "f_curve_curvature": 100.0 * pl.col("curve_curvature"),
        "f_curve_volatility": pl.col("curve_volatility_bp"),
        "f_curve_trend": pl.col("curve_trend_bp"),
    }
