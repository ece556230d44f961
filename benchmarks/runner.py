"""What the runner gains and what it costs, beside plain DVC, on projects of small stages.

    python -m benchmarks.runner --repeat 5

- *gain*: eight stages that each use the CPU for five seconds, with one job and with two.
- *overhead*: eight stages of a hundredth of a second, one job, beside ``dvc repro``.
- *nothing to do*: beside ``dvc status`` and ``dvc repro``.

Both sides of each comparison are measured in turn, so that a busy moment hits both; medians and the median of the
ratios of neighbours are printed.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.sizes import parse

RUN = [sys.executable, "-m", "richcheap.cli", "run"]
BURN = """
import sys, time
while time.process_time() < float(sys.argv[1]):
    pass
open(sys.argv[2], "w").write(sys.argv[2])
"""


def make_project(folder: Path, seconds: float, stages: int) -> None:
    """Write a project of independent stages that each use the CPU for some seconds."""
    folder.mkdir()
    (folder / "burn.py").write_text(BURN)
    made = {
        f"stage{number}": {
            "cmd": f"{sys.executable} burn.py {seconds} out{number}",
            "deps": ["burn.py"],
            "outs": [f"out{number}"],
        }
        for number in range(stages)
    }
    (folder / "dvc.yaml").write_text(json.dumps({"stages": made}))
    call(folder, ["git", "init", "-q"])
    call(folder, ["dvc", "init", "-q"])


def call(folder: Path, words: Sequence[str]) -> float:
    """Run a command and return its seconds by the clock."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    began = time.perf_counter()
    subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - began


def compare(title: str, first: str, second: str, pairs: Sequence[tuple[float, float]]) -> str:
    """Return a line of a Markdown table: medians of both sides and of the ratios."""
    ratio = median(one / other for one, other in pairs)
    one, other = (median(side) for side in zip(*pairs, strict=True))
    return f"| {title} | {first}: {one:.2f} s | {second}: {other:.2f} s | {ratio:.2f} |"


def from_nothing(template: Path, place: Path, words: Sequence[str]) -> float:
    """Run a command in a fresh copy of a project."""
    shutil.copytree(template, place)
    try:
        return call(place, words)
    finally:
        shutil.rmtree(place)


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5, help="runs of each, of which medians count")
    parser.add_argument("--seconds", type=float, default=5.0, help="CPU seconds of each stage of the gain")
    parser.add_argument("--stages", type=int, default=8, help="stages of a project")
    options = parse(parser, repeat=1, seconds=0.1, stages=2)
    print("| what | | | ratio |\n|---|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder).resolve()
        make_project(here / "long", options.seconds, options.stages)
        make_project(here / "short", 0.01, options.stages)
        gains = [
            (
                from_nothing(here / "long", here / "copy", [*RUN, "-j", "1"]),
                from_nothing(here / "long", here / "copy", [*RUN, "-j", "2"]),
            )
            for _ in range(max(1, options.repeat // 2))
        ]
        print(compare(f"{options.stages} stages of {options.seconds:g} s", "`-j 1`", "`-j 2`", gains), flush=True)
        overheads = [
            (
                from_nothing(here / "short", here / "copy", [*RUN, "-j", "1"]),
                from_nothing(here / "short", here / "copy", ["dvc", "repro", "-q"]),
            )
            for _ in range(options.repeat)
        ]
        print(
            compare(f"{options.stages} stages of 0.01 s", "`richcheap run -j 1`", "`dvc repro`", overheads), flush=True
        )
        call(here / "short", RUN)
        for words, name in ((["dvc", "status", "-q"], "dvc status"), (["dvc", "repro", "-q"], "dvc repro")):
            idle = [(call(here / "short", RUN), call(here / "short", words)) for _ in range(options.repeat)]
            print(compare("nothing to do", "`richcheap run`", f"`{name}`", idle), flush=True)


if __name__ == "__main__":
    main()
