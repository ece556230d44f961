"""Tell one state of the code from another: what a result was made by, as far as it can change the result's bytes."""

import hashlib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from richcheap.pipeline.execution.import_closure import PLACES, closure

NUMERICAL = ("numba", "numpy", "polars")
"""Libraries whose versions can change the bytes of a table."""


def code_digest(modules: Iterable[str], libraries: Iterable[str]) -> str:
    """Return a digest of modules, of every local module that they import, and of the versions of some libraries.

    Parameters
    ----------
    modules : iterable of str
        Dotted names, for instance ``stages.convert``.
    libraries : iterable of str
        Names of distributions; one that is not installed counts as such.
    """
    digest = hashlib.sha256()
    for module, file in closure(modules, _places()).items():
        digest.update(module.encode() + b"\0" + file.read_bytes() + b"\0")
    for library in libraries:
        digest.update(f"{library}=={_version(library)}\0".encode())
    return digest.hexdigest()


def _places() -> dict[str, Path]:
    """Return the folder that each local package is imported from."""
    specs = {package: find_spec(package) for package in PLACES}
    return {package: Path(spec.origin).parents[1] for package, spec in specs.items() if spec and spec.origin}


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"
