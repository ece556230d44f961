"""Stages that write what they do not declare, and stages that read it, beside `dvc repro`."""

import json

import pytest

from tests.dvc_parallel.projects import command, copy_project, make_project, stage, write, write_stages
from tests.dvc_parallel.test_run import outcomes, run_command

REFRESH = {"cmd": "cat count.txt > f.txt", "always_changed": True}
USE = stage("use.txt", "f.txt")
DOWNLOAD = {
    "download": {"cmd": "sleep 0.3; mkdir -p raw && echo data > raw/d.txt"},
    "clean": stage("clean.txt", "raw/d.txt"),
    "model": stage("model.txt", "clean.txt"),
}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_file_that_a_stage_rewrites_without_declaring_it_is_seen_by_its_readers(tmp_path, jobs):
    stages = {"refresh": REFRESH, "use": USE, "after": stage("after.txt", "use.txt")}
    folder = make_project(tmp_path / "run", stages, {"count.txt": "0\n", "f.txt": "0\n"})
    assert run_command(folder, "run", "-j", jobs).returncode == 0
    write(folder, {"count.txt": "7\n"})
    plain = copy_project(folder, tmp_path / "repro")
    said = run_command(folder, "run", "-j", jobs, "--json")
    assert said.returncode == 0
    assert outcomes(said) == dict.fromkeys(stages, "ran")
    assert json.loads(said.stdout)["stale_again"] == []
    command(plain, "dvc", "repro", "-q")
    for name in ("use.txt", "after.txt", "dvc.lock"):
        assert (folder / name).read_bytes() == (plain / name).read_bytes(), name
    assert (folder / "use.txt").read_text() == "7\n"
    assert json.loads(command(folder, "dvc", "status", "--json")) == {"refresh": ["always changed"]}


def test_a_stage_whose_input_is_rewritten_while_it_runs_runs_again(tmp_path):
    stages = {
        "refresh": {**REFRESH, "cmd": "sleep 0.4; cat count.txt > f.txt"},
        "use": {**USE, "cmd": "cat f.txt > use.txt; sleep 1.2"},
    }
    folder = make_project(tmp_path / "run", stages, {"count.txt": "7\n", "f.txt": "0\n"})
    said = run_command(folder, "run", "-j", "2")
    assert said.returncode == 0
    assert (folder / "use.txt").read_text() == "7\n"
    assert "use ran a second time, alone: beside others, f.txt changed while it ran" in said.stderr
    assert json.loads(command(folder, "dvc", "status", "--json")) == {"refresh": ["always changed"]}


def test_what_dvc_repro_leaves_stale_is_named(tmp_path):
    folder = make_project(tmp_path / "run", {"use": USE, "refresh": REFRESH}, {"count.txt": "7\n", "f.txt": "0\n"})
    plain = copy_project(folder, tmp_path / "repro")
    said = run_command(folder, "run", "-j", "1", "--json")
    assert (said.returncode, json.loads(said.stdout)["stale_again"]) == (0, ["use"])
    assert said.stderr.splitlines()[-1].startswith("use is stale again: a stage has written what others read")
    command(plain, "dvc", "repro", "-q")
    assert set(json.loads(command(plain, "dvc", "status", "--json"))) == {"use", "refresh"}
    assert (folder / "dvc.lock").read_bytes() == (plain / "dvc.lock").read_bytes()


@pytest.mark.parametrize("jobs", ["1", "2", "4"])
def test_a_stage_that_declares_no_output_runs_before_those_that_read_what_it_makes(tmp_path, jobs):
    folder = make_project(tmp_path / "run", DOWNLOAD)
    plain = copy_project(folder, tmp_path / "repro")
    command(plain, "dvc", "repro", "-q")
    assert outcomes(run_command(folder, "run", "-j", jobs, "--json")) == dict.fromkeys(DOWNLOAD, "ran")
    assert (folder / "dvc.lock").read_bytes() == (plain / "dvc.lock").read_bytes()
    again = outcomes(run_command(folder, "run", "-j", jobs, "--json"))
    assert again == {"download": "ran", "clean": "unchanged", "model": "unchanged"}


def test_one_job_goes_in_the_order_of_dvc_repro(tmp_path):
    names = ["c", "a", "d", "b"]
    free = {name: {"cmd": f"echo {name} >> order.txt; echo > {name}", "outs": [name]} for name in names}
    stages = {**free, "e": {"cmd": "echo e >> order.txt; echo > e", "deps": ["a", "d"], "outs": ["e"]}}
    folder = make_project(tmp_path / "run", stages)
    plain = copy_project(folder, tmp_path / "repro")
    for words in ([], ["e", "c"]):
        assert run_command(folder, "run", "--force", "-j", "1", *words).returncode == 0
        command(plain, "dvc", "repro", "-q", "--force", *words)
        assert (folder / "order.txt").read_text() == (plain / "order.txt").read_text()


def test_a_file_that_nobody_makes_is_named_with_who_needs_it(tmp_path):
    folder = make_project(tmp_path / "run", DOWNLOAD)
    write_stages(folder, {name: DOWNLOAD[name] for name in ("clean", "model")})
    for jobs in ("1", "2"):
        said = run_command(folder, "run", "-j", jobs)
        assert said.returncode == 1
        assert "clean needs raw/d.txt, which no stage declares as an output, and which is not there" in said.stdout
        assert "Traceback" not in said.stderr
