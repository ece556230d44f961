"""Tell one state of the code from another: what a result was made by, as far as it can change the result's bytes."""

import hashlib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from stages.pipeline.closure import closure

ROOT = Path(__file__).absolute().parents[2]


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
    for file in closure(modules, ROOT):
        digest.update(file.encode() + b"\0" + (ROOT / file).read_bytes() + b"\0")
    for library in libraries:
        digest.update(f"{library}=={_version(library)}\0".encode())
    return digest.hexdigest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"
