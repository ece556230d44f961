import datetime as dt
import errno
import hashlib
import os
import resource
from contextlib import contextmanager

import numpy as np
import polars as pl
import pytest

from dvc_parallel.system.atomic_write import naming, write_atomic, write_bytes
from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.execution.checkpoints import store
from richcheap.pipeline.storage.artifacts import (
    copy_file,
    dump_model,
    load_model,
    read_arrays,
    read_json,
    read_parquet,
    sink_parquet,
    write_arrays,
    write_csv,
    write_json,
    write_parquet,
    write_text,
)
from richcheap.pipeline.storage.manifest import Manifest


def frame(rows=300_000):
    return pl.DataFrame({"bond_id": [f"B{i % 97}" for i in range(rows)], "price": np.arange(rows) / 7.0})


def test_parquet_bytes_do_not_depend_on_chunks(tmp_path):
    whole = frame()
    pieces = pl.concat([whole[:1000], whole[1000:170_000], whole[170_000:]], rechunk=False)
    write_parquet(whole, tmp_path / "whole.parquet")
    write_parquet(pieces, tmp_path / "pieces.parquet")
    assert pieces.n_chunks() == 3
    assert (tmp_path / "whole.parquet").read_bytes() == (tmp_path / "pieces.parquet").read_bytes()


def test_parquet_reads_back_what_was_written(tmp_path):
    path = tmp_path / "new" / "folder" / "bonds.parquet"
    write_parquet(frame(10), path)
    assert read_parquet(path).equals(frame(10))
    assert read_parquet(path, ["price"]).columns == ["price"]


def test_arrays_read_back_and_are_never_unpickled(tmp_path):
    path = tmp_path / "state.npz"
    arrays = {"b/rates": np.eye(2), "a/names": np.array(["x", "yz"]), "day": np.array(3), "no": np.empty((0, 4))}
    write_arrays(arrays, path)
    read = read_arrays(path)
    assert list(read) == sorted(arrays)
    assert all(np.array_equal(read[name], array) and read[name].dtype == array.dtype for name, array in arrays.items())
    with pytest.raises(ValueError, match="allow_pickle"):
        write_arrays({"objects": np.array([{}])}, tmp_path / "objects.npz")
    np.savez(path, objects=np.array([{}]))
    with pytest.raises(ArtifactError, match="not a whole file of arrays"):
        read_arrays(path)


