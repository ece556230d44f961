"""From valued prints to the dataset: the one place where a price becomes a feature.

A print's own price enters its row in `clean_price`, `dirty_price`, `adjustment`, `target_bp` and `STATES` alone. Every
``f_`` column is made of static data, of columns that `surface` and `peers` found without the print, or of the
bond's own earlier prints, which are always reached by the ``before_`` and ``own_`` columns of `OwnPast`.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.bonds.units import BP, DAYS_PER_YEAR, PAR
from richcheap.curves.curve_state import curve_state
from richcheap.features.baselines import BASE, BASELINES
from richcheap.features.catalogue import FEATURES
from richcheap.features.own_history import OwnHistory
from richcheap.features.repricing import PriceBounds, Priced, Repricer
from richcheap.numerics.elementwise import divided
from richcheap.panel.ages import age_days, new_issue_days
from richcheap.panel.params import FeaturesParams
from richcheap.panel.ratings import BUCKETS, bucket_codes
from richcheap.panel.snapshot import Snapshot
from richcheap.panel.split import market_states, tercile_bounds

Floats = NDArray[np.float64]

RATING_SCALE: tuple[str, ...] = (
    *("AAA", "AA+", "AA", "AA-", "A+", "A", "A-", "BBB+", "BBB", "BBB-", "BB+", "BB", "BB-"),
    *("B+", "B", "B-", "CCC+", "CCC", "CCC-", "CC", "C", "D"),
)
KEYS: tuple[str, ...] = (
    *("bond_id", "date", "source_row", "currency", "bond_type", "credit_rating", "rating_bucket", "issuer"),
    *("price_kind", "side", "volume", "years_to_maturity", "days_since_last", "has_history", "market_state"),
)
PRICES: tuple[str, ...] = (
    *("clean_price", "dirty_price", "accrued_interest", "fair_price", "adjustment", "target_bp"),
    *("dv01", "noise_scale_bp", "base_spread"),
    *(one.column for one in BASELINES if one.column and one.column != "fair_price"),
)
TERMS: tuple[str, ...] = (
    *("settlement_date", "maturity_date", "coupon_rate", "quoted_margin", "frequency", "day_count", "issue_date"),
    *("first_coupon_date", "reference_curve"),
)
PARTS: tuple[str, ...] = (
    *("kalman_curve_bp", "kalman_rating_bp", "kalman_coupon_bp", "kalman_option_bp", "kalman_issuer_bp"),
    "kalman_bond_bp",
)
"""What the Kalman filter's spread is the sum of, each part without the print."""
STATES: tuple[str, ...] = ("bond_spread_bp", "bond_spread_std_bp", "issuer_spread_bp")
"""What the filter knows after the date: the print is in it, so that no prediction may read it."""
PRINT_COLUMNS: tuple[str, ...] = (
    *("bond_id", "date", "source_row", "currency", "bond_type", "credit_rating", "issuer", "price_kind"),
    *("callable", "convertible", "side", "volume", "years_to_maturity", "has_history"),
    *("clean_price", "dirty_price", "accrued_interest", "fair_price", "base_spread", "matrix_spread", "z_spread_bp"),
    *("surface_bp", "move_surface_bp", "last_level_bp", "last_residual_bp"),
    *("move_residual_bp", "move_since_last_bp", "move_today_bp", "peer_move_bp", "noise_bp"),
    *(
        f"{peer_group}_{name}"
        for peer_group in ("issuer", "rating", "all")
        for name in ("move_bp", "move_count", "level_bp")
    ),
    *TERMS,
)
"""What is read of a valued print."""
KALMAN_COLUMNS: tuple[str, ...] = (
    "bond_id",
    "date",
    "kalman_spread_bp",
    "kalman_std_bp",
    *PARTS,
    *STATES,
    "bid_ask_bp",
)
"""What is read of the Kalman filter's table, whose rows are those of the prints."""


