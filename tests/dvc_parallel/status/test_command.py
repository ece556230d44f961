"""``dvc-parallel status`` in a real project: each cause is provoked, and told."""

import json
import subprocess
from importlib.util import find_spec

import pytest

from dvc_parallel.run import main as run_main
from dvc_parallel.status.command import main
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

PARAMS = {"models": {"ridge": {"alpha": 1, "folds": [3, 5]}, "forest": {"trees": 10}}, "seed": 7}
FILES = {
    "raw.csv": "raw\n",
    "lib/__init__.py": "",
    "lib/clean.py": "x = 1\n",
    "lib/more.py": "x = 2\n",
    "sub/dvc.yaml": json.dumps({"stages": {"local": {"cmd": "echo local > local.txt", "outs": ["local.txt"]}}}),
}
STAGES = {
    "clean": stage("clean.txt", "raw.csv", "lib/clean.py"),
    "divide": {
        "cmd": "mkdir -p parts && cp clean.txt parts/a.txt && cp clean.txt parts/b.txt",
        "deps": ["clean.txt"],
        "outs": ["parts"],
    },
    "train": {
        "foreach": ["ridge", "forest"],
        "do": {
            "cmd": "cat parts/a.txt > ${item}.txt",
            "deps": ["parts"],
            "params": ["models.${item}"],
            "outs": ["${item}.txt"],
        },
    },
    "judge": stage("judge.txt", "ridge.txt", "forest.txt", "lib", params=["seed"]) | {"cmd": "wc -c *.txt > judge.txt"},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = make_project(tmp_path_factory.mktemp("made") / "project", STAGES, FILES, PARAMS)
    command(folder, "dvc", "repro", "-q", "dvc.yaml", "sub/dvc.yaml")
    return folder


@pytest.fixture
def project(made, tmp_path, monkeypatch):
    monkeypatch.chdir(copy_project(made, tmp_path / "project"))
    return tmp_path / "project"


@pytest.fixture
def status(project, capsys):
    """Give a function that runs the command and returns its exit code and the sentences below each stage."""

    def run(*arguments, settled=()):
        code = main(arguments, settled)
        *blocks, last = capsys.readouterr().out.strip().split("\n\n")
        output = {}
        for block in blocks:
            name, *lines = block.replace("\n    ", " ").splitlines()
            output[name] = [line.strip() for line in lines]
        return code, output, last.replace("\n  ", " ")

    return run


def rerun(folder, *targets):
    command(folder, "dvc", "repro", "-q", *targets)


def test_what_is_up_to_date_exits_with_zero(status):
    assert status() == (0, {}, "all 5 stages up to date")


def test_data_that_changed_are_named_and_what_follows_names_the_stage_next_above(project, status):
    write(project, {"raw.csv": "other\n"})
    code, output, last = status()
    assert code == 1
    assert output == {
        "clean": ["dependency changed: raw.csv"],
        "divide": ["clean above it would run and may change clean.txt"],
        "train@ridge": ["divide above it would run and may change parts"],
        "train@forest": ["divide above it would run and may change parts"],
        "judge": ["train@ridge, train@forest above it would run and may change ridge.txt, forest.txt"],
    }
    assert list(output) == ["clean", "divide", "train@ridge", "train@forest", "judge"]
    assert last == "1 of 5 stages is stale and 4 may follow; `dvc-parallel run` would bring them up to date"


def test_of_stages_above_only_the_nearest_are_named(project, status):
    write_stages(project, {**STAGES, "judge": STAGES["judge"] | {"deps": ["clean.txt", "ridge.txt"]}})
    rerun(project)
    write(project, {"raw.csv": "other\n"})
    assert status()[1]["judge"] == ["train@ridge above it would run and may change ridge.txt"]


def test_data_that_are_missing_are_told_apart_from_changed(project, status):
    (project / "raw.csv").unlink()
    assert status("clean")[1] == {"clean": ["dependency missing: raw.csv"]}


def test_a_module_is_code_and_a_package_names_its_files(project, status):
    write(project, {"lib/clean.py": "x = 3\n", "lib/new.py": ""})
    _, output, _ = status()
    assert output["clean"] == ["code changed: lib/clean.py"]
    assert output["judge"][0] == "code changed: lib, 1 file changed (clean.py); 1 file new (new.py)"


def test_a_folder_whose_old_state_neither_the_cache_nor_the_last_commit_has_is_merely_changed(project, status):
    write(project, {"lib/more.py": "x = 3\n"})
    commit(project, "edit")
    assert status()[1] == {"judge": ["code changed: lib"]}


def test_only_leaves_of_params_that_changed_are_told_with_old_and_new(project, status):
    write_params(project, {"models": {"ridge": {"alpha": 2, "folds": [3, 6]}, "forest": {"depth": 4}}, "seed": 7})
    _, output, _ = status()
    assert output["train@ridge"] == ["param models.ridge.alpha: 1 -> 2", "param models.ridge.folds[1]: 5 -> 6"]
    assert output["train@forest"] == [
        "param models.forest.depth is new: 4",
        "param models.forest.trees is not in params.yaml; it was 10",
    ]
    assert "divide" not in output


def test_a_param_that_the_file_no_longer_has_is_told(project, status):
    write_params(project, {"models": PARAMS["models"]})
    assert status()[1] == {"judge": ["param seed is not in params.yaml; it was 7"]}


def test_a_param_that_neither_file_nor_lock_has_is_told(project, status):
    write_stages(project, {**STAGES, "judge": STAGES["judge"] | {"params": ["seed", "absent"]}})
    assert status()[1] == {"judge": ["param absent is not in params.yaml"]}


def test_a_params_file_that_is_missing_is_a_missing_dependency(project, status):
    write_stages(project, {**STAGES, "judge": STAGES["judge"] | {"params": [{"other.yaml": ["a"]}]}})
    assert status()[1] == {"judge": ["dependency missing: other.yaml"]}


def test_params_of_a_whole_file_are_compared_leaf_by_leaf(project, status):
    write_stages(project, {**STAGES, "judge": STAGES["judge"] | {"params": [{"params.yaml": None}]}})
    rerun(project)
    write_params(project, {**PARAMS, "seed": 8})
    assert status()[1] == {"judge": ["param seed: 7 -> 8"]}


def test_an_output_that_is_missing_can_be_restored_without_running(project, status):
    (project / "ridge.txt").unlink()
    assert status()[1] == {
        "train@ridge": [
            "output missing: ridge.txt",
            "its result is cached: it could be restored without running",
        ],
        "judge": ["train@ridge above it would run and may change ridge.txt (missing now)"],
    }


def test_an_output_changed_by_hand_is_told_with_the_files_of_its_folder(project, status):
    (project / "parts" / "a.txt").unlink()
    write(project, {"parts/a.txt": "by hand\n", "judge.txt": "by hand\n"})
    _, output, _ = status()
    assert output["divide"][0] == "output changed: parts, 1 file changed (a.txt)"
    assert output["train@ridge"] == ["divide above it would run and may change parts (changed now)"]
    assert output["judge"][0] == "output changed since it was written: judge.txt"


def test_an_output_that_the_cache_lost_is_told_and_cannot_be_restored(project, status):
    lock = (project / "dvc.lock").read_text(encoding="utf-8")
    digest = lock.split("path: judge.txt")[1].split("md5: ")[1].split()[0]
    (project / ".dvc" / "cache" / "files" / "md5" / digest[:2] / digest[2:]).unlink()
    assert status()[1] == {"judge": ["output not in the cache: judge.txt"]}
    (project / "judge.txt").unlink()
    assert status()[1] == {"judge": ["output missing, and not in the cache: judge.txt"]}


def test_a_command_that_changed_is_told_old_and_new(project, status):
    write_stages(project, {**STAGES, "judge": STAGES["judge"] | {"cmd": "wc -l *.txt > judge.txt"}})
    assert status()[1] == {"judge": ["command changed: wc -c *.txt > judge.txt -> wc -l *.txt > judge.txt"]}


def test_commands_of_a_working_folder_of_its_own_are_told_one_after_the_other(project, status):
    away = {"cmd": ["cp ../raw.csv copy.csv", "true"], "wdir": "lib", "deps": ["../raw.csv"], "outs": ["copy.csv"]}
    write_stages(project, {"away": away})
    rerun(project)
    assert status()[0] == 0
    write_stages(project, {"away": away | {"cmd": ["cp ../raw.csv copy.csv", "ls"]}})
    assert status()[1] == {"away": ["command changed: cp ../raw.csv copy.csv; true -> cp ../raw.csv copy.csv; ls"]}


def test_a_stage_that_never_ran_and_a_new_dependency_and_output_are_told(project, status):
    clean = STAGES["clean"] | {"deps": ["raw.csv", "lib/clean.py", "lib/more.py"], "outs": ["clean.txt", "log.txt"]}
    write_stages(project, {**STAGES, "clean": clean, "last": stage("last.txt", "judge.txt")})
    _, output, _ = status("clean", "last")
    assert output["last"] == ["never run before"]
    assert output["clean"] == ["code new, unknown to dvc.lock: lib/more.py", "output missing: log.txt"]


def test_what_runs_every_time_says_so(project, status):
    write_stages(project, {"bell": {"cmd": "echo bell"}, "clock": stage("clock.txt", "raw.csv", always_changed=True)})
    rerun(project)
    _, output, last = status()
    assert output == {
        "bell": ["runs every time: it has neither dependencies nor outputs"],
        "clock": ["runs every time: it is marked always_changed"],
    }
    assert last == "2 of 2 stages are stale; `dvc-parallel run` would bring them up to date"


def test_what_follows_a_settled_stage_is_judged_by_its_outputs_as_they_are(project, status, capsys):
    line = "mkdir -p made; cat raw.csv > made/a; echo b > made/b"
    stamp = {"cmd": line, "always_changed": True, "outs": [{"made": {"cache": False}}]}
    write_stages(project, {"stamp": stamp, "one": stage("one.txt", "made/a"), "two": stage("two.txt", "made/b")})
    rerun(project)
    assert status()[1]["one"] == ["stamp above it would run and may change made/a"]
    assert status(settled={"stamp"}) == (0, {}, "all 3 stages up to date")
    assert run_main(["--json"], {"stamp"}) == 0
    assert {row["outcome"] for row in json.loads(capsys.readouterr().out)["stages"]} == {"unchanged"}
    write(project, {"raw.csv": "other\n", "made/a": "other\n"})
    code, output, _ = status(settled={"stamp"})
    assert code == 1
    assert output == {
        "stamp": ["output changed since it was written: made"],
        "one": ["dependency changed: made/a"],
    }
    assert run_main(["--dry-run"], {"stamp"}) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("1 of 3 stages would run")
    assert run_main(["--json"], {"stamp"}) == 0
    ran = {row["stage"]: row["outcome"] for row in json.loads(capsys.readouterr().out)["stages"]}
    assert ran == {"stamp": "ran", "one": "ran", "two": "unchanged"}
    assert status(settled={"stamp"})[0] == 0


def test_a_frozen_stage_is_named_and_stops_the_cascade(project, status):
    write_stages(project, {**STAGES, "divide": STAGES["divide"] | {"frozen": True}})
    write(project, {"raw.csv": "other\n"})
    code, output, _ = status()
    assert code == 1
    assert output == {
        "clean": ["dependency changed: raw.csv"],
        "frozen, so their dependencies are not looked at: divide": [],
    }


def test_a_param_changed_back_is_found_in_the_run_cache(project, status):
    write_params(project, {**PARAMS, "seed": 8})
    assert status()[1] == {"judge": ["param seed: 7 -> 8"]}
    rerun(project)
    write_params(project, PARAMS)
    assert status()[1] == {
        "judge": ["param seed: 8 -> 7", "its result is cached: it could be restored without running"]
    }


def test_data_added_by_hand_are_stale_but_do_not_run(project, status):
    command(project, "git", "rm", "-q", "--cached", "raw.csv")
    command(project, "dvc", "add", "-q", "raw.csv")
    assert status()[0] == 0
    (project / "raw.csv").unlink()
    write(project, {"raw.csv": "other\n"})
    _, output, _ = status()
    assert output["raw.csv.dvc"] == ["output changed since it was written: raw.csv"]
    assert output["clean"] == ["dependency changed: raw.csv"]


def test_targets_mean_themselves_and_what_lies_above_them(project, status):
    write_params(project, {**PARAMS, "models": {"ridge": {"alpha": 2, "folds": [3, 5]}, "forest": {"trees": 20}}})
    assert list(status("train@ridge")[1]) == ["train@ridge"]
    assert list(status("train")[1]) == ["train@ridge", "train@forest"]
    assert status("divide") == (0, {}, "all 2 stages up to date")


def test_stages_are_addressed_from_the_working_folder(project, status, monkeypatch):
    write(project, {"sub/local.txt": "by hand\n"})
    assert list(status("sub/dvc.yaml")[1]) == ["sub/dvc.yaml:local"]
    assert list(status("sub/dvc.yaml:local")[1]) == ["sub/dvc.yaml:local"]
    monkeypatch.chdir(project / "sub")
    assert status()[1]["local"][0] == "output changed since it was written: local.txt"
    assert status("../dvc.yaml:clean")[0] == 0


def test_json_holds_every_reason(project, capsys):
    write(project, {"raw.csv": "other\n"})
    write_params(project, {**PARAMS, "seed": 8})
    assert main(["--json", "judge"]) == 1
    output = {entry["stage"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert output["clean"]["reasons"] == [{"kind": "dependency", "path": "raw.csv", "state": "changed", "files": None}]
    assert output["judge"]["reasons"][0] == {
        "kind": "param", "file": "params.yaml", "key": "seed", "state": "changed", "old": 7, "new": 8,
    }  # fmt: skip
    assert not output["divide"]["stale"]
    assert output["divide"]["reasons"][0]["stage"] == "clean"


def test_json_of_what_is_up_to_date_is_an_empty_list(project, capsys):
    assert main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_the_exit_code_agrees_with_dvc(project, status):
    write(project, {"lib/more.py": "x = 3\n"})
    found = subprocess.run(["dvc", "status", "--json"], capture_output=True, text=True, check=False).stdout
    assert set(json.loads(found)) == set(status()[1])


@pytest.mark.parametrize(
    ("files", "arguments", "message"),
    [
        ({}, ["trian"], "no stage or file of stages is called 'trian': did you mean 'train'?"),
        ({}, ["train@rigde"], "did you mean 'train@ridge'?"),
        ({}, ["xyzzy"], "`dvc stage list` names them all"),
        ({"dvc.yaml": "stages:\n  a: [\n"}, [], "'./dvc.yaml' is not valid YAML: "),
        ({"dvc.yaml": "stages:\n  a:\n    outs: [x]\n"}, [], "'./dvc.yaml' validation failed: "),
        ({"dvc.yaml": "stages:\n  a:\n    cmd: ${nothing}\n"}, [], "Could not find 'nothing'"),
        ({"dvc.lock": "schema: '2.0'\nstages:\n  clean:\n    cm"}, [], "dvc.lock"),
        ({"params.yaml": "a: [\n"}, ["judge"], "params.yaml"),
    ],
)
def test_a_mistake_is_one_line_and_exits_with_two(project, capsys, files, arguments, message):
    write(project, files)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert message in captured.err
    assert len(captured.err.splitlines()) == 1


def test_no_project_is_a_mistake(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([]) == 2
    assert "is in no DVC project" in capsys.readouterr().err


def test_no_pipeline_in_the_working_folder_is_a_mistake(project, monkeypatch, capsys):
    monkeypatch.chdir(project / "lib")
    assert main([]) == 2
    assert "has no dvc.yaml" in capsys.readouterr().err


def test_a_project_that_another_process_writes_to_is_busy(project, capsys):
    busy = {"write": {str(project / "clean.txt"): {"pid": 1, "cmd": "dvc repro"}}}
    write(project, {".dvc/tmp/rwlock": json.dumps(busy)})
    assert main([]) == 2
    assert "the project is busy: wait until the other process has ended" in capsys.readouterr().err


ALIASES = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "\n".join(
    f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("text", "output"),
    [
        (ALIASES, "params.yaml:5:5: aliases stand for more than 10,000 values; write out what is meant"),
        ("seed: &a [*a]", "params.yaml:1:7: an alias stands for what contains it; write out what is meant"),
        ("seed: " + "9" * 5000, "params.yaml:1:7: expected a number of at most 300 digits, got 5,000"),
        ("{? {a: b} : c}", "params.yaml:1:4: a key must be text, got a list or a mapping"),
        ("seed: " + "[" * 3000, "params.yaml:1:56: expected at most 50 lists and mappings within each other"),
        ("seed: 2024-02-30", "params.yaml:1:7: not valid YAML: expected a value of the kind timestamp"),
    ],
    ids=["laughs", "itself", "digits", "key", "depth", "date"],
)
def test_params_that_dvc_could_not_read_are_told_in_one_line_with_their_place(project, capsys, text, output):
    write(project, {"params.yaml": text})
    assert main([]) == 2
    assert run_main([]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"error: {output}") for line in lines)


def test_a_params_file_that_only_a_stage_names_is_told_of_in_one_line_too(project, capsys):
    write_stages(project, {**STAGES, "judge": STAGES["judge"] | {"params": [{"more/judge.yaml": ["limit"]}]}})
    write(project, {"more/judge.yaml": "limit: &a [*a]\n", "more/other.yaml": "a: ["})
    assert main([]) == 2
    output = capsys.readouterr().err
    assert output == "error: more/judge.yaml:1:8: an alias stands for what contains it; write out what is meant\n"


def test_params_of_other_projects_may_have_numbers_as_keys_or_nothing_at_all(project, status):
    write(project, {"params.yaml": "labels: {0: cat, 1: dog}\nseed: 7\nmodels: " + json.dumps(PARAMS["models"])})
    assert status() == (0, {}, "all 5 stages up to date")
    write(project, {"params.yaml": ""})
    assert status()[0] == 1


@pytest.mark.parametrize("value", ["null", "''", "5", "[a.txt]", "{a: 1}"])
def test_a_path_of_params_that_is_none_is_told_before_dvc_falls_over_it(project, capsys, value):
    write_stages(project, {"clean": {"cmd": "cp x clean.txt", "deps": ["${data.file}"], "outs": ["clean.txt"]}})
    write(project, {"params.yaml": f"data:\n  file: {value}\n"})
    assert main([]) == 2
    output = capsys.readouterr().err
    assert output.startswith("error: params.yaml:2: data.file: must be a path, got ")
    assert output.endswith("; it is one of the deps of stage clean\n")
    assert output.count("\n") == 1


@pytest.mark.skipif(find_spec("dvc_s3") is not None, reason="DVC's package for s3 is installed")
def test_a_path_that_needs_a_package_is_told_in_one_line(project, capsys):
    write_stages(project, {"clean": {"cmd": "cp x clean.txt", "deps": ["s3://bucket/a.txt"], "outs": ["clean.txt"]}})
    assert main([]) == 2
    assert capsys.readouterr().err == "error: s3 is supported, but requires 'dvc-s3' to be installed\n"
