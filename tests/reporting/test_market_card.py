"""The cards of the models of the market, from what their stages measured."""

from typing import Any

import pytest

from richcheap.pipeline.storage.artifacts import read_json
from richcheap.reporting.market_card import FACTS, MarketCard
from tests.conftest import ROOT
from tests.reporting.test_model_card import BLOCKS, HEADINGS, headings


def card(name: str, **given: Any) -> MarketCard:
    fields: dict[str, Any] = {
        "name": name,
        "params": {"min_dates": 20},
        "version": "1.2.3",
        "blocks": BLOCKS,
        "figures": read_json(ROOT / "metrics" / f"{name}.json"),
    }
    return MarketCard(**fields | given)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("factor_model", "| curve: level | "),
        ("regime_detector", "chosen on the validation block, distinguishes: "),
        ("tail_risk", "| historical | "),
    ],
)
def test_it_has_the_sections_of_a_model_card_and_the_figures_of_its_stage(name: str, shown: str) -> None:
    text = card(name).markdown()
    assert headings(text) == HEADINGS
    for said in (f"# {name}\n", FACTS[name].kind, "- Params: `min_dates` 20.", "| train | 2022-01-03 |", shown):
        assert said in text
    assert all(f"- {limit}" in text for limit in FACTS[name].limits)


@pytest.mark.parametrize("name", FACTS)
def test_a_model_that_was_left_out_says_why(name: str) -> None:
    text = card(name, figures={"left_out": "3 dates are too few"}).markdown()
    assert "## Quantitative analyses\n\nNot made: 3 dates are too few.\n" in text


@pytest.mark.parametrize("name", FACTS)
def test_its_content_has_the_figures(name: str) -> None:
    made = card(name)
    assert made.content()["figures"] == made.figures
    assert made.content()["limits"] == list(FACTS[name].limits)
