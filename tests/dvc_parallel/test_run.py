"""``dvc-parallel run`` in small real projects."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dvc.utils.serialize import load_yaml

from tests.conftest import ROOT
from tests.dvc_parallel.projects import (
    command,
    commit,
    copy_project,
    make_project,
    stage,
    write,
    write_params,
    write_stages,
)

STAGES = {
    "source": stage("source", "source.txt"),
    "left": stage("left", "source", params=["word"]),
    "right": stage("right", "source"),
    "end": stage("end", "left", "right"),
}


def run_command(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    line = [sys.executable, "-m", "dvc_parallel.cli", *words]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False, env=environment)


def outcomes(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Return what became of each stage by the run's table for machines."""
    return {row["stage"]: row["outcome"] for row in json.loads(done.stdout)["stages"]}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """A project in which nothing has run."""
    folder = tmp_path_factory.mktemp("fresh")
    return make_project(folder, STAGES, {"source.txt": "hello\n"}, {"word": "a"})


@pytest.fixture(scope="module")
def done(fresh, tmp_path_factory):
    """The same, up to date."""
    folder = copy_project(fresh, tmp_path_factory.mktemp("done"))
    first = run_command(folder, "run")
    assert first.returncode == 0, first.stderr
    commit(folder, "made")
    return folder


@pytest.fixture
def project(done, tmp_path):
    return copy_project(done, tmp_path / "project")


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_any_number_of_jobs_leaves_what_dvc_repro_leaves(fresh, tmp_path, jobs):
    folder, plain = copy_project(fresh, tmp_path / "run"), copy_project(fresh, tmp_path / "repro")
    assert run_command(folder, "run", "-j", str(jobs)).returncode == 0
    command(plain, "dvc", "repro", "-q")
    for name in ("dvc.lock", ".gitignore", "source", "left", "right", "end"):
        assert (folder / name).read_bytes() == (plain / name).read_bytes(), name
    assert "up to date" in command(folder, "dvc", "status")
    assert "Running" not in command(folder, "dvc", "repro")


def test_the_first_run_says_what_it_did(fresh, tmp_path):
    folder = copy_project(fresh, tmp_path / "project")
    said = run_command(folder, "run", "-j", "2")
    assert said.returncode == 0
    assert "started             source  2 cores" in said.stderr
    assert "[4 of 4 stages]" in said.stderr
    header, *_, total = said.stdout.splitlines()
    assert header.split() == ["stage", "seconds", "CPU", "s", "peak", "MB", "cores"]
    assert total.startswith("total   4 ran")
    kept = json.loads((folder / ".dvc/tmp/dvc-parallel/run.json").read_text())
    assert [row["outcome"] for row in kept["stages"]] == ["ran"] * 4
    assert command(folder, "git", "status", "--short").split() == ["??", ".gitignore", "??", "dvc.lock"]


def test_a_second_run_finds_nothing_to_do(project):
    before = (project / "dvc.lock").read_bytes()
    again = run_command(project, "run")
    assert (again.returncode, again.stdout.split(";")[0]) == (0, "4 unchanged")
    assert (project / "dvc.lock").read_bytes() == before
    assert run_command(project, "status").returncode == 0


def test_only_what_a_change_reaches_runs_and_undone_it_is_restored(project):
    write_params(project, {"word": "b"})
    assert run_command(project, "status").returncode == 1
    assert outcomes(run_command(project, "run", "--json")) == {
        "source": "unchanged", "right": "unchanged", "left": "ran", "end": "unchanged"
    }  # fmt: skip
    write_params(project, {"word": "a"})
    assert outcomes(run_command(project, "run", "--json"))["left"] == "restored from cache"
    assert command(project, "git", "status", "--short") == ""


def test_a_missing_output_is_restored(project):
    (project / "end").unlink()
    assert outcomes(run_command(project, "run", "--json"))["end"] == "restored from cache"
    assert (project / "end").is_file()


def test_forced_all_stages_run_and_nothing_changes(project):
    assert set(outcomes(run_command(project, "run", "--force", "--json")).values()) == {"ran"}
    assert command(project, "git", "status", "--short") == ""


