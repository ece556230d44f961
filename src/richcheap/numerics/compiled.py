"""Compile numeric kernels once and cache the machine code until any kernel's source changes.

Numba keys its cache by the file of the compiled function alone, so a kernel that calls another module's kernel
would go on running the old code after that module changed. Here the cache directory is named by a digest of every
kernel module of the project instead. In it a kernel is found by its package and name, wherever the project lies: with
one ``NUMBA_CACHE_DIR`` for all, copies of the project share what one of them has compiled.

The cache may be lost at any time. What cannot be read, because a power cut or a full disk has torn it, is compiled anew
and replaced; where nothing can be written, each process compiles for itself.
"""

import hashlib
import inspect
import pickle
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile, InTreeCacheLocator
from numba.core.dispatcher import Dispatcher

_PACKAGE = Path(__file__).absolute().parents[1]
_MARKERS = (b"compiled import kernel", b"import njit", b"numba.njit")
_DIGEST_BYTES = 32

Function = TypeVar("Function", bound=Callable[..., object])


def _source_digest() -> str:
    """Return a digest of all project modules that define kernels, independent of where the project lies."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        source = path.read_bytes()
        if any(marker in source for marker in _MARKERS):
            digest.update(path.relative_to(_PACKAGE).as_posix().encode() + b"\0" + source + b"\0")
    return digest.hexdigest()[:16]


_DIGEST = _source_digest()
FOLDER = Path(vars(numba.config)["CACHE_DIR"] or _PACKAGE / "__pycache__") / f"kernels-{_DIGEST}"
"""Where the machine code of all kernels lies."""


class _Locator(InTreeCacheLocator):
    """Locates a kernel in the folder of the digest, which says all that the place and age of its file would."""

    def get_cache_path(self) -> str:
        return str(FOLDER / Path(self._py_file).parent.name)

    def get_source_stamp(self) -> str:
        return _DIGEST


class _Implementation(CompileResultCacheImpl):
    """Numba's, but for the place: Numba looks for one that can be written, and refuses to work without."""

    def __init__(self, function: Callable[..., object]) -> None:
        file = inspect.getfile(function)
        self._lineno = function.__code__.co_firstlineno
        self._locator = _Locator(function, file)  # type: ignore[no-untyped-call]
        name = f"{Path(file).stem}.{function.__qualname__}"
        self._filename_base = self.get_filename_base(name, sys.abiflags)  # type: ignore[no-untyped-call]


class _Files(IndexDataCacheFile):
    """The machine code of a kernel: a file for each signature and processor that begins with the digest of the rest.

    So nothing torn is ever unpickled. Numba's own files have an index, which processes that compile at the same time
    take from each other; here each file stands for itself, is written beside its place and renamed.
    """

    def load(self, key: tuple[Any, ...]) -> Any:
        """Return what was saved under a key; None when it is not there, or not whole."""
        try:
            content = self._place(key).read_bytes()
        except OSError:
            return None
        digest, body = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
        if hashlib.sha256(body).digest() != digest:
            return None
        known, code = pickle.loads(body)
        return code if known == key else None  # types of one name need not be the same

    def save(self, key: tuple[Any, ...], data: Any) -> None:
        """Save machine code under a key; `OSError` when it cannot be written."""
        body = self._dump((key, data))  # type: ignore[no-untyped-call]
        with self._open_for_write(self._place(key)) as file:
            file.write(hashlib.sha256(body).digest() + body)

    def flush(self) -> None:
        """Forget what was saved of this kernel."""
        for file in Path(self._cache_path).glob(f"{self._index_name.removesuffix('.nbi')}-*.nbc"):
            file.unlink(missing_ok=True)

    def _place(self, key: tuple[Any, ...]) -> Path:
        name = hashlib.sha256(repr((numba.__version__, key)).encode()).hexdigest()[:16]
        return Path(self._cache_path) / f"{self._index_name.removesuffix('.nbi')}-{name}.nbc"


class _Cache(FunctionCache):
    """Keeps the machine code of a kernel where it can."""

    _impl_class = _Implementation

    def __init__(self, function: Callable[..., object]) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        self._cache_file = _Files(self._cache_path, self._impl.filename_base, _DIGEST)  # type: ignore[no-untyped-call]

    def save_overload(self, sig: Any, data: Any) -> None:
        """Save what was compiled for a signature, or say once why not."""
        try:
            super().save_overload(sig, data)  # type: ignore[no-untyped-call]
        except OSError as error:
            _say_not_kept(error.strerror)


@cache
def _say_not_kept(reason: str) -> None:
    print(f"kernels: compiled code cannot be kept in {FOLDER} ({reason}); going on without", file=sys.stderr)


def kernel(function: Function) -> Function:
    """Compile a function on its first call: cached on disk, sequential, strict IEEE arithmetic (no fast-math).

    It runs without the interpreter's lock, so that threads may work on blocks of rows side by side.
    """
    compiled = numba.njit(fastmath=False, parallel=False, nogil=True, error_model="numpy")(function)
    if isinstance(compiled, Dispatcher):  # with NUMBA_DISABLE_JIT it is the function itself
        cast(Any, compiled)._cache = _Cache(function)  # as Numba's `cache=True` does, with a cache of its own
    return cast(Function, compiled)
