"""One stage's entry of dvc.lock."""

import pytest

from dvc_parallel.status.lock_entry import lock_entry

LOCK = """\
schema: '2.0'
stages:
  first:
    cmd: echo first
    deps:
    - path: second
      md5: a
  train@a:
    cmd:
    - one
    - two

  second:
    cmd: "echo \\
      second:"
    params:
      params.yaml:
        first:
          x: 1
  '7':
    cmd: seven
"""


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / "dvc.lock"
    path.write_text(LOCK, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("stage", "command"),
    [("first", "echo first"), ("train@a", ["one", "two"]), ("second", "echo second:"), ("7", "seven")],
)
def test_an_entry_is_that_of_the_whole_lock(lock, stage, command):
    assert lock_entry(lock, stage)["cmd"] == command


@pytest.mark.parametrize("stage", ["third", "train", "x", "params.yaml"])
def test_what_is_no_stage_has_no_entry(lock, stage):
    assert lock_entry(lock, stage) == {}


def test_a_lock_written_otherwise_is_parsed_as_a_whole(tmp_path):
    path = tmp_path / "dvc.lock"
    path.write_text("schema: '2.0'\nstages:\n    first:\n        cmd: echo\n", encoding="utf-8")
    assert lock_entry(path, "first") == {"cmd": "echo"}


def test_no_lock_has_no_entries(tmp_path):
    assert lock_entry(tmp_path / "dvc.lock", "first") == {}
