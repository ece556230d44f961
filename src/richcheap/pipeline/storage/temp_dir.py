"""A folder beside an output for what is not ready yet."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


@contextmanager
def temporary_folder(output: Path, suffix: str = "spill") -> Iterator[Path]:
    """Make a folder beside an output, and remove it in any case; that of a killed process is removed, too."""
    for left in output.parent.glob(f".{output.name}.*.{suffix}"):
        process = int(left.suffixes[-2][1:])
        # A number comes again: what bears our own was left by another.
        if process == os.getpid() or not psutil.pid_exists(process):
            shutil.rmtree(left, ignore_errors=True)
    folder = output.with_name(f".{output.name}.{os.getpid()}.{suffix}")
    try:
        folder.mkdir(parents=True)
        yield folder
    except OSError as error:
        if error.filename is not None:  # a user knows the output, not what is beside it
            error.filename = str(error.filename).replace(folder.name, output.name)
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
