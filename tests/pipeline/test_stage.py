import os
import subprocess
import sys

import psutil
import pytest

from stages.pipeline.errors import DataError
from stages.pipeline.stage import run
from tests.conftest import ROOT


def test_a_users_mistake_is_one_line_and_exit_code_1(capsys):
    def main():
        raise DataError("prices.csv: column price must be a number")

    with pytest.raises(SystemExit, match=r"^1$"):
        run(main)
    assert capsys.readouterr().err == "error: prices.csv: column price must be a number\n"


def test_each_line_of_several_faults_is_marked(capsys):
    def main():
        raise DataError("one\ntwo")

    with pytest.raises(SystemExit):
        run(main)
    assert capsys.readouterr().err == "error: one\nerror: two\n"


def test_an_interrupt_ends_with_130_and_no_traceback(capsys):
    def main():
        raise KeyboardInterrupt

    with pytest.raises(SystemExit, match=r"^130$"):
        run(main)
    assert capsys.readouterr().err == ""


def test_a_fault_of_the_program_keeps_its_traceback():
    def main():
        raise ZeroDivisionError("ours")

    with pytest.raises(ZeroDivisionError, match="ours"):
        run(main)


def test_blas_works_on_one_thread():
    code = (
        "import numpy\nfrom threadpoolctl import threadpool_info\nfrom stages.pipeline.stage import run\n"
        "run(lambda: print([i['num_threads'] for i in threadpool_info() if i['user_api'] == 'blas']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.strip("[]\n").split(", ")) <= {"1", ""}


STAGE = """
import os, time
from stages.pipeline.stage import run
def main():
    print(os.getpid(), flush=True)
    time.sleep(60)
run(main)
"""
RUNNER = """
import subprocess, sys
subprocess.run([sys.executable, "-c", sys.argv[1]])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells of a killed parent")
def test_a_stage_ends_with_the_dvc_that_runs_it():
    environment = {**os.environ, "DVC_STAGE": "slow"}
    words = [sys.executable, "-c", RUNNER, STAGE]
    with subprocess.Popen(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as dvc:
        assert dvc.stdout is not None
        stage = psutil.Process(int(dvc.stdout.readline()))
        dvc.kill()
        assert psutil.wait_procs([stage], timeout=10)[1] == []
