import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from richcheap.numerics import compiled
from tests.conftest import ROOT

CALL = "from richcheap.numerics.elementary import exp as f; print(f(0.0), sum(f.stats.cache_hits.values()))"
COMPILED, FOUND = "1.0 0", "1.0 1"
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))\n"


def start(kernels: Path | str, code: str = CALL, folder: Path = ROOT, **variables: str) -> subprocess.Popen[str]:
    """Start a process that calls a kernel and says what it gave, and whether its code was found in the cache."""
    env = {**os.environ, "PYTHONPATH": str(folder), "NUMBA_CACHE_DIR": str(kernels), **variables}
    env.pop("COVERAGE_PROCESS_CONFIG", None)  # what is written here, and where nothing can be, is judged
    words = [sys.executable, "-c", code]
    return subprocess.Popen(words, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def call(kernels: Path | str, code: str = CALL, folder: Path = ROOT, **variables: str) -> tuple[str, str]:
    """Return what a process prints that calls a kernel, and what it says besides."""
    process = start(kernels, code, folder, **variables)
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out.strip(), err


def files(kernels: Path) -> list[Path]:
    return sorted(path for path in kernels.rglob("*") if path.is_file())


def test_the_cache_is_named_by_the_source_of_all_kernels() -> None:
    assert compiled.FOLDER.name == f"kernels-{compiled._source_digest()}"


def test_a_change_of_one_kernel_module_alone_changes_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_PACKAGE", tmp_path)
    (tmp_path / "fast.py").write_text("from richcheap.numerics.compiled import kernel\n")
    (tmp_path / "plain.py").write_text("import json\n")
    first = compiled._source_digest()
    (tmp_path / "plain.py").write_text("import csv\n")
    assert compiled._source_digest() == first
    (tmp_path / "fast.py").write_text("from richcheap.numerics.compiled import kernel  # changed\n")
    assert compiled._source_digest() != first


def copy_of_the_kernels(folder: Path) -> None:
    package = folder / "richcheap"
    source = ROOT / "src" / "richcheap" / "numerics"
    shutil.copytree(source, package / "numerics", ignore=shutil.ignore_patterns("__pyc*"))
    (package / "__init__.py").touch()


def test_a_copy_of_the_project_finds_kernels_that_another_has_compiled(tmp_path: Path) -> None:
    said = []
    for name in ("first", "second"):
        copy_of_the_kernels(tmp_path / name)
        said.append(call(tmp_path / "kernels", folder=tmp_path / name)[0])
    assert said == [COMPILED, FOUND]


def flip_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "cut short": lambda file: file.write_bytes(file.read_bytes()[:-1]),
    "cut in the digest": lambda file: file.write_bytes(file.read_bytes()[:20]),
    "one byte is another": flip_a_byte,
    "nothing but zeros": lambda file: file.write_bytes(bytes(file.stat().st_size)),
    "gone": lambda file: file.unlink(),
}


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache in which the kernel is."""
    folder = tmp_path_factory.mktemp("kernels")
    assert call(folder)[0] == COMPILED
    return folder


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_file_that_is_not_whole_is_compiled_anew_and_replaced(warm: Path, tmp_path: Path, damage: str) -> None:
    kernels = tmp_path / "kernels"
    shutil.copytree(warm, kernels)
    for file in files(kernels):
        DAMAGES[damage](file)
    assert call(kernels) == (COMPILED, "")
    assert [file.name for file in files(kernels)] == [file.name for file in files(warm)]
    assert call(kernels) == (FOUND, "")


def test_code_of_another_key_that_has_the_same_text_is_not_taken(tmp_path: Path) -> None:
    kept = compiled._Files(str(tmp_path), "module.kernel-1.py311", "stamp")
    kept.save(("int64", 7), "code")
    assert kept.load(("int64", 7)) == "code"
    assert kept.load(("int64", 8)) is None
    kept.save((float("nan"),), "code")  # it is written as any other of its kind is, and equals none of them
    assert kept.load((float("nan"),)) is None


@pytest.mark.parametrize("place", ["a file is in the way", "/proc/nope"])
def test_where_nothing_can_be_written_each_process_compiles_and_says_so_once(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    kernels = place if place.startswith("/") else str(tmp_path / "file" / "kernels")
    if place.startswith("/") and not Path("/proc").is_dir():
        pytest.skip("the system has no /proc, where nothing can be made")
    twice = CALL + "; from richcheap.numerics.elementary import log; log(2.0)"
    out, err = call(kernels, twice)
    assert out == COMPILED
    (line,) = err.splitlines()
    assert line.startswith(f"kernels: compiled code cannot be kept in {kernels}/kernels-")
    assert line.endswith("; going on without")


def test_a_full_disk_leaves_no_half_of_a_file(tmp_path: Path) -> None:
    out, err = call(tmp_path / "kernels", LIMITED + CALL)
    assert out == COMPILED
    assert "(File too large); going on without" in err
    assert files(tmp_path / "kernels") == []


def test_kernels_are_found_where_nothing_can_be_written(warm: Path) -> None:
    assert call(warm, LIMITED + CALL) == (FOUND, "")


def test_processes_that_compile_at_the_same_time_do_not_disturb_each_other(tmp_path: Path) -> None:
    processes = [start(tmp_path / "kernels") for _ in range(4)]
    said = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert {out.strip() for out, _ in said} <= {COMPILED, FOUND}
    assert not [file for file in files(tmp_path / "kernels") if ".tmp" in file.name]
    assert call(tmp_path / "kernels") == (FOUND, "")


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    copy_of_the_kernels(tmp_path)
    assert call("", folder=tmp_path)[0] == COMPILED
    assert list((tmp_path / "richcheap" / "__pycache__").glob("kernels-*/numerics/*.nbc"))


def test_without_the_compiler_a_kernel_is_the_function_itself(tmp_path: Path) -> None:
    code = "from richcheap.numerics.elementary import exp; print(exp(0.0))"
    assert call(tmp_path, code, NUMBA_DISABLE_JIT="1")[0] == COMPILED.partition(" ")[0]


def test_a_kernel_that_is_flushed_is_compiled_anew(warm: Path, tmp_path: Path) -> None:
    shutil.copytree(warm, tmp_path / "kernels")
    flush = "from richcheap.numerics.elementary import exp; exp._cache.flush()"
    call(tmp_path / "kernels", flush)
    assert call(tmp_path / "kernels")[0] == COMPILED
