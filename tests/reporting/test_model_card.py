"""The card of a model, from what a run has measured."""

import copy
import re
from typing import Any

from richcheap.reporting.layout.formats import NOTHING
from richcheap.reporting.model_card import ModelCard
from tests.reporting import examples

HEADINGS = [
    "Model details",
    "Intended use",
    "Factors",
    "Metrics",
    "Training and evaluation data",
    "Quantitative analyses",
    "Ethical considerations",
    "Caveats and recommendations",
]
BLOCKS = [
    {"name": "train", "dates": 280, "first_date": "2022-01-03", "last_date": "2023-01-27", "rows": 14000},
    {"name": "embargo", "dates": 1, "first_date": "2023-01-30", "last_date": "2023-01-30", "rows": 50},
    {"name": "test", "dates": 0, "first_date": None, "last_date": None, "rows": 0},
]


def headings(text: str) -> list[str]:
    """Return the titles of a card's sections."""
    return re.findall(r"^## (.*)$", text, re.MULTILINE)


def card(**given: Any) -> ModelCard:
    fields: dict[str, Any] = {
        "name": "ml_adjuster",
        "kind": "a random forest",
        "starts_from": "the bond's own last spread",
        "limits": ("It does not extrapolate.",),
        "features": ["f_coupon", "f_rating"],
        "params": {"trees": 200},
        "version": "1.2.3",
        "champion": True,
        "blocks": BLOCKS,
        "evaluation": copy.deepcopy(examples.evaluation()),
        "findings": {
            "model": "ml_adjuster",
            "multiplier": 0.9,
            "leaderboard": [{"rank": 1, "settings": "leaves 15", "share": 0.75}, {"rank": 2, "share": 0.0}],
        },
        "tuning": {"verdict": "kept"},
    }
    return ModelCard(**fields | given)


def test_it_has_the_sections_of_a_model_card():
    text = card().markdown()
    assert headings(text) == HEADINGS
    assert text.startswith("# ml_adjuster\n\nThe champion of its run")
    assert "The champion" not in card(champion=False).markdown()


def test_it_says_what_the_model_is_and_what_training_found():
    text = card().markdown()
    for said in (
        "- Kind: a random forest.",
        "- Starts from: the bond's own last spread.",
        "- Features (2): `f_coupon`, `f_rating`.",
        "- Params: `trees` 200.",
        "- Shrunk, chosen on the validation block: `multiplier` 0.9.",
        "- Found: 75 % leaves 15.",
        "- Tuning: kept.",
        "| train | 2022-01-03 | 2023-01-27 | 280 | 14,000 |",
        f"| test | {NOTHING} | {NOTHING} | 0 | 0 |",
        "- It does not extrapolate.",
    ):
        assert f"{said}" in text
    assert text.count("- Found: ") == 1
    assert "embargo |" not in text


def test_it_shows_metrics_skill_and_slices_of_the_test_block():
    text = card().markdown()
    assert "| `mae` | 0.2150 | points | mean absolute error" in text
    assert "| `kalman` | +1.8 | [+0.3, +3.1] | " in text
    assert "| By maturity | Rows | MAE, points | Coverage, % |" in text


def test_cells_whose_intervals_are_off_are_named():
    evaluation = copy.deepcopy(examples.evaluation())
    cell = evaluation["slices"]["maturity"][0]
    cell["rows"], cell["predictors"]["ml_adjuster"]["coverage"] = 500, 0.7
    assert f"beside their target in: maturity {cell['cell']} (70 %)" in card(evaluation=evaluation).markdown()


def test_a_model_that_is_not_scored_says_why():
    assert "Not scored: 3 dates are too few." in card(evaluation={"left_out": "3 dates are too few"}).markdown()
    assert "Not scored: the last evaluation does not know this model." in card(name="new").markdown()
    content = card(name="new", findings=None, tuning=None).content()
    assert [content[key] for key in ("metrics", "skill", "slices", "found", "tuning")] == [None] * 5


def test_its_content_has_the_figures_of_the_evaluation():
    content = card().content()
    evaluation = examples.evaluation()
    assert content["metrics"] == evaluation["predictors"]["ml_adjuster"]
    assert [one["name"] for one in content["blocks"]] == ["train", "test"]
    assert [one["mae"] for one in content["slices"]["maturity"]] == [
        cell["predictors"]["ml_adjuster"]["mae"] for cell in evaluation["slices"]["maturity"]
    ]
