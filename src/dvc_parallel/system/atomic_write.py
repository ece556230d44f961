"""Write a file whole or not at all: beside its place, then renamed."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

_RUSTS_NUMBER = re.compile(r"\(os error (\d+)\)")
"""How a library in Rust, such as polars, tells the number of a fault of the system."""


def write_atomic(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Let `fill` write a file beside `path`, flush it to the disk and rename it: a kill leaves `path` whole."""
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            with temporary.open("wb") as file:
                fill(file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError as error:
            if error.filename == str(temporary):
                error.filename = str(path)
            raise
        finally:
            with suppress(OSError):  # what went wrong has been told
                temporary.unlink()


def write_bytes(content: bytes, path: Path) -> None:
    """Write `content` as it is."""
    write_atomic(path, lambda file: file.write(content))


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let a fault of the system that comes through say where: one in the midst of writing names no file."""
    try:
        yield
    except OSError as error:
        number = error.errno or _number(str(error))
        if number is None or error.filename is not None:
            raise
        raise OSError(number, os.strerror(number), str(path)) from error


def _number(text: str) -> int | None:
    found = _RUSTS_NUMBER.search(text)
    return int(found[1]) if found else None
