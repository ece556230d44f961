"""Pictures of one bond as Vega-Lite specs: its prices, the parts of its spread, its peers, what it pays.

Each takes its rows from a data set of its own name, made of columns of the tables in lists/ (docs/lists.md). Colours
come from the categories of whoever draws it.
"""

from typing import Any, Final

from richcheap.reporting.charts.frame import frame

Spec = dict[str, Any]

HISTORY, PARTS, PEERS, CASH_FLOWS = "history", "parts", "peers", "cash_flows"
_PRICE, _CHAMPION, _FILTER = "price", "fair price", "fair price of the filter"
_DATE: Final = {
    "field": "date",
    "type": "temporal",
    "scale": {"type": "utc"},
    "title": None,
    "axis": {"format": "%-d %b %y", "labelOverlap": True, "labelSeparation": 8},
}
_POINTS: Final = {"title": "per 100", "type": "quantitative"}
_BP: Final = {"title": "bp", "type": "quantitative"}


def history() -> Spec:
    """Return prices against fair value and its interval.

    Rows of ``history`` have ``date``, ``clean_price``, ``fair_clean_price``, ``low``, ``high``, ``fair_from``, ``side``
    and ``price_kind``.
    """
    source = f"datum.fair_from === 'filter' ? '{_FILTER}' : '{_CHAMPION}'"
    band = {
        "transform": [{"filter": "isValid(datum.low)"}],
        "mark": {"type": "area", "opacity": 0.25},
        "encoding": {"y": {"field": "low", **_POINTS}, "y2": {"field": "high"}, "color": {"datum": _CHAMPION}},
    }
    fair = {
        "transform": [{"filter": "isValid(datum.fair_clean_price)"}, {"calculate": source, "as": "source"}],
        "mark": {"type": "line", "strokeWidth": 1.5},
        "encoding": {"y": {"field": "fair_clean_price", **_POINTS}, "color": {"field": "source", "type": "nominal"}},
    }
    held = "isValid(datum.low) ? format(datum.low, '.3f') + ' to ' + format(datum.high, '.3f') : 'none'"
    prints = {
        "transform": [{"calculate": held, "as": "interval"}, *_or_not_known("side"), *_or_not_known("price_kind")],
        "mark": {"type": "point", "filled": True, "size": 22, "opacity": 0.9},
        "encoding": {
            "y": {"field": "clean_price", **_POINTS},
            "color": {"datum": _PRICE},
            "tooltip": [
                {"field": "date", "timeUnit": "utcyearmonthdate", "title": "Date"},
                {"field": "clean_price", "title": "Price", "format": ".3f"},
                {"field": "fair_clean_price", "title": "Fair price", "format": ".3f"},
                {"field": "interval", "title": "Interval"},
                {"field": "side", "title": "Side"},
                {"field": "price_kind", "title": "Kind"},
            ],
        },
    }
    return {
        **frame("Prices of the bond, with the fair price and its interval. Look for prices outside the band."),
        "data": {"name": HISTORY},
        "layer": [band, fair, prints],
        "encoding": {
            "x": _DATE,
            "y": {"scale": {"zero": False}},
            "color": {
                "scale": {"domain": [_CHAMPION, _PRICE, _FILTER]},
                "legend": {"title": None, "symbolOpacity": 1},
            },
        },
    }


