"""The page's section on tail risk."""

import copy
from typing import Any

import pytest

from richcheap.reporting.sections.risk import (
    backtest_table,
    bond_table,
    factor_table,
    profit_drawing,
    risk_section,
    sentences,
    tail_table,
    worst_bonds_table,
    worst_days_table,
    worst_sentence,
)

METHODS = ("filtered_historical", "historical", "monte_carlo", "parametric")  # as sorted keys stand in the file
LEVELS = (0.9, 0.99)


def outcome() -> dict[str, Any]:
    return {
        "exceedances": 3, "expected": 1.2, "rate": 0.25, "low": 0.05, "high": 0.57, "verdict": "consistent",
        "kupiec": {"statistic": 2.4, "p_value": 0.12}, "independence": {"statistic": None, "p_value": None},
        "conditional": {"statistic": None, "p_value": None}, "z1": None, "z2": {"statistic": -0.71, "p_value": 0.049},
        "score": -5.0,
    }  # fmt: skip


def tail_risk(**changes: Any) -> dict[str, Any]:
    """Return what metrics/tail_risk.json holds."""
    comparison = {"difference": -0.12, "low": -0.2, "high": -0.05, "p_value": 0.01, "verdict": "better"}
    found: dict[str, Any] = {
        "status": "ok", "currency": "USD", "date": "2023-07-14", "weights": "equal", "levels": list(LEVELS),
        "factor_model_status": [], "excluded": {"stale_price": 14, "no_mark": 0},
        "portfolio": {
            "bonds": 386, "price": 99.5, "duration": 3.81, "callable_bonds": 71, "callable_weight": 0.184,
        },
        "methods": {
            method: {
                f"{level:g}": {
                    "var": 0.004, "es": 0.006, "var_points": 0.4, "es_points": 0.6,
                    "outcomes_beyond": None if method == "parametric" else 25.0 if level < 0.95 else 0.25,
                }
                for level in LEVELS
            }
            for method in METHODS
        },
        "contributions": {
            "level": 0.99, "es": 0.01,
            "factors": {"level": 0.004, "credit": 0.0065, "higher order": -0.0005},
            "bonds": [{"bond_id": "<b>", "weight": 0.0026, "es": 0.0001}],
        },
        "backtest": {
            "dates": 12, "first_date": "2023-06-29", "last_date": "2023-07-14",
            "note": "On 12 dates little can be determined.",
            "results": {
                method: {
                    f"{level:g}": outcome() | {"against_historical": None if method == "historical" else comparison}
                    for level in LEVELS
                }
                for method in METHODS
            },
            "series": {
                "dates": [f"2023-07-{day:02d}" for day in range(3, 15)],
                "pnl": [0.001, -0.002] * 6,
                "var": {method: {f"{level:g}": [0.004] * 12 for level in LEVELS} for method in METHODS},
            },
            "worst_days": [
                {
                    "date": "2023-07-04", "pnl": -0.002,
                    "bonds": [{"bond_id": "<b>", "weight": 0.01, "pnl": -0.0005, "change": -0.05}],
                },
                {"date": "2023-07-06", "pnl": -0.002, "bonds": []},
            ],
        },
    }  # fmt: skip
    return copy.deepcopy(found) | changes


