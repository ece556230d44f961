"""Every feature by name: what it is, in which unit, in which set. The expressions stand in `assemble`."""

from typing import Literal, NamedTuple, get_args

import polars as pl

FeatureSet = Literal["basic", "enhanced", "advanced"]
SETS: tuple[FeatureSet, ...] = get_args(FeatureSet)
"""From the smallest to the largest; each holds those before it."""


class Feature(NamedTuple):
    """One column of the dataset that a model may learn from.

    Attributes
    ----------
    name : str
        Column, always ``f_...``.
    smallest_set : str
        Features of a smaller set are part of the larger ones too.
    unit : str
    meaning : str
        What it says; all of it was known before the observation's own price.
    """

    name: str
    smallest_set: FeatureSet
    unit: str
    meaning: str


FEATURES: tuple[Feature, ...] = (
    Feature("f_years_to_maturity", "basic", "years", "time from settlement to maturity"),
    Feature("f_coupon", "basic", "% a year", "coupon rate"),
    Feature("f_rating", "basic", "0 to 21", "rating as a number, AAA = 0; missing when not rated"),
    Feature("f_is_treasury", "basic", "0 or 1", "a government bond"),
    Feature("f_dv01", "basic", "points per bp", "DV01 at the base spread"),
    Feature("f_days_since_last", "basic", "calendar days", "age of the bond's own last price"),
    Feature("f_prints_in_window", "basic", "prints", "how often the bond printed in the activity window"),
    Feature("f_last_residual", "basic", "bp", "own last residual to the move surface"),
    Feature("f_reversion", "basic", "bp", "decayed mean of own residuals less the last one"),
    Feature("f_residual_std", "basic", "bp", "decayed deviation of own residual changes"),
    Feature("f_noise", "basic", "bp", "predicted standard deviation of the print around its value"),
    Feature("f_move_since_last", "basic", "bp", "move of the surface at the bond since its own last price"),
    Feature("f_peer_move", "basic", "bp", "residual change of its peers since its own last price, shrunk"),
    Feature("f_matrix_gap", "basic", "bp", "matrix spread less base spread"),
    Feature("f_curve_level", "basic", "%", "mean of the reference curve's nodes"),
    Feature("f_curve_slope", "basic", "%", "longest node less shortest"),
    Feature("f_issuer_move", "enhanced", "bp", "residual change of peers of the same issuer"),
    Feature("f_issuer_move_count", "enhanced", "prints", "effective number of those peers"),
    Feature("f_rating_move", "enhanced", "bp", "residual change of peers of the same rating bucket"),
    Feature("f_rating_move_count", "enhanced", "prints", "effective number of those peers"),
    Feature("f_all_move", "enhanced", "bp", "residual change of peers of any kind, near in maturity"),
    Feature("f_all_move_count", "enhanced", "prints", "effective number of those peers"),
    Feature("f_issuer_level", "enhanced", "bp", "residual level of peers of the same issuer"),
    Feature("f_rating_level", "enhanced", "bp", "residual level of peers of the same rating bucket"),
    Feature("f_all_level", "enhanced", "bp", "residual level of peers of any kind, near in maturity"),
    Feature("f_last_level", "enhanced", "bp", "own last residual to the level surface"),
    Feature("f_surface_gap", "enhanced", "bp", "level surface less move surface at the bond"),
    Feature("f_move_today", "enhanced", "bp", "move of the surface at the bond since the date before"),
    Feature("f_last_change", "enhanced", "bp", "own last residual less the one before"),
    Feature("f_last_target", "enhanced", "bp", "own last target"),
    Feature("f_second_last_target", "enhanced", "bp", "own target before the last"),
    Feature("f_last_side", "enhanced", "-1 to 1", "side of the own last print: 1 buy, -1 sell, 0 other"),
    Feature("f_last_log_volume", "enhanced", "log currency", "size of the own last print"),
    Feature("f_last_is_reference", "enhanced", "0 or 1", "the own last price was a reference, not a trade"),
    Feature("f_unchanged_share", "enhanced", "share", "earlier prints that repeated the price before"),
    Feature("f_prints", "enhanced", "prints", "own prints so far"),
    Feature("f_age", "enhanced", "years", "time since issue; missing when unknown"),
    Feature("f_is_callable", "enhanced", "0 or 1", "the issuer may call the bond"),
    Feature("f_is_convertible", "enhanced", "0 or 1", "the holder may convert the bond"),
    Feature("f_is_zero", "enhanced", "0 or 1", "no coupons"),
    Feature("f_is_floating", "enhanced", "0 or 1", "the coupon resets"),
    Feature("f_last_price", "enhanced", "points", "own last clean price"),
    Feature("f_curve_curvature", "enhanced", "%", "twice the middle node less the outer two"),
    Feature("f_curve_volatility", "enhanced", "bp a date", "deviation of recent changes of the curve's level"),
    Feature("f_curve_trend", "enhanced", "bp", "change of the curve's level over the volatility window"),
    Feature("f_unchanged_prints", "advanced", "prints", "own latest prints in a row that repeated the price before"),
    Feature("f_unchanged_gap", "advanced", "bp", "spread at the own last price less the spread of the Kalman filter"),
    Feature("f_par_gap", "advanced", "bp", "the same at a price of 100, for a month after issue; missing later"),
    Feature("f_last_error", "advanced", "bp", "own last print less what the Kalman filter predicted of it"),
    Feature("f_second_last_error", "advanced", "bp", "the same of the print before"),
    Feature("f_last_z_score", "advanced", "std", "own last error over the predicted standard deviation"),
    Feature("f_kalman_gap", "advanced", "bp", "spread that the Kalman filter predicts less base spread"),
    Feature("f_kalman_std", "advanced", "bp", "deviation of the print around it that the Kalman filter predicts"),
)


def feature_names(feature_set: FeatureSet) -> list[str]:
    """Return the columns of a feature set, in the order of the table.

    Raises
    ------
    ValueError
        The set does not exist.
    """
    if feature_set not in SETS:
        raise ValueError(f"feature set must be one of {', '.join(map(repr, SETS))}, got {feature_set!r}")
    held = SETS[: SETS.index(feature_set) + 1]
    return [feature.name for feature in FEATURES if feature.smallest_set in held]


def features_of(rows: pl.DataFrame) -> list[str]:
    """Return the features that a table has, in the order of `FEATURES`."""
    return [feature.name for feature in FEATURES if feature.name in rows.columns]


def markdown_table() -> str:
    """Return the table of all features for docs/features.md."""
    lines = ["| column | set | unit | meaning |", "|---|---|---|---|"]
    lines += [f"| `{f.name}` | {f.smallest_set} | {f.unit} | {f.meaning} |" for f in FEATURES]
    return "\n".join(lines)