def curve_states(curves: pl.DataFrame, window_dates: int, training_rows: NDArray[np.int64]) -> pl.DataFrame:
    """Describe each reference curve, and name the state of the market that it shows.

    Parameters
    ----------
    curves : DataFrame
        As the market stage writes them.
    window_dates : int
        See `curve_state`.
    training_rows : ndarray of int
        Rows that each curve has in the training block: their thirds tell calm markets from stressed ones.
    """
    states = curve_state(curves, window_dates)
    volatility = states["curve_volatility_bp"]
    return states.with_columns(market_states(volatility, tercile_bounds(volatility, training_rows)))


class Assembler:
    """Makes the dataset of docs/features.md from prints that come batch by batch.

    Parameters
    ----------
    bonds : Series of String
        All bonds that come, distinct and sorted.
    curve_states : DataFrame
        Of `curve_states`: one row for each reference curve, in the order of their numbers.
    repricer : Repricer
    bounds : PriceBounds
        Fair prices beyond are moved to them.
    params : FeaturesParams
    """

    def __init__(
        self,
        bonds: pl.Series,
        curve_states: pl.DataFrame,
        repricer: Repricer,
        bounds: PriceBounds,
        params: FeaturesParams,
    ) -> None:
        self._history = OwnHistory(bonds, params)
        self._curve_states = curve_states
        self._repricer = repricer
        self._bounds = bounds

    def add(self, prints: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of the next prints.

        Parameters
        ----------
        prints : DataFrame
            `PRINT_COLUMNS` as the market stage writes them and the figures of `KALMAN_COLUMNS`, sorted by (date,
            bond_id), whole dates, later than all before.

        Returns
        -------
        DataFrame
            One row for each print, in the same order. It depends on these prints and those before, but for
            ``market_state``, which the training block decides.
        """
        prints, base = _bounded(prints, self._repricer, self._bounds)
        # The only use of the own price besides the price columns themselves.
        targeted = prints.with_columns(target_bp=pl.col("z_spread_bp") - BP * pl.col("base_spread"))
        enriched = targeted.hstack(self._history.update(targeted)).hstack(
            self._curve_states.select(pl.all().gather(prints["reference_curve"]))
        )
        spreads = enriched.select(
            pl.coalesce(divided(one.spread_bp, BP), "matrix_spread").alias(one.column)
            for one in BASELINES
            if one.spread_bp is not None and one.column
        )
        others = dict(
            zip(spreads.columns, self._repricer.clean_prices(enriched, spreads.to_numpy(order="c")).T, strict=True)
        )
        return (
            enriched.with_columns(_priced_columns(base, others, self._bounds))
            .with_columns(
                pl.Series("rating_bucket", BUCKETS).gather(bucket_codes(prints)),
                *(one.price.alias(one.column) for one in BASELINES if one.price is not None and one.column),
                adjustment=pl.col("clean_price") / pl.col("fair_price"),
                noise_scale_bp=pl.col("noise_bp"),
                days_since_last=pl.col("date").cast(pl.Int32) - pl.col("before_date"),
            )
            .with_columns(**_features())
            .select(
                *KEYS,
                *PRICES,
                *TERMS,
                *KALMAN_COLUMNS[4:],
                *(pl.col(feature.name).cast(pl.Float64) for feature in FEATURES),
            )
        )

    def snapshot(self) -> Snapshot:
        """Return what the prints so far leave for the next ones, see `richcheap.panel.snapshot`."""
        return self._history.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go on where the prints of a snapshot ended, be it empty; its bonds must be among all bonds."""
        self._history.restore(snapshot)


def _bounded(prints: pl.DataFrame, repricer: Repricer, bounds: PriceBounds) -> tuple[pl.DataFrame, Priced]:
    """Move spreads at which prices would lie outside bounds, and price the base spread.

    Of the filter's parts the bond's own is what gives way.
    """
    columns = {name: prints[name] for name in ("base_spread", "matrix_spread")}
    columns["kalman_spread_bp"] = prints.select(divided(pl.col("kalman_spread_bp"), BP)).to_series()
    spreads = np.column_stack([column.to_numpy() for column in columns.values()])
    priced = repricer.value(prints, spreads[:, 0], spreads[:, 1:])
    prices = np.column_stack([priced.clean, priced.others])
    moved = repricer.bounded_spreads(prints, spreads, prices, bounds)
    change = pl.DataFrame(dict(zip(columns, (moved - spreads).T, strict=True))).fill_nan(0.0)
    if not change.select(pl.any_horizontal(pl.all() != 0.0).any()).item():
        return prints, priced
    change = change.with_columns(pl.col("kalman_spread_bp") * BP).with_columns(kalman_bond_bp="kalman_spread_bp")
    prints = prints.with_columns(pl.col(name) + change[name] for name in change.columns)
    rows = np.flatnonzero(change["base_spread"].to_numpy())
    again = repricer.value(prints[rows], prints["base_spread"].to_numpy()[rows], np.empty((rows.size, 0)))
    priced.clean[rows], priced.dv01[rows] = again.clean, again.dv01
    return prints, priced


def _priced_columns(base: Priced, others: Mapping[str, Floats], bounds: PriceBounds) -> list[pl.Series]:
    """Return what was priced as columns: at the base spread, and by column at the spreads of other baselines."""
    prices = {next(str(one.column) for one in BASELINES if one.name == BASE): base.clean, **others}
    return [
        pl.Series("dv01", base.dv01),
        *(pl.Series(column, np.ascontiguousarray(np.clip(price, *bounds))) for column, price in prices.items()),
    ]


def _features() -> dict[str, pl.Expr]:
    rating = pl.col("credit_rating").replace_strict(
        RATING_SCALE, range(len(RATING_SCALE)), default=None, return_dtype=pl.Float64
    )
    base_bp = BP * pl.col("base_spread")
    dv01 = pl.col("dv01")
    return {
        "f_years_to_maturity": pl.col("years_to_maturity"),
        "f_coupon": 100.0 * pl.col("coupon_rate"),
        "f_rating": rating,
        "f_is_treasury": pl.col("bond_type") == "treasury",
        "f_dv01": pl.col("dv01"),
        "f_days_since_last": pl.col("days_since_last"),
        "f_prints_in_window": pl.col("own_prints_in_window"),
        "f_last_residual": pl.col("last_residual_bp"),
        "f_reversion": pl.col("own_decayed_mean") - pl.col("last_residual_bp"),
        "f_residual_std": pl.col("own_std"),
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
        "f_last_change": pl.col("last_residual_bp") - pl.col("before_last_residual_bp"),
        "f_last_target": pl.col("before_target_bp"),
        "f_second_last_target": pl.col("before_last_target_bp"),
        "f_last_side": pl.col("before_side"),
        "f_last_log_volume": pl.col("before_log_volume"),
        "f_last_is_reference": pl.col("before_is_reference"),
        "f_unchanged_share": pl.col("own_unchanged_share"),
        "f_prints": pl.col("own_prints"),
        "f_age": divided(age_days(), DAYS_PER_YEAR),
        "f_is_callable": pl.col("callable"),
        "f_is_convertible": pl.col("convertible"),
        "f_is_zero": pl.col("frequency") == 0,
        "f_is_floating": pl.col("bond_type") == "floating_rate",
        "f_last_price": pl.col("before_clean_price"),
        "f_curve_curvature": 100.0 * pl.col("curve_curvature"),
        "f_curve_volatility": pl.col("curve_volatility_bp"),
        "f_curve_trend": pl.col("curve_trend_bp"),
        "f_unchanged_prints": pl.col("own_unchanged_prints"),
        "f_unchanged_gap": divided(pl.col("baseline_kalman") - pl.col("before_clean_price"), dv01),
        "f_par_gap": pl.when(new_issue_days().is_not_null()).then(divided(pl.col("baseline_kalman") - PAR, dv01)),
        "f_last_error": pl.col("before_kalman_error_bp"),
        "f_second_last_error": pl.col("before_last_kalman_error_bp"),
        "f_last_z_score": pl.col("before_kalman_z_score"),
        "f_kalman_gap": pl.col("kalman_spread_bp") - base_bp,
        "f_kalman_std": pl.col("kalman_std_bp"),
    }
