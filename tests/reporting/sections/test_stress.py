"""The page's section on stress scenarios."""

from typing import Any

from richcheap.reporting.sections.stress import stress_section

SHOWN = ["model", "peers"]


def stress() -> dict[str, Any]:
    """Return what metrics/stress.json holds."""

    def scenario(name: str, **changes: Any) -> dict[str, Any]:
        prediction = {
            "bonds": 390, "mean_change": -6.7, "signals_before": 40, "signals_after": 8, "flips": 32, "lost": 32,
            "new": 0, "spearman": 0.987,
        }  # fmt: skip
        plain = {
            "name": name, "curve_bp": 200.0, "spread_bp": 0.0, "spread_multiples": None, "liquidity_multiple": 1.0,
            "portfolio": {
                "pnl": -0.0687, "pnl_points": -6.84, "duration_convexity": -0.06826, "liquidity_cost": 0.0,
                "ratings": [
                    {"rating": "A", "bonds": 77, "weight": 0.2, "pnl": -0.0147},
                    {"rating": "GOV", "bonds": 12, "weight": 0.03, "pnl": 0.0},
                ],
                "worst_bonds": [{"bond_id": "X", "pnl": -0.00065, "change": -0.2519}],
            },
            "predictions": {
                "model": prediction, "peers": prediction | {"bonds": 0, "spearman": None}, "other": prediction,
            },
        }  # fmt: skip
        return plain | changes

    crisis = scenario("crisis", curve_bp=0.0, spread_multiples={"BB": 3.0, "AAA": 4.0}, liquidity_multiple=5.0)
    return {
        "currency": "USD", "date": "2023-07-14", "weights": "equal", "prediction_rows": 390,
        "portfolio": {"bonds": 386, "callable_bonds": 71},
        "scenarios": [scenario("up"), crisis],
    }  # fmt: skip


def texts(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_the_portfolio_is_told_scenario_by_scenario():
    rows = texts(stress_section(stress(), SHOWN).portfolio)
    assert rows[0] == ["up", "+200", "0", "\u22126.87", "\u22126.84", "\u22126.83", "+4.4", "0.00"]
    assert rows[1][:3] == ["crisis", "0", "by rating"]


def test_ratings_stand_in_the_order_of_quality():
    section = stress_section(stress(), SHOWN)
    assert [row[0] for row in texts(section.ratings)] == ["GOV", "A"]
    assert texts(section.ratings)[1][3:] == ["\u22121.47", "\u22121.47"]


def test_only_the_predictors_asked_for_are_shown():
    rows = texts(stress_section(stress(), SHOWN).predictions)
    assert [row[:2] for row in rows] == [["up", "model"], ["up", "peers"], ["crisis", "model"], ["crisis", "peers"]]
    assert rows[0][2:] == ["\u22126.70", "40", "8", "32 of 390", "0.987"]
    assert rows[1][5:] == ["\u2013", "\u2013"]


def test_sentences_describe_multiples_and_callable_bonds():
    said = " ".join(stress_section(stress(), SHOWN).sentences)
    assert "crisis: spreads times AAA 4.0, BB 3.0; noise and intervals times 5.0." in said
    assert "Priced to maturity: 71 callable bonds" in said
    assert "up:" not in said


def test_the_worst_bonds_have_a_table_for_each_scenario():
    section = stress_section(stress(), SHOWN)
    assert [table.name for table in section.worst] == [
        "Bonds with the least profit: up",
        "Bonds with the least profit: crisis",
    ]
    assert texts(section.worst[0]) == [["X", "\u22126.50", "\u221225.2"]]
