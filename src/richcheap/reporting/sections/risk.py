"""Tail risk of the portfolio: tables and a drawing from the content of metrics/tail_risk.json."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from richcheap.reporting.layout.drawing import INK, MUTED, SERIES, Drawing, draw
from richcheap.reporting.layout.formats import NOTHING, count, number, percent, plural, signed, signed_percent
from richcheap.reporting.layout.tables import Cell, Column, Row, Table, bond_cell, row

METHOD_NAMES = {
    "historical": "historical",
    "parametric": "parametric",
    "monte_carlo": "Monte Carlo",
    "filtered_historical": "filtered historical",
}
MARKS = {"consistent": "good", "better": "good", "too many": "bad", "worse": "bad", "too few": "even"}
DRAWN_LEVEL = 0.99
DATE_TICKS = 3
BP = 1e4

TailRisk = Mapping[str, Any]


class RiskSection(NamedTuple):
    """What the page shows of the tail risk.

    Attributes
    ----------
    sentences : list of str
        What the portfolio is, and what to know before trusting the figures.
    tails, points : Table or None
        Value at risk and expected shortfall, % of market value and points; None when there is no forecast.
    backtest : Table or None
    plot : Drawing or None
        Profit of each tested date with the value at risk.
    worst : str
        What was lost on the worst of the tested dates.
    worst_days, worst_bonds : Table or None
        The worst of the tested dates, and the bonds that lost most on the first of them; None without a backtest.
    factors, bonds : Table or None
        Where the shortfall comes from.
    """

    sentences: list[str]
    tails: Table | None
    points: Table | None
    backtest: Table | None
    plot: Drawing | None
    worst: str
    worst_days: Table | None
    worst_bonds: Table | None
    factors: Table | None
    bonds: Table | None


def risk_section(risk: TailRisk) -> RiskSection:
    """Return what the page shows of a tail risk."""
    tested, known = risk["backtest"], risk["status"] == "ok"
    return RiskSection(
        sentences=sentences(risk),
        tails=tail_table(risk, "", 100.0, "% of value", 3) if known else None,
        points=tail_table(risk, "_points", 1.0, "points", 3) if known else None,
        backtest=backtest_table(tested, risk["levels"]) if tested else None,
        plot=profit_drawing(tested, risk["levels"]) if tested else None,
        worst=worst_sentence(tested) if tested else "",
        worst_days=worst_days_table(tested, risk["levels"]) if tested else None,
        worst_bonds=worst_bonds_table(tested["worst_days"][0]) if tested else None,
        factors=factor_table(risk["contributions"]) if known else None,
        bonds=bond_table(risk["contributions"]) if known else None,
    )


def sentences(risk: TailRisk) -> list[str]:
    """Say what the portfolio is, and what to know before trusting its figures."""
    held, left = risk["portfolio"], risk["excluded"]
    weights = "equal weights" if risk["weights"] == "equal" else f"the weights of {risk['weights']}"
    what = f"{plural(held['bonds'], 'bond')} in {risk['currency']} at the close of {risk['date']}, {weights}"
    said = [f"{what}, duration {number(held['duration'], 2)} years. Losses are over one business day."]
    if risk["status"] != "ok":
        said.append(f"{risk['status'].capitalize()}.")
    out = [f"{plural(left[key], 'bond')} {why}" for key, why in _LEFT_OUT.items() if left.get(key)]
    if out:
        said.append(f"Left out: {'; '.join(out)}.")
    if held["callable_bonds"]:
        share = percent(held["callable_weight"])
        said.append(f"Priced to maturity: {plural(held['callable_bonds'], 'callable bond')} ({share} % of the value).")
    said += [f"The factor model has {status}." for status in risk["factor_model_status"]]
    if risk["backtest"] is None:
        said.append("No date of the test block has enough dates before it for a backtest.")
    elif risk["backtest"]["note"]:
        said.append(risk["backtest"]["note"])
    return said


_LEFT_OUT = {"stale_price": "without a recent price", "no_mark": "without any price, or matured"}


def tail_table(risk: TailRisk, suffix: str, scale: float, unit: str, digits: int) -> Table:
    """Return value at risk and expected shortfall of every method and level.

    Parameters
    ----------
    risk : mapping
    suffix : str
        Of the figures' names.
    scale : float
        What they are multiplied by.
    unit : str
    digits : int
    """
    columns = [Column("Method", numeric=False)]
    for level in risk["levels"]:
        columns += [Column(f"VaR {_percent(level)} %", unit), Column(f"ES {_percent(level)} %", unit)]
    rows = []
    for method in _methods(risk["methods"]):
        cells = [Cell(METHOD_NAMES.get(method, method))]
        for level in risk["levels"]:
            figures = risk["methods"][method][f"{level:g}"]
            thin = figures["outcomes_beyond"] is not None and figures["outcomes_beyond"] < 1.0
            cells += [
                Cell(number(scale * figures[f"{name}{suffix}"], digits), "even" if thin else "")
                for name in ("var", "es")
            ]
        rows.append(row(*cells))
    return Table(f"Value at risk and expected shortfall, {unit}", columns, rows)


def backtest_table(tested: Mapping[str, Any], levels: Sequence[float]) -> Table:
    """Return how every method did on the tested dates, level by level."""
    columns = [
        Column("Level", "%"),
        Column("Method", numeric=False),
        Column("Losses beyond VaR", "dates (expected)"),
        Column("Rate", "% of dates [95 % interval]"),
        Column("Verdict", "exact test", numeric=False),
        Column("Kupiec", "p-value"),
        Column("Independence", "p-value"),
        Column("Both", "p-value"),
        Column("Z1", "statistic (p-value)"),
        Column("Z2", "statistic (p-value)"),
        Column("Score", "less historical [95 %]"),
        Column("Verdict", "score", numeric=False),
    ]
    rows = [
        _backtest_row(level, method, tested["results"][method][f"{level:g}"])
        for level in levels
        for method in _methods(tested["results"])
    ]
    dates = f"{plural(tested['dates'], 'date')}, {tested['first_date']} to {tested['last_date']}"
    return Table(f"Backtest on {dates}", columns, rows)


def profit_drawing(tested: Mapping[str, Any], levels: Sequence[float]) -> Drawing:
    """Return the profit of each tested date, bp of the value, with each method's value at risk below it."""
    series = tested["series"]
    level = _drawn_level(levels)
    methods = _methods(series["var"])
    days = series["dates"]

    def plot(axes: Axes) -> None:
        places = np.arange(len(days))
        axes.bar(places, BP * np.array(series["pnl"], dtype=np.float64), width=0.8, color=MUTED, alpha=0.5)
        for method, colour in zip(methods, SERIES, strict=False):
            lost = -BP * np.array(series["var"][method][f"{level:g}"], dtype=np.float64)
            axes.plot(places, lost, color=colour, linewidth=1.4, marker="o" if len(days) < 3 else "")
        axes.axhline(0.0, color=INK, linewidth=0.8)
        axes.set(ylabel="profit, bp of market value")
        shown = np.unique(np.linspace(0, len(days) - 1, DATE_TICKS).round().astype(np.int64))
        axes.set_xticks(shown, [days[place] for place in shown])

    named = f"value at risk at {_percent(level)} %"
    caption = f"Profit on each tested date (bars), and minus the {named} as forecast the day before (lines). "
    caption += "Look for bars that fall below a line, and for several of them in a row: that forecast was too low."
    svg = draw("tail-risk", f"Profit of the portfolio and {named}", plot)
    return Drawing(svg, caption, [METHOD_NAMES.get(method, method) for method in methods])


