"""Factors of the market: loadings and what they explain, from metrics/factor_model.json."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from richcheap.reporting.layout.drawing import INK, SERIES, Drawing, draw
from richcheap.reporting.layout.formats import BLOCK_NAMES, count, number, percent
from richcheap.reporting.layout.tables import Column, Table, row

NODE, SPREAD = "curve_", "spread_"

Factors = Mapping[str, Any]


class FactorSection(NamedTuple):
    """What the page shows of the factors.

    Attributes
    ----------
    sentences : list of str
        Which currency, and why a kind of factor is missing.
    plot : Drawing or None
        Loadings over the curve's nodes; None without factors of the curve.
    explained, bonds : Table
    loadings : Table or None
        On the spreads of rating buckets; None without factors of spreads.
    """

    sentences: list[str]
    plot: Drawing | None
    explained: Table
    loadings: Table | None
    bonds: Table


def factor_section(described: Factors) -> FactorSection:
    """Return what the page shows of the factors, from the content of metrics/factor_model.json."""
    curve = list(described["curve_factors"])
    spreads = [name for name in described["factors"] if name not in curve]
    sentences = [f"The factors are estimated on the training dates of the {described['currency']} market."]
    sentences += [f"{status.capitalize()}." for status in described["status"]]
    return FactorSection(
        sentences=sentences,
        plot=loading_drawing(described, curve) if curve else None,
        explained=explained_table(described),
        loadings=loading_table(described, spreads) if spreads else None,
        bonds=bond_table(described),
    )


def loading_drawing(described: Factors, names: list[str]) -> Drawing:
    """Draw what a usual move of each factor does to the curve's nodes, bp."""
    nodes = [change for change in described["changes"] if change.startswith(NODE)]

    def plot(axes: Axes) -> None:
        places = np.arange(len(nodes))
        for name, colour in zip(names, SERIES, strict=False):
            loadings = [described["loadings_bp"][name][node] for node in nodes]
            axes.plot(places, loadings, color=colour, linewidth=1.4, marker="o", markersize=4)
        axes.axhline(0.0, color=INK, linewidth=0.8)
        axes.set_xticks(places, [node.removeprefix(NODE).removesuffix("y") for node in nodes])
        axes.set(xlabel="maturity of the node, years", ylabel="bp for one standard deviation")
        axes.grid(visible=False, axis="x")

    caption = "Daily move of the curve for one standard deviation of each factor on the training dates. Look for its "
    caption += (
        "shape: a level moves all maturities alike, a slope turns the ends against each other, a curvature the middle."
    )
    return Drawing(draw("factors", "Loadings of the curve factors", plot), caption, names)


def explained_table(described: Factors) -> Table:
    """Return the share of the changes that the first factors explain together, block by block."""
    columns = [
        Column("Factors", numeric=False),
        *(Column(name, "% of variance explained") for name in BLOCK_NAMES.values()),
    ]
    rows = []
    for part in ("curve", "spreads"):
        blocks = described[part]
        for place, entry in enumerate(blocks["train"]["explained"]):
            label = f"{part}: {entry['factor']}" if place == 0 else f"and {entry['factor']}"
            rows.append(row(label, *(percent(blocks[block]["explained"][place]["share"]) for block in BLOCK_NAMES)))
        if blocks["train"]["explained"]:
            most = (percent(blocks[block]["max_explained"]) for block in BLOCK_NAMES)
            rows.append(row("as many fitted to the block itself", *most))
    return Table("Variance explained", columns, rows)


def loading_table(described: Factors, names: list[str]) -> Table:
    """Return what a usual move of each factor does to the rating buckets' spreads."""
    buckets = [change for change in described["changes"] if change.startswith(SPREAD)]
    columns = [Column("Rating", numeric=False), *(Column(name, "bp for one standard deviation") for name in names)]
    columns.append(Column("Residual", "bp, standard deviation"))
    rows = [
        row(
            bucket.removeprefix(SPREAD),
            *(number(described["loadings_bp"][name][bucket], 1) for name in names),
            number(described["residual_std_bp"][bucket], 1),
        )
        for bucket in buckets
    ]
    return Table("Loadings of the spread factors", columns, rows)


def bond_table(described: Factors) -> Table:
    """Return how much of the bonds' own changes the factors explain."""
    columns = [
        Column("Block", numeric=False),
        Column("Changes"),
        Column("Explained by terms and rating", "% of variance"),
        Column("With the bond's own past", "% of variance"),
        Column("Squared residuals", "% of predicted"),
    ]
    rows = [
        row(
            label,
            count(figures["changes"]),
            percent(figures["explained_analytic"]),
            percent(figures["explained_fitted"]),
            percent(figures["residual_variance_ratio"], 0),
        )
        for block, label in BLOCK_NAMES.items()
        for figures in [described["bonds"][block]]
    ]
    return Table("Bonds' changes explained", columns, rows)
