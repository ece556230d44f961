import os
import subprocess
import sys

import pytest

from benchmarks.real_data import data_folder
from dvc_parallel.system.cores import available_cores
from dvc_parallel.system.environment_variables import variable
from tests.conftest import ROOT


@pytest.mark.parametrize(("given", "means"), [(None, ""), ("", ""), ("  ", ""), (" node7:8786 ", "node7:8786")])
def test_a_variable_that_is_empty_says_nothing(monkeypatch, given, means):
    monkeypatch.delenv("RICHCHEAP_X", raising=False)
    if given is not None:
        monkeypatch.setenv("RICHCHEAP_X", given)
    assert variable("RICHCHEAP_X") == means


def test_an_empty_folder_of_data_is_not_the_folder_one_stands_in(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RICHCHEAP_DATA", raising=False)
    usual = data_folder()
    assert usual.name == "data"
    monkeypatch.setenv("RICHCHEAP_DATA", "")
    assert data_folder() == usual
    monkeypatch.setenv("RICHCHEAP_DATA", "here")
    assert data_folder() == tmp_path / "here"


def test_an_empty_number_of_threads_is_none(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    cores = available_cores()
    monkeypatch.setenv("OMP_NUM_THREADS", "")
    assert available_cores() == cores


def test_an_empty_interval_of_bars_is_the_usual_one():
    code = "from richcheap.pipeline.execution.progress import progress; print(list(progress([1, 2], desc='work')))"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TQDM_MININTERVAL": ""}
    assert subprocess.check_output([sys.executable, "-c", code], env=env, text=True) == "[1, 2]\n"
