"""Profiles change the values that they name, and nothing else of params.yaml."""

import sys

import pytest
from ruamel.yaml import YAML

from dvc_parallel.system.yaml_source import parse
from richcheap import profile
from richcheap.params import all_sections, model_sections
from richcheap.pipeline.config.params_files import Params, leaves, params_texts
from richcheap.pipeline.config.sections import validate
from richcheap.pipeline.errors import ParamsError
from tests.conftest import ROOT

PARAMS = """# Every knob.
seed: 1   # of all randomness

models:
  forest:
    trees: 200  # trees
    depths: [1, 2]  # levels
    of: null
  other: {trees: 200, name: "text"}
"""


def applied(text, params=PARAMS):
    return profile.applied({"params.yaml": params}, parse(text, "profile.yaml"))["params.yaml"]


def test_the_values_change_and_all_else_stays():
    changed = applied("seed: 2\nmodels: {forest: {trees: 5000, depths: [3], of: 0.5}, other: {name: a b}}")
    expected = PARAMS.replace("seed: 1", "seed: 2").replace("trees: 200  #", "trees: 5000  #")
    expected = expected.replace("[1, 2]", "[3]").replace("of: null", "of: 0.5").replace('"text"', '"a b"')
    assert changed == expected


def test_a_value_is_put_where_none_stands():
    params = PARAMS.replace("of: null", "of:   # nothing")
    assert applied("models: {forest: {of: 0.5}}", params) == params.replace("of: ", "of: 0.5 ")


def test_the_same_profile_again_changes_nothing():
    once = applied("models: {forest: {trees: 7}}")
    assert applied("models: {forest: {trees: 7}}", once) == once


def test_every_key_that_params_do_not_have_is_told_with_its_line():
    message = (
        r"^profile.yaml:2: models.forest.tree: must be a value of params.yaml or params/\n"
        r"profile.yaml:3: models.other: must be a value of params.yaml or params/$"
    )
    with pytest.raises(ParamsError, match=message):
        applied("models:\n  forest: {tree: 7}\n  other: 3\nseed: 4")


def test_the_command_writes_params_and_says_what_changed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(PARAMS, encoding="utf-8")
    (tmp_path / "big.yaml").write_text("seed: 1\nmodels: {forest: {trees: 900}}", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["profile", "big.yaml"])
    profile.main()
    assert capsys.readouterr().out == "params.yaml:6: trees: 200  # trees -> trees: 900  # trees\n"
    assert (tmp_path / "params.yaml").read_text(encoding="utf-8") == PARAMS.replace("200  #", "900  #")


@pytest.mark.parametrize("path", sorted((ROOT / "profiles").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_profile_gives_valid_params_that_differ(path):
    texts = params_texts(ROOT)
    values = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    changed = profile.applied(texts, parse(path.read_text(encoding="utf-8"), path.name))
    documents = Params(tuple(parse(text, name) for name, text in changed.items()))
    validate(documents, all_sections(), optional=model_sections())
    lines = [
        old
        for name, text in texts.items()
        for old, new in zip(text.splitlines(), changed[name].splitlines(), strict=True)
        if old != new
    ]
    assert len(lines) == len(list(leaves(values)))


def test_each_value_goes_to_the_file_that_has_the_key(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params").mkdir()
    (tmp_path / "params.yaml").write_text("models: {forest: {trees: 200}}\n", encoding="utf-8")
    (tmp_path / "params" / "models.yaml").write_text("models: {forest: {depth: 3}}\n", encoding="utf-8")
    changed = profile.apply(parse("models: {forest: {depth: 4}}", "profile.yaml"))
    assert changed == [("params/models.yaml", "models: {forest: {depth: 3}}\n", "models: {forest: {depth: 4}}\n")]
    assert (tmp_path / "params" / "models.yaml").read_text(encoding="utf-8") == changed[0][2]


def test_a_date_of_a_profile_is_written_as_text():
    assert applied("a: 2024-01-02", 'a: "x"\n') == 'a: "2024-01-02"\n'


def test_a_list_with_dashes_is_not_replaced():
    message = r"^profile.yaml:1: a: is a list with dashes in params.yaml:2; change it there, or write it in brackets$"
    with pytest.raises(ParamsError, match=message):
        applied("a: [1]", "a:\n  - 1\n  - 2\nb: 3\n")


def test_a_list_that_stands_on_several_lines_is_told_as_one_change():
    before = "a: [1,\n  2]\nb: 3\n"
    after = applied("a: [7]\nb: 4", before)
    assert after == "a: [7]\nb: 4\n"
    assert list(profile.differing_lines(before, after)) == [(1, "a: [1, 2] b: 3", "a: [7] b: 4")]


def test_params_that_are_not_there_are_told_in_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "big.yaml").write_text("seed: 1\n", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["profile", "big.yaml"])
    with pytest.raises(ParamsError, match=r"^params.yaml: no such file; run from the project's root$"):
        profile.main()
