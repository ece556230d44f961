"""Make mutants of a room and run its tests against each: the process that `benchmarks.promises.mutants` starts.

It runs in a copy of the project, imports once what mutants leave as it is, and forks for each mutant. It prints a line
of JSON for the room, and one for each mutant.
"""

import argparse
import ast
import json
import os
import pkgutil
import random
import resource
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from difflib import unified_diff
from enum import StrEnum
from importlib import import_module
from itertools import count
from pathlib import Path
from signal import SIGXCPU
from typing import Final, NamedTuple, TypeVar

import pytest
from cosmic_ray.commands import init
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import MutationSpec

from richcheap.numerics import compiled

KINDS_OF_OPERATORS: Final = (
    {"Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow"},
    {"BitAnd", "BitOr", "BitXor", "LShift", "RShift"},
    {"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE"},
    {"Is", "IsNot"},
    {"Delete", "USub", "Invert", "Not"},
)
MORE_SECONDS: Final = 10
MEMORY_BYTES: Final = 4 * 2**30
"""What a mutant may take: one that asks for more than the machine has shall not take it down."""
LIBRARIES: Final = ("hypothesis", "polars", "QuantLib", "scipy.optimize", "sklearn.model_selection")
"""What most tests import."""
PYTEST: Final = (
    *("-x", "-q", "-n0", "-p", "no:cacheprovider", "--hypothesis-seed=0", "-m", "not slow and not nightly"),
    *("-W", "ignore::RuntimeWarning"),  # a kernel divides by zero without a word; as plain Python it would warn
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # of libraries that are imported already
)

Function = TypeVar("Function", bound=Callable[..., object])


class Room(NamedTuple):
    """What is mutated, and what tells.

    Attributes
    ----------
    source : str
        A module or a folder of modules in src/richcheap.
    tests : str
        A file or a folder of files in tests.
    below : tuple of str
        Packages whose kernels stay compiled: those that the room stands on.
    """

    source: str
    tests: str
    below: tuple[str, ...]


ROOMS: Final = {
    "splitter": Room("models/common/splitter.py", "models/common/test_splitter.py", ("numerics",)),
    "bonds": Room("bonds", "bonds", ("numerics",)),
    "surface": Room("surface", "surface", ("numerics", "bonds", "curves", "panel")),
    "kalman": Room("kalman", "kalman", ("numerics", "bonds", "curves", "panel", "surface")),
}


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"


