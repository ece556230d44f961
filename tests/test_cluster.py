"""The project on a Dask cluster, a real one on the loopback interface: the same bytes as on one core."""

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import joblib
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor

from richcheap.models.enhanced_ml_adjuster.estimator import BoostedAdjuster
from richcheap.pipeline.errors import DataError
from richcheap.pipeline.execution import workers as compute
from richcheap.pipeline.execution.workers import ComputeError, ComputeParams, run_tasks
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.tables import new_table, part_paths
from stages.train import train, training_tasks
from tests.conftest import ROOT
from tests.models.datasets import blocks, planted
from tests.stages.test_convert import month

Client = pytest.importorskip("distributed").Client
pytestmark = pytest.mark.slow

NAME = "enhanced_ml_adjuster"
START_SECONDS = 120.0
LOOPBACK = ("--host", "127.0.0.1", "--no-dashboard")


@contextmanager
def started(folder: Path, name: str, *words: str) -> Iterator[Path]:
    """Run a Dask process while the block lasts; it is killed at the end, whatever happens."""
    log = folder / f"{name}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *words],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            cwd=folder,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            yield log
        finally:
            process.kill()
            process.wait()


@contextmanager
def scheduler(folder: Path) -> Iterator[str]:
    """Run a scheduler on a free port; give its address."""
    file = folder / "scheduler.json"
    words = ("distributed.cli.dask_scheduler", *LOOPBACK, "--port", "0", "--idle-timeout", "600")
    with started(folder, "scheduler", *words, "--scheduler-file", str(file)) as log:
        deadline = time.monotonic() + START_SECONDS
        while not file.exists():
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.05)
        yield json.loads(file.read_text(encoding="utf-8"))["address"].removeprefix("tcp://")