def test_of_forced_targets_what_is_above_runs_only_when_it_is_stale(project):
    words = ("run", "--force-targets", "left", "right", "--json")
    assert outcomes(run_command(project, *words)) == {"source": "unchanged", "left": "ran", "right": "ran"}
    write(project, {"source.txt": "good bye\n"})
    said = json.loads(run_command(project, *words, "--dry-run").stdout)
    assert {row["stage"]: row["verdict"] for row in said["stages"]} == {
        "source": "stale", "left": "forced", "right": "forced"
    }  # fmt: skip
    assert set(outcomes(run_command(project, *words)).values()) == {"ran"}
    assert run_command(project, "status", "left", "right").returncode == 0


def test_a_target_runs_with_what_is_above_it_alone(fresh, tmp_path):
    folder = copy_project(fresh, tmp_path / "project")
    assert outcomes(run_command(folder, "run", "right", "--json")) == {"source": "ran", "right": "ran"}
    assert not (folder / "left").exists()


def test_a_dry_run_tells_and_changes_nothing(project):
    write(project, {"source.txt": "good bye\n"})
    said = run_command(project, "run", "--dry-run")
    assert said.returncode == 0
    assert [line.split()[:2] for line in said.stdout.splitlines()[:4]] == [
        ["source", "stale"], ["left", "may"], ["right", "may"], ["end", "may"]
    ]  # fmt: skip
    assert said.stdout.splitlines()[-1].startswith("4 of 4 stages would run in about")
    assert (project / "source").read_text() == "hello\n"
    assert json.loads(run_command(project, "run", "-n", "--json").stdout)["stages"][0]["verdict"] == "stale"


def test_a_failure_is_named_with_its_cause_and_its_log(fresh, tmp_path):
    folder = copy_project(fresh, tmp_path / "project")
    broken = {**STAGES["right"], "cmd": "echo half > right; echo 'error: no such column' >&2; exit 3"}
    write_stages(folder, {**STAGES, "right": broken})
    said = run_command(folder, "run", "-j", "1", "--keep-going")
    assert said.returncode == 1
    assert "    | error: no such column" in said.stderr
    log = folder / ".dvc/tmp/dvc-parallel/logs/right.log"
    assert f"right failed: exit code 3; its log: {log}" in said.stdout
    assert "error: no such column" in log.read_text()
    assert "1 failed, 1 skipped" in said.stdout
    assert list(load_yaml(folder / "dvc.lock")["stages"]) == ["source", "left"]
    write_stages(folder, STAGES)
    assert outcomes(run_command(folder, "run", "--json")) == {
        "source": "unchanged", "left": "unchanged", "right": "ran", "end": "ran"
    }  # fmt: skip


def test_a_stage_that_does_not_make_its_output_fails(fresh, tmp_path):
    folder = copy_project(fresh, tmp_path / "project")
    write_stages(folder, {**STAGES, "right": {**STAGES["right"], "cmd": "true"}})
    said = run_command(folder, "run", "--keep-going", "--json")
    assert said.returncode == 1
    (right,) = (row for row in json.loads(said.stdout)["stages"] if row["stage"] == "right")
    assert (right["outcome"], "right" in right["cause"]) == ("failed", True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "rigth"], "did you mean 'right'"),
        (["run", "--jobs", "0"], "must be a whole number of at least 1, got 0"),
        (["walk"], "no command 'walk'"),
        (["run", "--json", "nowhere/dvc.yaml"], "no stage or file of stages"),
    ],
)
def test_a_users_mistake_is_told_in_a_line(project, words, message):
    said = run_command(project, *words)
    assert said.returncode == 2
    assert message in said.stderr
    assert "Traceback" not in said.stderr


def test_outside_of_a_project_there_is_nothing_to_run(tmp_path):
    said = run_command(tmp_path, "run")
    assert (said.returncode, "dvc init" in said.stderr) == (2, True)


