"""Bytes that Atheris makes, guided by which branches of the readers they reach first (libFuzzer's method).

It starts from the sources in tests/ingestion/sources/ and the small files of `mutated`, or from params files. The same
seed and number of executions give the same inputs: one process, without threads of ours. Of polars and pyarrow, which
are compiled, no branch is seen.
"""

import importlib
import pkgutil
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from benchmarks.promises.cases import Case, Options, Verdict
from benchmarks.promises.inputs.ingested import environment

INSTRUMENTED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"files": ("richcheap.ingestion",), "params": ("dvc_parallel.system.yaml_source", "richcheap.pipeline.config")}
)
"""Packages whose branches guide the search, by what is fuzzed."""

COMPILED = ("richcheap.numerics", "richcheap.bonds", "richcheap.curves")

DONE = re.compile(r"^#(\d+)\s+DONE\s+cov: (\d+) ft: (\d+)", re.MULTILINE)
SECONDS = 1200


def cases(options: Options) -> Iterator[Case]:
    """Yield a case for every execution: right, but for the one that ended the search."""
    for what, runs in (("files", 30 if options.short else 1000), ("params", 300 if options.short else 5000)):
        yield from search(what, runs, options.seed)


def search(what: str, runs: int, seed: int) -> Iterator[Case]:
    """Run the fuzzer in a process of its own, which it ends when something is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", __spec__.name, what, folder, f"-runs={runs}", f"-seed={seed + 1}"]
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            env=environment(),
            timeout=SECONDS,
        )
        ended = DONE.search(done.stdout)
        if ended is None:
            crash = next((file.read_bytes() for file in Path(folder).glob("crash-*")), b"")
            yield Case(f"{what}: {crash!r:.300}", Verdict.FAILED, done.stdout[-1500:])
            return
    print(f"{what}: {ended[1]} executions reach {ended[2]} branches", flush=True)
    yield from (Case(f"{what}: execution {number}", Verdict.RIGHT) for number in range(int(ended[1])))


def main(what: str, folder: Path, words: list[str]) -> None:
    """Search until the runs are done; libFuzzer ends the process."""
    import atheris  # noqa: PLC0415  Linux alone has it

    for package in COMPILED:  # Numba compiles no instrumented code, and Atheris tells no packages of one root apart
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            importlib.import_module(module.name)
    with atheris.instrument_imports(include=list(INSTRUMENTED[what]), enable_loader_override=False):
        from benchmarks.promises.inputs import ingested, mutated, params_files  # noqa: PLC0415

    corpus = folder / "corpus"
    corpus.mkdir()
    texts = [*mutated.FILES, *mutated.SOURCES] if what == "files" else list(params_files.sound().values())
    for number, text in enumerate(texts):
        (corpus / str(number)).write_text(text, encoding="utf-8")

    def read_file(content: bytes) -> Case:
        return mutated.case("", content)

    def read_params(content: bytes) -> Case:
        return params_files.case("", params_files.MAIN, content)

    read: Callable[[bytes], Case] = read_file if what == "files" else read_params

    def one(content: bytes) -> None:
        case = read(content)
        if case.verdict is Verdict.FAILED:
            raise AssertionError(case.detail)

    with ingested.room(silent=False):
        arguments = ["fuzz", *words, f"-artifact_prefix={folder}/", "-max_len=8192", "-rss_limit_mb=4096", str(corpus)]
        atheris.Setup(arguments, one)
        atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
