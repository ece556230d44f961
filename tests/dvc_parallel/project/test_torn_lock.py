"""A dvc.lock that a kill has cut short is told from one that a person, git or an old DVC has left."""

import pytest
from dvc.utils.serialize import dumps_yaml, load_yaml

from dvc_parallel.project.torn_lock import HEAD, is_torn
from tests.dvc_parallel.projects import command, commit, copy_project, make_project, stage, write
from tests.dvc_parallel.test_run import outcomes, run_command

LONG = "python train.py " + " ".join(f"--option-{number} 'value: {number}'" for number in range(20))
ENTRIES = {
    "callback": {"cmd": "echo é"},
    "long": {"cmd": LONG, "deps": [{"path": "a b", "hash": "md5", "md5": "1" * 32, "size": 12}]},
    "many": {
        "cmd": ["one", "two #3", "echo 'x'\nmore\n\nlast"],
        "params": {"params.yaml": {"text": "two\nlines", "key": [1, 2.5, None, "on"], "deep": {"a": True}}},
        "outs": [{"path": "o", "hash": "md5", "md5": "2" * 32 + ".dir", "size": 1234, "nfiles": 3}],
    },
}
WHOLE = dumps_yaml({"schema": "2.0", "stages": ENTRIES})
CONFLICT = "<<<<<<< HEAD\n      md5: 11\n=======\n      md5: 22\n>>>>>>> other\n"
OLD = "one:\n  cmd: cp a b\n  deps:\n  - path: a\n    md5: 11\n  outs:\n  - path: b\n    md5: 11\n"


def test_what_is_left_is_torn_or_reads_well():
    written = WHOLE.encode()
    left = [cut for cut in range(len(written)) if not is_torn(written[:cut], [], WHOLE)]
    for cut in left:
        said = load_yaml_text(written[:cut].decode())
        assert said["schema"] == "2.0"
    assert len(left) < 0.5 * len(written)


def load_yaml_text(text):
    from dvc.utils.serialize import parse_yaml

    return parse_yaml(text, "dvc.lock")


def test_whatever_is_left_of_a_known_file_within_a_line_is_torn():
    for cut in range(len(HEAD), len(WHOLE)):
        if WHOLE[cut] != "\n" and WHOLE[cut - 1] != "\n":
            assert is_torn(WHOLE[:cut].encode(), [WHOLE]), repr(WHOLE[:cut])


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        WHOLE.rstrip("\n"),
        WHOLE.replace("    ", "        "),
        dumps_yaml({"schema": "2.0", "stages": {"callback": ENTRIES["callback"]}}).rstrip("\n"),
        "schema: '2.0'\nstages: {a: {cmd: x}}",
        "{}\n",
        "\n",
        "# only a remark\n",
        OLD,
        WHOLE.replace("      md5: '11", CONFLICT + "      md5: '11"),
        WHOLE + CONFLICT,
        WHOLE.replace("    cmd: echo", '    cmd: "echo'),  # a slip of an editor
        WHOLE.replace("  many:\n", "  many:\n    - x\n"),
        HEAD + "  a:\n    cmd: 'open\n    outs:\n    - path: a\n",
        "schema: '2.0'\nstages:\n  a:\n    cmd: x\n    what: y\n",
    ],
)
def test_what_no_kill_can_leave_is_not_torn(text):
    assert not is_torn(text.encode(), [WHOLE], WHOLE)
    assert not is_torn(text.encode(), [], WHOLE)


def test_what_is_no_text_is_not_torn_but_a_character_cut_in_two_is():
    place = WHOLE.encode().index("é".encode())
    assert is_torn(WHOLE.encode()[: place + 1], [])
    assert not is_torn(b"\x00\x00\x00\xff\x00", [])


