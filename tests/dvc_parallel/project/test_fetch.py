"""`dvc-parallel run --pull` in a fresh clone, beside `dvc repro --pull`."""

import json

import pytest

from tests.dvc_parallel.projects import command, commit, make_project, stage, write, write_stages
from tests.dvc_parallel.test_run import outcomes, run_command

STAGES = {
    "one": stage("one", "data/file.txt"),
    "cold": {**stage("cold", "folder/f.txt"), "frozen": True},
    "two": stage("two", "one", "cold", "imported", "folder/f.txt"),
}
DATA = ["data/file.txt.dvc", "folder.dvc", "imported.dvc"]
MADE = ("one", "cold", "two", "imported", "data/file.txt", "folder/f.txt", "dvc.lock")


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """A project with data of every kind, all of it on a remote, or in the project that it was imported from."""
    place = tmp_path_factory.mktemp("origin")
    source = make_project(place / "source", {})
    write(source, {"there.txt": "from elsewhere\n"})
    command(source, "dvc", "add", "-q", "there.txt")
    commit(source, "data")
    folder = make_project(place / "project", STAGES)
    write(folder, {"data/file.txt": "file\n", "folder/f.txt": "f\n", "cold": "f\n"})
    command(folder, "dvc", "add", "-q", "data/file.txt", "folder")
    command(folder, "dvc", "import", "-q", str(source), "there.txt", "-o", "imported")
    command(folder, "dvc", "remote", "add", "-q", "-d", "store", str(place / "remote"))
    command(folder, "dvc", "commit", "-q", "-f", "cold")
    command(folder, "dvc", "repro", "-q")
    command(folder, "dvc", "push", "-q")
    commit(folder, "made")
    return folder


@pytest.fixture
def clone(origin, tmp_path):
    """Give a function that clones the project, without its data."""

    def made(name):
        command(tmp_path, "git", "clone", "-q", str(origin), name)
        return tmp_path / name

    return made


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_data_of_every_kind_is_fetched_and_nothing_runs(clone, jobs):
    folder, plain = clone("run"), clone("repro")
    said = run_command(folder, "run", "--pull", "--json", "-j", jobs)
    assert said.returncode == 0, said.stderr
    assert outcomes(said) == dict.fromkeys([*DATA, *STAGES], "restored from cache")
    command(plain, "dvc", "repro", "-q", "--pull")
    for name in MADE:
        assert (folder / name).read_bytes() == (plain / name).read_bytes(), name
    assert command(folder, "git", "status", "--short") == ""
    assert run_command(folder, "status").returncode == 0


def test_a_dry_run_tells_what_would_be_fetched_and_fetches_nothing(clone):
    folder = clone("run")
    said = run_command(folder, "run", "--pull", "--dry-run")
    assert said.stdout.splitlines()[-1] == "0 of 6 stages would run; 6 would be fetched"
    assert not any((folder / name).exists() for name in ("one", "data/file.txt", "folder", ".dvc/cache"))
    write_stages(folder, {**STAGES, "one": {**STAGES["one"], "cmd": "cat data/file.txt data/file.txt > one"}})
    output = json.loads(run_command(folder, "run", "--pull", "--dry-run", "--json").stdout)
    verdicts = {row["stage"]: row["verdict"] for row in output["stages"]}
    assert verdicts == {**dict.fromkeys([*DATA, "cold"], "to fetch"), "one": "stale", "two": "may follow"}
    last = run_command(folder, "run", "--pull", "--dry-run").stdout.splitlines()[-1]
    assert last == "2 of 6 stages would run; 4 would be fetched"


def test_data_is_fetched_for_a_stage_that_must_run(clone):
    folder = clone("run")
    write_stages(folder, {**STAGES, "one": {**STAGES["one"], "cmd": "cat data/file.txt data/file.txt > one"}})
    said = outcomes(run_command(folder, "run", "--pull", "--json", "one"))
    assert said == {"data/file.txt.dvc": "restored from cache", "one": "ran"}
    assert (folder / "one").read_text() == "file\nfile\n"


def test_what_no_remote_has_is_told_in_a_line_and_by_a_dry_run(clone):
    folder = clone("run")
    command(folder, "dvc", "remote", "remove", "store")
    assert "fetched" not in run_command(folder, "run", "--pull", "--dry-run", "one").stdout
    said = run_command(folder, "run", "--pull", "one")
    assert (said.returncode, "Traceback" in said.stderr) == (1, False)
    assert "data/file.txt.dvc failed: missing data 'source': data/file.txt" in said.stdout


def test_what_appears_on_the_remote_of_data_that_changed_is_fetched_and_used(origin, clone):
    folder = clone("run")
    write(origin, {"data/file.txt": "other\n"})
    command(origin, "dvc", "add", "-q", "data/file.txt")
    command(origin, "dvc", "push", "-q")
    (folder / "data/file.txt.dvc").write_bytes((origin / "data/file.txt.dvc").read_bytes())
    command(origin, "git", "checkout", "-q", ".")
    command(origin, "dvc", "checkout", "-q")
    said = outcomes(run_command(folder, "run", "--pull", "--json", "one"))
    assert said == {"data/file.txt.dvc": "restored from cache", "one": "ran"}
    assert (folder / "one").read_text() == "other\n"
