"""Pictures of a day's market as Vega-Lite specs that hold their data: reference curves, and the spread surface."""

from typing import Any, Final

import numpy as np
import polars as pl

from richcheap.reporting.charts.frame import frame

CURVE, SPREADS = "curve", "spreads"
"""Names of the pictures on the page."""
BP: Final = 1e4
GOVERNMENT: Final = "GOV"
COLOURS: Final = {
    "GOV": "#4c8fd6",
    "AAA": "#2f9fb3",
    "AA": "#2c9c78",
    "A": "#64993a",
    "BBB": "#9c8a1e",
    "BB": "#cf7f22",
    "B": "#d9653b",
    "CCC": "#cf4a79",
    "NR": "#8a8a8a",
}
"""Of the rating buckets in the order of quality; each stands out on a light and on a dark ground."""
EDGES_YEARS: Final = (1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0)
"""Where the cells of maturity part, of whose bonds the surface is the median."""
KNOWN, CLOSE = "known before the day's prices", "with the day's governments"
YEARS: Final = {"type": "quantitative", "title": "years to maturity", "scale": {"nice": False}}


def governments(bonds: pl.DataFrame, curves: pl.DataFrame) -> pl.DataFrame:
    """Return where governments stand beside the reference curve.

    Parameters
    ----------
    bonds : DataFrame
        Content of lists/bonds.parquet.
    curves : DataFrame
        The curves of the day: ``currency``, ``tenor_years``, ``zero_rate``.

    Returns
    -------
    DataFrame
        ``bond_id``, ``currency``, ``years_to_maturity``, ``spread_bp`` and ``rate``, the curve's zero rate at that
        maturity plus the spread: of the print where the bond has ``printed`` on the day, else of the fair price.
    """
    found = bonds.filter(rating_bucket=GOVERNMENT).filter(pl.col("spread_bp").is_not_null())
    parts = []
    for (currency,), rows in found.sort("currency", "bond_id").group_by("currency", maintain_order=True):
        nodes = curves.filter(currency=currency).sort("tenor_years")
        if not nodes.height:
            continue
        base = np.interp(
            *(column.to_numpy() for column in (rows["years_to_maturity"], *nodes["tenor_years", "zero_rate"]))
        )
        parts.append(
            rows.select(
                "bond_id",
                "currency",
                "years_to_maturity",
                printed=pl.col("innovation_bp").is_not_null(),
                spread_bp=pl.col("spread_bp") + pl.col("innovation_bp").fill_null(0.0),
            ).with_columns(rate=pl.Series(base) + pl.col("spread_bp") / BP)
        )
    columns = {"bond_id": pl.String, "currency": pl.String, "years_to_maturity": pl.Float64, "printed": pl.Boolean}
    return pl.concat(parts) if parts else pl.DataFrame(schema=columns | {"spread_bp": pl.Float64, "rate": pl.Float64})


def surface(bonds: pl.DataFrame) -> pl.DataFrame:
    """Return the fair spread by rating bucket over years to maturity.

    Parameters
    ----------
    bonds : DataFrame
        Content of lists/bonds.parquet.

    Returns
    -------
    DataFrame
        For each currency, ``rating_bucket`` and cell between `EDGES_YEARS` that has bonds: the median of their
        ``years_to_maturity`` and of their ``spread_bp``, and their number, ``bonds``.
    """
    known = bonds.filter(pl.col("spread_bp").is_not_null())
    return (
        known.with_columns(cell=pl.Series(np.searchsorted(EDGES_YEARS, known["years_to_maturity"].to_numpy())))
        .group_by("currency", "rating_bucket", "cell")
        .agg(pl.col("years_to_maturity", "spread_bp").median(), bonds=pl.len())
        .sort("currency", "rating_bucket", "cell")
        .drop("cell")
    )


