"""Stress scenarios: tables from the content of metrics/stress.json."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from richcheap.reporting.layout.formats import NOTHING, count, number, plural, signed, signed_percent
from richcheap.reporting.layout.tables import Cell, Column, Table, bond_cell, row

BP = 1e4
RATINGS = ("GOV", "AAA", "AA", "A", "BBB", "BB", "B", "CCC", "NR")
"""In the order of quality."""

Stress = Mapping[str, Any]


class StressSection(NamedTuple):
    """What the page shows of the scenarios.

    Attributes
    ----------
    sentences : list of str
    portfolio, ratings : Table
        What each scenario does to the portfolio, and to the bonds of each rating.
    predictions : Table
        What it does to predicted prices and to the signals drawn from them.
    worst : list of Table
        The bonds with the least profit, scenario by scenario.
    """

    sentences: list[str]
    portfolio: Table
    ratings: Table
    predictions: Table
    worst: list[Table]


def stress_section(stress: Stress, shown: Sequence[str]) -> StressSection:
    """Return what the page shows of a stress.

    Parameters
    ----------
    stress : mapping
        Content of metrics/stress.json.
    shown : sequence of str
        Predictors to show; others are left to the file.
    """
    return StressSection(
        sentences=sentences(stress),
        portfolio=portfolio_table(stress),
        ratings=ratings_table(stress),
        predictions=predictions_table(stress, shown),
        worst=[worst_table(scenario) for scenario in stress["scenarios"]],
    )


def sentences(stress: Stress) -> list[str]:
    """Say what is stressed, and how."""
    held = stress["portfolio"]
    what = f"The portfolio of {plural(held['bonds'], 'bond')} in {stress['currency']} at the close of {stress['date']}"
    rows = f"the latest predicted row of {plural(stress['prediction_rows'], 'bond')}"
    said = [
        f"{what}, and {rows}, repriced from every cash flow.",
        "Shocks are instantaneous, rates may fall below zero, and governments that carry the curve keep their spreads.",
    ]
    said += [
        f"{scenario['name']}: {described}."
        for scenario in stress["scenarios"]
        if (described := describe(scenario)) is not None
    ]
    if held["callable_bonds"]:
        said.append(
            f"Priced to maturity: {plural(held['callable_bonds'], 'callable bond')}. When rates fall, they gain less "
            "than shown, because they may be called."
        )
    return said


def describe(scenario: Mapping[str, Any]) -> str | None:
    """Say what a scenario does beyond shifting curve and spreads; None if nothing."""
    said = []
    if scenario["spread_multiples"] is not None:
        multiples = ", ".join(
            f"{name} {number(scenario['spread_multiples'][name], 1)}"
            for name in RATINGS
            if name in scenario["spread_multiples"]
        )
        said.append(f"spreads times {multiples}")
    if scenario["liquidity_multiple"] != 1.0:
        said.append(f"noise and intervals times {number(scenario['liquidity_multiple'], 1)}")
    return "; ".join(said) or None


def portfolio_table(stress: Stress) -> Table:
    """Return profit and loss of the portfolio in each scenario."""
    columns = [
        Column("Scenario", numeric=False),
        Column("Curve", "bp"),
        Column("Spreads", "bp"),
        Column("Profit", "% of value"),
        Column("Profit", "points per 100 of face"),
        Column("Duration and convexity", "% of value"),
        Column("Approximation error", "bp of value"),
        Column("Cost of selling", "% of value"),
    ]
    rows = []
    for scenario in stress["scenarios"]:
        found = scenario["portfolio"]
        rows.append(
            row(
                Cell(scenario["name"], "code"),
                signed(scenario["curve_bp"], 0),
                "by rating" if scenario["spread_multiples"] is not None else signed(scenario["spread_bp"], 0),
                signed_percent(found["pnl"], 2),
                signed(found["pnl_points"], 2),
                signed_percent(found["duration_convexity"], 2),
                signed(BP * (found["duration_convexity"] - found["pnl"]), 1),
                number(100.0 * found["liquidity_cost"], 2),
            )
        )
    return Table("The portfolio under stress", columns, rows)


def ratings_table(stress: Stress) -> Table:
    """Return what the bonds of each rating add to the profit in each scenario."""
    scenarios = stress["scenarios"]
    columns = [Column("Rating", numeric=False), Column("Bonds"), Column("Weight", "% of value")]
    columns += [Column(scenario["name"], "% of value") for scenario in scenarios]
    rows = [
        row(
            entry["rating"],
            count(entry["bonds"]),
            number(100.0 * entry["weight"], 1),
            *[signed_percent(scenario["portfolio"]["ratings"][place]["pnl"], 2) for scenario in scenarios],
        )
        for place, entry in sorted(
            enumerate(scenarios[0]["portfolio"]["ratings"]), key=lambda item: RATINGS.index(item[1]["rating"])
        )
    ]
    return Table("Profit by rating", columns, rows)


def predictions_table(stress: Stress, shown: Sequence[str]) -> Table:
    """Return what each scenario does to the prices of `shown` predictors and to the bonds they call rich or cheap."""
    columns = [
        Column("Scenario", numeric=False),
        Column("Predictor", numeric=False),
        Column("Predicted prices", "points, mean change"),
        Column("Signals before", "bonds"),
        Column("Signals after", "bonds"),
        Column("Signals that change", "bonds"),
        Column("Order of bonds kept", "rank correlation, -1 to 1"),
    ]
    rows = []
    for scenario in stress["scenarios"]:
        for name in [name for name in shown if name in scenario["predictions"]]:
            found = scenario["predictions"][name]
            rows.append(
                row(
                    Cell(scenario["name"], "code"),
                    Cell(name, "code"),
                    signed(found["mean_change"], 2),
                    count(found["signals_before"]),
                    count(found["signals_after"]),
                    f"{count(found['flips'])} of {count(found['bonds'])}" if found["bonds"] else NOTHING,
                    number(found["spearman"], 3),
                )
            )
    return Table("Predictions under stress", columns, rows)


def worst_table(scenario: Mapping[str, Any]) -> Table:
    """Return the bonds with the least profit in a scenario: those that lose most, unless rates fall."""
    columns = [Column("Bond", numeric=False), Column("Profit", "bp of value"), Column("Price", "% change")]
    rows = [
        row(bond_cell(entry["bond_id"]), signed(BP * entry["pnl"], 2), signed_percent(entry["change"], 1))
        for entry in scenario["portfolio"]["worst_bonds"]
    ]
    return Table(f"Bonds with the least profit: {scenario['name']}", columns, rows)
