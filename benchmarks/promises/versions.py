"""The lowest and the newest versions that pyproject.toml allows: ``python -m benchmarks.promises.versions``.

Each set of versions gets an environment of its own, into which the project is installed as a package; the small market
runs there in a new project. The errors are compared with those of a run with the versions of constraints.txt. A case is
a predictor.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.promises.cases import Case, Kind, Options, Verdict, run

ROOT: Final = Path(__file__).resolve().parents[2]
TOLERANCE_PERCENT: Final = 2.0
"""By which a predictor's mean absolute error on the test block may differ: trees amplify last digits."""
RESOLUTIONS: Final = {"lowest": "lowest-direct", "newest": "highest"}


def installed(folder: Path, versions: str) -> Path:
    """Make an environment with some versions and the project as a package; return its folder of programs."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    programs = folder / "bin"
    words = ["-c", str(ROOT / "constraints.txt")]
    if versions in RESOLUTIONS:
        chosen = str(folder / "versions.txt")
        subprocess.run([str(programs / "pip"), "install", "-q", "uv"], check=True)  # pip has no word for the lowest
        compiled = [str(programs / "uv"), "pip", "compile", "-q", "--resolution", RESOLUTIONS[versions]]
        subprocess.run([*compiled, "pyproject.toml", "-o", chosen], cwd=ROOT, check=True)
        words = ["-r", chosen]
    subprocess.run([str(programs / "pip"), "install", "-q", *words, str(ROOT)], check=True)
    return programs


def errors(folder: Path, versions: str) -> dict[str, float]:
    """Run the small market with some versions, and return each predictor's error on the test block, points per 100."""
    programs = installed(folder / f"{versions}-environment", versions)
    project = folder / versions
    profile = ROOT / "profiles" / "small.yaml"
    richcheap = str(programs / "richcheap")
    subprocess.run([programs / "pip", "check", "-q"], check=True)
    subprocess.run([richcheap, "new", str(project)], check=True, stdout=subprocess.DEVNULL)
    settings = [str(programs / "python"), "-m", "richcheap.profile", str(profile)]
    for words in (settings, [richcheap, "run"]):
        subprocess.run(words, cwd=project, check=True, stdout=subprocess.DEVNULL)
    metrics = json.loads((project / "metrics" / "evaluate.json").read_text(encoding="utf-8"))
    return {name: figures["mae"] for name, figures in metrics["predictors"].items()}


class Suite:
    """The kinds, which share the run with the versions of constraints.txt."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pinned: dict[str, float] | None = None

    def kinds(self) -> list[Kind]:
        """Return a kind for each set of versions."""
        promise = f"The small market runs, and each predictor's test error lies within {TOLERANCE_PERCENT:g} %."
        return [Kind(name, promise, self._cases(name)) for name in RESOLUTIONS]

    def _cases(self, versions: str) -> Callable[[Options], Iterator[Case]]:
        return partial(self._compared, versions)

    def _compared(self, versions: str, _: Options) -> Iterator[Case]:
        if self._pinned is None:
            self._pinned = errors(self._folder, "pinned")
        found = errors(self._folder, versions)
        for name, pinned in self._pinned.items():
            apart = 100.0 * abs(found[name] / pinned - 1.0)
            verdict = Verdict.RIGHT if apart <= TOLERANCE_PERCENT else Verdict.FAILED
            yield Case(f"{name}, {versions}", verdict, f"{pinned:.4f} pinned, {found[name]:.4f}")


def main() -> int:
    """Read the command line."""
    with tempfile.TemporaryDirectory() as folder:
        return run("versions", __doc__, Suite(Path(folder)).kinds())


if __name__ == "__main__":
    sys.exit(main())
