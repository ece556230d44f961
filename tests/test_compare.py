"""The comparison with another revision, as a user and a workflow call it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from richcheap import compare
from richcheap.pipeline.errors import ArtifactError, ParamsError, WorseError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_parquet

PARAMS = "compare: {max_worse_percent: 2.0}\n"
NO_LIST = "Lists are not compared: lists/bonds.parquet: no such file; run `dvc repro` to make it."
LISTS = "{lists: {cmd: none, outs: [lists/bonds.parquet]}}"
PIPELINE = "stages: {}\nmetrics: [metrics/headline.json]\n"


def headline(champion: str = "forest", **maes: float) -> dict[str, Any]:
    """Return what evaluate writes, for models with these errors."""
    skills = {
        f"skill_against_{name}": {"skill": skill, "low": skill - 0.02, "high": skill + 0.02, "verdict": "better"}
        for name, skill in (("best_simple_baseline", 0.25), ("kalman", 0.1))
    }
    figures = {name: {"mae": mae, "coverage": 0.9, "verdict": "better", **skills} for name, mae in maes.items()}
    best = {"best_baseline": "kalman", "best_baseline_mae": 0.6, "kalman_mae": 0.6}
    simple = {"best_simple_baseline": "peers", "best_simple_baseline_mae": 0.8}
    return {"champion": champion, "champion_mae": maes.get(champion), **best, **simple, **figures}


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
        "before 0.5000 (\u221210.00 %). It is +25.0 % [+23.0, +27.0] below the best simple baseline, `peers`, "
        "and +10.0 % [+8.0, +12.0] below `kalman`."
    )
    assert heading.startswith("| Predictor | MAE before, points | MAE now, points | Change, % | Below the best simple")
    assert rows[0].startswith("| **`trees`** | 0.5200 | 0.4500 | \u221213.5 | +25.0 | +25.0 | +10.0 | +10.0 | 90.0 |")
    assert rows[1].startswith("| `forest` | 0.5000 | 0.5000 | 0.0 |")
    assert rows[2].startswith("| best simple baseline, `peers` | 0.8000 | 0.8000 | 0.0 |")
    assert rows[3].startswith("| `kalman` | 0.6000 | 0.6000 | 0.0 |")
    assert rows[4:] == ["", NO_LIST]


def test_a_best_baseline_that_is_another_and_a_simple_one_that_changed_are_rows(repository, capsys) -> None:
    now = headline(forest=0.5) | {"best_baseline": "ridge", "best_baseline_mae": 0.55, "best_simple_baseline": "ewma"}
    write(now)
    compare.main(["HEAD"])
    rows = capsys.readouterr().out.splitlines()[4:]
    assert rows[2].startswith("| best simple baseline, `peers` \u2192 `ewma` |")
    assert rows[4].startswith("| best baseline, `kalman` \u2192 `ridge` | 0.6000 | 0.5500 |")


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


@pytest.mark.parametrize("arguments", [[], ["main", "other", "third"], ["--json", "main"]])
def test_one_revision_or_two_are_expected_and_nothing_else(arguments, capsys) -> None:
    with pytest.raises(SystemExit, match=r"^2$"):
        compare.main(arguments)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")


def test_two_mornings_say_what_became_rich_or_cheap(repository, capsys) -> None:
    """The lists come out of DVC's cache, at the two revisions named."""
    Path(".gitignore").write_text("/lists/\n", encoding="utf-8")
    Path("dvc.yaml").write_text(f"{PIPELINE}\n".replace("{}", LISTS), encoding="utf-8")
    for day, flag, value in (("2024-03-01", "fair", 2.0), ("2024-03-04", "cheap", 9.5)):
        paths.LISTS.mkdir(exist_ok=True)
        row = {"bond_id": "A", "as_of": day, "issuer": "x", "flag": flag, "relative_value_bp": value}
        write_parquet(pl.DataFrame([{**row, "fair_clean_price": 99.0}]), paths.LISTED_BONDS)
        subprocess.run([sys.executable, "-m", "dvc", "commit", "-q", "-f"], check=True)
        git("add", "-A")
        git("commit", "-qm", day)
        git("tag", day)
    compare.main(["2024-03-01", "2024-03-04"])
    said = capsys.readouterr().out
    assert "1 live bond on 2024-03-01 before, 1 live bond on 2024-03-04 now; 1 became cheap, 0 are cheap" in said
    assert "| `A` | `x` | `fair` | `cheap` | +2.0 | +9.5 | +7.5 | 99.000 | 99.000 |" in said
    compare.main(["empty"])
    said = capsys.readouterr().out
    assert said.endswith(
        "Lists are not compared: empty has no lists/bonds.parquet, or neither DVC's cache nor a remote holds it.\n"
    )
