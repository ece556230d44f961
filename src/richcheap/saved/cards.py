"""The cards of a project's models, made from its last run.

import richcheap

for name, text in richcheap.cards("my-bonds").items():
    print(text)
"""

import os
from pathlib import Path
from typing import Any

from richcheap.arguments import checked_project
from richcheap.cli import version
from richcheap.evaluation.summary import best_predictor
from richcheap.features.baselines import BASELINES
from richcheap.models.common.base import model_module
from richcheap.pipeline.config.sections import load, model_names
from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import LEFT_OUT, read_json
from richcheap.reporting.model_card import ModelCard

EVALUATION = paths.METRICS / "evaluate.json"


def cards(project: str | os.PathLike[str] = ".") -> dict[str, str]:
    """Return the card of each model of prices as Markdown, by name, in the order of params.yaml.

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
    return {name: model_card(folder, name).markdown() for name in model_names(folder / paths.PARAMS)}


def model_card(project: Path, name: str) -> ModelCard:
    """Return the card of a model of prices, or of a baseline that is the champion."""
    evaluation = read_json(project / EVALUATION, even_left_out=True)
    champion = None if LEFT_OUT in evaluation else best_predictor(evaluation)
    baseline = next((one for one in BASELINES if one.name == name), None)
    shared: dict[str, Any] = {
        "name": name,
        "version": version(),
        "champion": name == champion,
        "blocks": read_json(project / paths.SPLIT, even_left_out=True).get("blocks", []),
        "evaluation": evaluation,
        "findings": _if_there(project / paths.training_findings(name)),
        "tuning": _if_there(project / paths.TUNING / f"{name}.json"),
    }
    if baseline is not None:
        limits = ("It learns nothing from features.",)
        return ModelCard(
            kind="a baseline", starts_from=baseline.meaning, limits=limits, features=[], params={}, **shared
        )
    module = model_module(name)
    params = load(module.Params, f"models.{name}", project / paths.PARAMS)
    return ModelCard(
        **module.FACTS._asdict(),
        features=module.build(params, 0, 1).features,
        params=params.model_dump(mode="json"),
        **shared,
    )


def _if_there(file: Path) -> dict[str, Any] | None:
    try:
        found = read_json(file, even_left_out=True)
    except ArtifactError:
        return None
    return None if LEFT_OUT in found else found
