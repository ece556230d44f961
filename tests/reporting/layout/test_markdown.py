import json
import subprocess
import sys

import pytest

from richcheap.reporting.layout.markdown import read_evaluation, results_markdown
from tests.conftest import ROOT
from tests.reporting import examples

GOLDEN = """\
| Predictor | MAE, points | RMSE, points | Median error, points | MAE of yield, bp | Within 0.25, % of rows \
| Coverage, %, target 90 | Skill against peers, % [95 % interval] | Skill against kalman, % [95 % interval] \
| Verdict, against kalman |
| :--- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | :--- |
| **`ml_adjuster`** | 0.2150 | 0.3440 | 0.1290 | 5.16 | 71.0 | 89.3 | +2.8 [+1.3, +4.1] | +1.8 [+0.3, +3.1] | better |
| `kalman` | 0.2190 | 0.3504 | 0.1314 | 5.26 | 71.0 | 89.3 | +1.0 [\u22120.5, +2.3] | \u2013 | \u2013 |
| `peers` | 0.2213 | 0.3541 | 0.1328 | 5.31 | 71.0 | 89.3 | \u2013 | \u22121.1 [\u22122.6, +0.2] | not distinguishable |
"""


def three():
    evaluation = examples.evaluation()
    kept = ("ml_adjuster", "peers", "kalman")
    evaluation["predictors"] = {name: evaluation["predictors"][name] for name in kept}
    return evaluation


def run(*words):
    command = [sys.executable, "-m", "richcheap.reporting.layout.markdown", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_results_as_markdown():
    assert results_markdown(three()) == GOLDEN


def test_the_command_prints_the_table(tmp_path):
    file = tmp_path / "evaluate.json"
    file.write_text(json.dumps(three()), encoding="utf-8")
    assert run(str(file)).stdout == GOLDEN


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
