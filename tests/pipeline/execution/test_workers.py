"""Who does the work: order, errors and faults that a user can mend."""

import errno
import math
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from joblib.externals.loky import get_reusable_executor
from joblib.parallel import BACKENDS

from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution import workers as compute
from richcheap.pipeline.execution.workers import ComputeError, ComputeParams, load_compute, run_tasks
from tests.conftest import ROOT


def params(backend="loky", workers=2, scheduler=None):
    return ComputeParams(chunk_rows=10_000, backend=backend, workers=workers, scheduler=scheduler, checkpoints=None)


def work(function, tasks, settings):
    return list(run_tasks(function, tasks, settings, desc="work", unit="task"))


def process_of(_task):
    return os.getpid()


def refuse(task):
    if task == 2:
        raise DataError("prices.csv: date must be ISO, got 'soon' in row 3")
    return task


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Undo what a run sets for workers, and end the processes that it started."""
    monkeypatch.delenv(compute.SCHEDULER_VARIABLE, raising=False)
    monkeypatch.setenv("POLARS_MAX_THREADS", os.environ.get("POLARS_MAX_THREADS", "1"))
    yield
    get_reusable_executor().shutdown(wait=True, kill_workers=True)


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_results_come_in_the_order_of_the_tasks(backend):
    tasks = [float(k) for k in range(50, 0, -1)]
    assert work(math.sqrt, tasks, params(backend)) == [math.sqrt(task) for task in tasks]


def test_one_task_and_one_worker_need_no_other_process():
    assert work(process_of, [1], params(workers=4)) == [os.getpid()]
    assert work(process_of, [1, 2, 3], params(workers=1)) == [os.getpid()] * 3
    assert work(process_of, [], params()) == []


def test_more_workers_are_other_processes():
    assert os.getpid() not in work(process_of, [1, 2, 3, 4], params())


@pytest.mark.parametrize(("backend", "workers"), [("loky", 1), ("loky", 2), ("threading", 2)])
def test_the_error_of_a_task_reaches_the_caller_as_it_was_raised(backend, workers):
    with pytest.raises(DataError, match=r"^prices\.csv: date must be ISO, got 'soon' in row 3$"):
        work(refuse, [1, 2, 3], params(backend, workers))


def test_a_caller_may_stop_early():
    results = run_tasks(math.sqrt, [1.0, 4.0, 9.0, 16.0], params(), desc="work", unit="task")
    assert next(results) == 1.0
    results.close()


@pytest.mark.parametrize("scheduler", [None, ""])
def test_a_cluster_without_a_scheduler_is_refused(scheduler):
    with pytest.raises(ComputeError, match=r"^compute\.backend is dask, but no scheduler is named; set .*host:port$"):
        work(math.sqrt, [1.0], params("dask", scheduler=scheduler))


def test_a_cluster_without_dask_is_refused_with_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ComputeError, match=r"Dask is not installed; pip install .*\[cluster\]'$"):
        work(math.sqrt, [1.0], params("dask", scheduler="127.0.0.1:1"))


@pytest.mark.parametrize("scheduler", ["127.0.0.1:1", "no scheme://here"])
def test_a_scheduler_that_does_not_answer_is_named(monkeypatch, scheduler):
    pytest.importorskip("distributed")
    monkeypatch.setattr(compute, "ANSWER_SECONDS", 0.2)
    with pytest.raises(
        ComputeError, match=f"^compute.scheduler: no Dask scheduler answers at {scheduler} .*; start it"
    ):
        work(math.sqrt, [1.0], params("dask", scheduler=scheduler))


def write_params(folder, text):
    (folder / "params.yaml").write_text(f"compute: {{chunk_rows: 10000, {text}}}\n", encoding="utf-8")


def test_the_section_says_who_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_params(tmp_path, "backend: threading, workers: 3, scheduler: null, checkpoints: null")
    assert load_compute() == params("threading", 3)


def test_the_environment_names_a_scheduler_besides(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_params(tmp_path, "backend: loky, workers: null, scheduler: null, checkpoints: null")
    monkeypatch.setenv(compute.SCHEDULER_VARIABLE, " node7:8786 ")
    assert load_compute() == params("dask", None, "node7:8786")
    monkeypatch.setenv(compute.SCHEDULER_VARIABLE, " ")
    assert load_compute() == params("loky", None)


def no_semaphores(_semaphores, _files):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_where_no_workers_can_be_started_the_same_is_done_in_this_process(monkeypatch, capfd, backend):
    monkeypatch.setattr(compute, "_try_resources", no_semaphores)
    assert work(process_of, [1, 2, 3], params(backend)) == [os.getpid()] * 3
    output = "compute: no workers can be started (No space left on device); going on without, more slowly"
    assert output in capfd.readouterr().err.splitlines()


def test_where_joblib_has_no_processes_the_same_is_done_in_this_process(monkeypatch, capfd):
    monkeypatch.delitem(BACKENDS, "loky")  # as it is when joblib finds none
    assert work(process_of, [1, 2, 3], params()) == [os.getpid()] * 3
    assert "compute: no workers can be started (joblib finds no semaphores" in capfd.readouterr().err


ROOTS = """
import math
from richcheap.pipeline.execution.workers import ComputeParams, run_tasks
params = ComputeParams(chunk_rows=10_000, backend=BACKEND, workers=2, scheduler=None, checkpoints=None)
print(list(run_tasks(math.sqrt, [4.0, 9.0, 16.0], params, desc="work", unit="task")))
"""


@pytest.mark.parametrize("backend", ["loky", "threading"])
@pytest.mark.parametrize("files", [2, 3, 9, 12])  # too little for joblib's own look; for threads; for processes
def test_little_shared_memory_changes_no_result(backend, files):
    little = f"mount -t tmpfs -o size={4 * files}k,nr_inodes={files} tmpfs /dev/shm && "
    if subprocess.run(["unshare", "-m", "sh", "-c", f"{little} true"], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a file system (root, and util-linux's unshare)")
    words = ["unshare", "-m", "sh", "-c", f'{little} exec "$@"', "sh", sys.executable, "-W", "ignore", "-c"]
    code = ROOTS.replace("BACKEND", repr(backend))
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*words, code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[2.0, 3.0, 4.0]\n"
    assert "Traceback" not in done.stderr
    assert "compute: no workers can be started (" in done.stderr


def kill_worker(number):
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGABRT])
def test_a_worker_that_ends_for_want_of_memory_is_told_with_what_takes_less(number):
    with pytest.raises(ComputeError, match=r"^a worker was killed, .* compute\.chunk_rows or compute\.workers"):
        work(kill_worker, [number, number], params())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux counts open files so")
def test_where_few_files_may_be_open_no_pool_is_half_started(capfd):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(list(Path("/proc/self/fd").iterdir())) + 12, hard))
    try:
        assert work(process_of, [1, 2], params()) == [os.getpid()] * 2
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert "compute: no workers can be started (Too many open files)" in capfd.readouterr().err
