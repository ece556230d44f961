"""The page's section on regimes."""

from datetime import date, timedelta
from typing import Any

import polars as pl

from richcheap.reporting.sections.regimes import (
    method_table,
    probability_drawing,
    regime_section,
    regime_table,
    sentence,
)


def described(**changes: Any) -> dict[str, Any]:
    def method(states: int, density: float) -> dict[str, Any]:
        blocks = ("train", "validation", "test")
        return {
            "states": states,
            "log_density": dict.fromkeys(blocks, density),
            "adjusted_rand": dict.fromkeys((*blocks, "all"), 0.5),
        }

    regime = {"share": 0.75, "expected_duration_dates": 12.4, "curve_volatility_bp": 3.06, "spread_volatility_bp": None}
    metrics: dict[str, Any] = {
        "status": "",
        "chosen": "hidden_markov",
        "names": ["calm", "stressed"],
        "truth_known": True,
        "methods": {"k_means": method(3, -6.5), "hidden_markov": method(2, -6.25), "no_regime": method(1, -7.0)},
        "regimes": [{**regime, "name": "calm"}, {**regime, "name": "stressed", "curve_level_pct": 3.0}],
    }
    return metrics | changes


def table(dates: int = 6) -> pl.DataFrame:
    calm = [0.9, 0.8, 0.2, 0.1, 0.6, 1.0][:dates]
    return pl.DataFrame(
        {
            "date": [date(2024, 1, 1) + timedelta(days=k) for k in range(dates)],
            "block": ["train", "train", None, "validation", None, "test"][:dates],
            "p_0": calm,
            "p_1": [1.0 - share for share in calm],
        }
    )


def test_the_best_method_of_the_validation_block_stands_first_and_the_chosen_one_is_strong() -> None:
    rows = method_table(described()).rows
    assert [cells[0].text for cells, _ in rows] == ["hidden_markov", "k_means", "no_regime"]
    assert [strong for _, strong in rows] == [True, False, False]
    assert [cell.text for cell in rows[0].cells[1:3]] == ["2", "\u22126.25"]


def test_without_a_truth_there_are_no_columns_for_it() -> None:
    columns = method_table(described(truth_known=False)).columns
    assert len(columns) == 5
    assert all("Rand" not in column.title for column in columns)


def test_what_is_not_known_of_a_regime_is_a_dash() -> None:
    calm, stressed = regime_table(described()).rows
    assert [cell.text for cell in calm.cells] == ["calm", "75", "12", "3.1", "\u2013", "\u2013", "\u2013"]
    assert stressed.cells[5].text == "3.00"


def test_one_regime_is_explained() -> None:
    assert sentence(described(status="one regime: 28 dates")) == "One regime: 28 dates."
    assert "hidden_markov" in sentence(described())


def test_the_drawing_is_the_same_each_time_and_stands_for_any_number_of_dates() -> None:
    section = regime_section(described(), table())
    assert section.plot == probability_drawing(described(), table())
    assert section.plot.names == ["calm", "stressed"]
    assert "nan" not in section.plot.svg
    assert "2024-01-01" in probability_drawing(described(), table(1)).svg
