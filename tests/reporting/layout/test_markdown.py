import json
import subprocess
import sys

import pytest

from richcheap.evaluation.metrics import METRICS
from richcheap.reporting.layout.markdown import read_evaluation, results_markdown
from richcheap.reporting.sections.results import figure
from tests.conftest import ROOT
from tests.reporting import examples

ENDS = """\
| Predictor | MAE, points ... Skill against kalman, % [95 % interval] | Verdict, against kalman |
| :--- | ---: ... ---: | :--- |
| **`ml_adjuster`** | 0.2150 ... +1.8 [+0.3, +3.1] | better |
| `kalman` | 0.2190 ... \u2013 | \u2013 |
| `peers` | 0.2213 ... \u22121.1 [\u22122.6, +0.2] | not distinguishable |
"""


def three():
    evaluation = examples.evaluation()
    kept = ("ml_adjuster", "peers", "kalman")
    evaluation["predictors"] = {name: evaluation["predictors"][name] for name in kept}
    return evaluation


def run(*words):
    command = [sys.executable, "-m", "richcheap.reporting.layout.markdown", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def ends(text):
    """Return a table's first two and last two columns: those between are of the metrics, which may be more."""
    lines = [line.strip("| ").split(" | ") for line in text.splitlines()]
    assert len({len(cells) for cells in lines}) == 1
    return "".join(f"| {' | '.join(cells[:2])} ... {' | '.join(cells[-2:])} |\n" for cells in lines)


def test_results_as_markdown():
    assert ends(results_markdown(three())) == ENDS


@pytest.mark.parametrize("metric", [one for one in METRICS if one.column and one.column.table == "main"])
def test_each_metric_of_the_main_table_has_its_column(metric):
    heading, _, *rows = results_markdown(three()).splitlines()
    position = [cell.split(",")[0].strip() for cell in heading.split("|")].index(metric.column.title)
    shown = [row.split("|")[position].strip() for row in rows]
    assert shown == [
        figure(metric, three()["predictors"][name][metric.key]) for name in ("ml_adjuster", "kalman", "peers")
    ]


def test_the_command_prints_the_table(tmp_path):
    file = tmp_path / "evaluate.json"
    file.write_text(json.dumps(three()), encoding="utf-8")
    assert run(str(file)).stdout == results_markdown(three())


def test_the_command_names_a_missing_file_in_one_line(tmp_path):
    done = run(str(tmp_path / "none.json"))
    assert done.returncode == 1
    assert done.stderr == f"error: {tmp_path / 'none.json'}: no such file; run `dvc repro` to make it\n"


def test_the_command_says_how_it_is_used():
    done = run()
    assert done.returncode == 2
    assert done.stderr.startswith("usage: python -m richcheap.reporting.layout.markdown [-h] FILE\n")


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"{}", b"\xff"])
def test_a_file_of_another_kind_is_told_in_one_line(tmp_path, content):
    file = tmp_path / "evaluate.json"
    file.write_bytes(content)
    with pytest.raises(SystemExit, match=r"^error: .*/evaluate\.json: .*the metrics/evaluate\.json of a run"):
        read_evaluation(file)
