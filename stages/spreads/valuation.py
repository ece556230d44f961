"""Value every print of a market: one currency after another, one date after another."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from stages.bonds.curve import z_spread
from stages.bonds.terms import terms_from_frame
from stages.spreads.benchmark import CURVE_SCHEMA, GivenCurves
from stages.spreads.circles import CIRCLES
from stages.spreads.panel import Panel, build_panel
from stages.spreads.params import MarketParams
from stages.spreads.prints import DateResult
from stages.spreads.repricing import Repricer
from stages.spreads.surface import Surface
from stages.spreads.units import BP

Floats = NDArray[np.float64]

WIDEST_SPREAD_BP = 20_000.0
"""A print further than this from a flat curve says nothing about credit; it is set aside and counted."""

Dated = Iterable[tuple[int, DateResult]]
Progress = Callable[[Dated, int], Dated]


class Valuation(NamedTuple):
    """A valued market.

    Attributes
    ----------
    prints : DataFrame
        The rows that have a spread, with the columns of docs/features.md, sorted by (date, bond_id).
    curves : DataFrame
        Reference curves in the form of `CURVE_SCHEMA`.
    set_aside : int
        Rows without a usable spread.
    """

    prints: pl.DataFrame
    curves: pl.DataFrame
    set_aside: int


def value_market(bonds: pl.DataFrame, curve: pl.DataFrame, params: MarketParams, progress: Progress) -> Valuation:
    """Value every print without its own price.

    Each currency is a market of its own: its own curve, surface and peers.

    Parameters
    ----------
    bonds : DataFrame
        Converted observations, sorted by (date, bond_id).
    curve : DataFrame
        Published benchmark curves: ``currency``, ``date``, ``tenor_years``, ``rate``, ``kind``; may be empty.
    params : MarketParams
    progress : callable
        Wraps the iteration over all dates of all currencies, given their number.

    Returns
    -------
    Valuation

    Raises
    ------
    ValueError
        Not one row can be valued.
    """
    sound = bonds.filter(pl.col("status") == "ok").sort("date", "bond_id")
    usable = sound.filter(pl.Series(_has_spread(sound, params), dtype=pl.Boolean))
    if usable.is_empty():
        raise ValueError(f"none of {bonds.height:,} rows has figures and a spread within {WIDEST_SPREAD_BP:,.0f} bp")
    frames = [usable.filter(pl.col("currency") == currency) for currency in usable["currency"].unique().sort()]
    panels = [build_panel(frame) for frame in frames]
    dates = sum(panel.date_start.size - 1 for panel in panels)
    currencies: list[list[DateResult]] = [[] for _ in panels]
    for number, result in progress(_all_dates(frames, panels, curve, params), dates):
        currencies[number].append(result)

    prints, curves = [], []
    first_curve = 0
    for frame, panel, results in zip(frames, panels, currencies, strict=True):
        curves.append(_curve_table(results, panel.day, str(frame["currency"][0]), first_curve, params))
        prints.append(frame.hstack(_print_columns(results, first_curve)))
        first_curve += len(results)
    all_curves = pl.concat(curves)
    valued = pl.concat(prints).sort("date", "bond_id")
    return Valuation(_add_prices(valued, all_curves), all_curves, bonds.height - usable.height)


def _all_dates(
    frames: list[pl.DataFrame], panels: list[Panel], curve: pl.DataFrame, params: MarketParams
) -> Iterator[tuple[int, DateResult]]:
    """Work through the currencies, one date after another; say which currency each result belongs to."""
    for number, (frame, panel) in enumerate(zip(frames, panels, strict=True)):
        published = curve.filter(pl.col("currency") == frame["currency"][0])
        for result in Surface(panel, GivenCurves(published, params.curve_nodes_years), params).dates():
            yield number, result


def _has_spread(frame: pl.DataFrame, params: MarketParams) -> NDArray[np.bool_]:
    nodes = np.asarray(params.curve_nodes_years)
    flat = np.full((1, nodes.size), params.risk_free_rate)
    curve = np.zeros(frame.height, dtype=np.int32)
    spread, _ = z_spread(terms_from_frame(frame), frame["dirty_price"].to_numpy(), nodes, flat, curve)
    sound: NDArray[np.bool_] = np.abs(BP * np.nan_to_num(spread, nan=np.inf)) <= WIDEST_SPREAD_BP
    return sound


def _curve_table(
    results: list[DateResult], day: NDArray[np.int32], currency: str, first: int, params: MarketParams
) -> pl.DataFrame:
    nodes = len(params.curve_nodes_years)
    starts = np.array([day[result.rows.start] for result in results], dtype=np.int32)
    return pl.DataFrame(
        {
            "reference_curve": np.repeat(np.arange(first, first + len(results)), nodes),
            "currency": [currency] * (nodes * len(results)),
            "date": np.repeat(starts, nodes),
            "source": np.repeat([result.source for result in results], nodes).tolist(),
            "tenor_years": np.tile(params.curve_nodes_years, len(results)),
            "zero_rate": np.concatenate([result.reference_rates for result in results]),
            "zero_rate_at_close": np.concatenate([result.close_rates for result in results]),
        },
    ).cast(CURVE_SCHEMA)  # type: ignore[arg-type]


def _print_columns(results: list[DateResult], first_curve: int) -> pl.DataFrame:
    def column(name: str) -> Floats:
        return np.concatenate([getattr(result, name) for result in results])

    def circle(name: str, position: int) -> Floats:
        return np.concatenate([getattr(result.peers, name)[:, position] for result in results])

    counts = [result.rows.stop - result.rows.start for result in results]
    columns: dict[str, Floats | NDArray[np.int32]] = {
        "reference_curve": np.repeat(np.arange(first_curve, first_curve + len(results)), counts).astype(np.int32),
        "z_spread_bp": column("spread"),
        "surface_bp": column("surface"),
        "refit_surface_bp": column("refit_surface"),
        "move_surface_bp": column("move_surface"),
        "last_level_bp": column("last_level"),
        "last_refit_bp": column("last_refit"),
        "last_residual_bp": column("last_residual"),
        "level_residual_bp": column("level_residual"),
        "move_residual_bp": column("move_residual"),
        "move_since_last_bp": column("move_since_last"),
        "move_today_bp": column("move_today"),
        "peer_move_bp": column("peer_move"),
        "peer_level_bp": column("peer_level"),
        "noise_bp": column("noise"),
    }
    for position, name in enumerate(CIRCLES):
        columns[f"{name}_move_bp"] = circle("move", position)
        columns[f"{name}_move_count"] = circle("move_count", position)
        columns[f"{name}_level_bp"] = circle("level", position)
        columns[f"{name}_level_count"] = circle("level_count", position)
    return pl.DataFrame(columns).with_columns(pl.col(pl.Float64).fill_nan(None))


def _add_prices(prints: pl.DataFrame, curves: pl.DataFrame) -> pl.DataFrame:
    """Add the matrix spread, the base spread and the fair price, none of which knows the own price."""
    matrix = pl.col("surface_bp") + pl.col("peer_level_bp")
    own = pl.col("move_surface_bp") + pl.col("last_residual_bp")
    spreads = prints.with_columns(
        has_history=pl.col("last_residual_bp").is_not_null(),
        matrix_spread=matrix / BP,
        base_spread=pl.coalesce(own, matrix) / BP,
    )
    fair = Repricer.from_frame(curves).clean_price(spreads, spreads["matrix_spread"].to_numpy())
    return spreads.with_columns(pl.Series("fair_price", fair))
