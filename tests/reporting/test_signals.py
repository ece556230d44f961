import json
import subprocess
import sys
from pathlib import Path

from richcheap.reporting.signals import signals_markdown
from tests.conftest import ROOT
from tests.reporting.sections.test_relative_value import scores


def run(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "richcheap.reporting.signals", str(file)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_table_has_a_line_for_each_signal_and_a_cell_for_each_column() -> None:
    lines = signals_markdown(scores()).splitlines()
    known = scores()["spans"]["validation_and_test"]["horizons"]["20"]["signals"]
    assert len(lines) == 2 + len(known)
    assert len({line.count("|") for line in lines}) == 1
    assert lines[2].startswith("| `relative_value` |")


def test_the_command_prints_it(tmp_path: Path) -> None:
    file = tmp_path / "signals.json"
    file.write_text(json.dumps(scores()), encoding="utf-8")
    assert run(file).stdout == signals_markdown(scores())


def test_another_file_is_refused_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "signals.json"
    file.write_text("{}", encoding="utf-8")
    assert run(file).stderr == (f"error: {file}: expected the metrics/signals.json of a run, got JSON without spans\n")