def worker(folder: Path, name: str, address: str):
    """Run a worker with one thread."""
    words = ("distributed.cli.dask_worker", address, *LOOPBACK, "--nthreads", "1", "--no-nanny")
    place = ("--local-directory", str(folder / name), "--death-timeout", "60", "--name", name)
    return started(folder, name, *words, *place)


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """Return the address of a scheduler with two workers."""
    folder = tmp_path_factory.mktemp("cluster")
    with scheduler(folder) as where, worker(folder, "one", where), worker(folder, "two", where):
        with Client(where, timeout=START_SECONDS) as client:
            client.wait_for_workers(2, timeout=START_SECONDS)
        yield where


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Undo what a run sets for workers, and end the processes that it started here."""
    monkeypatch.delenv(compute.SCHEDULER_VARIABLE, raising=False)
    monkeypatch.setenv("POLARS_MAX_THREADS", os.environ.get("POLARS_MAX_THREADS", "1"))
    yield
    get_reusable_executor().shutdown(wait=True, kill_workers=True)


def here(workers: int) -> ComputeParams:
    return ComputeParams(chunk_rows=10_000, backend="loky", workers=workers, scheduler=None, checkpoints=None)


def there(where: str) -> ComputeParams:
    return ComputeParams(chunk_rows=10_000, backend="dask", workers=None, scheduler=where, checkpoints=None)


def work(function, tasks, settings):
    return list(run_tasks(function, tasks, settings, desc="work", unit="task"))


def process_of(_task):
    time.sleep(0.2)
    return os.getpid()


def refuse(task):
    if task == 2:
        raise DataError("prices.csv: date must be ISO, got 'soon' in row 3")
    return task


def test_results_come_in_the_order_of_the_tasks(address):
    tasks = [float(k) for k in range(40, 0, -1)]
    assert work(math.sqrt, tasks, there(address)) == work(math.sqrt, tasks, here(1))


def test_both_workers_work_and_this_process_does_not(address):
    found = set(work(process_of, range(8), there(address)))
    assert len(found) == 2
    assert os.getpid() not in found


@dataclass(frozen=True)
class Shift:
    """A function that carries data along, and has no hash."""

    by: np.ndarray

    def __call__(self, task):
        return float(self.by.sum()) + task


def test_a_function_may_carry_data_along(address):
    shift = Shift(np.ones(100_000))
    assert work(shift, range(5), there(address)) == work(shift, range(5), here(1))


def test_the_error_of_a_task_reaches_the_caller_as_it_was_raised(address):
    with pytest.raises(DataError, match=r"^prices\.csv: date must be ISO, got 'soon' in row 3$"):
        work(refuse, [1, 2, 3], there(address))


def test_a_caller_may_stop_early(address):
    results = run_tasks(math.sqrt, [1.0, 4.0, 9.0, 16.0], there(address), desc="work", unit="task")
    assert next(results) == 1.0
    results.close()
    assert work(math.sqrt, [4.0], there(address)) == [2.0]


def test_a_search_and_its_model_are_the_same_bytes_whoever_does_the_work(address, tmp_path):
    kept = there(address).model_copy(update={"checkpoints": str(tmp_path / "kept")})
    rows, validation = planted(blocks()["train"], seed=1), planted(blocks()["validation"], seed=2)
    found = []
    for settings in (here(1), here(2), kept, kept):
        model = BoostedAdjuster(
            features=[name for name in rows.columns if name.startswith("f_")],
            trials=4,
            folds=2,
            rounds=40,
            round_step=10,
            seeds=2,
            seed=5,
        )
        train(model, rows, validation, training_tasks(NAME, settings))
        file = BytesIO()
        joblib.dump(model, file)
        found.append((file.getvalue(), model.predict(validation).tobytes(), model.trials_))
    assert found[0] == found[1] == found[2] == found[3]
    assert len(list((tmp_path / "kept" / NAME).iterdir())) == 8  # four trials, two that went on, two models
    assert found[0][2][0].losses[-1] < 1.0


def convert_in(folder: Path, **variables: str) -> dict[str, bytes]:
    """Run stage convert as DVC does; return what it made."""
    settings = {"chunk_rows": 10_000, "backend": "loky", "workers": 1, "scheduler": None, "checkpoints": None}
    (folder / "params.yaml").write_text(json.dumps({"compute": settings}), encoding="utf-8")  # JSON is YAML
    with new_table(folder / paths.OBSERVATIONS) as table:
        for number in range(4):
            rows = month(number, rows=6_000)  # two parts are more than a batch
            table.write(str(rows["date"][0]), rows)
    env = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    done = subprocess.run(
        [sys.executable, "-m", "stages.convert"], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "24,000 rows converted in 4 of 4 parts" in done.stderr
    made = [folder / paths.BONDS_MANIFEST, folder / paths.METRICS / "convert.json", *part_paths(folder / paths.BONDS)]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in made}


def test_convert_makes_the_same_files_whoever_does_the_work(address, tmp_path):
    made = []
    for name, variables in (("here", {}), ("there", {compute.SCHEDULER_VARIABLE: address})):
        (tmp_path / name).mkdir()
        made.append(convert_in(tmp_path / name, **variables))
    assert len(made[0]) == 6
    assert made[0] == made[1]


def test_a_scheduler_without_workers_is_told(tmp_path, monkeypatch):
    with scheduler(tmp_path) as where:
        monkeypatch.setattr(compute, "ANSWER_SECONDS", 2)
        with pytest.raises(ComputeError, match=f"^compute.scheduler: {where} has no worker; start some: dask worker"):
            work(math.sqrt, [1.0, 2.0], there(where))


def test_a_worker_without_the_project_is_told(address, monkeypatch):
    monkeypatch.setattr(compute, "PROJECT", "a_package_that_nobody_has")
    with pytest.raises(
        ComputeError, match=r"2 workers of .* cannot import the project, tcp://.* first; pip install it there"
    ):
        work(math.sqrt, [1.0, 2.0], there(address))
