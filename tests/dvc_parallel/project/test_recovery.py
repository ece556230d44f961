"""What a kill leaves torn is mended without a hand."""

import json
import os
import subprocess
import sys
import time

import psutil
import pytest
from dvc.utils.serialize import load_yaml

from dvc_parallel.project.recovery import end_orphans, is_cut_short, mend_locks, mend_rwlock
from tests.dvc_parallel.project.test_lockfile import ENTRIES, ORDER, written
from tests.dvc_parallel.projects import command, commit

NO_PROCESS = 2**22 + 1
"""Above the largest number that Linux gives to a process."""


@pytest.fixture
def project(tmp_path):
    command(tmp_path, "git", "init", "-q")
    return tmp_path


def test_whatever_was_cut_off_the_lock_can_be_read_again(project):
    path = project / "dvc.lock"
    whole = written(path, ORDER).encode()
    (project / "dvc.copy").unlink()
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        mend_locks(project, project / "copies")
        if path.exists():
            kept = load_yaml(path).get("stages") or {}
            wrong = [name for name in kept if kept[name] != ENTRIES[name]]
            assert len(wrong) <= 1, "no more than the last stage can have lost lines"
            assert not wrong or whole[cut - 1 : cut] == b"\n", "what is left of a line is not believed"


def test_a_lock_that_ends_within_a_line_is_known(project):
    path = project / "dvc.lock"
    assert not is_cut_short(path)
    written(path, ORDER)
    assert not is_cut_short(path)
    path.write_bytes(path.read_bytes()[:-3])
    assert is_cut_short(path)
    path.write_bytes(b"")
    assert is_cut_short(path)


def test_a_whole_lock_is_not_touched(project):
    text = written(project / "dvc.lock", ORDER)
    assert mend_locks(project, project / "copies") == []
    assert (project / "dvc.lock").read_text() == text


def test_what_is_missing_is_taken_from_the_runners_copy_and_from_the_last_commit(project):
    path, copies = project / "dvc.lock", project / ".dvc" / "copies"
    written(path, ["a"])
    commit(project, "a")
    written(copies / "dvc.lock", ["b"])
    path.write_bytes(b"schema: '2.0'\nsta")
    assert mend_locks(project, copies) == [
        "dvc.lock was torn; 2 stages of it are known, the others are checked anew"
    ]  # fmt: skip
    assert load_yaml(path)["stages"] == {"a": ENTRIES["a"], "b": ENTRIES["b"]}


def test_an_empty_lock_of_which_nothing_is_known_is_deleted(project):
    (project / "dvc.lock").write_text("")
    assert mend_locks(project, project / "copies") != []
    assert not (project / "dvc.lock").exists()


def rwlock(folder, writer, reader):
    (folder / "rwlock").write_text(json.dumps({"write": {"out": writer}, "read": {"dep": [reader]}}))


def test_locks_of_processes_that_are_gone_are_forgotten_others_stay(tmp_path):
    alive, gone = {"pid": os.getpid(), "cmd": "dvc repro"}, {"pid": NO_PROCESS, "cmd": "dvc repro"}
    rwlock(tmp_path, gone, alive)
    assert mend_rwlock(tmp_path) == []
    assert json.loads((tmp_path / "rwlock").read_text()) == {"write": {}, "read": {"dep": [alive]}}


def test_a_lock_whose_number_went_to_a_later_process_is_forgotten(tmp_path):
    mine = {"pid": os.getpid(), "cmd": "dvc repro"}
    rwlock(tmp_path, mine, mine)
    before = psutil.Process().create_time() - 60.0
    os.utime(tmp_path / "rwlock", (before, before))
    mend_rwlock(tmp_path)
    assert json.loads((tmp_path / "rwlock").read_text()) == {"write": {}, "read": {}}


@pytest.mark.parametrize("text", ["", '{"write": {', "[]", '{"write": {"out": {"cmd": "no pid"}}}'])
def test_a_torn_list_of_locked_paths_is_made_anew(tmp_path, text):
    (tmp_path / "rwlock").write_text(text)
    assert mend_rwlock(tmp_path) == ["rwlock, DVC's list of locked paths, was torn; it is made anew"]
    assert not (tmp_path / "rwlock").exists()


def test_without_such_a_list_there_is_nothing_to_mend(tmp_path):
    assert mend_rwlock(tmp_path) == []


SLEEPER = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"


def stage_process(root, program=SLEEPER):
    """Start a process as DVC starts a stage's, with one of its own below."""
    environment = {**os.environ, "DVC_ROOT": str(root), "DVC_STAGE": "slow"}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment)
    deadline = time.monotonic() + 10
    while not psutil.Process(process.pid).children() and time.monotonic() < deadline:
        time.sleep(0.01)
    return process


def test_a_stage_that_outlived_its_run_is_ended_with_all_that_it_started(tmp_path):
    process = stage_process(tmp_path)
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children()]
    assert len(family) == 2
    (line,) = end_orphans(tmp_path, tmp_path)
    process.wait()
    assert line.startswith("slow: its process")
    assert not any(member.is_running() and member.status() != psutil.STATUS_ZOMBIE for member in family)


def test_a_stage_of_a_run_that_holds_dvcs_locks_is_left_alone(tmp_path):
    process = stage_process(tmp_path)
    rwlock(tmp_path, {"pid": os.getpid(), "cmd": "dvc repro"}, {"pid": os.getpid(), "cmd": "dvc repro"})
    try:
        assert end_orphans(tmp_path, tmp_path) == []
        assert process.poll() is None
    finally:
        (tmp_path / "rwlock").unlink()
        end_orphans(tmp_path, tmp_path)
        process.wait()


def test_stages_of_other_projects_are_left_alone(tmp_path):
    process = stage_process(tmp_path / "other")
    try:
        assert end_orphans(tmp_path, tmp_path) == []
    finally:
        end_orphans(tmp_path / "other", tmp_path)
        process.wait()