@pytest.mark.parametrize("write", [write_parquet, write_csv])
def test_only_the_target_is_left_in_the_folder(tmp_path, write):
    write(frame(10), tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_write_that_fails_leaves_the_earlier_file_and_nothing_else(tmp_path):
    path = tmp_path / "model.json"
    dump_model({"trees": 3}, path)
    before = path.read_bytes()
    with pytest.raises(TypeError, match=r"got builtins\.function"):
        dump_model([np.zeros(100), lambda: None], path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["model.json"]


def test_json_has_sorted_keys_rounded_floats_and_no_nan(tmp_path):
    content = {
        "b": np.float64(1 / 3),
        "a": [float("nan"), np.int64(2), True, None, float("inf")],
        "c": {"date": dt.date(2022, 1, 3), "array": np.array([0.1 + 0.2])},
    }
    write_json(content, tmp_path / "m.json")
    assert (tmp_path / "m.json").read_text() == (
        '{\n  "a": [\n    null,\n    2,\n    true,\n    null,\n    null\n  ],\n  "b": 0.3333333333,\n'
        '  "c": {\n    "array": [\n      0.3\n    ],\n    "date": "2022-01-03"\n  }\n}\n'
    )
    assert read_json(tmp_path / "m.json")["b"] == 0.3333333333


def test_csv_floats_read_back_to_the_same_bits(tmp_path):
    write_csv(frame(100), tmp_path / "plot.csv")
    assert pl.read_csv(tmp_path / "plot.csv").equals(frame(100))


def test_text_is_written_as_it_stands(tmp_path):
    write_text("née\n", tmp_path / "t.txt")
    assert (tmp_path / "t.txt").read_bytes() == "née\n".encode()


@pytest.mark.parametrize("read", [read_parquet, read_json, read_arrays, load_model])
def test_a_missing_artifact_says_how_to_make_it(tmp_path, read):
    with pytest.raises(ArtifactError, match=r"absent: no such file; run `dvc repro` to make it$"):
        read(tmp_path / "absent")


@pytest.mark.parametrize("content", [b"", b"hello", b"PAR1" + bytes(100) + b"PAR1"])
def test_a_broken_parquet_file_is_one_line_with_a_remedy(tmp_path, content):
    path = tmp_path / "bonds.parquet"
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match=r"not a whole Parquet file .*; delete it and run `dvc repro`") as caught:
        read_parquet(path)
    assert "\n" not in str(caught.value)


def test_a_missing_column_is_named(tmp_path):
    write_parquet(frame(3), tmp_path / "bonds.parquet")
    with pytest.raises(ArtifactError, match="no column yield, spread; delete it and run"):
        read_parquet(tmp_path / "bonds.parquet", ["price", "yield", "spread"])


@pytest.mark.parametrize("text", ["", "{", "[1]"])
def test_json_that_is_no_object_is_refused(tmp_path, text):
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(ArtifactError, match="JSON"):
        read_json(tmp_path / "m.json")


@pytest.fixture
def locked(tmp_path, monkeypatch):
    """Return a function that dumps a model and records an md5 for it in a dvc.lock."""
    monkeypatch.chdir(tmp_path)

    def make(model, md5=None, name="models/m/model.json"):
        from pathlib import Path

        path = Path("models/m/model.json")
        dump_model(model, path)
        found = hashlib.md5(path.read_bytes()).hexdigest()
        lines = ["schema: '2.0'", "stages:", "  train@m:", "    cmd: x", "    outs:"]
        lines += [f"    - path: {name}", "      hash: md5", f"      md5: {md5 or found}"]
        Path("dvc.lock").write_text("\n".join(lines) + "\n")
        return path

    return make


def test_a_model_that_the_lock_records_is_loaded(locked):
    assert load_model(locked({"trees": 3})) == {"trees": 3}


@pytest.mark.parametrize(
    "content", ['{"left_out": "too few"}', "[", '{"class": "os.system", "state": {}}', '{"array": [1]}']
)
def test_what_is_recorded_but_no_model_is_told(locked, tmp_path, content):
    path = locked({"trees": 3}, md5=hashlib.md5(content.encode()).hexdigest())
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"model.json: not a model of this version of richcheap \(.*\); delete it"):
        load_model(path)


def test_a_model_that_differs_from_the_lock_is_not_loaded(locked):
    path = locked({"trees": 3}, md5="f" * 32)
    with pytest.raises(ArtifactError, match=r"md5 must be f{32} as dvc\.lock records, got .*dvc checkout --force"):
        load_model(path)


def test_a_model_that_the_lock_does_not_record_is_not_loaded(locked):
    path = locked({"trees": 3}, name="models/other/model.json")
    with pytest.raises(ArtifactError, match=r"dvc\.lock does not record it, so it is not loaded"):
        load_model(path)


@pytest.mark.parametrize("text", ["", "schema: '2.0'\nstages:\n", "stages: [", "- 1\n"])
def test_a_torn_lock_refuses_the_model(locked, tmp_path, text):
    path = locked({"trees": 3})
    (tmp_path / "dvc.lock").write_text(text)
    with pytest.raises(ArtifactError, match=r"dvc\.lock"):
        load_model(path)


def test_without_a_lock_no_model_is_loaded(locked, tmp_path):
    path = locked({"trees": 3})
    (tmp_path / "dvc.lock").unlink()
    with pytest.raises(ArtifactError, match=r"dvc\.lock: no such file, so .* is not checked, not loaded"):
        load_model(path)


def test_a_copy_has_the_same_bytes_and_a_missing_source_leaves_nothing(tmp_path):
    source, target = tmp_path / "source", tmp_path / "folder" / "target"
    write_bytes(b"\x00\r\n\xff", source)
    copy_file(source, target)
    assert target.read_bytes() == b"\x00\r\n\xff"
    with pytest.raises(FileNotFoundError):
        copy_file(tmp_path / "none", tmp_path / "other")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "source"]


