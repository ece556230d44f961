"""Compile numeric kernels once and cache the machine code until any kernel's source changes.

Numba keys its cache by the file of the compiled function alone, so a kernel that calls another module's kernel
would go on running the old code after that module changed. Here the cache directory is named by a digest of every
kernel module of the project instead.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import numba

_STAGES = Path(__file__).resolve().parents[1]
_MARKERS = (b"compiled import kernel", b"import njit", b"numba.njit")

Function = TypeVar("Function", bound=Callable[..., object])


def _source_digest() -> str:
    """Return a digest of all project modules that define kernels, independent of where the project lies."""
    digest = hashlib.sha256()
    for path in sorted(_STAGES.rglob("*.py")):
        source = path.read_bytes()
        if any(marker in source for marker in _MARKERS):
            digest.update(path.relative_to(_STAGES).as_posix().encode() + b"\0" + source + b"\0")
    return digest.hexdigest()[:16]


_settings = vars(numba.config)
_root = Path(_settings["CACHE_DIR"] or _STAGES / "__pycache__")
_settings["CACHE_DIR"] = str(_root / f"kernels-{_source_digest()}")


def kernel(function: Function) -> Function:
    """Compile a function on its first call: cached on disk, sequential, strict IEEE arithmetic (no fast-math).

    It runs without the interpreter's lock, so that threads may work on blocks of rows side by side.
    """
    compiler = numba.njit(cache=True, fastmath=False, parallel=False, nogil=True, error_model="numpy")
    return cast(Function, compiler(function))
