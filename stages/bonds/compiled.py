"""Compile numeric kernels once and cache the machine code until any kernel's source changes.

Numba keys its cache by the file of the compiled function alone, so a kernel that calls another module's kernel
would go on running the old code after that module changed. Here the cache directory is named by a digest of every
kernel module of the project instead. In it a kernel is found by its package and name, wherever the project lies: with
one ``NUMBA_CACHE_DIR`` for all, copies of the project share what one of them has compiled.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import numba
from numba.core.caching import UserProvidedCacheLocator

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


_DIGEST = _source_digest()
_settings = vars(numba.config)
_root = Path(_settings["CACHE_DIR"] or _STAGES / "__pycache__")
_settings["CACHE_DIR"] = str(_root / f"kernels-{_DIGEST}")


class KernelLocator(UserProvidedCacheLocator):
    """Locates the project's kernels in the folder of their digest, which says all that their place and age would."""

    @classmethod
    def from_function(cls, py_func: Function, py_file: str) -> "KernelLocator | None":
        """Return the locator of a kernel of the project; nothing for other libraries' functions."""
        ours = _STAGES in Path(py_file).resolve().parents
        found = super().from_function(py_func, py_file) if ours else None  # type: ignore[no-untyped-call]
        return cast("KernelLocator | None", found)

    @classmethod
    def get_suitable_cache_subpath(cls, py_file: str) -> str:
        """Return the folder of a module's kernels below that of the digest."""
        return Path(py_file).parent.name

    def get_source_stamp(self) -> str:
        """Return what the code was compiled from."""
        return _DIGEST


_settings["CACHE_LOCATOR_CLASSES"] = f"{__name__}.KernelLocator,UserProvidedCacheLocator"


def kernel(function: Function) -> Function:
    """Compile a function on its first call: cached on disk, sequential, strict IEEE arithmetic (no fast-math).

    It runs without the interpreter's lock, so that threads may work on blocks of rows side by side.
    """
    compiler = numba.njit(cache=True, fastmath=False, parallel=False, nogil=True, error_model="numpy")
    return cast(Function, compiler(function))