WRITERS = {
    "bytes": lambda path: write_bytes(b"new", path),
    "text": lambda path: write_text("new", path),
    "json": lambda path: write_json({"new": 1}, path),
    "csv": lambda path: write_csv(frame(3), path),
    "parquet": lambda path: write_parquet(frame(3), path),
    "parquet from a lazy frame": lambda path: sink_parquet(frame(3).lazy(), path),
    "model": lambda path: dump_model({"new": 1}, path),
    "copy": lambda path: copy_file(path.with_name("source"), path),
    "ledger": lambda path: Manifest(path, "code", {}).save(),
    "checkpoint": lambda path: store({"new": 1}, path),
}


@pytest.mark.parametrize("link", [os.symlink, os.link])
@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_is_linked_to_a_cache_is_replaced_and_the_cache_stays(tmp_path, name, link):
    (tmp_path / "source").write_bytes(b"new")
    cached = tmp_path / "cache" / "5f" / "hash"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"recorded")
    cached.chmod(0o444)
    output = tmp_path / "output"
    link(cached, output)
    WRITERS[name](output)
    assert cached.read_bytes() == b"recorded"
    assert [path.name for path in cached.parent.iterdir()] == ["hash"]
    assert not output.is_symlink()
    assert output.stat().st_nlink == 1
    assert output.read_bytes() != b"recorded"


@contextmanager
def files_of_at_most(size):
    """Let the system refuse what a file would hold beyond a size, as it does when the disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


FULL = {
    "text": lambda path: write_text("new" * 9_000, path),
    "json": lambda path: write_json({"new": list(range(2_000))}, path),
    "csv": lambda path: write_csv(frame(2_000), path),
    "parquet": lambda path: write_parquet(frame(2_000), path),
    "parquet from a lazy frame": lambda path: sink_parquet(frame(2_000).lazy(), path),
    "model": lambda path: dump_model([np.arange(2_000)], path),
    "copy": lambda path: copy_file(path.parent.with_name("source"), path),
}


@pytest.mark.parametrize("name", FULL)
def test_a_full_disk_is_told_with_the_place_wherever_the_room_ends_and_leaves_what_was_there(tmp_path, name):
    (tmp_path / "source").write_bytes(b"new" * 5_000)
    output = tmp_path / "folder" / "output"
    FULL[name](output)
    size = output.stat().st_size
    write_bytes(b"before", output)
    for room in {0, 1, 3, 4, 5, 20, size - 1, size - 5, size - 9, *range(0, size, size // 29)}:
        with files_of_at_most(room), pytest.raises(OSError) as caught:  # noqa: PT011  its number is looked at
            FULL[name](output)
        assert (caught.value.errno, caught.value.filename) == (errno.EFBIG, str(output))
    assert output.read_bytes() == b"before"
    assert [path.name for path in output.parent.iterdir()] == ["output"]


def test_a_place_that_cannot_be_written_is_told_by_the_name_of_the_output(tmp_path, monkeypatch):
    def refuse(path, *_arguments, **_options):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(OSError, match=r"Read-only file system") as caught:
        write_atomic(tmp_path / "output", lambda _: None)
    assert caught.value.filename == str(tmp_path / "output")


def test_a_fault_of_the_program_while_polars_writes_stays_what_it_is(tmp_path):
    with pytest.raises(pl.exceptions.PolarsError, match="nested"):
        write_csv(pl.DataFrame({"x": [[1, 2]]}), tmp_path / "output")
    assert not list(tmp_path.iterdir())


def test_polars_number_of_a_fault_of_the_system_is_understood(tmp_path):
    with pytest.raises(OSError, match="No space left on device") as caught, naming(tmp_path / "run.arrow"):
        raise OSError("No space left on device (os error 28)")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(tmp_path / "run.arrow"))
    with pytest.raises(OSError, match=r"^odd$") as caught, naming(tmp_path):
        raise OSError("odd")
    assert caught.value.filename is None
