"""Every model of the registry is whole, and none is loaded before it is asked for."""

import subprocess
import sys

import pytest

from richcheap.models import registry
from richcheap.models.common.base import model_module
from richcheap.pipeline.config.fields import Section
from richcheap.pipeline.config.sections import load
from tests.conftest import ROOT


@pytest.mark.parametrize("name", registry.MODELS)
def test_params_yaml_has_a_valid_block_for_each_model(name):
    params = load(registry.params_class(name), f"models.{name}", ROOT / "params.yaml")
    assert isinstance(params, Section)


@pytest.mark.parametrize("name", registry.MODELS)
def test_a_model_keeps_what_it_was_built_with_and_names_its_features(name):
    params = load(registry.params_class(name), f"models.{name}", ROOT / "params.yaml")
    model = model_module(name).build(params, 7, 2)
    assert model.features
    assert model.set_params(n_jobs=1) is model


def test_each_model_has_a_folder_and_a_line_in_the_registry():
    folders = {path.parent.name for path in (ROOT / "src" / "richcheap" / "models").glob("*/__init__.py")}
    assert folders - {"common"} == set(registry.MODELS), "src/richcheap/models/registry.py lists each model's folder"


BESIDE = {
    "docs/models/{}.md": "formula, assumptions and limits of the model, and each of its params in backticks",
    "tests/models/{}/small.py": "small(**changes), which returns it untrained, for tests/models/test_contract.py",
    "tests/models/{}/test_estimator.py": "tests of what the contract does not say",
}


@pytest.mark.parametrize("name", registry.MODELS)
def test_each_model_has_a_page_and_tests(name):
    missing = [
        f"{file.format(name)}: {what}" for file, what in BESIDE.items() if not (ROOT / file.format(name)).exists()
    ]
    assert not missing, "write " + "; ".join(missing)


@pytest.mark.parametrize("name", registry.MODELS)
def test_the_page_of_each_model_names_all_its_params(name):
    page = (ROOT / "docs" / "models" / f"{name}.md").read_text(encoding="utf-8")
    assert [key for key in registry.params_class(name).model_fields if f"`{key}`" not in page] == []


def test_an_unknown_model_is_refused_with_the_known_ones():
    known = ", ".join(registry.MODELS)
    with pytest.raises(ValueError, match=f"^model must be one of {known}, got 'ml_ajuster'$"):
        registry.params_class("ml_ajuster")


def loaded_after(code):
    """Return the modules in a fresh process after `code`."""
    command = [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()


def test_the_trainer_loads_no_model_before_it_is_named():
    loaded = loaded_after("import stages.train")
    assert "richcheap.models.common.base" in loaded
    assert {name for name in registry.MODELS if f"richcheap.models.{name}" in loaded} == set()


def test_params_are_checked_without_loading_the_learning_libraries():
    loaded = loaded_after(
        "from richcheap.models import registry\nfor name in registry.MODELS: registry.params_class(name)"
    )
    assert "richcheap.models.ml_adjuster" in loaded
    assert "sklearn" not in loaded
