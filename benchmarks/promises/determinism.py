"""The same bytes on any processor, anywhere, with any threads: ``python -m benchmarks.promises.determinism``.

The small market runs once in a temporary clone. Then each stage runs again from the same inputs. As another processor:
NumPy, the linear algebra below it and SciPy, Numba and the C library choose their instructions by switches of their
own. In other surroundings: hash seed, time zone, locale, a folder of an odd name, no compiled kernel to start with.
With other threads. At last whole runs, with stages side by side or one after another. A case is a stage; one that
writes other bytes is named, with its files. ``--short`` runs the data path alone.
"""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from numpy._core import _multiarray_umath as numpy_core  # type: ignore[attr-defined]  # nothing public tells
from ruamel.yaml import YAML

from benchmarks.promises.cases import Case, Kind, Options, Verdict, run

ROOT: Final = Path(__file__).resolve().parents[2]
PROFILE: Final = Path("profiles/small.yaml")
DATA_PATH: Final = ("simulate", "ingest", "convert", "market", "kalman", "features")
"""Stages of the short suite."""


class Processor(NamedTuple):
    """A family of processors, by what the libraries call it.

    Attributes
    ----------
    blas : str
        OpenBLAS's name of its kernels.
    numba : str
        LLVM's name; Numba compiles for it.
    numpy : str
        The last level of NumPy's vector functions that it has; all above are switched off.
    c_library : str
        What the C library must do without, as its `hwcaps` names it.
    """

    blas: str
    numba: str
    numpy: str
    c_library: str


LEVELS: Final = ("X86_V3", "X86_V4", "AVX512_ICL", "AVX512_SPR")
"""NumPy's levels, each with the instructions of those before."""
PROCESSORS: Final = {
    "no AVX": Processor("Nehalem", "nehalem", "", "-AVX2,-AVX,-FMA,-FMA4,-AVX512F"),
    "AVX, no FMA": Processor("Sandybridge", "sandybridge", "", "-AVX2,-FMA,-FMA4,-AVX512F"),
    "AVX2 and FMA": Processor("Haswell", "haswell", "X86_V3", "-AVX512F"),
    "AVX-512": Processor("SkylakeX", "skylake-avx512", "X86_V4", ""),
}
NEEDS: Final = {"no AVX": "SSE42", "AVX, no FMA": "AVX", "AVX2 and FMA": "X86_V3", "AVX-512": "X86_V4"}
"""Without which of NumPy's features this machine cannot stand for the family."""


def variables(processor: Processor) -> dict[str, str]:
    """Return the environment in which the libraries take this machine for another processor."""
    kept = LEVELS[: LEVELS.index(processor.numpy) + 1] if processor.numpy else ()
    known = [name for name in numpy_core.__cpu_dispatch__ if name not in kept and numpy_core.__cpu_features__[name]]
    chosen = {
        "OPENBLAS_CORETYPE": processor.blas,
        "NUMBA_CPU_NAME": processor.numba,
        "NUMBA_CPU_FEATURES": "",
        "NPY_DISABLE_CPU_FEATURES": " ".join(known),
    }
    if processor.c_library:
        chosen["GLIBC_TUNABLES"] = f"glibc.cpu.hwcaps={processor.c_library}"
    return chosen


class Circumstance(NamedTuple):
    """What is other than in the first run: the environment, or the name of the folder."""

    variables: dict[str, str]
    folder: str = "clone"


def processors() -> dict[str, Circumstance]:
    """Return the families of processors whose instructions this machine has."""
    known = [name for name in PROCESSORS if numpy_core.__cpu_features__.get(NEEDS[name])]
    return {name: Circumstance(variables(PROCESSORS[name])) for name in known}


def surroundings() -> dict[str, Circumstance]:
    """Return what is about a run: nothing of it may be in its results."""
    return {
        "hash seed": Circumstance({"PYTHONHASHSEED": "4242"}),
        "time zone": Circumstance({"TZ": "Pacific/Kiritimati"}),
        "locale": Circumstance({"LC_ALL": "C", "LANG": "C"}),
        "folder": Circumstance({}, "a folder of an odd name, ünïcode and " + "long " * 20),
        "kernels compiled anew": Circumstance({"NUMBA_CACHE_DIR": tempfile.mkdtemp(prefix="kernels-")}),
    }


def threads() -> dict[str, Circumstance]:
    """Return numbers of threads."""
    return {
        f"{number} threads": Circumstance({"OMP_NUM_THREADS": str(number), "POLARS_MAX_THREADS": str(number)})
        for number in (1, 2, 3, 4)
    }


class Stage(NamedTuple):
    """A stage of a finished run: its command line, and the paths that it writes."""

    command: list[str]
    outs: list[str]


