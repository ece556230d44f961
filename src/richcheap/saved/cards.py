"""The cards of a project's models, made from its last run.

import richcheap

for name, text in richcheap.cards("my-bonds").items():
    print(text)
"""

import os
import re
from pathlib import Path
from typing import Any

from richcheap.arguments import checked_project
from richcheap.cli import version
from richcheap.evaluation.summary import best_predictor
from richcheap.factors.params import FactorParams
from richcheap.features.baselines import BASELINES, FILTER, LINE
from richcheap.features.catalogue import feature_names
from richcheap.models.common.base import model_module
from richcheap.panel.params import KalmanParams
from richcheap.pipeline.config.fields import Section
from richcheap.pipeline.config.sections import load, model_names
from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import LEFT_OUT, read_json
from richcheap.regimes.params import RegimeParams
from richcheap.reporting.market_card import MarketCard
from richcheap.reporting.model_card import ModelCard
from richcheap.risk.params import TailRiskParams

EVALUATION = paths.METRICS / "evaluate.json"
LINK = re.compile(r" \(\[[^]]*\]\([^)]*\)\)")
"""To another page, which a card has not beside it."""
MARKET_SECTIONS: dict[str, type[Section]] = {
    "factor_model": FactorParams,
    "regime_detector": RegimeParams,
    "tail_risk": TailRiskParams,
}
"""Models of the market, and the sections of their params."""


def cards(project: str | os.PathLike[str] = ".") -> dict[str, str]:
    """Return the card of each model as Markdown, by name: those of prices, the Kalman filter, those of the market.

    Metrics, which git tracks, are enough; what training found is shown where the models are at hand.

    Parameters
    ----------
    project : str or Path
        The project's folder.

    Raises
    ------
    RichcheapError
        The folder is no project, or one that has not run.
    """
    folder = checked_project(project)
    names = [*model_names(folder / paths.PARAMS), FILTER, *MARKET_SECTIONS]
    return {name: card_of(folder, name).markdown() for name in names}


def card_of(project: Path, name: str) -> ModelCard | MarketCard:
    """Return the card of a model, or of a baseline that is the champion."""
    return market_card(project, name) if name in MARKET_SECTIONS else model_card(project, name)


def market_card(project: Path, name: str) -> MarketCard:
    """Return the card of a model of the market."""
    figures = read_json(project / paths.METRICS / f"{name}.json", even_left_out=True)
    if "weights" in figures:  # a card travels, paths do not
        figures["weights"] = Path(figures["weights"]).name
    return MarketCard(
        name=name,
        params=load(MARKET_SECTIONS[name], name, project / paths.PARAMS).model_dump(mode="json", exclude={"weights"}),
        version=version(),
        blocks=_blocks(project),
        figures=figures,
    )


def model_card(project: Path, name: str) -> ModelCard:
    """Return the card of a model of prices, or of a baseline that is the champion."""
    evaluation = read_json(project / EVALUATION, even_left_out=True)
    champion = None if LEFT_OUT in evaluation else best_predictor(evaluation)
    baseline = next((one for one in BASELINES if one.name == name), None)
    shared: dict[str, Any] = {
        "name": name,
        "version": version(),
        "champion": name == champion,
        "blocks": _blocks(project),
        "evaluation": evaluation,
        "findings": _if_there(project / paths.training_findings(name)),
        "tuning": _if_there(project / paths.TUNING / f"{name}.json"),
    }
    if baseline is not None:
        filtered = load(KalmanParams, FILTER, project / paths.PARAMS).model_dump(mode="json") if name == FILTER else {}
        return ModelCard(
            kind=f"a baseline: {LINK.sub('', baseline.meaning)}",
            starts_from="",
            limits=("It learns nothing from features.",) if name != LINE else ("It is linear in its features.",),
            features=feature_names("enhanced") if name == LINE else [],
            params=filtered,
            **shared,
        )
    module = model_module(name)
    params = load(module.Params, f"models.{name}", project / paths.PARAMS)
    return ModelCard(
        **module.FACTS._asdict(),
        features=module.build(params, 0, 1).features,
        params=params.model_dump(mode="json"),
        **shared,
    )


def _blocks(project: Path) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = read_json(project / paths.SPLIT, even_left_out=True).get("blocks", [])
    return blocks


def _if_there(file: Path) -> dict[str, Any] | None:
    try:
        found = read_json(file, even_left_out=True)
    except ArtifactError:
        return None
    return None if LEFT_OUT in found else found
