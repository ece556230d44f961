"""Error metrics of predicted clean prices. Prices in points per 100 of face, yields in basis points.

To add a metric, write its function and its line in `METRICS`: metrics/evaluate.json, the page, the comparison of two
revisions and the table in docs/metrics.md take it from there.
"""

from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from richcheap.numerics.elementwise import log1p_each

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEVER_SEEN_DAYS = 365.0
"""Staleness that a bond without any earlier price counts as."""
SHORTEST_YIELD_YEARS = 0.25
"""Below three months a tick is worth many basis points of yield, and yield errors say nothing."""


class Actuals(NamedTuple):
    """What predictions are compared with.

    Attributes
    ----------
    observed, fair, last : ndarray, shape (n_rows,)
        Observed clean price, matrix price, and the bond's own last price (of no meaning for a bond never seen).
    staleness_days : ndarray, shape (n_rows,)
        Calendar days since the bond's own last price; NaN for a bond never seen.
    years : ndarray, shape (n_rows,)
        Years to maturity.
    """

    observed: Floats
    fair: Floats
    last: Floats
    staleness_days: Floats
    years: Floats


class PriceErrors(NamedTuple):
    """Predicted clean prices beside what was observed."""

    rows: Actuals
    predicted: Floats

    @property
    def error(self) -> Floats:
        """Predicted less observed, points."""
        return self.predicted - self.rows.observed

    @property
    def size(self) -> Floats:
        """Absolute errors, points."""
        return np.abs(self.error)


class Intervals(NamedTuple):
    """Intervals around predicted prices, and the share of observations that they aim at."""

    observed: Floats
    predicted: Floats
    half_width: Floats
    coverage: float

    @property
    def size(self) -> Floats:
        """Absolute errors, points."""
        return np.abs(self.observed - self.predicted)


class Column(NamedTuple):
    """Where the page shows a metric.

    Attributes
    ----------
    title : str
        Heading of its column.
    unit : str
        What stands beside the heading; ``{target}`` is the coverage aimed at, per cent.
    table : str
        ``main`` or ``more``; ``known``: the latter, where any predictor has the figure.
    """

    title: str
    unit: str
    table: Literal["main", "more", "known"] = "main"


class Metric(NamedTuple):
    """A figure of every predictor.

    Attributes
    ----------
    key : str
        In metrics/evaluate.json.
    meaning : str
        For docs/metrics.md.
    unit : str
        ``points``, ``bp``, ``share``, or nothing for a figure without a unit.
    better : str
        Which way it gets better.
    of : str
        What it is worked out from; ``other``: elsewhere, from more than the predictor's prices.
    function : callable or None
        Takes `PriceErrors`, absolute yield errors (bp) or `Intervals`; None for ``other``.
    column : Column or None
        Where the page shows it.
    headline : bool
        Whether metrics/headline.json has it; the comparison of two revisions shows those of the main table.
    """

    key: str
    meaning: str
    unit: Literal["points", "bp", "share", ""]
    better: Literal["lower", "higher", "nearer to 0", "nearer to the target"]
    of: Literal["price", "yield", "interval", "other"]
    function: Callable[..., float] | None = None
    column: Column | None = None
    headline: bool = False


def staleness_weights(staleness_days: Floats) -> Floats:
    """Return ``1 + ln(1 + days)``: the staler the own price, the more a prediction is worth.

    Examples
    --------
    >>> staleness_weights(np.array([0.0, np.e - 1.0])).tolist()
    [1.0, 2.0]
    """
    days = np.where(np.isnan(staleness_days), NEVER_SEEN_DAYS, staleness_days)
    weights: Floats = 1.0 + log1p_each(days)
    return weights


def r_squared(actual: Floats, predicted: Floats) -> float:
    """Return ``1 - sum of squared errors / sum of squared deviations from the mean``; NaN without variation."""
    total = float(((actual - actual.mean()) ** 2).sum())
    return 1.0 - float(((actual - predicted) ** 2).sum()) / total if total > 0.0 else float("nan")


def move_r_squared(rows: Actuals, predicted: Floats) -> float:
    """Return how much of the moves since the bonds' own last prices is predicted.

    ``1 - sum (observed - predicted)^2 / sum (observed - last)^2`` over the rows with a last price: 0 for a prediction
    of no move, 1 for the observed one. NaN without such rows, or when nothing moved.
    """
    seen = ~np.isnan(rows.staleness_days)
    moved = float(((rows.observed - rows.last)[seen] ** 2).sum())
    missed = float(((rows.observed - predicted)[seen] ** 2).sum())
    return 1.0 - missed / moved if moved > 0.0 else float("nan")


def weighted_error(errors: PriceErrors) -> float:
    """Return the mean absolute error under `staleness_weights`."""
    weights = staleness_weights(errors.rows.staleness_days)
    return float((weights * errors.size).sum() / weights.sum())


def hit_rate(points: float) -> Callable[[PriceErrors], float]:
    """Return what gives the share of predictions within so many points."""
    return lambda errors: float((errors.size <= points).mean())


def interval_score(intervals: Intervals) -> float:
    """Return the mean of the width plus ``2 / (1 - coverage)`` times the distance of an observation outside.

    Winkler 1972; Gneiting and Raftery 2007, section 6.2: the smaller the better, and least for the true quantiles.

    Examples
    --------
    >>> interval_score(Intervals(np.array([1.0, 3.0]), np.array([0.0, 0.0]), np.array([2.0, 2.0]), 0.75))
    8.0
    """
    outside = np.maximum(intervals.size - intervals.half_width, 0.0)
    return float((2.0 * intervals.half_width + 2.0 / (1.0 - intervals.coverage) * outside).mean())


