"""What each reference curve says of the market; all of it was known before the curve's date had prices."""

import polars as pl

from richcheap.bonds.units import BP


def curve_state(curves: pl.DataFrame, window_dates: int) -> pl.DataFrame:
    """Describe each reference curve.

    Parameters
    ----------
    curves : DataFrame
        As the market stage writes them; the curves of a currency are numbered in the order of their dates.
    window_dates : int
        Length of the trailing window, dates.

    Returns
    -------
    DataFrame
        One row for each curve, in the order of their numbers: ``curve_level``, ``curve_slope``, ``curve_curvature``
        (decimal), ``curve_volatility_bp`` and ``curve_trend_bp`` over the trailing window (null until there are
        three curves in it).
    """
    nodes = curves["tenor_years"].n_unique()
    table = curves.sort("reference_curve", "tenor_years")
    rates = table["zero_rate"].to_numpy().reshape(-1, nodes)
    heads = table.gather_every(nodes).select("currency", "source")
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
