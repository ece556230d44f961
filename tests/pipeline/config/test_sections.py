import datetime as dt

import pytest
from pydantic import ValidationError, model_validator

from dvc_parallel.system.yaml_source import parse
from richcheap.pipeline.config.fields import Section, param
from richcheap.pipeline.config.params_files import Params, read_params
from richcheap.pipeline.config.sections import Seed, load, load_key, load_seed, model_names, validate
from richcheap.pipeline.errors import ParamsError


class Inner(Section):
    share: float = param(..., "Share of the rows", user=True, ge=0.0, le=1.0)
    depth: int = param(3, "Depth", unit="levels", ge=1, le=9)


class Named(Section):
    share: float = param(..., "Share of the rows", ge=0.0, le=1.0)


class Outer(Section):
    count: int = param(..., user=True, ge=1, le=9)
    start: dt.date = param(..., user=True)
    nodes: tuple[float, ...] = param(..., user=True)
    inner: Named = param(..., user=True)
    named: dict[str, Named] = param(..., user=True)

    @model_validator(mode="after")
    def _nodes_ascend(self) -> "Outer":
        if list(self.nodes) != sorted(self.nodes):
            raise ValueError(f"nodes must ascend, got {list(self.nodes)}")
        return self


GOOD = """\
seed: 7
outer:
  count: 3
  start: "2022-01-03"
  nodes: [1, 2.5]
  inner: {share: 1}
  named:
    one: {share: 0.5}
"""
SCHEMAS = {"seed": Seed, "outer": Outer, "models.forest": Inner, "models.boost": Inner}
OPTIONAL = ("models.forest", "models.boost")


def check(text, **more):
    """Check params.yaml, with a file of the folder beside it for each other argument."""
    others = {"models": "models: {forest: {depth: 3}, boost: {depth: 4}}", **more}
    documents = [parse(other, f"params/{name}.yaml") for name, other in others.items()]
    validate(Params((parse(text, "params.yaml"), *documents)), SCHEMAS, OPTIONAL)


def faults_of(text, **more):
    with pytest.raises(ParamsError) as caught:
        check(text, **more)
    return str(caught.value).splitlines()


def with_models(text):
    return text + "models:\n  forest: {share: 0.1}\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "params.yaml"
    path.write_text(with_models(GOOD))
    (tmp_path / "params").mkdir()
    (tmp_path / "params" / "models.yaml").write_text("models: {forest: {depth: 5}, boost: {depth: 4}}\n")
    return path


def test_a_section_is_loaded_with_its_types(file):
    outer = load(Outer, "outer", file)
    assert outer.nodes == (1.0, 2.5)
    assert outer.start == dt.date(2022, 1, 3)
    assert outer.inner == Named(share=1.0)


def test_a_dotted_name_goes_one_level_down(file):
    assert load(Inner, "models.forest", file).share == 0.1


def test_a_section_whose_keys_stand_in_two_files_is_one(file):
    assert load(Inner, "models.forest", file) == Inner(share=0.1, depth=5)


def test_a_model_that_only_the_other_file_has_is_not_trained(file):
    assert model_names(file) == ["forest"]
    assert read_params(file).values["models"] == {"forest": {"share": 0.1, "depth": 5}}


def test_a_fault_is_told_with_the_file_in_which_it_stands(file):
    (file.parent / "params" / "models.yaml").write_text("models:\n  forest:\n    depth: 50\n")
    output = (
        r"params/models.yaml:3: models.forest.depth: must be less than or equal to 9, got 50 \(Depth; levels, 1 to 9\)$"
    )
    with pytest.raises(ParamsError, match=output):
        load(Inner, "models.forest", file)


def test_a_key_that_stands_nowhere_is_told_with_its_home():
    (fault,) = faults_of(with_models(GOOD), models="models:\n  boost: {depth: 4}\n")
    output = "models.forest.depth: missing; `richcheap params` adds it (Depth; levels, 1 to 9)"
    assert fault == f"params/models.yaml:1: {output}"
    with pytest.raises(ParamsError, match=r"^params/models.yaml: models.forest.depth: missing"):
        validate(Params((parse(with_models(GOOD), "params.yaml"),)), SCHEMAS, OPTIONAL)


def test_keys_in_the_wrong_file_are_told_with_the_right_one():
    assert faults_of(
        with_models(GOOD).replace("{share: 0.1}", "{share: 0.1, depth: 3}"),
        models="models:\n  forest:\n    share: 0.2\n    depth: 3\n  boost: {depth: 4}\n",
        outer="outer: {count: 3}\nseed: 7\n",
    ) == [
        "params.yaml:10: models.forest.depth: must stand in params/models.yaml",
        "params/models.yaml:3: models.forest.share: must stand in params.yaml",
        "params/outer.yaml:1: outer.count: must stand in params.yaml",
        "params/outer.yaml:2: seed: must stand in params.yaml",
    ]


def test_what_should_be_a_section_and_is_none_is_told_though_the_other_file_has_one():
    (fault,) = faults_of(GOOD + "models:\n  forest: 5\n")
    assert fault.startswith("params.yaml:10: models.forest: must be an object, got 5")


def test_the_seed_is_loaded(file):
    assert load_seed(file) == 7


def test_one_key_is_read_without_its_section(file):
    assert load_key(float, "outer.count", file) == 3.0
    assert load_key(str, "outer.start", file) == "2022-01-03"
    with pytest.raises(ParamsError, match=r"params.yaml:4: outer.start: must be a valid number"):
        load_key(float, "outer.start", file)
    with pytest.raises(ParamsError, match=r"outer.least: missing"):
        load_key(float, "outer.least", file)