def worst_sentence(tested: Mapping[str, Any]) -> str:
    """Say what the portfolio lost on the worst of the tested dates."""
    worst, days = tested["worst_days"][0], plural(tested["dates"], "tested date")
    if worst["pnl"] >= 0.0:
        return f"On none of {days} did the portfolio lose."
    return (
        f"The worst of {days} was {worst['date']}: the portfolio held since the close before lost "
        f"{percent(-worst['pnl'], 2)} % of its value, every cash flow repriced."
    )


def worst_days_table(tested: Mapping[str, Any], levels: Sequence[float]) -> Table:
    """Return the worst tested dates with the value at risk that each method had forecast for them."""
    series, level = tested["series"], _drawn_level(levels)
    methods = _methods(series["var"])
    columns = [Column("Date", numeric=False), Column("Profit", "% of value")]
    columns += [
        Column(f"VaR {_percent(level)} %, {METHOD_NAMES.get(method, method)}", "% of value") for method in methods
    ]
    rows = []
    for day in tested["worst_days"]:
        place = series["dates"].index(day["date"])
        forecast = [series["var"][method][f"{level:g}"][place] for method in methods]
        beyond = [Cell(percent(var, 2), "bad" if day["pnl"] < -var else "") for var in forecast]
        rows.append(row(day["date"], signed_percent(day["pnl"], 2), *beyond))
    return Table("The worst days", columns, rows)


