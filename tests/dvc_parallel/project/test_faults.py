"""What a user or a machine does ends in one line, of `status` and of `run`."""

import os
import subprocess
import sys

import pytest

from dvc_parallel import cli, run
from dvc_parallel.status import command
from dvc_parallel.system.exit_codes import INTERRUPTED
from tests.conftest import ROOT
from tests.dvc_parallel.projects import copy_project, make_project, stage, write
from tests.dvc_parallel.test_run import outcomes, run_command

STAGES = {"one": stage("one", "a.txt", params=["k"]), "other": stage("other", "b.txt")}
ALL = (["status"], ["run", "--dry-run"], ["run"])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("made") / "p", STAGES, {"a.txt": "a\n", "b.txt": "b\n"}, {"k": 1})


@pytest.fixture
def project(made, tmp_path, monkeypatch):
    monkeypatch.chdir(copy_project(made, tmp_path / "project"))
    return tmp_path / "project"


def output(words, capsys):
    """Run a command in this process; return its exit code and what it said on standard error."""
    code = (command if words[0] == "status" else run).main(words[1:])
    return code, capsys.readouterr().err


@pytest.mark.parametrize("words", ALL)
@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"dvc.yaml": "stages:\n  a:\n    cmd: x\n    params: [{p.yaml: k}]\n"}, "dvc.yaml: Expected list of params"),
        ({"dvc.yaml": "stages:\n  a:\n    cmd: x\n    deps: [nosuch://b/x]\n"}, "nosuch"),
        ({"d.dvc": "outs: [\n"}, "'./d.dvc' is not valid YAML"),
        (
            {"d.dvc": "<<<<<<< ours\nouts: [x\n=======\n>>>>>>> theirs\n"},
            "d.dvc' holds a merge conflict from line 1",
        ),
        ({".dvc/tmp": "a file"}, ".dvc/tmp: file exists; something else is in its place"),
        ({".dvc/config": "[core\n"}, "config file error"),
        ({"dvc.lock/x": ""}, "dvc.lock' is not a .dvc file"),
    ],
)
def test_a_broken_project_is_told_in_a_line(project, capsys, words, files, message):
    write(project, files)
    code, said = output(words, capsys)
    assert code == 2
    assert said.startswith("error: ")
    assert len(said.splitlines()) == 1
    assert message in said


def test_a_file_that_cannot_be_read_fails_its_stage_alone(project):
    (project / "a.txt").unlink()
    (project / "a.txt").symlink_to("a.txt")
    assert run_command(project, "status").returncode == 1
    said = run_command(project, "run", "--keep-going", "--json")
    assert outcomes(said) == {"one": "failed", "other": "ran"}
    assert "a.txt: too many levels of symbolic links; its links lead in a circle" in said.stderr


@pytest.mark.parametrize("words", ALL)
def test_a_dvc_yaml_without_stages_is_no_fault(project, capsys, words):
    write(project, {"dvc.yaml": ""})
    assert output(words, capsys) == (0, "")


@pytest.mark.parametrize("words", ALL)
def test_a_pipe_in_the_place_of_a_file_is_told_and_not_waited_for(project, capsys, words):
    (project / "a.txt").unlink()
    os.mkfifo(project / "a.txt")
    reported_so = "error: a.txt: stage one reads a file or a folder there, got a pipe\n"
    assert output(words, capsys) == (2, reported_so)


@pytest.mark.parametrize("length", [0, 10, 100])
def test_a_git_index_that_is_cut_is_told_before_anything_runs(project, capsys, length):
    subprocess.run(["git", "add", "-A"], cwd=project, check=True)
    index = project / ".git" / "index"
    whole = index.read_bytes()
    index.write_bytes(whole[:length])
    fault = f"error: {index}: git's index is broken; remove it, and `git reset` makes it anew\n"
    assert output(["run"], capsys) == (2, fault)
    index.write_bytes(whole)
    assert output(["run"], capsys)[0] == 0


READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$0" && shift 0 && exec "$@"'


def read_only(folder, *words):
    """Run the command where the folder cannot be written; skip the test where no such place can be made."""
    line = ["unshare", "-rm", "sh", "-c", READ_ONLY, str(folder), sys.executable, "-m", "dvc_parallel.cli", *words]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    try:
        done = subprocess.run(line, capture_output=True, text=True, check=False, env=environment)
    except FileNotFoundError:
        pytest.skip("no unshare here")
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip("no read-only mount can be made here")
    return done


def test_a_read_only_project_is_looked_at_and_not_run(project):
    for temporary in (False, True):  # DVC has, or has not, a folder for its locks
        if temporary:
            assert run_command(project, "run").returncode == 0
            write(project, {"a.txt": "b\n"})
        looked = read_only(project, "status")
        assert (looked.returncode, looked.stderr) == (1, "")
        assert ("dependency changed: a.txt" if temporary else "never run before") in looked.stdout
        assert looked.stdout == run_command(project, "status").stdout
        assert read_only(project, "run", "--dry-run").returncode == 0
        ran = read_only(project, "run")
        assert ran.returncode == 2
        assert ran.stderr.startswith(f"error: {project} is read-only, and a run writes")
        assert len(ran.stderr.splitlines()) == 1


def test_ctrl_c_before_anything_runs_ends_in_a_line(monkeypatch, capsys):
    def interrupted(*_words):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "dispatch", interrupted)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == INTERRUPTED
    assert capsys.readouterr().err == "error: interrupted\n"