def curve_picture(bonds: pl.DataFrame, curves: pl.DataFrame) -> dict[str, Any]:
    """Return the reference curves of the day with the government bonds that they are fitted to.

    Parameters
    ----------
    bonds : DataFrame
        Content of lists/bonds.parquet.
    curves : DataFrame
        Content of training_data/curves.parquet, and of the live dates' where there are any: of each currency its last
        date is shown.
    """
    last = curves.filter(pl.col("date") == pl.col("date").max().over("currency")).sort("currency", "tenor_years")
    known = last.select("currency", "tenor_years", "source", rate="zero_rate", curve=pl.lit(KNOWN))
    moved = last.filter((pl.col("zero_rate") != pl.col("zero_rate_at_close")).any().over("currency"))
    close = moved.select("currency", "tenor_years", "source", rate="zero_rate_at_close", curve=pl.lit(CLOSE))
    years = {**YEARS, "title": "years"}
    rate = {"type": "quantitative", "title": "zero rate, %", "axis": {"format": ".1%"}, "scale": {"zero": False}}
    colour = {"field": "currency", "type": "nominal", "title": "Currency"}
    return {
        **frame(
            "Reference curves of the day: zero rates over years; government bonds stand at the curve plus their spread."
        ),
        "datasets": {"curves": _rows(pl.concat([known, close])), "governments": _rows(governments(bonds, last))},
        "layer": [
            {
                "data": {"name": "curves"},
                "mark": {"type": "line", "point": False},
                "encoding": {
                    "x": {"field": "tenor_years", **years},
                    "y": {"field": "rate", **rate},
                    "color": colour,
                    "strokeDash": {
                        "field": "curve",
                        "type": "nominal",
                        "title": "Curve",
                        "sort": [KNOWN, CLOSE],
                        "legend": {"columns": 1},
                    },
                    "tooltip": [
                        {"field": "currency", "title": "Currency"},
                        {"field": "tenor_years", "title": "Years"},
                        {"field": "rate", "title": "Zero rate", "format": ".3%"},
                        {"field": "curve", "title": "Curve"},
                        {"field": "source", "title": "Made of"},
                    ],
                },
            },
            {
                "data": {"name": "governments"},
                "mark": {"type": "point", "filled": True, "size": 28, "cursor": "pointer"},
                "encoding": {
                    "x": {"field": "years_to_maturity", **years},
                    "y": {"field": "rate", **rate},
                    "color": colour,
                    "opacity": {"condition": {"test": "datum.printed", "value": 0.9}, "value": 0.35},
                    "tooltip": [
                        {"field": "bond_id", "title": "Government"},
                        {"field": "years_to_maturity", "title": "Years", "format": ".1f"},
                        {"field": "spread_bp", "title": "Over the curve, bp", "format": "+.1f"},
                        {"field": "printed", "title": "Printed on the day"},
                    ],
                },
            },
        ],
    }


def spread_picture(bonds: pl.DataFrame, with_bonds: bool = True) -> dict[str, Any]:
    """Return the spread surface of the day: a line for each rating bucket, with the bonds as dots.

    Parameters
    ----------
    bonds : DataFrame
        Content of lists/bonds.parquet.
    with_bonds : bool
        Whether the data set ``bonds`` is there: the page gives it what its list holds.
    """
    dots = ("bond_id", "issuer", "currency", "rating_bucket", "years_to_maturity", "spread_bp", "relative_value_bp")
    lines = surface(bonds)
    present = set(lines["rating_bucket"])
    spread = {
        "field": "spread_bp",
        "type": "quantitative",
        "title": "fair spread, bp",
        "scale": {"type": "symlog", "constant": 50},
        "axis": {"values": [0, 50, 100, 200, 500, 1000, 2000, 5000], "labelOverlap": "greedy"},
    }
    shown = {name: colour for name, colour in COLOURS.items() if name in present}
    colour = {
        "field": "rating_bucket",
        "type": "nominal",
        "title": "Rating",
        "scale": {"domain": [*shown], "range": [*shown.values()]},
        "legend": {"columns": 5},
    }
    dash = {"field": "currency", "type": "nominal", "title": "Currency"} if lines["currency"].n_unique() > 1 else None
    return {
        **frame("Fair spreads of the day by years to maturity: a line for each rating, a dot for each bond."),
        "datasets": {"surface": _rows(lines)} | ({"bonds": _rows(bonds.select(dots))} if with_bonds else {}),
        "layer": [
            {
                "data": {"name": "bonds"},
                "transform": [{"filter": "isValid(datum.spread_bp)"}],
                "mark": {"type": "point", "filled": True, "size": 24, "opacity": 0.6, "cursor": "pointer"},
                "encoding": {
                    "x": {"field": "years_to_maturity", **YEARS},
                    "y": spread,
                    "color": colour,
                    "tooltip": [
                        {"field": "bond_id", "title": "Bond"},
                        {"field": "issuer", "title": "Issuer"},
                        {"field": "rating_bucket", "title": "Rating"},
                        {"field": "years_to_maturity", "title": "Years", "format": ".1f"},
                        {"field": "spread_bp", "title": "Fair spread, bp", "format": ".1f"},
                        {"field": "relative_value_bp", "title": "Cheap by, bp", "format": "+.1f"},
                    ],
                },
            },
            {
                "data": {"name": "surface"},
                "mark": {"type": "line", "strokeWidth": 2, "interpolate": "monotone"},
                "encoding": {
                    "x": {"field": "years_to_maturity", **YEARS},
                    "y": spread,
                    "color": colour,
                    **({"strokeDash": dash} if dash else {}),
                },
            },
        ],
    }


def _rows(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows with as many digits as can be seen: rates to a hundredth of a basis point, others to a hundredth."""
    rates = [name for name in ("rate",) if name in table.columns]
    others = [name for name, kind in table.schema.items() if kind == pl.Float64 and name not in rates]
    return table.with_columns(pl.col(rates).round(6), pl.col(others).round(2)).to_dicts()
