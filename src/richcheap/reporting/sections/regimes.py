"""Regimes of the market: a drawing over time and tables, from metrics/regime_detector.json and regimes.parquet."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from richcheap.reporting.layout.drawing import INK, SERIES, Drawing, draw
from richcheap.reporting.layout.formats import BLOCK_NAMES, number, percent
from richcheap.reporting.layout.tables import Column, Table, row

DATE_TICKS = 3

Regimes = Mapping[str, Any]


class RegimeSection(NamedTuple):
    """What the page shows of the regimes.

    Attributes
    ----------
    sentence : str
    plot : Drawing
        Filtered probabilities of each date.
    regimes, methods : Table
    """

    sentence: str
    plot: Drawing
    regimes: Table
    methods: Table


def regime_section(described: Regimes, table: pl.DataFrame) -> RegimeSection:
    """Return what the page shows of the regimes.

    Parameters
    ----------
    described : mapping
        Content of metrics/regime_detector.json.
    table : DataFrame
        One row for each date: ``date``, ``block``, ``regime`` and the probabilities ``p_0`` ...
    """
    return RegimeSection(
        sentence(described), probability_drawing(described, table), regime_table(described), method_table(described)
    )


def sentence(described: Regimes) -> str:
    """Say which method was chosen, or why there is one regime."""
    if described["status"]:
        text: str = described["status"]
        return f"{text.capitalize()}."
    names = ", ".join(described["names"])
    return f"{described['chosen']}, chosen on the validation block, distinguishes: {names}."


def probability_drawing(described: Regimes, table: pl.DataFrame) -> Drawing:
    """Draw the filtered probability of each regime, stacked, over dates that stand equally far apart."""
    names = list(described["names"])
    shares = table.select(f"p_{state}" for state in range(len(names))).to_numpy()
    days = table["date"].to_list()
    edges = np.arange(len(days) + 1)
    blocks = table["block"].fill_null("")

    def plot(axes: Axes) -> None:
        below = np.zeros(len(days))
        for share, colour in zip(shares.T, SERIES, strict=False):
            axes.stairs(below + share, edges, baseline=below, color=colour, fill=True, alpha=0.75, linewidth=0.0)
            below = below + share
        for name in ("validation", "test"):
            places = (blocks == name).arg_true()
            if places.len():
                axes.axvline(float(places[0]), color=INK, linewidth=0.8)
        shown = np.unique(np.linspace(0, len(days) - 1, DATE_TICKS).round().astype(np.int64))
        axes.set_xticks(shown + 0.5, [str(days[place]) for place in shown])
        axes.set(ylabel="probability", ylim=(0.0, 1.0), xlim=(0.0, float(len(days))))
        axes.grid(visible=False)

    caption = "Probability of each regime at the close of each date, from that date and earlier ones. "
    caption += "Vertical lines: the first dates of the validation and the test block. Look for colours that last: "
    caption += "where they flicker, the dates do not tell one regime from another."
    return Drawing(draw("regimes", "Probability of each regime over time", plot), caption, names)


def regime_table(described: Regimes) -> Table:
    """Return what each regime is like over the training dates."""
    columns = [
        Column("Regime", numeric=False),
        Column("Dates", "% of the training block"),
        Column("Expected stay", "dates"),
        Column("Curve moves", "bp a date"),
        Column("Spread moves", "bp a date"),
        Column("Curve level", "%"),
        Column("Curve slope", "%"),
    ]
    rows = [
        row(
            regime["name"],
            percent(regime["share"], 0),
            number(regime["expected_duration_dates"], 0),
            number(regime["curve_volatility_bp"], 1),
            number(regime["spread_volatility_bp"], 1),
            number(regime.get("curve_level_pct"), 2),
            number(regime.get("curve_slope_pct"), 2),
        )
        for regime in described["regimes"]
    ]
    return Table("Regimes", columns, rows)


def method_table(described: Regimes) -> Table:
    """Return how well each method tells the next date's changes, and where it is known how near it is to the truth."""
    known = described["truth_known"]
    columns = [Column("Method", numeric=False), Column("Regimes")]
    columns += [Column(f"Log density, {name}", "nats a date") for name in BLOCK_NAMES.values()]
    if known:
        columns += [Column(f"Adjusted Rand, {name}", "1 = the true regimes") for name in (*BLOCK_NAMES.values(), "all")]
    ordered = sorted(
        described["methods"].items(), key=lambda item: (-(item[1]["log_density"]["validation"] or 0.0), item[0])
    )
    rows = []
    for name, method in ordered:
        cells = [name, str(method["states"])]
        cells += [number(method["log_density"][block], 2) for block in BLOCK_NAMES]
        if known:
            cells += [number(method["adjusted_rand"][block], 2) for block in (*BLOCK_NAMES, "all")]
        rows.append(row(*cells, strong=name == described["chosen"]))
    return Table("Methods that detect regimes", columns, rows)
