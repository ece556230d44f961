"""The table that compares markets by their champion."""

import copy
import json
import subprocess
import sys

from richcheap.reporting.champion import champions_markdown, uncovered
from tests.conftest import ROOT
from tests.reporting import examples

GOLDEN = """\
| Market | Champion | MAE, points | Best simple baseline | Below it, % | Below kalman, % \
| Coverage, %, target 90 | Cells within 85 to 95 \
| Rounded to ticks: MAE, points | below the best simple baseline, % | below kalman, % |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| simulated | `ml_adjuster` | 0.2150 | `peers` | +2.8 [+1.3, +4.1] | +1.8 [+0.3, +3.1] | 89.3 | 1 of 2 cells \
| 0.2100 | +3.1 [+1.6, +4.4] | +2.1 [+0.6, +3.4] |
"""


def evaluation():
    made = copy.deepcopy(examples.evaluation())
    cells = made["slices"]["maturity"]
    made["slices"] = {"maturity": cells[:3], "currency": cells[:1]}
    for cell, rows, coverage in zip(cells, (200, 5000, 199), (0.86, 0.96, 0.5), strict=False):
        cell["rows"], cell["predictors"]["ml_adjuster"]["coverage"] = rows, coverage
    return made


def run(*words):
    command = [sys.executable, "-m", "richcheap.reporting.champion", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_market_is_a_row():
    assert champions_markdown({"simulated": evaluation()}) == GOLDEN


def test_only_cells_with_rows_enough_are_judged():
    assert uncovered(evaluation(), "ml_adjuster") == (1, 2)


def test_the_command_prints_the_table(tmp_path):
    file = tmp_path / "evaluate.json"
    file.write_text(json.dumps(evaluation()), encoding="utf-8")
    assert run(f"simulated={file}").stdout == GOLDEN


def test_the_command_names_a_missing_file_and_says_how_it_is_used(tmp_path):
    assert run(f"a={tmp_path / 'none.json'}").stderr.endswith("none.json: no such file; run `dvc repro` to make it\n")
    assert run("metrics/evaluate.json").stderr.startswith("usage: ")


def test_a_market_without_a_champion_is_named(tmp_path):
    file = tmp_path / "evaluate.json"
    file.write_text(json.dumps({**evaluation(), "best_model": None}), encoding="utf-8")
    done = run(f"bare={file}")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: expected a trained model in each run, none in: bare; train one\n"