def test_an_unquoted_date_is_a_date():
    check(with_models(GOOD.replace('"2022-01-03"', "2022-01-03")))


def test_a_section_is_frozen(file):
    outer = load(Outer, "outer", file)
    with pytest.raises(ValidationError, match="frozen"):
        outer.count = 2


def test_all_faults_of_all_sections_are_told_at_once_in_the_order_of_the_file():
    text = with_models(GOOD).replace("count: 3", "count: 30").replace("inner: {share: 1}", "inner: {shar: 1}")
    text = text.replace("seed: 7", "seed: -1").replace("forest", "forrest") + "other: 1\n"
    assert faults_of(text) == [
        "params.yaml:1: seed: must be greater than or equal to 0, got -1",
        "params.yaml:3: outer.count: must be less than or equal to 9, got 30",
        "params.yaml:6: outer.inner.shar: unknown key; did you mean share?",
        "params.yaml:6: outer.inner.share: missing; it must be given (Share of the rows; 0 to 1)",
        "params.yaml:10: models.forrest: unknown key; did you mean forest?",
        "params.yaml:11: other: unknown key; did you mean outer?",
    ]


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("count: 3", "count: 3.5", "params.yaml:3: outer.count: must be a valid integer, got 3.5"),
        ("count: 3", 'count: "3"', "params.yaml:3: outer.count: must be a valid integer, got '3'"),
        ("count: 3", "count: true", "params.yaml:3: outer.count: must be a valid integer, got True"),
        ("[1, 2.5]", "[1, lots]", "params.yaml:5: outer.nodes.1: must be a valid number, got 'lots'"),
        ("[1, 2.5]", "[2, 1]", "params.yaml:5: outer: nodes must ascend, got [2.0, 1.0]"),
        (
            "{share: 0.5}",
            "{share: 2}",
            "params.yaml:8: outer.named.one.share: must be less than or equal to 1, got 2 (Share of the rows; 0 to 1)",
        ),
        (
            "{share: 0.5}",
            "{share: null}",
            "params.yaml:8: outer.named.one.share: must be a valid number, got None (Share of the rows; 0 to 1)",
        ),
        (
            "share: 0.5",
            "shares: 0.5, share: 1",
            "params.yaml:8: outer.named.one.shares: unknown key; did you mean share?",
        ),
        ("seed: 7\n", "", "params.yaml: seed: missing; `richcheap params` adds this section"),
    ],
)
def test_a_fault_tells_the_line_the_key_what_is_allowed_and_what_was_given(good, bad, fault):
    assert faults_of(with_models(GOOD.replace(good, bad))) == [fault]


@pytest.mark.parametrize("models", ["", "models:\n", "models: {}\n", "models: [forest]\n"])
def test_without_any_model_the_file_is_refused(models):
    (fault,) = faults_of(GOOD + models)
    assert fault.endswith("models: must be a mapping with one of boost, forest")


@pytest.mark.parametrize("models", ["5", "[forest]", "null", "{}"])
def test_models_that_are_no_mapping_in_a_further_file_are_told(models):
    (fault,) = faults_of(with_models(GOOD), outer=f"models: {models}\n")
    assert fault == "params/outer.yaml:1: models: must be a mapping with one of boost, forest"


def test_a_key_like_no_other_lists_what_is_known():
    (fault,) = faults_of(with_models(GOOD) + "zzz: 1\n")
    assert fault == "params.yaml:11: zzz: unknown key; known are models, outer, seed"


def test_not_a_number_is_refused_where_a_range_is_given():
    (fault,) = faults_of(with_models(GOOD.replace("share: 0.5", "share: .nan")))
    assert "outer.named.one.share: must be" in fault


def test_a_key_that_is_no_text_is_told():
    (fault,) = faults_of(with_models(GOOD.replace("one: {share: 0.5}", "2024-01-02: {share: 0.5}")))
    assert fault == "params.yaml:2: outer: every key must be text"


def test_a_fault_is_one_line_whatever_was_given():
    (fault,) = faults_of(with_models(GOOD) + '"a\\nb\\e[2J": 1\n')
    assert fault.startswith(r"params.yaml:11: a\nb\x1b[2J: unknown key")


def test_a_wrong_value_of_great_length_is_cut():
    (fault,) = faults_of(with_models(GOOD.replace("count: 3", f"count: {[1] * 1000}")))
    assert fault.startswith("params.yaml:3: outer.count: must be a valid integer, got [1, 1, ")
    assert fault.endswith("...")
    assert len(fault) < 300


@pytest.mark.parametrize("number", [".inf", "-.inf", ".nan", "1e999"])
def test_a_number_is_finite_also_where_no_range_is_given(number):
    (fault,) = faults_of(with_models(GOOD.replace("[1, 2.5]", f"[1, {number}]")))
    assert fault.startswith("params.yaml:5: outer.nodes.1: must be a finite number, got ")


@pytest.mark.parametrize(("models", "got"), [("7", "7"), ("forest", "'forest'"), ("{}", "{}"), ("null", "None")])
def test_models_that_are_no_mapping_have_no_names(tmp_path, models, got):
    path = tmp_path / "params.yaml"
    path.write_text(f"seed: 1\nmodels: {models}\n")
    with pytest.raises(ParamsError, match=f"params.yaml:2: models: must be a mapping of models, got {got}$"):
        model_names(path)
