import os
import subprocess
import sys

from richcheap.pipeline.execution.progress import progress
from tests.conftest import ROOT


def test_items_pass_in_order_and_the_bar_goes_to_standard_error(capsys):
    assert list(progress(range(3), desc="convert", unit="date")) == [0, 1, 2]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "convert" in printed.err


def test_a_total_may_be_given_for_a_generator(capsys):
    assert list(progress((i for i in range(2)), total=2, desc="train")) == [0, 1]
    assert "2/2" in capsys.readouterr().err


def test_an_empty_interval_of_bars_is_the_usual_one():
    code = "from richcheap.pipeline.execution.progress import progress; print(list(progress([1, 2], desc='work')))"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TQDM_MININTERVAL": ""}
    assert subprocess.check_output([sys.executable, "-c", code], env=env, text=True) == "[1, 2]\n"