STAGES = {
    "one": stage("one.txt", "a.txt"),
    "kept": {
        "cmd": "cat one.txt >> kept.txt",
        "deps": ["one.txt"],
        "outs": [{"kept.txt": {"persist": True}}],
        "metrics": [],
    },
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = make_project(tmp_path_factory.mktemp("made") / "project", STAGES, {"a.txt": "a\n"})
    command(folder, "dvc", "repro", "-q")
    commit(folder, "made")
    return folder


@pytest.fixture
def project(made, tmp_path):
    return copy_project(made, tmp_path / "project")


def test_a_lock_without_its_last_newline_is_valid(project):
    text = (project / "dvc.lock").read_text().rstrip("\n")
    write(project, {"dvc.lock": text})
    commit(project, "edited")
    for words in (["--dry-run"], []):
        said = run_command(project, "run", *words)
        assert said.returncode == 0
        assert "torn" not in said.stderr
        assert (project / "dvc.lock").read_text() == text
    assert (project / "kept.txt").read_text() == "a\n", "nothing ran a second time"


@pytest.mark.parametrize("words", [["run"], ["run", "--dry-run"], ["status"]])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("schema: '2.0'\nstages:\n" + CONFLICT, "'./dvc.lock' holds a merge conflict from line 3 on: resolve it"),
        (OLD, "'./dvc.lock' validation failed: "),
        ("schema: '2.0'\nstages:\n  one: [\n  kept:\n    cmd: x\n", "'./dvc.lock' is not valid YAML"),
    ],
)
def test_a_lock_that_is_not_the_runners_to_mend_is_refused_and_stays(project, words, text, message):
    write(project, {"dvc.lock": text})
    said = run_command(project, *words)
    assert (said.returncode, "Traceback" in said.stderr) == (2, False)
    assert said.stderr.startswith("error: ")
    assert message in said.stderr
    assert len(said.stderr.splitlines()) == 1
    assert (project / "dvc.lock").read_text() == text
    assert command(project, "git", "status", "--short") == " M dvc.lock\n"


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_torn_lock_is_mended_by_a_run_alone_and_kept_beside(project, share):
    whole = (project / "dvc.lock").read_bytes()
    torn = whole[: int(share * len(whole))]
    (project / "dvc.lock").write_bytes(torn)
    for words in (["run", "--dry-run"], ["status"]):
        said = run_command(project, *words)
        assert "Traceback" not in said.stderr
        assert (project / "dvc.lock").read_bytes() == torn
    if share == 0.0:
        assert "a kill has cut it short, `dvc-parallel run` mends it" in run_command(project, "run", "--dry-run").stderr
    said = run_command(project, "run", "--json")
    assert (said.returncode, set(outcomes(said).values())) == (0, {"unchanged"})
    assert "dvc.lock was torn; 2 stages of it are known" in said.stderr
    assert "kept beside it, as *.torn" in said.stderr
    assert (project / "dvc.lock").read_bytes() == whole
    assert (project / "dvc.lock.torn").read_bytes() == torn


def test_a_dry_run_and_status_do_not_mend_dvcs_list_of_locked_paths(project):
    write(project, {".dvc/tmp/rwlock": '{"write": {'})
    for words in (["run", "--dry-run"], ["status"]):
        said = run_command(project, *words)
        assert (said.returncode, "Traceback" in said.stderr) == (2, False)
        assert (project / ".dvc/tmp/rwlock").read_text() == '{"write": {'
    assert run_command(project, "run").returncode == 0


def test_a_lock_that_is_mended_keeps_what_is_no_stage(project):
    text = (project / "dvc.lock").read_text()
    datasets = "datasets:\n- name: d\n  type: url\n  url: s3://b/f\n"
    whole = text.replace("stages:\n", datasets + "stages:\n")
    write(project, {"dvc.lock": whole})
    commit(project, "datasets")
    write(project, {"dvc.lock": whole[:-30]})
    run_command(project, "run")
    assert load_yaml(project / "dvc.lock")["datasets"][0]["name"] == "d"
