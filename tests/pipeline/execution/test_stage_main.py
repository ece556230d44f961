import errno
import os
import signal
import subprocess
import sys

import lightgbm
import numpy as np
import psutil
import pytest

from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution.progress import progress
from richcheap.pipeline.execution.stage_main import run
from tests.conftest import ROOT


def test_a_users_mistake_is_one_line_and_exit_code_1(capsys):
    def main():
        raise DataError("prices.csv: column price must be a number")

    with pytest.raises(SystemExit, match=r"^1$"):
        run(main)
    assert capsys.readouterr().err == "error: prices.csv: column price must be a number\n"


def test_a_refusal_under_a_bar_begins_a_line(capsys):
    def main():
        for _ in progress(range(3), desc="work"):
            raise DataError("prices.csv: no rows")

    with pytest.raises(SystemExit, match=r"^1$"):
        run(main)
    assert "error: prices.csv: no rows" in capsys.readouterr().err.splitlines()


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


@pytest.mark.parametrize(
    ("number", "line"),
    [
        (errno.ENOSPC, "kept/bonds.parquet: no space left on device; make room there"),
        (errno.EROFS, "kept/bonds.parquet: read-only file system; work in a copy that can be written"),
        (errno.EACCES, "kept/bonds.parquet: permission denied; get the right to it, or work in a copy of your own"),
        (errno.ENOTDIR, "kept/bonds.parquet: not a directory; something else is in its place; move that away"),
    ],
)
def test_what_the_machine_cannot_do_is_one_line_with_the_place_and_what_helps(capsys, number, line):
    def main():
        raise OSError(number, os.strerror(number), "kept/bonds.parquet")

    with pytest.raises(SystemExit, match=r"^1$"):
        run(main)
    assert capsys.readouterr().err == f"error: {line}\n"


def test_a_fault_of_the_machine_without_a_place_is_told_all_the_same(capsys):
    def main():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(SystemExit, match=r"^1$"):
        run(main)
    assert capsys.readouterr().err == "error: no space left on device; make room there\n"


def allocate():
    np.zeros((1 << 40, 1 << 8))


def refuse_to_fork():
    raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))


def read_with_polars():
    raise OSError("Cannot allocate memory (os error 12)")


def grow_trees():
    raise lightgbm.basic.LightGBMError("std::bad_alloc")


@pytest.mark.parametrize("main", [allocate, refuse_to_fork, read_with_polars, grow_trees])
def test_want_of_memory_is_one_line_that_names_what_takes_less(capsys, main):
    with pytest.raises(SystemExit, match=r"^1$"):
        run(main)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: memory ran out (")
    assert "lower compute.chunk_rows or compute.workers in params.yaml" in line


@pytest.mark.parametrize("error", [FileNotFoundError(errno.ENOENT, "none", "x"), OSError("no number"), TimeoutError()])
def test_other_errors_of_the_system_are_faults_of_the_program(error):
    def main():
        raise error

    with pytest.raises(type(error)):
        run(main)


def test_a_reader_that_has_had_enough_ends_the_command_quietly():
    code = "from richcheap.pipeline.execution.stage_main import run; run(lambda: print('x' * 1_000_000))"
    words = f'"{sys.executable}" -c "{code}" | head -c 1; echo "$PIPESTATUS" >&2'
    done = subprocess.run(["bash", "-c", words], cwd=ROOT, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("x", "141\n")


def test_blas_works_on_one_thread():
    code = (
        "import numpy\nfrom threadpoolctl import threadpool_info\n"
        "from richcheap.pipeline.execution.stage_main import run\n"
        "run(lambda: print([i['num_threads'] for i in threadpool_info() if i['user_api'] == 'blas']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.strip("[]\n").split(", ")) <= {"1", ""}


LOADS = """
import stages
try:
    raise OSError("libllvmlite.so: failed to map segment from shared object")  # as the loader says it
except OSError:
    raise OSError("Could not find/load shared object file 'libllvmlite.so'")
"""
INTERRUPTED = """
import os, signal, stages
os.kill(os.getpid(), signal.SIGINT)
"""


def test_want_of_memory_while_libraries_are_loaded_is_one_line():
    done = subprocess.run([sys.executable, "-c", LOADS], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: memory ran out (libllvmlite.so: failed to map")


def test_an_interrupt_while_libraries_are_loaded_is_one_line():
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "error: interrupted\n")


STAGE = """
import os, time
from richcheap.pipeline.execution.stage_main import run
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
