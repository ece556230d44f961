"""Write a file whole or not at all: beside its place, then renamed."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO


def write_beside(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Let `fill` write a file beside `path`, flush it to the disk and rename it: a kill leaves `path` whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_bytes(content: bytes, path: Path) -> None:
    """Write `content` as it is."""
    write_beside(path, lambda file: file.write(content))
