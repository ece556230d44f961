"""The commands ``richcheap anchor`` and ``richcheap update``."""

import shutil
from pathlib import Path

import pytest

from richcheap import update
from richcheap.panel.params import SplitParams
from richcheap.pipeline.config.sections import load
from richcheap.pipeline.errors import ArtifactError, ParamsError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_json
from tests.conftest import ROOT
from tests.projects import configure

BLOCKS = [
    {"name": "train", "first_date": "2024-01-01", "last_date": "2024-03-01"},
    {"name": "embargo", "first_date": "2024-03-04", "last_date": "2024-03-04"},
    {"name": "validation", "first_date": "2024-03-05", "last_date": "2024-03-20"},
    {"name": "test", "first_date": "2024-03-21", "last_date": "2024-04-05"},
]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copy2(ROOT / "params.yaml", ".")
    shutil.copytree(ROOT / "params", "params")
    write_json({"blocks": BLOCKS}, paths.SPLIT)
    configure(Path(), {"data.observations": "prices"})
    Path("prices").mkdir()
    return tmp_path


def ends() -> list[str]:
    split = load(SplitParams, "split")
    return [str(end) for end in (split.train_end, split.validation_end, split.test_end)]


def test_blocks_are_anchored_where_they_stand_and_released(capsys: pytest.CaptureFixture[str]) -> None:
    before = paths.PARAMS.read_text(encoding="utf-8")
    update.anchor([])
    assert ends() == ["2024-03-01", "2024-03-20", "2024-04-05"]
    assert "split.test_end: 2024-04-05" in capsys.readouterr().out
    with pytest.raises(ParamsError, match="have their ends already"):
        update.anchor([])
    update.anchor(["--release"])
    assert ends() == ["None"] * 3
    assert paths.PARAMS.read_text(encoding="utf-8") == before


def test_blocks_that_are_not_anchored_take_no_update() -> None:
    with pytest.raises(ParamsError, match="`richcheap anchor` sets it"):
        update.update(["day.csv"])


def test_new_files_go_into_the_folder_and_the_pipeline_runs(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    update.anchor([])
    write_json({"rows_accepted": 10}, update.INGESTED)
    card = {"rows": 0, "predictors": {}, "by_date": [], "champion": "model"}
    write_json(card, paths.LIVE_METRICS)
    given: list[list[str]] = []

    def run(arguments: list[str], _: frozenset[str]) -> int:
        given.append(arguments)
        write_json({"rows_accepted": 17}, update.INGESTED)
        return 0

    monkeypatch.setattr(update, "run_pipeline", run)
    Path("day.csv").write_text("a day", encoding="utf-8")
    assert update.update(["day.csv", "-j", "2"]) == 0
    assert Path("prices/day.csv").read_text(encoding="utf-8") == "a day"
    assert given == [["-j", "2"]]
    out = capsys.readouterr().out
    assert "update: prices/day.csv added" in out
    assert "update: +7 rows of observations\nlive: no date after the test block" in out
    assert update.update(["day.csv"]) == 0
    assert "added" not in capsys.readouterr().out


def test_a_file_that_cannot_be_taken_in_leaves_all_as_it_is() -> None:
    Path("prices/day.csv").write_text("before", encoding="utf-8")
    Path("day.csv").write_text("after", encoding="utf-8")
    Path("other.csv").write_text("other", encoding="utf-8")
    with pytest.raises(ParamsError, match=r"prices/day\.csv: lies there already with other content"):
        update.put_into_folder([Path("other.csv"), Path("day.csv")], Path("prices"))
    assert [path.name for path in Path("prices").iterdir()] == ["day.csv"]
    with pytest.raises(ArtifactError, match=r"nowhere\.csv: no such file"):
        update.put_into_folder([Path("nowhere.csv")], Path("prices"))
    with pytest.raises(ParamsError, match="must be a folder"):
        update.put_into_folder([Path("other.csv")], Path("day.csv"))


@pytest.mark.parametrize("name", ["2024-04-08.csv", "start-2024.csv"])
def test_a_new_file_is_read_after_all_others(name: str) -> None:
    Path("prices/start.csv").write_text("before", encoding="utf-8")
    Path(name).write_text("a day", encoding="utf-8")
    with pytest.raises(ParamsError, match=r"must have a name that comes after start\.csv"):
        update.put_into_folder([Path(name)], Path("prices"))
    assert [path.name for path in Path("prices").iterdir()] == ["start.csv"]
    Path(name).rename("tomorrow.csv")
    assert update.put_into_folder([Path("tomorrow.csv")], Path("prices")) == [Path("prices/tomorrow.csv")]


def test_an_update_that_fails_says_what_stays(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    update.anchor([])
    monkeypatch.setattr(update, "run_pipeline", lambda *_: 1)
    Path("day.csv").write_text("junk", encoding="utf-8")
    assert update.update(["day.csv"]) == 1
    assert "update: not finished; prices/day.csv stays, mend or delete it" in capsys.readouterr().out
