"""The cards of the project's own models, from the metrics that git tracks."""

import shutil
from pathlib import Path

import pytest

from richcheap.models.registry import MODELS
from richcheap.pipeline.errors import ArtifactError, ParamsError
from richcheap.pipeline.storage import paths
from richcheap.saved.cards import cards, model_card
from tests.conftest import ROOT


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a clone in which nothing has run."""
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy2(ROOT / name, tmp_path / name)
    for name in ("params", "metrics"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def test_each_model_has_a_card_made_of_metrics_alone(project: Path) -> None:
    made = cards(project)
    assert list(made) == [*MODELS, "kalman", "factor_model", "regime_detector", "tail_risk"]
    assert sum("The champion of its run" in text for text in made.values()) == 1
    priced = [made[name] for name in (*MODELS, "kalman")]
    assert all("## Quantitative analyses\n\n| Metric |" in text and "| By currency |" in text for text in priced)
    assert all("](" not in text for text in made.values())
    assert all(f"`{name}`" in made["ml_adjuster"] for name in ("f_coupon", "trees"))


def test_a_baseline_that_is_the_champion_has_one_too(project: Path) -> None:
    text = model_card(project, "kalman").markdown()
    assert "- Kind: a baseline: the Kalman filter's prediction, the day's own print left out." in text
    assert "`bond_move_bp`" in text
    assert "| `mae` |" in text


def test_a_project_that_has_not_run_and_a_folder_that_is_none_are_told(project: Path, tmp_path: Path) -> None:
    (project / paths.SPLIT).unlink()
    with pytest.raises(ArtifactError, match=r"metrics/split.json: no such file; run `dvc repro` to make it"):
        cards(project)
    with pytest.raises(ParamsError, match=r"^project: expected the folder of a richcheap project"):
        cards(tmp_path / "nowhere")