def run_once(folder: Path, *words: str) -> None:
    """Run the small market in a clone."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
    call(folder, [sys.executable, "-m", "richcheap.profile", str(PROFILE)], {})
    call(folder, [sys.executable, "-m", "richcheap.cli", "run", *words], {})


def stages_of(finished: Path) -> dict[str, Stage]:
    """Return the stages of a finished run."""
    recorded = YAML(typ="safe", pure=True).load(finished / "dvc.lock")["stages"]
    return {
        name: Stage([sys.executable, *entry["cmd"].split()[1:]], [out["path"] for out in entry.get("outs", [])])
        for name, entry in recorded.items()
    }


def call(folder: Path, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Run a command in a clone with the clone's own modules; `SystemExit` when it fails."""
    path = os.pathsep.join([str(folder / "src"), str(folder)])
    kernels = os.environ.get("NUMBA_CACHE_DIR", str(ROOT / "src" / "richcheap" / "__pycache__"))
    every = {**os.environ, "PYTHONPATH": path, "NUMBA_CACHE_DIR": kernels, "DVC_NO_ANALYTICS": "1", **environment}
    done = subprocess.run(command, cwd=folder, env=every, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{(done.stdout + done.stderr)[-2000:]}")


def different(one: Path, other: Path) -> Iterator[str]:
    """Yield the files below two paths that do not have the same bytes."""
    names = {path.relative_to(root) for root in (one, other) for path in root.rglob("*") if path.is_file()}
    for name in sorted(names | ({Path()} if one.is_file() or other.is_file() else set())):
        left, right = one / name, other / name
        if not (left.is_file() and right.is_file() and filecmp.cmp(left, right, shallow=False)):
            yield name.as_posix()


def rerun(stage: Stage, clone: Path, reference: Path, environment: Mapping[str, str]) -> list[str]:
    """Run a stage from the reference's inputs, and return which of its outputs differ; the clone is left as it was."""
    for out in stage.outs:
        remove(clone / out)
    remove(clone / "training_checkpoints")
    call(clone, stage.command, environment)
    found = []
    for out in stage.outs:
        found += [str(Path(out) / name) for name in different(reference / out, clone / out)]
        remove(clone / out)
        copy(reference / out, clone / out)
    return found


def remove(path: Path) -> None:
    """Remove a file or a folder that may be there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder."""
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


class Suite:
    """The kinds, which share the run that all is compared with.

    Parameters
    ----------
    folder : Path
        Where the clones lie.
    reference : Path
        A run; made when it is not there.
    """

    def __init__(self, folder: Path, reference: Path) -> None:
        self._folder, self._reference = folder, reference

    def kinds(self) -> list[Kind]:
        """Return all kinds."""
        promise = "Each stage writes the bytes of the first run."
        return [
            Kind("processor", promise, self._circumstances(processors)),
            Kind("surroundings", promise, self._circumstances(surroundings)),
            Kind("threads", promise, self._circumstances(threads)),
            Kind("stages side by side", "A whole run records the hashes of the first.", self.whole_runs),
        ]

    def compared(self, circumstances: Mapping[str, Circumstance], names: Sequence[str] | None) -> Iterator[Case]:
        """Run stages again, all when none is named, in each circumstance."""
        stages = stages_of(self._reference)
        for name, circumstance in circumstances.items():
            clone = self._folder / circumstance.folder
            if not clone.exists():
                shutil.copytree(self._reference, clone, symlinks=True)
            for stage in names or stages:
                found = rerun(stages[stage], clone, self._reference.resolve(), circumstance.variables)
                yield Case(f"{stage}, {name}", Verdict.FAILED if found else Verdict.RIGHT, ", ".join(found))

    def whole_runs(self, options: Options) -> Iterator[Case]:
        """Run the pipeline anew with other numbers of stages side by side."""
        self._make_reference()
        expected = _hashes(self._reference)
        for jobs in ("1",) if options.short else ("1", "2", "3", "4"):
            clone = self._folder / f"jobs {jobs}"
            run_once(clone, "-j", jobs, *(["features"] if options.short else []))
            for stage, found in _hashes(clone).items():
                same = found == expected[stage]
                yield Case(f"{stage}, -j {jobs}", Verdict.RIGHT if same else Verdict.FAILED, "other hashes in dvc.lock")
            shutil.rmtree(clone)

    def _circumstances(self, known: Callable[[], dict[str, Circumstance]]) -> Callable[[Options], Iterator[Case]]:
        def cases(options: Options) -> Iterator[Case]:
            self._make_reference()
            yield from self.compared(known(), DATA_PATH if options.short else None)

        return cases

    def _make_reference(self) -> None:
        if not self._reference.exists():
            run_once(self._reference)


def _hashes(clone: Path) -> dict[str, list[tuple[str, str]]]:
    recorded = YAML(typ="safe", pure=True).load(clone / "dvc.lock")["stages"]
    return {name: [(out["path"], out["md5"]) for out in entry.get("outs", [])] for name, entry in recorded.items()}


def main() -> int:
    """Read the command line."""
    with tempfile.TemporaryDirectory() as folder:
        suite = Suite(Path(folder), Path(folder) / "reference")
        return run("determinism", __doc__, suite.kinds())


if __name__ == "__main__":
    sys.exit(main())
