"""The page's figures. The n-th predictor has the n-th colour; the page names them below, where text can wrap."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb

from richcheap.reporting.layout.drawing import INK, MUTED, SERIES, draw

HEXAGONS = 36
BINS = 61
DATE_TICKS = 3
CENTRAL_SHARE = 0.99
FADED = 0.18  # opacity of a hexagon with one observation
Array = np.ndarray[Any, np.dtype[np.float64]]


def predicted_against_observed(predictions: pl.DataFrame, predictor: str) -> str:
    """Return a density of predicted over observed clean prices, per 100, with the diagonal."""
    observed, predicted = _pair(predictions, predictor)

    def plot(axes: Axes) -> None:
        _density(axes, observed, predicted)
        low, high = float(min(observed.min(), predicted.min())), float(max(observed.max(), predicted.max()))
        axes.plot([low, high], [low, high], color=INK, linewidth=0.8)
        axes.set(xlabel="observed clean price, per 100", ylabel="predicted, per 100")

    return draw("predicted", f"Predicted against observed price, {predictor}", plot)


def error_against_observed(predictions: pl.DataFrame, predictor: str) -> str:
    """Return a density of errors, predicted minus observed, over observed prices; the central 99 % of the errors."""
    observed, predicted = _pair(predictions, predictor)
    error = predicted - observed
    bound = central_bound(error)
    inside = np.abs(error) <= bound

    def plot(axes: Axes) -> None:
        _density(axes, observed[inside], error[inside])
        axes.axhline(0.0, color=INK, linewidth=0.8)
        axes.set(xlabel="observed clean price, per 100", ylabel="predicted minus observed, points")

    return draw("error", f"Error against observed price, {predictor}", plot)


def error_distribution(predictions: pl.DataFrame, predictors: Sequence[str]) -> str:
    """Return histograms of the errors of up to two predictors, the first one filled; the central 99 % of its errors."""
    errors = {name: np.subtract(*reversed(_pair(predictions, name))) for name in predictors}
    bound = central_bound(errors[predictors[0]])
    edges = np.linspace(-bound, bound, BINS + 1)

    def plot(axes: Axes) -> None:
        for name, colour, filled in zip(predictors, SERIES, (True, False), strict=False):
            shares = np.histogram(errors[name], edges)[0] / max(errors[name].size, 1) * 100.0
            opacity = 0.55 if filled else 1.0
            axes.stairs(shares, edges, color=colour, fill=filled, alpha=opacity, linewidth=1.4)
        axes.axvline(0.0, color=INK, linewidth=0.8)
        axes.set(xlabel="predicted minus observed, points", ylabel="% of observations")

    return draw("distribution", f"Distribution of errors, {' and '.join(predictors)}", plot)


def error_by_date(predictions: pl.DataFrame, predictors: Sequence[str]) -> str:
    """Return the mean absolute error of each date of the test block, points; dates stand equally far apart."""
    ordered = predictions.sort("date", maintain_order=True)
    days, starts = np.unique(ordered["date"].to_numpy(), return_index=True)

    def plot(axes: Axes) -> None:
        for name, colour in zip(predictors, SERIES, strict=False):
            error = np.abs((ordered[name] - ordered["clean_price"]).cast(pl.Float64).to_numpy())
            known = np.isfinite(error)
            sums = np.add.reduceat(np.where(known, error, 0.0), starts)
            counts = np.add.reduceat(known.astype(np.int64), starts)
            means = np.divide(sums, counts, out=np.full(sums.size, np.nan), where=counts > 0)
            axes.plot(means, color=colour, linewidth=1.4, marker="o" if days.size < 3 else "")
        axes.set(ylabel="mean absolute error, points", ylim=(0.0, None))
        shown = np.unique(np.linspace(0, days.size - 1, DATE_TICKS).round().astype(np.int64))
        axes.set_xticks(shown, [str(days[place]) for place in shown])

    return draw("dates", "Mean absolute error by date", plot)


def error_by_cell(name: str, title: str, cells: Sequence[Mapping[str, Any]], predictors: Sequence[str]) -> str:
    """Return the mean absolute error of `predictors` in the cells of one slice, points."""

    def plot(axes: Axes) -> None:
        places = np.arange(len(cells))
        for predictor, colour in zip(predictors, SERIES, strict=False):
            values = [cell["predictors"].get(predictor, {}).get("mae") for cell in cells]
            heights = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
            axes.plot(places, heights, color=colour, linewidth=1.4, marker="o", markersize=4)
        axes.set_xticks(places, [str(cell["cell"]) for cell in cells])
        axes.set(xlabel=title.lower(), ylabel="mean absolute error, points", ylim=(0.0, None))
        axes.grid(visible=False, axis="x")

    return draw(f"by-{name}", f"Mean absolute error by {title.lower()}", plot)


def central_bound(error: Array) -> float:
    """Return the size that `CENTRAL_SHARE` of the errors do not exceed, above zero."""
    bound = float(np.quantile(np.abs(error), CENTRAL_SHARE)) if error.size else 0.0
    return bound if bound > 0.0 else 1.0


def _pair(predictions: pl.DataFrame, predictor: str) -> tuple[Array, Array]:
    observed = predictions["clean_price"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    predicted = predictions[predictor].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    known = np.isfinite(observed) & np.isfinite(predicted)
    return observed[known], predicted[known]


def _density(axes: Axes, x: Array, y: Array) -> None:
    shades = LinearSegmentedColormap.from_list("shades", [(*to_rgb(SERIES[0]), FADED), (*to_rgb(SERIES[0]), 1.0)])
    axes.hexbin(x, y, gridsize=(HEXAGONS, HEXAGONS * 2 // 3), bins="log", mincnt=1, cmap=shades, linewidths=0.0)
    axes.tick_params(colors=MUTED)