def worst_bonds_table(day: Mapping[str, Any]) -> Table:
    """Return the bonds that lost most on a day."""
    columns = [
        Column("Bond", numeric=False),
        Column("Weight", "% of value"),
        Column("Price", "% change"),
        Column("Profit", "bp of value"),
        Column("Share of the day's profit", "%"),
    ]
    rows = [
        row(
            bond_cell(bond["bond_id"]),
            percent(bond["weight"], 2),
            signed_percent(bond["change"], 2),
            signed(BP * bond["pnl"], 2),
            percent(bond["pnl"] / day["pnl"] if day["pnl"] else None),
        )
        for bond in day["bonds"]
    ]
    return Table(f"Bonds that lost most on {day['date']}", columns, rows)


def _drawn_level(levels: Sequence[float]) -> float:
    return max((level for level in levels if level <= DRAWN_LEVEL), default=levels[0])


_TAIL_COLUMNS = (Column("Loss in the tail", "bp of value"), Column("Share", "% of the shortfall"))


def factor_table(contributions: Mapping[str, Any]) -> Table:
    """Return the share of each factor in the Monte Carlo shortfall, the largest first."""
    total = contributions["es"]
    columns = [Column("Source", numeric=False), *_TAIL_COLUMNS]
    ordered = sorted(contributions["factors"].items(), key=lambda item: (-abs(item[1]), item[0]))
    rows = [row(name, signed(BP * loss, 2), percent(loss / total if total else None)) for name, loss in ordered]
    rows.append(row("all", signed(BP * total, 2), percent(1.0 if total else None), strong=True))
    return Table(f"Expected shortfall at {_percent(contributions['level'])} % by factor", columns, rows)


def bond_table(contributions: Mapping[str, Any]) -> Table:
    """Return the bonds that add most to the Monte Carlo shortfall."""
    columns = [Column("Bond", numeric=False), Column("Weight", "% of value"), *_TAIL_COLUMNS]
    total = contributions["es"]
    rows = [
        row(
            bond_cell(entry["bond_id"]),
            percent(entry["weight"], 2),
            number(BP * entry["es"], 2),
            percent(entry["es"] / total if total else None),
        )
        for entry in contributions["bonds"]
    ]
    return Table(f"Expected shortfall at {_percent(contributions['level'])} % by bond", columns, rows)


def _backtest_row(level: float, method: str, found: Mapping[str, Any]) -> Row:
    score = found["against_historical"] or {}
    difference = NOTHING
    if score:
        difference = signed(score["difference"], 3)
        if score["low"] is not None:
            difference += f" [{signed(score['low'], 3)}, {signed(score['high'], 3)}]"
    return row(
        _percent(level),
        METHOD_NAMES.get(method, method),
        f"{count(found['exceedances'])} ({number(found['expected'], 1)})",
        f"{percent(found['rate'])} [{percent(found['low'])}, {percent(found['high'])}]",
        Cell(found["verdict"], MARKS.get(found["verdict"], "")),
        number(found["kupiec"]["p_value"], 3),
        number(found["independence"]["p_value"], 3),
        number(found["conditional"]["p_value"], 3),
        _statistic(found["z1"]),
        _statistic(found["z2"]),
        difference,
        Cell(score.get("verdict", NOTHING), MARKS.get(score.get("verdict", ""), "")),
    )


def _statistic(found: Mapping[str, Any] | None) -> str:
    if found is None or found["statistic"] is None:
        return NOTHING
    return f"{signed(found['statistic'], 2)} ({number(found['p_value'], 3)})"


def _methods(found: Mapping[str, Any]) -> list[str]:
    """Return the methods in the order of `METHOD_NAMES`: metrics are written with sorted keys."""
    return [name for name in METHOD_NAMES if name in found] + sorted(set(found) - set(METHOD_NAMES))


def _percent(level: float) -> str:
    return f"{100.0 * level:g}"
