"""The comparison with another revision, as a user and a workflow call it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stages import compare
from stages.pipeline import paths
from stages.pipeline.errors import ArtifactError, ParamsError, WorseError

PARAMS = "compare: {max_worse_percent: 2.0}\n"
PIPELINE = "stages: {}\nmetrics: [metrics/headline.json]\n"


def headline(champion: str = "forest", **maes: float) -> dict[str, Any]:
    """Return what evaluate writes, for models with these errors."""
    figures = {name: {"mae": mae, "skill": 0.1, "coverage": 0.9, "verdict": "better"} for name, mae in maes.items()}
    best = {"best_baseline": "kalman", "best_baseline_mae": 0.6, "last_adjusted_mae": 0.9}
    return {"champion": champion, "champion_mae": maes.get(champion), **best, **figures}


def write(content: dict[str, Any]) -> None:
    paths.METRICS.mkdir(exist_ok=True)
    paths.HEADLINE.write_text(json.dumps(content), encoding="utf-8")


def git(*words: str) -> None:
    who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    subprocess.run(["git", *who, *words], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a repository whose first commit, tagged `empty`, has no figures, and whose second a forest's."""
    monkeypatch.chdir(tmp_path)
    git("init", "-q")
    Path(".dvc").mkdir()
    Path(".dvc/config").write_text("[core]\n    analytics = false\n", encoding="utf-8")
    Path("params.yaml").write_text(PARAMS, encoding="utf-8")
    Path("dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    git("add", "-A")
    git("commit", "-qm", "empty")
    git("tag", "empty")
    write(headline(forest=0.5, trees=0.52))
    git("add", "-A")
    git("commit", "-qm", "forest")
    return tmp_path


def test_a_better_champion_is_named_beside_the_one_before(repository, capsys) -> None:
    write(headline("trees", forest=0.5, trees=0.45))
    compare.main(["HEAD"])
    sentence, _, heading, _, *rows = capsys.readouterr().out.splitlines()
    assert sentence == (
        "Champion: **`trees`**, where it was `forest` at `HEAD`; MAE on the test block 0.4500 points, "
        "before 0.5000 (\u221210.00 %)."
    )
    assert heading.startswith("| Predictor | MAE before, points | MAE now, points | Change, % |")
    assert rows[0].startswith("| **`trees`** | 0.5200 | 0.4500 | \u221213.5 | +10.0 |")
    assert rows[1].startswith("| `forest` | 0.5000 | 0.5000 | 0.0 |")
    assert rows[2].startswith("| best baseline, `kalman` | 0.6000 | 0.6000 | 0.0 |")


@pytest.mark.parametrize(("mae", "refused"), [(0.5099, False), (0.5101, True)])
def test_a_champion_may_be_worse_by_so_many_percent_and_no_more(repository, capsys, mae, refused) -> None:
    write(headline("trees", trees=mae))
    if refused:
        with pytest.raises(
            WorseError, match=r"^champion trees: .* is 2.02 % above 0.5000 of forest at HEAD, at most 2 %"
        ):
            compare.main(["HEAD"])
    else:
        compare.main(["HEAD"])
    rows = capsys.readouterr().out.splitlines()[4:]
    assert rows[1].startswith(
        "| `forest` | 0.5000 | \u2013 | \u2013 |"
    )  # it is gone, and the table is there all the same


def test_where_there_was_nothing_before_it_is_said_and_accepted(repository, capsys) -> None:
    compare.main(["empty"])
    assert "`empty` names no champion to compare with." in capsys.readouterr().out


def test_a_result_without_a_champion_does_not_replace_one_with(repository) -> None:
    write({**headline(), "champion": None})
    with pytest.raises(WorseError, match=r"^HEAD has a champion, forest, and the working folder none"):
        compare.main(["HEAD"])


def test_without_figures_there_is_nothing_to_compare(repository) -> None:
    paths.HEADLINE.unlink()
    with pytest.raises(ArtifactError, match=r"^metrics/headline.json: no figures to compare; run `dvc repro`"):
        compare.main(["HEAD"])


@pytest.mark.parametrize("revision", ["nowhere", "no where", "HEAD~99"])
def test_a_revision_that_git_does_not_know_is_told_in_one_line(repository, revision) -> None:
    with pytest.raises(
        ParamsError, match=f"^dvc metrics diff {revision}: unknown Git revision '{revision}'; `git branch"
    ):
        compare.main([revision])


@pytest.mark.parametrize("arguments", [[], ["main", "other"], ["--json", "main"]])
def test_one_revision_is_expected_and_nothing_else(arguments, capsys) -> None:
    with pytest.raises(SystemExit, match=r"^2$"):
        compare.main(arguments)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
