"""A stage that is run by hand reads what the stages above it have written, or says what is not."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.execution import provenance
from richcheap.pipeline.execution.provenance import NOTES, by_hand
from richcheap.pipeline.execution.stage_files import outputs
from richcheap.pipeline.storage.artifacts import file_md5
from tests.dvc_parallel.projects import command, copy_project, make_project, stage

STAGES: Mapping[str, Mapping[str, Any]] = {
    "first": {"cmd": "mkdir made && cp given made/one && cp given made/two", "deps": ["given"], "outs": ["made"]},
    "middle": stage("middle.txt", "made"),
    "last": {"foreach": {"a": None}, "do": stage("last-${key}.txt", "middle.txt", "${data.more}")},
    "other": stage("more.txt", "given"),
}
FILES = {"given": "one", "params.yaml": json.dumps({"data": {"more": "more.txt"}})}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project of which `first` and `other` have run under DVC."""
    folder = make_project(tmp_path_factory.mktemp("project"), STAGES, FILES)
    command(folder, "dvc", "repro", "-q", "first", "other")
    return folder


@pytest.fixture
def project(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of it, and stand in it."""
    monkeypatch.chdir(copy_project(made, tmp_path / "copy"))
    return Path()


def run(name: str, *arguments: str, text: str = "by hand") -> None:
    """Run a stage by hand that writes a text."""
    with by_hand(name, arguments):
        for path in outputs(name, arguments):
            path.write_text(text, encoding="utf-8")


@pytest.mark.usefixtures("project")
def test_what_dvc_has_recorded_may_be_read() -> None:
    run("middle")


@pytest.mark.parametrize("what", ["flipped", "cut", "gone", "more"])
def test_a_changed_part_of_a_folder_is_told_before_anything_is_read(project: Path, what: str) -> None:
    part = project / "made" / "one"
    if what == "gone":
        part.unlink()
    else:
        (part.with_name("three") if what == "more" else part).write_text("" if what == "cut" else "oNe")
    with pytest.raises(ArtifactError, match=r"^made: md5 must be \w+\.dir as .*, got \w+\.dir; .*`dvc repro`"):
        run("middle")
    assert not Path("middle.txt").exists()


def test_a_change_under_an_old_date_is_told(project: Path) -> None:
    run("middle")  # which notes the hashes of what it reads
    part = project / "made" / "one"
    before = part.stat()
    part.write_text("oNe", encoding="utf-8")
    os.utime(part, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ArtifactError, match="made: md5 must be"):
        run("middle")


def test_a_file_that_is_as_it_was_is_not_read_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("middle")
    read: list[Path] = []

    def noted(path: Path) -> str:
        read.append(path)
        return file_md5(path)

    monkeypatch.setattr(provenance, "file_md5", noted)
    run("middle", text="again")
    assert read == [Path("middle.txt")]


@pytest.mark.usefixtures("project")
def test_what_a_stage_run_by_hand_has_written_may_be_read() -> None:
    run("middle", text="of other params")
    run("last", "a")
    Path("middle.txt").write_text("neither", encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"^middle\.txt: md5 must be"):
        run("last", "a")


def test_an_input_that_params_name_is_looked_at_too(project: Path) -> None:
    run("middle")
    (project / "more.txt").write_text("two", encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"^more\.txt: md5 must be"):
        run("last", "a")


def test_an_output_that_is_gone_while_others_of_its_stage_are_there_is_told(project: Path) -> None:
    described = json.loads((project / "dvc.yaml").read_text(encoding="utf-8"))
    lock = project / "dvc.lock"
    lock.write_text(f"{lock.read_text(encoding='utf-8')}    - path: made-too\n      md5: abc\n", encoding="utf-8")
    described["stages"]["middle"]["deps"].append("made-too")
    (project / "dvc.yaml").write_text(json.dumps(described), encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"^made-too: no such file, though .*; run `dvc repro` to make it"):
        run("middle")


def test_what_no_stage_makes_is_the_users(project: Path) -> None:
    (project / "given").write_text("two", encoding="utf-8")
    run("other")


def test_a_broken_note_counts_for_nothing(project: Path) -> None:
    run("middle")
    (project / NOTES / "middle.json").write_text('{"outs": 3', encoding="utf-8")
    run("middle")


def test_a_lock_that_cannot_be_read_is_told(project: Path) -> None:
    lock = project / "dvc.lock"
    lock.write_text("stages:\n  a: [", encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"^dvc\.lock: records no stages; restore it from git"):
        run("middle")


def test_files_that_a_killed_stage_left_are_no_change(project: Path) -> None:
    (project / "made" / ".one.123.tmp").write_text("half", encoding="utf-8")
    run("middle")
