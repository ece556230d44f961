"""Run every stage under other circumstances, and compare the bytes of all that it writes.

    python -m benchmarks.same_bytes --profile profiles/small.yaml                    # circumstances of all kinds
    python -m benchmarks.same_bytes --profile profiles/small.yaml --only "AVX-512" "one thread"

The pipeline runs once in a temporary clone. Then each stage runs again from the same inputs. As another processor:
NumPy, the linear algebra below it and SciPy, Numba and the C library choose their instructions by switches of their
own. In other surroundings: hash seed, time zone, locale, threads, a folder of an odd name. A stage that writes other
bytes is named, with its files.
"""

import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from numpy._core import _multiarray_umath as numpy_core  # type: ignore[attr-defined]  # nothing public tells
from ruamel.yaml import YAML

ROOT: Final = Path(__file__).resolve().parents[1]


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


SURROUNDINGS: Final = {
    "hash seed": Circumstance({"PYTHONHASHSEED": "4242"}),
    "time zone": Circumstance({"TZ": "Pacific/Kiritimati"}),
    "locale": Circumstance({"LC_ALL": "C", "LANG": "C"}),
    "one thread": Circumstance({"OMP_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}),
    "four threads": Circumstance({"OMP_NUM_THREADS": "4", "POLARS_MAX_THREADS": "4"}),
    "folder": Circumstance({}, "a folder of an odd name, ünïcode and " + "long " * 20),
}


def circumstances() -> dict[str, Circumstance]:
    """Return the families of processors whose instructions this machine has, and all surroundings."""
    known = [name for name in PROCESSORS if numpy_core.__cpu_features__.get(NEEDS[name])]
    return {name: Circumstance(variables(PROCESSORS[name])) for name in known} | SURROUNDINGS


class Stage(NamedTuple):
    """A stage of a finished run: its command line, and the paths that it writes."""

    command: list[str]
    outs: list[str]


def run_once(folder: Path, profile: Path | None) -> None:
    """Run the pipeline in a clone."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder)], check=True)
    if profile is not None:
        call(folder, [sys.executable, "-m", "richcheap.profile", str(profile.resolve())], {})
    call(folder, [sys.executable, "-m", "richcheap.cli", "run"], {})


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table of stages and circumstances; 1 when one of them wrote other bytes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", type=Path, help="params of a smaller market: profiles/small.yaml")
    parser.add_argument("--finished", type=Path, help="a run of this very code to compare with, instead of a new one")
    parser.add_argument("--stages", nargs="+", metavar="STAGE", help="these alone")
    known = circumstances()
    parser.add_argument("--only", nargs="+", choices=list(known), default=list(known), help="some circumstances alone")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        reference = chosen.finished
        if reference is None:
            reference = Path(folder) / "reference"
            run_once(reference, chosen.profile)
        for name in sorted({known[name].folder for name in chosen.only}):
            shutil.copytree(reference, Path(folder) / name, symlinks=True)
        stages = stages_of(reference)
        print(f"| stage | {' | '.join(chosen.only)} |\n|---|{'---|' * len(chosen.only)}", flush=True)
        failed = False
        for stage in chosen.stages or stages:
            cells = []
            for name in chosen.only:
                clone = Path(folder) / known[name].folder
                found = rerun(stages[stage], clone, reference.resolve(), known[name].variables)
                cells.append("differs: " + ", ".join(found) if found else "same bytes")
                failed |= bool(found)
            print(f"| `{stage}` | {' | '.join(cells)} |", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
