"""List the local modules that a stage imports, directly or not: its code dependencies in dvc.yaml.

DVC does not look into a stage's code, so a helper that is not among its ``deps`` may change without the stage being
run again. ``python -m richcheap.pipeline.execution.import_closure convert`` prints the files; a test compares dvc.yaml
with them. Imports are read, not run. Those inside functions count; those under ``if TYPE_CHECKING`` do not.
"""

import argparse
import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

PLACES = {"stages": ".", "richcheap": "src", "dvc_parallel": "src"}
"""Folder, from the project's root, that holds each package of ours."""


def places_below(root: Path) -> dict[str, Path]:
    """Return the folder of each package in the project at `root`."""
    return {package: root / folder for package, folder in PLACES.items()}


def closure(modules: Iterable[str], places: Mapping[str, Path]) -> dict[str, Path]:
    """Return the files that running `modules` executes, found by reading their imports.

    Parameters
    ----------
    modules : iterable of str
        Dotted names, for instance ``stages.convert``.
    places : mapping of str to Path
        Folder that holds each local package, by the package's name; all others are libraries.

    Returns
    -------
    dict of str to Path
        Source file of each module, sorted by the module's name, packages included.

    Raises
    ------
    ValueError
        When one of `modules` does not exist.
    """
    found: dict[str, Path] = {}
    waiting = list(modules)
    for module in waiting:
        if _file(module, places) is None:
            raise ValueError(f"no module {module} below {', '.join(sorted({str(place) for place in places.values()}))}")
    while waiting:
        module = waiting.pop()
        file = _file(module, places)
        if file is None or module in found:
            continue
        found[module] = file
        waiting += _packages(module)
        waiting += _imports(file, module)
    return dict(sorted(found.items()))


def _file(module: str, places: Mapping[str, Path]) -> Path | None:
    """Return the source file of a module or package of ours, or None."""
    place = places.get(module.split(".", maxsplit=1)[0])
    if place is None:
        return None
    base = place.joinpath(*module.split("."))
    for file in (base / "__init__.py", base.with_suffix(".py")):
        if file.is_file():
            return file
    return None


def _packages(module: str) -> list[str]:
    """Return the packages whose ``__init__`` runs before `module`."""
    parts = module.split(".")
    return [".".join(parts[:depth]) for depth in range(1, len(parts))]


def _imports(file: Path, module: str) -> Iterator[str]:
    """Yield the name of everything that `file` imports and that may be a module."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in _executed(ast.parse(file.read_bytes(), str(file))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = _absolute(node, package)
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


def _absolute(node: ast.ImportFrom, package: str) -> str:
    if node.level == 0:
        return node.module or ""
    parts = package.split(".")
    above = parts[: len(parts) - node.level + 1]
    return ".".join([*above, *([node.module] if node.module else [])])


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """Walk the tree of `node` without what is there for type checkers alone."""
    yield node
    if isinstance(node, ast.If) and _is_type_checking(node.test):
        children: Iterable[ast.AST] = node.orelse
    else:
        children = ast.iter_child_nodes(node)
    for child in children:
        yield from _executed(child)


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"


def main() -> None:
    """Print the code that the stages named on the command line depend on."""
    parser = argparse.ArgumentParser(
        prog="python -m richcheap.pipeline.execution.import_closure",
        description="Print the files of code that stages depend on; run it in the project's folder.",
    )
    parser.add_argument("stages", nargs="+", metavar="STAGE", help="module of a stage, for instance convert")
    root = Path.cwd()
    try:
        files = closure([f"stages.{name}" for name in parser.parse_args().stages], places_below(root))
    except ValueError as error:
        sys.exit(f"error: {error}; name a module of stages/, in the project's folder")
    for file in files.values():
        print(file.relative_to(root).as_posix())


if __name__ == "__main__":
    main()
