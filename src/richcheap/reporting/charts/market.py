"""Pictures of a day's market as Vega-Lite specs: the reference curve, and spreads by maturity."""

from typing import Any, Final

from richcheap.reporting.charts.frame import frame

CURVE, SPREADS = "curve", "spreads"


def curve() -> dict[str, Any]:
    """Return the reference curves of a day; its data set ``curves`` has `currency`, `tenor_years` and `zero_rate`."""
    return {
        **frame("Reference curve of the day: zero rates by tenor."),
        "data": {"name": "curves"},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {"field": "tenor_years", "type": "quantitative", "title": "years"},
            "y": {
                "field": "zero_rate",
                "type": "quantitative",
                "title": "zero rate, %",
                "axis": {"format": ".2%"},
                "scale": {"zero": False},
            },
            "color": {"field": "currency", "type": "nominal", "title": "Currency"},
            "tooltip": [
                {"field": "currency", "title": "Currency"},
                {"field": "tenor_years", "title": "Years"},
                {"field": "zero_rate", "title": "Zero rate", "format": ".3%"},
                {"field": "source", "title": "Curve"},
            ],
        },
    }


def spreads() -> dict[str, Any]:
    """Return the spreads of a day; its data set ``bonds`` is made of columns of lists/bonds.parquet."""
    order = ["GOV", "AAA", "AA", "A", "BBB", "BB", "B", "CCC", "CC", "C", "D", "NR"]
    return {
        **frame("Spreads over the reference curve by maturity and rating."),
        "data": {"name": "bonds"},
        "transform": [{"filter": "isValid(datum.spread_bp)"}],
        "mark": {"type": "point", "filled": True, "size": 28, "opacity": 0.75, "cursor": "pointer"},
        "encoding": {
            "x": {"field": "years_to_maturity", "type": "quantitative", "title": "years to maturity"},
            "y": {
                "field": "spread_bp",
                "type": "quantitative",
                "title": "spread, bp (logarithmic beyond 50)",
                "scale": {"type": "symlog", "constant": 50},
            },
            "color": {"field": "rating_bucket", "type": "nominal", "title": "Rating", "sort": order},
            "tooltip": [
                {"field": "bond_id", "title": "Bond"},
                {"field": "issuer", "title": "Issuer"},
                {"field": "years_to_maturity", "title": "Years", "format": ".1f"},
                {"field": "spread_bp", "title": "Spread, bp", "format": ".1f"},
                {"field": "relative_value_bp", "title": "Cheap by, bp", "format": "+.1f"},
            ],
        },
    }


SPECS: Final = {CURVE: curve, SPREADS: spreads}
"""All pictures of a market by their names."""