def mutants_of(path: Path) -> list[MutationSpec]:
    """Return the mutants of a file that say something of tests, in the order of their places."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    unread = [
        ((node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0))
        for node in _annotations(ast.parse(source))
    ]
    with tempfile.TemporaryDirectory() as folder, use_db(Path(folder) / "all.sqlite", WorkDB.Mode.create) as every:
        init([path], every, {})
        found = [mutation for item in every.work_items for mutation in item.mutations]
    kept = [
        one
        for one in found
        if _of_one_kind(one.operator_name)
        and not any(begin <= one.start_pos < end for begin, end in unread)
        and not lines[one.start_pos[0] - 1].lstrip().startswith("@kernel")
    ]
    return sorted(kept, key=lambda one: (one.start_pos, one.operator_name, one.occurrence))


def _annotations(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.returns is not None:
            yield node.returns
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            yield node.annotation


def _of_one_kind(operator: str) -> bool:
    """Return whether an operator of Cosmic Ray puts one of a kind in the place of another."""
    name, _, change = operator.removeprefix("core/").partition("_")
    if name == "ReplaceUnaryOperator" and not change.startswith("Delete_"):
        return False  # +x is x, which is tried already
    return not change or any(set(change.split("_")) <= kind for kind in KINDS_OF_OPERATORS)


class Trials:
    """Runs tests against mutants, in this project's folder: file by file until one is red.

    Those come first that have been red most often for what they cost.

    Parameters
    ----------
    tests : Path
        A file or a folder of files.
    folder : Path
        For what runs leave: pytest's words and what each file costs.
    """

    def __init__(self, tests: Path, folder: Path) -> None:
        self._log = folder / "log.txt"
        self._costs = folder / "costs.json"
        self._red = folder / "red.txt"
        self._second = count(int(time.time()) + 1)
        self._files = [str(file) for file in sorted(tests.rglob("test_*.py"))] if tests.is_dir() else [str(tests)]
        self._seconds = MORE_SECONDS + 3600
        if self._run() != 0:
            raise SystemExit(f"{tests}: red before anything is changed\n{self._log.read_text(encoding='utf-8')}")
        self._cost = json.loads(self._costs.read_text(encoding="utf-8"))
        self._kills = Counter(self._files)
        self._seconds = MORE_SECONDS + int(2 * sum(self._cost.values()))

    def fate(self, mutant: MutationSpec) -> tuple[Fate, str]:
        """Make a mutant, test it, and return what became of it, with its difference."""
        path = mutant.module_path
        source = path.read_text(encoding="utf-8")
        changed = mutate_code(source, get_operator(mutant.operator_name)(), mutant.occurrence)
        self._files.sort(key=lambda file: self._cost[file] / self._kills[file])
        self._red.write_text("", encoding="utf-8")
        self._write(path, changed)
        try:
            code = self._run()
        finally:
            self._write(path, source)
        self._kills[self._red.read_text(encoding="utf-8")] += 1
        fate = {0: Fate.SURVIVED, -SIGXCPU: Fate.TIMED_OUT}.get(code, Fate.KILLED)
        lines = list(unified_diff(source.splitlines(), changed.splitlines(), n=0, lineterm=""))
        return fate, "\n".join(lines[3:])

    def _write(self, path: Path, source: str) -> None:
        """Write a version; each has a second of its own, by which Python knows that its byte code is an older one's."""
        path.write_text(source, encoding="utf-8")
        second = next(self._second)
        os.utime(path, (second, second))

    def _run(self) -> int:
        """Run the tests in a fork; return the exit code: of pytest, or a negative signal."""
        process = os.fork()
        if process == 0:
            code = int(pytest.ExitCode.INTERNAL_ERROR)
            try:
                code = self._test()
            except BaseException:  # noqa: BLE001  what a mutant does to pytest itself
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(code)  # what this process holds is its parent's to tidy up
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

    def _test(self) -> int:
        with self._log.open("w", encoding="utf-8") as log:
            os.dup2(log.fileno(), 1)
            os.dup2(log.fileno(), 2)
        resource.setrlimit(resource.RLIMIT_CPU, (self._seconds, self._seconds + 1))
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
        costs: dict[str, float] = {}
        for file in self._files:
            begun = time.process_time()
            code = pytest.main([*PYTEST, file])
            costs[file] = time.process_time() - begun
            if code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:  # none: all of the file are slow
                self._red.write_text(file, encoding="utf-8")
                return int(code)
        self._costs.write_text(json.dumps(costs), encoding="utf-8")
        return 0


def import_below(packages: tuple[str, ...]) -> None:
    """Import what stays compiled; what is imported later has plain functions for kernels."""
    for package in packages:
        folder = import_module(f"richcheap.{package}").__path__
        for module in pkgutil.walk_packages(folder, f"richcheap.{package}."):
            import_module(module.name)

    def plain(function: Function) -> Function:
        return function

    compiled.kernel = plain


def main() -> None:
    """Read the command line and try a sample of a room's mutants."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("room", choices=ROOMS)
    parser.add_argument("--sample", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    chosen = parser.parse_args()
    room = ROOMS[chosen.room]
    source = Path("src/richcheap", room.source)
    files = sorted(source.rglob("*.py")) if source.is_dir() else [source]
    every = [mutant for file in files for mutant in mutants_of(file)]
    print(json.dumps({"mutants": len(every)}), flush=True)
    for library in LIBRARIES:
        import_module(library)
    import_below(room.below)
    with tempfile.TemporaryDirectory() as folder:
        trials = Trials(Path("tests", room.tests), Path(folder))
        for mutant in random.Random(chosen.seed).sample(every, min(chosen.sample, len(every))):
            fate, difference = trials.fate(mutant)
            place = f"{mutant.module_path}:{mutant.start_pos[0]}"
            print(json.dumps({"place": place, "fate": fate, "difference": difference}), flush=True)


if __name__ == "__main__":
    main()
