"""What caching, resuming and running side by side gain on the pipeline of the project, in a temporary clone.

    python -m benchmarks.gains                            # the default market
    python -m benchmarks.gains --profile profiles/small.yaml

All rows are of one run on one machine: `dvc repro` from nothing and `richcheap run` from nothing, each in a clone of
its own; then, in the second clone, nothing to do, a param of one model changed and put back, and a run that is killed
with signal 9 half-way through the training and taken up.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUN = [sys.executable, "-m", "stages.cli", "run"]


def environment() -> dict[str, str]:
    """Return an environment in which `dvc` and `python` are those of this Python."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kernels = str(ROOT / "stages" / "__pycache__")  # compiled once: a minute that is no part of a run
    return os.environ | {"PATH": path, "NUMBA_CACHE_DIR": kernels}


def clone(folder: Path, profile: str | None) -> Path:
    """Clone the project as committed, without what its lock says of earlier runs."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    (folder / "dvc.lock").unlink(missing_ok=True)
    if profile is not None:
        subprocess.run([sys.executable, "-m", "stages.profile", profile], cwd=folder, check=True, capture_output=True)
    return folder


def timed(folder: Path, words: Sequence[str]) -> float:
    """Run a command that must succeed and return its seconds."""
    began = time.perf_counter()
    subprocess.run(words, cwd=folder, env=environment(), check=True, capture_output=True)
    return time.perf_counter() - began


def set_leaf_rows(folder: Path, value: int) -> int:
    """Set the smallest leaf of ml_adjuster's trees; return what it was."""
    from stages.pipeline.document import read  # noqa: PLC0415  not needed by the other functions
    from stages.profile import applied  # noqa: PLC0415

    path, profile = folder / "params.yaml", folder / "change.yaml"
    before = int(read(path).values["models"]["ml_adjuster"]["leaf_rows"])
    profile.write_text(f"models:\n  ml_adjuster:\n    leaf_rows: {value}\n")
    path.write_text(applied(path.read_text(), read(profile)))
    profile.unlink()
    return before


def killed_and_resumed(folder: Path, after: float) -> float:
    """Run from nothing, kill the runner after some seconds, run again; return the seconds of the second run."""
    process = subprocess.Popen(RUN, cwd=folder, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return timed(folder, RUN)


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description="Measure what the runner gains on the project's own pipeline.")
    parser.add_argument("--profile", help="budgets, for instance profiles/small.yaml")
    options = parser.parse_args()
    print("| run | seconds | of `dvc repro` from nothing |\n|---|---:|---:|")
    with tempfile.TemporaryDirectory() as place:
        here = Path(place).resolve()
        plain = clone(here / "plain", options.profile)
        whole = timed(plain, ["dvc", "repro"])

        def show(title: str, seconds: float) -> None:
            print(f"| {title} | {seconds:.0f} | {100 * seconds / whole:.0f} % |", flush=True)

        show("`dvc repro` from nothing", whole)
        folder = clone(here / "runner", options.profile)
        beside = timed(folder, RUN)
        show("`richcheap run` from nothing", beside)
        if (folder / "dvc.lock").read_bytes() != (plain / "dvc.lock").read_bytes():
            sys.exit("dvc.lock differs between the two: the comparison means nothing")
        show("`richcheap run` again, nothing to do", timed(folder, RUN))
        before = set_leaf_rows(folder, 77)
        show("a param of one model changed", timed(folder, RUN))
        set_leaf_rows(folder, before)
        show("the param put back: the model is restored, what judges it runs", timed(folder, RUN))
        third = clone(here / "killed", options.profile)
        show(
            f"killed after {0.6 * beside:.0f} s, then taken up: the second run", killed_and_resumed(third, 0.6 * beside)
        )
        if (third / "dvc.lock").read_bytes() != (plain / "dvc.lock").read_bytes():
            sys.exit("dvc.lock differs after the kill")


if __name__ == "__main__":
    main()