def test_frozen_stages_and_data_added_by_hand_are_taken_as_dvc_takes_them(fresh, tmp_path):
    folder, plain = copy_project(fresh, tmp_path / "run"), copy_project(fresh, tmp_path / "repro")
    for place in (folder, plain):
        write(place, {"data.txt": "by hand\n"})
        command(place, "dvc", "add", "-q", "data.txt")
        frozen = {**stage("cold", "data.txt"), "frozen": True}
        write(place, {"cold": "made before\n"})
        listed = {**stage("lines", "data.txt"), "cmd": ["cat data.txt > lines", "cat data.txt >> lines"]}
        write_stages(place, {**STAGES, "cold": frozen, "lines": listed, "hot": stage("hot", "cold")})
    assert run_command(folder, "run", "-j", "2").returncode == 0
    command(plain, "dvc", "repro", "-q")
    assert (folder / "lines").read_text() == "by hand\nby hand\n"
    assert (folder / "dvc.lock").read_bytes() == (plain / "dvc.lock").read_bytes()


EVERYTHING = """
vars:
  - names: [x, y]
stages:
  m:
    matrix:
      n: ${names}
      k: [1, 2]
    cmd: echo ${item.n}${item.k} > m_${item.n}_${item.k}
    outs:
      - m_${item.n}_${item.k}
    params:
      - other.yaml:
          - a
  each:
    foreach: {one: 1, two: 2}
    do:
      cmd: echo ${item} > each_${key}
      deps: [m_x_1]
      outs:
        - each_${key}
  folder:
    cmd: mkdir -p out/sub && cp m_x_1 out/sub/a && cp m_y_1 out/b
    deps: [m_x_1, m_y_1]
    outs: [out]
  figures:
    cmd: 'echo "{\\"v\\": 1}" > figures.json; printf "a,b\\n1,2\\n" > plot.csv'
    deps: [out]
    metrics: [{figures.json: {cache: false}}]
    plots: [{plot.csv: {cache: false}}]
  lines:
    cmd: |
      echo 'a "quoted" line' > lines
      echo two >> lines
    deps: [out]
    outs: [lines]
  callback:
    cmd: echo hello
"""
BELOW = """
stages:
  s:
    cmd: cat ../../each_one > s.txt
    wdir: deep
    deps: [../../each_one]
    outs: [s.txt]
"""


def test_all_that_dvc_yaml_can_say_is_run_as_dvc_runs_it(tmp_path):
    files = {"other.yaml": "a: 1\nb: 2\n", "below/dvc.yaml": BELOW, "below/deep/.keep": ""}
    folder = make_project(tmp_path / "run", {}, files)
    write(folder, {"dvc.yaml": EVERYTHING})
    plain = copy_project(folder, tmp_path / "repro")
    for words in ([], ["below/dvc.yaml"]):
        assert run_command(folder, "run", "-j", "3", *words).returncode == 0
        command(plain, "dvc", "repro", "-q", *words)
    for name in ("dvc.lock", "below/dvc.lock", ".gitignore", "below/deep/.gitignore"):
        assert (folder / name).read_bytes() == (plain / name).read_bytes(), name
    forced = run_command(folder / "below", "run", "--force", "--json")
    assert set(outcomes(forced).values()) == {"ran"}
    logs = {Path(row["log"]).parent for row in json.loads(forced.stdout)["stages"]}
    assert logs == {folder / ".dvc/tmp/dvc-parallel/logs"}


SLOW = {
    "slow": {
        "cmd": f"{sys.executable} slow.py slow",
        "deps": ["slow.py"],
        "outs": ["slow"],
    },
    "other": {"cmd": f"{sys.executable} slow.py other", "deps": ["slow.py"], "outs": ["other"]},
}
SLOW_STAGE = (
    "import sys, time\nfile = open(sys.argv[1], 'w')\nfile.write('half')\nfile.flush()\ntime.sleep({seconds})\n"
)


@pytest.fixture
def slow(tmp_path):
    """A project whose two stages take a minute each and write half of their outputs at once."""
    return make_project(tmp_path / "slow", SLOW, {"slow.py": SLOW_STAGE.format(seconds=60)})


