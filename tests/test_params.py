"""The params files of the project are what the typed sections say, and stages depend on all files of a section."""

import pytest

from dvc_parallel.system.yaml_source import parse
from richcheap import params
from richcheap.params import all_sections
from richcheap.pipeline.config.fields import fields_of
from richcheap.pipeline.config.params_files import leaves, params_texts, read_params
from richcheap.pipeline.config.params_yaml import rendered
from richcheap.pipeline.errors import ParamsError
from tests.conftest import ROOT
from tests.test_dependencies import DVC, NAMES, stage_of

TEXTS = params_texts(ROOT)
MAX_LINES, MAX_KEYS = 80, 33
NO_STAGE = {"compute", "compare"}
"""Where the work is done, and which result is refused, changes no result, so that it makes nothing stale."""


def test_the_files_are_what_the_typed_sections_write() -> None:
    assert rendered(all_sections(), TEXTS, "params.yaml") == TEXTS, "run `richcheap params`"


def test_every_value_is_the_default_of_its_field() -> None:
    assert rendered(all_sections(), {}, "params.yaml") == TEXTS


def test_params_yaml_holds_what_a_user_sets_on_a_page() -> None:
    text = TEXTS["params.yaml"]
    assert len(text.splitlines()) <= MAX_LINES
    assert 20 <= len(list(leaves(parse(text, "params.yaml").values))) <= MAX_KEYS


def test_every_default_is_one_that_the_check_takes() -> None:
    for schema in all_sections().values():
        for field in fields_of(schema).values():
            assert not field.is_required()
    for name, section in all_sections().items():
        if hasattr(section, "model_validate_json"):
            assert section.model_validate_json(section().model_dump_json()) == section(), name


def params_of(name: str) -> set[tuple[str, str]]:
    """Return file and section of the params that a stage depends on."""
    found: set[tuple[str, str]] = set()
    for entry in stage_of(name).get("params", ()):
        for file, keys in entry.items() if isinstance(entry, dict) else [("params.yaml", [entry])]:
            found |= {(file, key.split(".")[0]) for key in keys or ()}
    return found


def test_every_param_reaches_a_stage() -> None:
    reached = set().union(*(params_of(name) for name in NAMES))
    held = {(file, section) for file, text in TEXTS.items() for section in parse(text, file).values}
    assert {one for one in held if one[1] not in NO_STAGE} == reached


@pytest.mark.parametrize("name", NAMES)
def test_a_stage_that_depends_on_a_section_depends_on_all_its_files(name: str) -> None:
    sections = {section for _, section in params_of(name)}
    held = {(file, section) for file, text in TEXTS.items() for section in parse(text, file).values}
    wanted = {one for one in held if one[1] in sections}
    if name in ("drift", "evaluate", "lists"):  # of models they read the names alone, which stand in params.yaml
        wanted.discard(("params/models.yaml", "models"))
    if name in ("simulate", "oracle"):  # they ask which file is read, and no more
        wanted.discard(("params/data.yaml", "data"))
    if name == "features":  # it reads the bounds of prices, and no more
        wanted.discard(("params.yaml", "data"))
    assert wanted == params_of(name)


def test_check_and_report_depend_on_all_of_every_file() -> None:
    for name in ("check", "report"):
        assert [next(iter(entry.items())) for entry in DVC[name]["params"]] == [(file, None) for file in TEXTS]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a folder with the project's params files."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_command_keeps_values_moves_keys_home_adds_new_ones_and_tells_what_it_drops(folder, capsys) -> None:
    text = TEXTS["params.yaml"].replace("trees: 200", "trees: 300").replace("bonds: 400", "bonds: 5e2")
    (folder / "params.yaml").write_text(f"{text}\nmarket: {{peers: 9, pears: 7}}\n", encoding="utf-8")
    market = TEXTS["params/market.yaml"].replace("  peers: 8", "  # mine\n  risk: 8")
    (folder / "params" / "market.yaml").write_text(market, encoding="utf-8")
    (folder / "params" / "features.yaml").unlink()
    params.main([])
    written = params_texts()
    assert written["params.yaml"] == text
    assert written["params/market.yaml"] == TEXTS["params/market.yaml"].replace("peers: 8", "peers: 9")
    assert written["params/features.yaml"] == TEXTS["params/features.yaml"]
    said = capsys.readouterr().out.splitlines()
    assert [line for line in said if line.endswith("written")] == [
        "params.yaml: written",
        "params/features.yaml: written",
        "params/market.yaml: written",
    ]
    assert any(line.endswith("market.pears: there is no such key; it was 7") for line in said)
    assert any(line.endswith("market.risk: there is no such key; it was 8") for line in said)
    params.main(["--check"])


def test_check_tells_what_differs_and_changes_nothing(folder, capsys) -> None:
    changed = TEXTS["params/kalman.yaml"].replace("calendar days, 1 to 3650", "days")
    (folder / "params" / "kalman.yaml").write_text(changed, encoding="utf-8")
    with pytest.raises(ParamsError, match=r"^params files differ from what `richcheap params` writes; run it$"):
        params.main(["--check"])
    said = capsys.readouterr().out
    assert "--- params/kalman.yaml" in said
    assert "+  window_days: 730  # Oldest price that a bond is remembered by; calendar days, 1 to 3650" in said
    assert (folder / "params" / "kalman.yaml").read_text(encoding="utf-8") == changed


def test_a_file_whose_keys_have_moved_is_removed(folder, capsys) -> None:
    (folder / "params" / "other.yaml").write_text("stress: {scenarios: []}\n", encoding="utf-8")
    params.main([])
    assert "params/other.yaml: removed" in capsys.readouterr().out
    assert not (folder / "params" / "other.yaml").exists()


def test_a_model_that_was_taken_out_stays_out_and_a_new_one_comes_in(folder) -> None:
    lines = TEXTS["params.yaml"].splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.startswith("  automl:"))
    (folder / "params.yaml").write_text("".join(lines[:start] + lines[start + 3 :]), encoding="utf-8")
    params.main([])
    assert "automl" not in read_params().values["models"]
    assert "automl:" in (folder / "params" / "models.yaml").read_text(encoding="utf-8")
    text = TEXTS["params/models.yaml"]
    other = text[: text.index("  automl:")] + text[text.index("  bayesian_optimizer:") :]
    (folder / "params" / "models.yaml").write_text(other, encoding="utf-8")
    params.main([])
    assert params_texts() == TEXTS
