"""The frame of the suites: verdicts are counted, failures are named, figures are kept by kind."""

import json
from pathlib import Path

import pytest

from benchmarks.promises import cases, figures, page
from benchmarks.promises.cases import Case, Kind, Verdict


def kind(name: str, promise: str, *found: Case) -> Kind:
    """Return a kind whose cases are known."""
    return Kind(name, promise, lambda _: found)


KINDS = [
    kind("kills", "A run goes on.", *(Case(str(number), Verdict.RIGHT) for number in range(3))),
    kind("disk", "One line.", Case("full", Verdict.REFUSED), Case("torn", Verdict.RIGHT)),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a place for figures that is not the project's."""
    monkeypatch.setattr(figures, "FOLDER", tmp_path)
    return tmp_path


def test_verdicts_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert cases.run("faults", None, KINDS, []) == 0
    printed = capsys.readouterr().out
    assert "| kills | A run goes on. | 3 | 3 | 0 | 0 |" in printed
    assert "| disk | One line. | 2 | 1 | 1 | 0 |" in printed
    assert "| all |  | 5 | 4 | 1 | 0 |" in printed


def test_a_failed_case_is_named_and_fails_the_suite(capsys: pytest.CaptureFixture[str]) -> None:
    broken = Kind("page", "It opens.", lambda options: [Case(f"seed {options.seed}", Verdict.FAILED, "blank")])
    assert cases.run("faults", None, [*KINDS, broken], ["--seed", "7"]) == 1
    assert "FAILED page: seed 7: blank" in capsys.readouterr().out


def test_a_kind_without_a_case_fails_the_suite() -> None:
    assert cases.run("faults", None, [kind("none", "Nothing.")], []) == 1


def test_figures_of_kinds_that_were_not_run_stay(folder: Path) -> None:
    cases.run("faults", None, KINDS, ["--write"])
    more = kind("kills", "A run goes on.", Case("0", Verdict.RIGHT))
    cases.run("faults", None, [more, KINDS[1]], ["--write", "--only", "kills"])
    kept = json.loads((folder / "faults.json").read_text(encoding="utf-8"))
    assert [row[:3] for row in kept["rows"]] == [["kills", "A run goes on.", 1], ["disk", "One line.", 2]]
    assert kept["command"] == "python -m benchmarks.promises.faults"


def test_the_page_shows_what_is_kept(folder: Path) -> None:
    cases.run("faults", None, KINDS, ["--write"])
    figures.keep("mutants", "mutate", ["room", "killed, %"], [["bonds", 91.5]])
    text = "# Page\n<!-- figures: faults -->\nold\n<!-- end of figures -->\nbetween\n"
    text += "<!-- figures: mutants -->\n<!-- end of figures -->\nbehind\n"
    filled = page.filled(text)
    assert "old" not in filled
    assert "| all |  | 5 | 4 | 1 | 0 |" in filled
    assert "| room | killed, % |\n| :--- | ---: |\n| bonds | 91.5 |\n\n`mutate` at " in filled
    assert filled.startswith("# Page\n<!-- figures: faults -->\n|")
    assert filled.endswith("behind\n")
    assert page.filled(filled) == filled


def test_the_pages_in_the_documents_show_the_figures_that_are_kept() -> None:
    text = "".join(place.read_text(encoding="utf-8") for place in page.PAGES)
    assert page.filled(text) == text, "run `python -m benchmarks.promises.page`"
    shown = {name for _, name, _ in page.BLOCK.findall(text)}
    assert shown == {path.stem for path in figures.FOLDER.glob("*.json")}