def started(folder: Path, *words: str) -> "subprocess.Popen[str]":
    """Start a run and wait until both stages have written the first half."""
    line = [sys.executable, "-m", "dvc_parallel.cli", "run", "-j", "2", *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.Popen(line, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 30
    while not all((folder / out).is_file() for out in ("slow", "other")) and time.monotonic() < deadline:
        time.sleep(0.05)
    return run


def test_an_interrupt_ends_the_run_and_leaves_nothing_half_written(slow):
    run = started(slow)
    run.send_signal(signal.SIGINT)
    said, _ = run.communicate(timeout=30)
    assert run.returncode == 130
    assert "2 stopped" in said
    assert not (slow / "slow").exists()
    assert not (slow / "other").exists()
    write(slow, {"slow.py": SLOW_STAGE.format(seconds=0)})
    assert run_command(slow, "run").returncode == 0


def test_of_two_runs_the_second_leaves_or_waits_as_asked(slow):
    write(slow, {"slow.py": SLOW_STAGE.format(seconds=4)})
    first = started(slow)
    second = run_command(slow, "run")
    assert second.returncode == 75
    assert second.stderr.startswith(f"error: another run is at work here (process {first.pid}); wait for it with")
    third = run_command(slow, "run", "--wait", "--json")
    assert first.wait() == 0
    assert set(outcomes(third).values()) == {"unchanged"}
    first.communicate()


def test_a_torn_lock_and_a_torn_list_of_locked_paths_are_mended(project):
    whole = (project / "dvc.lock").read_bytes()
    (project / "dvc.lock").write_bytes(whole[: len(whole) // 2])
    (project / ".dvc/tmp/rwlock").write_text('{"write": {')
    said = run_command(project, "run", "--json")
    assert said.returncode == 0, said.stderr
    assert "ran" not in outcomes(said).values()
    assert "dvc.lock was torn" in said.stderr
    assert (project / "dvc.lock").read_bytes() == whole


def test_a_lock_that_names_a_dead_process_stops_nobody(project):
    write_params(project, {"word": "c"})
    info = {"pid": 2**22 + 1, "cmd": "dvc repro"}
    (project / ".dvc/tmp/rwlock").write_text(json.dumps({"write": {str(project / "left"): info}, "read": {}}))
    assert outcomes(run_command(project, "run", "--json"))["left"] == "ran"


def test_stages_get_their_share_of_the_cores(tmp_path):
    tell = "echo $OMP_NUM_THREADS $POLARS_MAX_THREADS"
    stages = {name: {**stage(name, "source.txt"), "cmd": f"{tell} > {name}"} for name in ("a", "b")}
    stages["c"] = {**stage("c", "a", "b"), "cmd": f"{tell} > c"}
    folder = make_project(tmp_path / "project", stages, {"source.txt": "x"})
    assert run_command(folder, "run", "-j", "2", OMP_NUM_THREADS="4").returncode == 0
    assert [(folder / name).read_text() for name in "abc"] == ["2 2\n", "2 2\n", "4 4\n"]


def test_what_another_machine_has_made_is_fetched_instead_of_made_again(fresh, tmp_path):
    folder, remote = copy_project(fresh, tmp_path / "project"), tmp_path / "remote"
    command(folder, "dvc", "remote", "add", "-q", "-d", "store", str(remote))
    assert run_command(folder, "run").returncode == 0
    commit(folder, "made")
    command(folder, "dvc", "push", "-q", "--run-cache")
    clone = tmp_path / "clone"
    command(tmp_path, "git", "clone", "-q", str(folder), str(clone))
    assert set(outcomes(run_command(clone, "run", "--pull", "--json")).values()) == {"restored from cache"}
    (clone / "dvc.lock").unlink()
    for out in ("source", "left", "right", "end"):
        (clone / out).unlink()
    command(clone, "rm", "-rf", ".dvc/cache")
    assert "ran" not in outcomes(run_command(clone, "run", "--pull", "--json")).values()
    assert (clone / "dvc.lock").read_bytes() == (folder / "dvc.lock").read_bytes()


def test_without_a_remote_pull_says_so_and_goes_on(fresh, tmp_path):
    folder = copy_project(fresh, tmp_path / "project")
    said = run_command(folder, "run", "--pull")
    assert said.returncode == 0
    assert "the run cache cannot be pulled" in said.stderr