METRICS: Final[tuple[Metric, ...]] = (
    Metric("mae", "mean absolute error: predicted less observed clean price", "points", "lower", "price",
           lambda e: float(e.size.mean()), Column("MAE", "points"), headline=True),
    Metric("rmse", "root of the mean squared error", "points", "lower", "price",
           lambda e: float(np.sqrt((e.error**2).mean())), Column("RMSE", "points")),
    Metric("median_absolute_error", "median of the absolute errors", "points", "lower", "price",
           lambda e: float(np.median(e.size)), Column("Median absolute error", "points")),
    Metric("wmae",
           "mean absolute error, weights 1 + ln(1 + days since the own last price); never seen counts as 365 days",
           "points", "lower", "price", weighted_error, Column("Weighted MAE", "points", "more")),
    Metric("bias", "mean of predicted less observed", "points", "nearer to 0", "price",
           lambda e: float(e.error.mean()), Column("Bias", "points", "more")),
    Metric("yield_mae_bp",
           "mean absolute yield at the predicted price less yield at the observed one; rows with under three months to "
           "maturity left out (`rows_in_yield_metrics` counts the rest)", "bp", "lower", "yield",
           lambda size: float(size.mean()), Column("MAE of yield", "bp")),
    Metric("hit_rate_0.25", "share of predictions within 0.25 points", "share", "higher", "price", hit_rate(0.25),
           Column("Within 0.25 points", "% of rows")),
    Metric("hit_rate_0.5", "within 0.5 points", "share", "higher", "price", hit_rate(0.5),
           Column("Within 0.5 points", "% of rows", "more")),
    Metric("hit_rate_1", "within 1 point", "share", "higher", "price", hit_rate(1.0),
           Column("Within 1 point", "% of rows", "more")),
    Metric("yield_median_bp", "median of the same yield errors", "bp", "lower", "yield",
           lambda size: float(np.median(size)), Column("Median error of yield", "bp", "more")),
    Metric("r2_adjustment", "R2 of price / matrix price", "", "higher", "price",
           lambda e: r_squared(e.rows.observed / e.rows.fair, e.predicted / e.rows.fair),
           Column("R\u00b2 of adjustment", "1 = all explained", "more")),
    Metric("r2_move",
           "1 - sum (observed - predicted)^2 / sum (observed - last)^2 over the rows with an own last price: how much "
           "of the move since then is predicted; 0 for predicting no move", "", "higher", "price",
           lambda e: move_r_squared(e.rows, e.predicted)),
    Metric("coverage", "share of observations inside the prediction intervals", "share", "nearer to the target",
           "interval", lambda i: float((i.size <= i.half_width).mean()), Column("Coverage", "%, target {target}"),
           headline=True),
    Metric("interval_width", "mean width of the prediction intervals", "points", "lower", "interval",
           lambda i: float((2.0 * i.half_width).mean()), Column("Interval width", "points, mean", "more")),
    Metric("interval_score",
           "mean of width + 2 / (1 - aim) x distance of an observation outside (Winkler 1972; Gneiting and Raftery "
           "2007): narrow and covering intervals have the least", "points", "lower", "interval", interval_score),
    Metric("validation_mae", "mean absolute error on the validation block, which choices are made on", "points",
           "lower", "other", None, Column("MAE, validation", "points", "more")),
    Metric("optimal_filter_share_of_move",
           "`r2_move` over that of what can be attained (`oracle.optimal_filter`); simulated markets alone", "share",
           "higher", "other", None, Column("Share of the optimal filter's R\u00b2", "%", "known"), headline=True),
    Metric("noise_free_share_of_move",
           "`r2_move` over that of the noise-free bound (`oracle.noise_free`); simulated markets alone", "share",
           "higher", "other", headline=True),
    Metric("mid_share_of_adjustment",
           "`r2_adjustment` over that of the true mid price (`oracle.mid`); simulated markets alone", "share",
           "higher", "other"),
)  # fmt: skip


def price_metrics(rows: Actuals, predicted: Floats) -> dict[str, float]:
    """Return the metrics of predicted clean prices by their keys."""
    return _metrics("price", PriceErrors(rows, predicted))


def interval_metrics(observed: Floats, predicted: Floats, half_width: Floats, coverage: float) -> dict[str, float]:
    """Return the metrics of intervals around predictions, which aim at a coverage, by their keys."""
    return _metrics("interval", Intervals(observed, predicted, half_width, coverage))


def yield_rows(rows: Actuals) -> Flags:
    """Return which rows count in the metrics of yield: those with at least three months to maturity."""
    counted: Flags = rows.years >= SHORTEST_YIELD_YEARS
    return counted


def yield_metrics(rows: Actuals, error_bp: Floats) -> dict[str, float]:
    """Return the metrics of yield errors over `yield_rows` by their keys.

    A predicted price without a yield makes them NaN: the error is unknown, not nil. So does a block without such rows.
    """
    size = np.abs(error_bp[yield_rows(rows)])
    return _metrics("yield", size) if size.size else {metric.key: np.nan for metric in METRICS if metric.of == "yield"}


def markdown_table() -> str:
    """Return the table of all metrics for docs/metrics.md."""
    lines = ["| key | meaning | unit | better |", "|---|---|---|---|"]
    lines += [f"| `{one.key}` | {one.meaning} | {one.unit} | {one.better} |" for one in METRICS]
    return "\n".join(lines)


def _metrics(of: str, given: object) -> dict[str, float]:
    return {one.key: one.function(given) for one in METRICS if one.of == of and one.function is not None}
