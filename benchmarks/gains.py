"""What caching, resuming and running side by side gain on the pipeline of the project, in a temporary clone.

    python -m benchmarks.gains                            # the default market
    python -m benchmarks.gains --profile profiles/small.yaml

All rows are of one run on one machine: `dvc repro` from nothing and `richcheap run` from nothing, each in a clone of
its own; then, in the second clone, nothing to do, a param of one model changed and put back, and a run that is killed
with signal 9 half-way through and taken up. ``--targets`` measures a part of the pipeline alone.
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

from benchmarks.sizes import parse

ROOT = Path(__file__).resolve().parents[1]
RUN = [sys.executable, "-m", "richcheap.cli", "run"]


def environment() -> dict[str, str]:
    """Return an environment in which `dvc` and `python` are those of this Python."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kernels = str(ROOT / "src" / "richcheap" / "__pycache__")  # compiled once: a minute that is no part of a run
    return {"NUMBA_CACHE_DIR": kernels, **os.environ, "PATH": path}


def clone(folder: Path, profile: str | None) -> Path:
    """Clone the project as committed, without what its lock says of earlier runs."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    (folder / "dvc.lock").unlink(missing_ok=True)
    if profile is not None:
        subprocess.run(
            [sys.executable, "-m", "richcheap.profile", profile], cwd=folder, check=True, capture_output=True
        )
    return folder


def timed(folder: Path, words: Sequence[str]) -> float:
    """Run a command that must succeed and return its seconds."""
    began = time.perf_counter()
    done = subprocess.run(words, cwd=folder, env=environment(), check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: {' '.join(words)} failed: {done.stderr.strip()[-400:]}")
    return time.perf_counter() - began


def set_leaf_rows(folder: Path, value: int) -> int:
    """Set the smallest leaf of ml_adjuster's trees; return what it was."""
    from dvc_parallel.system.yaml_source import Document  # noqa: PLC0415  not needed by the other functions
    from richcheap.pipeline.config.params_files import read_params  # noqa: PLC0415
    from richcheap.profile import apply  # noqa: PLC0415

    before = int(read_params(folder / "params.yaml").values["models"]["ml_adjuster"]["leaf_rows"])
    apply(Document("change", {"models": {"ml_adjuster": {"leaf_rows": value}}}, {}), folder)
    return before


def killed_and_resumed(folder: Path, words: Sequence[str], after: float) -> float:
    """Run from nothing, kill the runner after some seconds, run again; return the seconds of the second run."""
    none = subprocess.DEVNULL
    process = subprocess.Popen(words, cwd=folder, env=environment(), stdout=none, stderr=none)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return timed(folder, words)


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", help="budgets, for instance profiles/small.yaml")
    parser.add_argument("--targets", nargs="*", default=[], help="stages to bring up to date; all when left out")
    options = parse(parser, profile="profiles/small.yaml", targets=["check"])
    run = [*RUN, *options.targets]
    print("| run | seconds | of `dvc repro` from nothing |\n|---|---:|---:|")
    with tempfile.TemporaryDirectory() as place:
        here = Path(place).resolve()
        plain = clone(here / "plain", options.profile)
        whole = timed(plain, ["dvc", "repro", *options.targets])

        def show(title: str, seconds: float) -> None:
            print(f"| {title} | {seconds:.0f} | {100 * seconds / whole:.0f} % |", flush=True)

        show("`dvc repro` from nothing", whole)
        folder = clone(here / "runner", options.profile)
        beside = timed(folder, run)
        show("`richcheap run` from nothing", beside)
        if (folder / "dvc.lock").read_bytes() != (plain / "dvc.lock").read_bytes():
            sys.exit("error: dvc.lock differs between the two: the comparison means nothing")
        show("`richcheap run` again, nothing to do", timed(folder, run))
        before = set_leaf_rows(folder, 77)
        show("a param of one model changed", timed(folder, run))
        set_leaf_rows(folder, before)
        show("the param put back: the model is restored, what judges it runs", timed(folder, run))
        third = clone(here / "killed", options.profile)
        after = 0.6 * beside
        show(f"killed after {after:.0f} s, then taken up: the second run", killed_and_resumed(third, run, after))
        if (third / "dvc.lock").read_bytes() != (plain / "dvc.lock").read_bytes():
            sys.exit("error: dvc.lock differs after the kill")


if __name__ == "__main__":
    main()
