"""One bond for notebooks and terminals: its tables, and its pictures, which show themselves."""

import json
from collections.abc import Container
from functools import cached_property
from html import escape
from typing import Any, Final

import polars as pl

from richcheap.reporting.charts.one_bond import CASH_FLOWS, HISTORY, PARTS, PEERS, SPECS

WIDTH: Final = 560
"""Of a picture, pixels."""
MIME: Final = "application/vnd.vegalite.v5+json"
"""By which notebooks know a spec that they draw themselves."""
SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
"""The version that notebooks draw."""
WITHOUT_PICTURES: Final = "pip install 'richcheap[notebook]' draws pictures here"
DRAWN_BY: Final = "5.20"
"""The nearest version that draws the same without a notebook."""


class Bond:
    """A live bond of a project that has run; a notebook shows its pictures, a terminal its figures.

    Attributes
    ----------
    price, terms : DataFrame
        One row each: what `richcheap price` answers, and what the data know of the bond (docs/lists.md).
    parts : DataFrame
        ``part``, ``bp`` and ``points``: what lies between the reference curve and the fair price.
    peers : DataFrame
        The bonds that a desk lays beside it, the closest first.
    cash_flows : DataFrame
        ``date``, ``amount`` per 100 of face, ``projected``.
    history : DataFrame
        Its prints, each beside the fair price that did not know it.
    """

    def __init__(
        self,
        price: pl.DataFrame,
        terms: pl.DataFrame,
        peers: pl.DataFrame,
        cash_flows: pl.DataFrame,
        history: pl.DataFrame,
    ) -> None:
        self.price, self.terms, self.peers, self.cash_flows, self.history = price, terms, peers, cash_flows, history
        row = price.row(0, named=True)
        names = [name.removesuffix("_points") for name in price.columns if name.endswith("_points")]
        names.remove("bid_ask")  # no part of the price, which is a mid
        self.parts = pl.DataFrame(
            {
                "part": names,
                "bp": [row[f"{name}_bp"] for name in names],
                "points": [row[f"{name}_points"] for name in names],
            },
            schema_overrides={"bp": pl.Float64, "points": pl.Float64},
        )

    @cached_property
    def figures(self) -> dict[str, dict[str, Any]]:
        """The pictures with their data, as Vega-Lite specs: ``history``, ``parts``, ``peers``, ``cash_flows``."""
        columns = ["bond_id", "issuer", "rating", "years_to_maturity", "spread_bp", "flag"]
        own = pl.concat([self.price, self.terms.drop("bond_id")], how="horizontal").select(columns)
        around = pl.concat(
            [own.with_columns(is_self=pl.lit(True)), self.peers.select(columns).with_columns(is_self=pl.lit(False))]
        )
        parts = self.parts.filter(pl.col("bp").is_not_null())
        frames = {HISTORY: self.history, PARTS: parts, PEERS: around, CASH_FLOWS: self.cash_flows}
        return {
            name: {**make(), "width": WIDTH, "datasets": {name: json.loads(frames[name].write_json())}}
            for name, make in SPECS.items()
        }

    @property
    def figure(self) -> dict[str, Any]:
        """All pictures below each other, as one Vega-Lite spec."""
        shown = [
            {key: value for key, value in one.items() if key not in ("$schema", "datasets")}
            | {"title": {"text": one["description"], "anchor": "start", "fontWeight": "normal"}}
            for one in self.figures.values()
        ]
        data = {name: rows for one in self.figures.values() for name, rows in one["datasets"].items()}
        title = {"text": self._name, "subtitle": self._lines[:2], "anchor": "start"}
        independent = {"scale": {"color": "independent", "x": "independent", "y": "independent"}}
        return {"$schema": SCHEMA, "title": title, "vconcat": shown, "resolve": independent, "datasets": data}

    def __repr__(self) -> str:
        """Say what the bond is, what it is worth and why, in five lines."""
        return "\n".join([self._name, *self._lines])

    def _repr_html_(self) -> str:
        """Return figures and pictures without a script, which any notebook shows offline."""
        lines = "<br>".join(escape(line) for line in self._lines)
        return f"<div><h3>{escape(self._name)}</h3><p>{lines}</p>{self._drawn()}</div>"

    def _drawn(self) -> str:
        """Return the pictures, or what installs the package that draws them here."""
        try:
            import vl_convert  # noqa: PLC0415  it starts an engine, and an extra installs it
        except ModuleNotFoundError:
            return f"<p>{escape(WITHOUT_PICTURES)}</p>"
        drawn: str = vl_convert.vegalite_to_svg({**self.figure, "title": None}, vl_version=DRAWN_BY)
        return drawn

    def _repr_mimebundle_(
        self, include: Container[str] | None = None, exclude: Container[str] | None = None
    ) -> dict[str, Any]:
        """Return what notebooks choose from: pictures to move the mouse over, pictures that stand still, text."""
        makers = {MIME: lambda: self.figure, "text/html": self._repr_html_, "text/plain": self.__repr__}
        wanted = {name for name in makers if (include is None or name in include) and name not in (exclude or ())}
        return {name: make() for name, make in makers.items() if name in wanted}

    @property
    def _name(self) -> str:
        terms = self.terms.row(0, named=True)
        coupon = None if terms["coupon_rate"] is None else f"{100 * terms['coupon_rate']:.3f} %"
        known = (terms["issuer"], coupon, terms["maturity_date"], terms["rating"], terms["sector"], terms["currency"])
        return ", ".join(str(one) for one in (terms["bond_id"], *known) if one is not None)

    @property
    def _lines(self) -> list[str]:
        price, terms = self.price.row(0, named=True), self.terms.row(0, named=True)
        if price["fair_clean_price"] is None:
            worth = f"no fair price on {price['as_of']}: {price['reason'] or price['status']}"
        else:
            held = "no interval" if price["low"] is None else f"{price['low']:.3f} to {price['high']:.3f}"
            worth = f"fair price on {price['as_of']}: {price['fair_clean_price']:.3f} per 100, {held}, confidence "
            worth += f"{price['confidence']} of 10"
        value = price["relative_value_bp"]
        call = "not called rich or cheap" if price["flag"] is None else price["flag"]
        found = "" if value is None else f": relative value {value:+.1f} bp of a spread of {price['spread_bp']:.1f} bp"
        last = terms["last_clean_price"]
        seen = "never printed" if last is None else f"last print {last:.3f} on {terms['last_print']}"
        parts = ", ".join(f"{row['part']} {row['bp']:+.1f}" for row in self.parts.iter_rows(named=True) if row["bp"])
        last_date = "" if self.cash_flows.is_empty() else f", the last on {self.cash_flows['date'][-1]}"
        return [
            f"{worth}; {seen}",
            f"{call}{found}",
            f"parts of the spread, bp: {parts or 'none'}",
            f"peers: {self.peers.height}; prints: {self.history.height}; payments: {self.cash_flows.height}{last_date}",
            "tables: price, terms, parts, peers, cash_flows, history; pictures: figures, figure",
        ]