def texts(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_methods_stand_in_one_order_whatever_the_file_has():
    names = [row[0] for row in texts(tail_table(tail_risk(), "", 100.0, "%", 3))]
    assert names == ["historical", "parametric", "Monte Carlo", "filtered historical"]


def test_figures_that_rest_on_less_than_one_date_are_marked():
    table = tail_table(tail_risk(), "", 100.0, "%", 3)
    marks = [[cell.mark for cell in row.cells[1:]] for row in table.rows]
    assert marks[0] == ["", "", "even", "even"]
    assert marks[1] == ["", "", "", ""]
    assert texts(table)[0][1:] == ["0.400", "0.600", "0.400", "0.600"]


def test_the_backtest_goes_level_by_level():
    found = tail_risk()["backtest"]
    table = backtest_table(found, LEVELS)
    rows = texts(table)
    assert [row[:2] for row in rows[:2]] == [["90", "historical"], ["90", "parametric"]]
    assert [row[0] for row in rows] == ["90"] * 4 + ["99"] * 4
    assert rows[1][2:] == [
        "3 (1.2)", "25.0 [5.0, 57.0]", "consistent", "0.120", "\u2013", "\u2013", "\u2013", "\u22120.71 (0.049)",
        "\u22120.120 [\u22120.200, \u22120.050]", "better",
    ]  # fmt: skip
    assert rows[0][-2:] == ["\u2013", "\u2013"]
    assert table.rows[1].cells[4].mark == "good"


@pytest.mark.parametrize(("verdict", "mark"), [("too many", "bad"), ("too few", "even"), ("no power", "")])
def test_verdicts_are_marked(verdict, mark):
    found = tail_risk()["backtest"]
    found["results"]["historical"]["0.9"]["verdict"] = verdict
    assert backtest_table(found, LEVELS).rows[0].cells[4].mark == mark


def test_parts_of_the_shortfall_are_ordered_by_size_and_summed():
    rows = texts(factor_table(tail_risk()["contributions"]))
    assert [row[0] for row in rows] == ["credit", "level", "higher order", "all"]
    assert rows[0][1:] == ["+65.00", "65.0"]
    assert rows[-1][1:] == ["+100.00", "100.0"]
    assert texts(bond_table(tail_risk()["contributions"])) == [["<b>", "0.26", "1.00", "1.0"]]


def test_what_was_lost_on_the_worst_day_and_by_which_bonds_stands_beside_what_was_forecast():
    found = tail_risk()["backtest"]
    found["series"]["var"]["parametric"]["0.99"][1] = 0.0015
    assert worst_sentence(found).startswith("The worst of 12 tested dates was 2023-07-04: ")
    assert "lost 0.20 % of its value" in worst_sentence(found)
    table = worst_days_table(found, LEVELS)
    assert texts(table)[0] == ["2023-07-04", "\u22120.20", "0.40", "0.15", "0.40", "0.40"]
    assert [cell.mark for cell in table.rows[0].cells[2:]] == ["", "bad", "", ""]
    assert texts(worst_bonds_table(found["worst_days"][0])) == [["<b>", "1.00", "\u22125.00", "\u22125.00", "25.0"]]
    found["worst_days"][0]["pnl"] = 0.0
    assert worst_sentence(found) == "On none of 12 tested dates did the portfolio lose."


def test_the_drawing_is_the_same_bytes_and_names_its_lines():
    found = tail_risk()["backtest"]
    drawing = profit_drawing(found, LEVELS)
    assert drawing == profit_drawing(found, LEVELS)
    assert drawing.svg.startswith("<svg")
    assert drawing.names == ["historical", "parametric", "Monte Carlo", "filtered historical"]
    assert "at 99 %" in drawing.caption


def test_sentences_say_what_to_know_before_trusting_the_figures():
    said = " ".join(sentences(tail_risk(factor_model_status=["no spread factors"])))
    for part in ("386 bonds in USD", "equal weights", "14 bonds without a recent price", "71 callable bonds (18.4 %",
                 "The factor model has no spread factors.", "On 12 dates little can be determined."):  # fmt: skip
        assert part in said


def test_without_a_forecast_the_section_says_why():
    bare = tail_risk(status="no forecast: 9 moves", backtest=None, weights="w.csv", excluded={})
    for key in ("methods", "contributions"):
        del bare[key]
    section = risk_section(bare)
    assert (section.tails, section.backtest, section.plot, section.factors) == (None, None, None, None)
    said = " ".join(section.sentences)
    assert "the weights of w.csv" in said
    assert "No forecast: 9 moves." in said
    assert "No date of the test block has enough dates" in said


def test_a_whole_section():
    section = risk_section(tail_risk())
    assert section.points is not None
    assert texts(section.points)[0][1] == "0.400"
    assert section.bonds is not None
