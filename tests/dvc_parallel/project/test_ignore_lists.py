"""Outputs on git's ignore list, beside `dvc repro`."""

import pytest

from tests.dvc_parallel.projects import command, copy_project, make_project, stage, write_stages
from tests.dvc_parallel.test_run import outcomes, run_command


def made_below(out: str, *deps: str, seconds: float = 0.0) -> dict[str, object]:
    """Return a stage that makes the folder of its output itself."""
    folder = out.rpartition("/")[0]
    return {"cmd": f"sleep {seconds}; mkdir -p {folder} && cat {' '.join(deps)} > {out}", "deps": deps, "outs": [out]}


FOLDERS = {
    "slow": made_below("models/slow.txt", "a.txt", seconds=0.5),
    "quick": made_below("models/quick.txt", "a.txt"),
    "deep": made_below("x/y/z/deep.txt", "a.txt"),
    "top": stage("top.txt", "models/slow.txt", "models/quick.txt"),
}
IGNORED = (".gitignore", "models/.gitignore", "x/y/z/.gitignore")


@pytest.mark.parametrize("jobs", [1, 2, 4])
@pytest.mark.parametrize("autostage", ["true", "false"])
def test_outputs_in_folders_that_are_not_there_are_made_as_dvc_repro_makes_them(tmp_path, jobs, autostage):
    folder = make_project(tmp_path / "run", FOLDERS, {"a.txt": "a\n"})
    command(folder, "dvc", "config", "core.autostage", autostage)
    plain = copy_project(folder, tmp_path / "repro")
    said = run_command(folder, "run", "-j", str(jobs))
    assert (said.returncode, "Traceback" in said.stderr) == (0, False), said.stderr
    command(plain, "dvc", "repro", "-q")
    for name in ("dvc.lock", *IGNORED, "models/slow.txt", "x/y/z/deep.txt"):
        assert (folder / name).read_bytes() == (plain / name).read_bytes(), name
    assert command(folder, "git", "status", "--short") == command(plain, "git", "status", "--short")
    (folder / "models/quick.txt").unlink()
    assert outcomes(run_command(folder, "run", "--json"))["quick"] == "restored from cache"


def test_a_command_finds_its_folder_as_dvc_repro_leaves_it(tmp_path):
    folder = make_project(tmp_path / "run", {}, {"a.txt": "a\n"})
    clone = {"cmd": "rmdir new && mkdir new && cp a.txt new/b.txt", "deps": ["a.txt"], "outs": ["new/b.txt"]}
    write_stages(folder, {"clone": clone})
    (folder / "new").mkdir()
    assert run_command(folder, "run").returncode == 0
    assert (folder / "new/.gitignore").read_text() == "/b.txt\n"


def test_of_a_stage_that_fails_nothing_is_put_on_the_list(tmp_path):
    broken = {**stage("broken", "a.txt"), "cmd": "exit 3"}
    folder = make_project(tmp_path / "run", {"good": stage("good", "a.txt"), "broken": broken}, {"a.txt": "a\n"})
    assert run_command(folder, "run", "-j", "1").returncode == 1
    assert (folder / ".gitignore").read_text() == "/good\n"


def test_an_output_that_git_tracks_is_refused_when_its_stage_ends(tmp_path):
    folder = make_project(tmp_path / "run", {"one": made_below("m/o.txt", "a.txt")}, {"a.txt": "a\n", "m/o.txt": ""})
    said = run_command(folder, "run")
    assert said.returncode == 1
    assert "output 'm/o.txt' is already tracked by SCM" in said.stdout
    assert "Traceback" not in said.stderr


def test_a_folder_that_refuses_files_fails_the_stage_in_a_line(tmp_path):
    stages = {"one": {"cmd": "cp a.txt m/o.txt", "deps": ["a.txt"], "outs": ["m/o.txt"]}, "two": stage("two", "a.txt")}
    folder = make_project(tmp_path / "run", stages, {"a.txt": "a\n"})
    (folder / "m").mkdir()
    (folder / "m/.gitignore").symlink_to("gone/away")  # nothing can be written there, not even by root
    said = run_command(folder, "run", "--keep-going", "--json")
    assert (said.returncode, "Traceback" in said.stderr) == (1, False)
    assert outcomes(said) == {"one": "failed", "two": "ran"}
    assert ".gitignore" in said.stdout