def parts() -> Spec:
    """Return what the spread over the reference curve is made of, part upon part.

    Rows of ``parts`` have ``part``, ``bp`` and ``points``, in the order in which they are put on.
    """
    so_far: list[Spec] = [
        {"window": [{"op": "sum", "field": "bp", "as": "end"}], "frame": [None, 0]},
        {"calculate": "datum.end - datum.bp", "as": "start"},
        {"calculate": "datum.bp < 0 ? 'takes from the spread' : 'adds to the spread'", "as": "does"},
    ]
    total: list[Spec] = [
        {"aggregate": [{"op": "sum", "field": "bp", "as": "bp"}]},
        {"calculate": "0", "as": "start"},
        {"calculate": "datum.bp", "as": "end"},
        {"calculate": "'spread'", "as": "part"},
        {"calculate": "'spread'", "as": "does"},
    ]
    tooltip = [{"field": "part", "title": "Part"}, {"field": "bp", "title": "Spread, bp", "format": "+.1f"}]
    points = {"field": "points", "title": "Price, points", "format": "+.3f"}
    x = {"field": "start", "type": "quantitative", "title": "spread over the reference curve, bp"}
    bars = {"x": x, "x2": {"field": "end"}}
    values = {"x": {**x, "field": "furthest"}, "text": {"field": "bp", "format": "+.1f"}}
    furthest = {"calculate": "max(datum.start, datum.end)", "as": "furthest"}
    text = {"type": "text", "align": "left", "dx": 4}
    return {
        **frame("Parts of the spread. Look at the bond itself: that part is what is called rich or cheap.", 230),
        "data": {"name": PARTS},
        "layer": [
            {"transform": so_far, "mark": "bar", "encoding": {**bars, "tooltip": [*tooltip, points]}},
            {"transform": total, "mark": "bar", "encoding": {**bars, "tooltip": tooltip}},
            {"transform": [*so_far, furthest], "mark": text, "encoding": values},
            {"transform": [*total, furthest], "mark": text, "encoding": values},
        ],
        "encoding": {
            "y": {"field": "part", "type": "nominal", "sort": None, "title": None},
            "color": {
                "field": "does",
                "type": "nominal",
                "scale": {"domain": ["adds to the spread", "takes from the spread", "spread"]},
                "title": None,
            },
        },
    }


def peers() -> Spec:
    """Return the spreads of a bond and its peers by maturity.

    Rows of ``peers`` have ``bond_id``, ``issuer``, ``rating``, ``years_to_maturity``, ``spread_bp``, ``flag`` and
    ``is_self``, which tells the bond from its peers.
    """
    return {
        **frame("Spreads of the bond and its peers. Look whether it stands off the line that the others make."),
        "data": {"name": PEERS},
        "transform": [
            {"filter": "isValid(datum.spread_bp)"},
            {"calculate": "datum.is_self ? 'this bond' : 'peers'", "as": "role"},
            *_or_not_known("issuer"),
            *_or_not_known("rating"),
            *_or_not_known("flag"),
        ],
        "mark": {"type": "point", "filled": True},
        "encoding": {
            "x": {
                "field": "years_to_maturity",
                "type": "quantitative",
                "title": "years to maturity",
                "scale": {"zero": False},
            },
            "y": {"field": "spread_bp", **_BP, "title": "spread, bp", "scale": {"zero": False}},
            "color": {
                "field": "role",
                "type": "nominal",
                "scale": {"domain": ["peers", "this bond"]},
                "title": None,
            },
            "size": {"condition": {"test": "datum.is_self", "value": 130}, "value": 55},
            "tooltip": [
                {"field": "bond_id", "title": "Bond"},
                {"field": "issuer", "title": "Issuer"},
                {"field": "rating", "title": "Rating"},
                {"field": "years_to_maturity", "title": "Years", "format": ".1f"},
                {"field": "spread_bp", "title": "Spread, bp", "format": ".1f"},
                {"field": "flag", "title": "Rich or cheap"},
            ],
        },
    }


def cash_flows() -> Spec:
    """Return what a bond pays from now on; rows of ``cash_flows`` have ``date``, ``amount`` and ``projected``."""
    return {
        **frame("What the bond pays from now on; pale: at the current rate. Look at how much comes at the end.", 170),
        "data": {"name": CASH_FLOWS},
        "transform": [{"calculate": "datum.projected ? 'at the current rate' : 'fixed'", "as": "known"}],
        "mark": {"type": "bar", "size": 3},
        "encoding": {
            "x": _DATE,
            "y": {"field": "amount", **_POINTS},
            "color": {"datum": "amount", "legend": None},
            "opacity": {"condition": {"test": "datum.projected", "value": 0.5}, "value": 1},
            "tooltip": [
                {"field": "date", "timeUnit": "utcyearmonthdate", "title": "Date"},
                {"field": "amount", "title": "Per 100 of face", "format": ".4f"},
                {"field": "known", "title": "Amount"},
            ],
        },
    }


def _or_not_known(name: str) -> list[Spec]:
    """Put a word where a text is not known."""
    return [{"calculate": f"isValid(datum.{name}) ? datum.{name} : 'not known'", "as": name}]


SPECS: Final = {HISTORY: history, PARTS: parts, PEERS: peers, CASH_FLOWS: cash_flows}
"""All pictures of a bond by the name of their data, in the order in which they are shown."""
