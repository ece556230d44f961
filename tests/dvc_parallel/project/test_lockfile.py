"""dvc.lock as DVC would have written it, in whatever order stages end."""

import json
from io import StringIO
from itertools import permutations

import pytest
from dvc.utils.serialize import parse_yaml
from ruamel.yaml import YAML

from dvc_parallel.project.lockfile import LockFile, Series, recorded_stages

ENTRIES = {
    name: {"cmd": f"make {name}", "outs": [{"path": name, "hash": "md5", "md5": "0" * 32, "size": 3}]}
    for name in ("a", "b", "train@c", "d")
}
ORDER = list(ENTRIES)


def written(path, order, began_with=(), known=ORDER):
    lock = LockFile(path, began_with, known, path.with_suffix(".copy"))
    for name in order:
        lock.record(name, ENTRIES[name])
    return path.read_text()


def test_the_bytes_do_not_depend_on_the_order_in_which_stages_end(tmp_path):
    texts = {written(tmp_path / "".join(order), order) for order in permutations(ORDER)}
    (text,) = texts
    assert text.startswith("schema: '2.0'\nstages:\n  a:\n    cmd: make a\n")
    assert recorded_stages(tmp_path / "".join(ORDER)) == ORDER


def test_what_was_there_before_keeps_its_place(tmp_path):
    path = tmp_path / "dvc.lock"
    written(path, ["d", "b"], known=["d", "b"])
    written(path, ["train@c", "a", "b"], began_with=["d", "b"])
    assert recorded_stages(path) == ["d", "b", "a", "train@c"]


def indented(text):
    yaml, stream = YAML(), StringIO()
    yaml.indent(mapping=4, sequence=6, offset=4)
    yaml.dump(parse_yaml(text, "dvc.lock"), stream)
    return stream.getvalue()


def as_json(text):
    return json.dumps(parse_yaml(text, "dvc.lock"))


@pytest.mark.parametrize("form", [indented, as_json])
def test_the_order_of_a_file_that_a_formatter_rewrote_is_read(tmp_path, form):
    path = tmp_path / "dvc.lock"
    path.write_text(form(written(path, ["d", "b"], known=["d", "b"])))
    assert recorded_stages(path) == ["d", "b"]


def test_what_another_program_wrote_meanwhile_is_kept(tmp_path):
    path = tmp_path / "dvc.lock"
    lock = LockFile(path, [], ORDER, tmp_path / "copy")
    lock.record("a", ENTRIES["a"])
    written(path, ["d"])
    lock.record("b", ENTRIES["b"])
    assert recorded_stages(path) == ["a", "b", "d"]


def test_a_second_copy_is_kept(tmp_path):
    text = written(tmp_path / "dvc.lock", ORDER)
    assert (tmp_path / "dvc.copy").read_text() == text


def test_no_half_written_file_is_left_when_the_disk_refuses(tmp_path, monkeypatch):
    path = tmp_path / "dvc.lock"
    before = written(path, ["a"])

    def refuse(_number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OSError, match="No space left"):
        written(path, ["b"])
    assert path.read_text() == before
    assert [file.name for file in tmp_path.iterdir() if file.name.endswith(".tmp")] == []


def test_a_series_remembers_what_its_first_run_began_with(tmp_path):
    path, note = tmp_path / "dvc.lock", tmp_path / "series.json"
    written(path, ["d"])
    assert Series(note).opened([path]) == {str(path): ["d"]}
    written(path, ["a", "b"])
    assert Series(note).opened([path]) == {str(path): ["d"]}
    Series(note).close()
    assert Series(note).opened([path]) == {str(path): ["a", "b", "d"]}


def test_a_broken_note_begins_a_series(tmp_path):
    (tmp_path / "series.json").write_text(json.dumps({"x": ["y"]})[:5])
    assert Series(tmp_path / "series.json").opened([tmp_path / "dvc.lock"]) == {str(tmp_path / "dvc.lock"): []}
