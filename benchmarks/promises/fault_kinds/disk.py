"""Disks that are full, read-only or faulty, at every write of every stage."""

import errno
import os
import random
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.promises.cases import Case, Kind, Options, Verdict
from benchmarks.promises.determinism import remove
from benchmarks.promises.fault_kinds.workspace import PLACE, Copy, called, command_line, judged_command

SOURCE: Final = Path(__file__).with_name("failing_writes.c")
LASTING: Final = (errno.ENOSPC, errno.EROFS, errno.EDQUOT)
"""Faults after which every later write fails, too."""
PASSING: Final = (errno.EIO, errno.EACCES)
"""Faults of one write alone."""
WRITES: Final = 1
"""Drawn writes of a stage that fail, for a passing and for a lasting fault."""
WRITES_OF_DATA: Final = 3
"""The same of a stage that writes much, when all is tried."""
SIZES: Final = 3
DATA: Final = ("simulate", "ingest", "market", "kalman", "features")
"""Stages that write enough to fill a disk at several places."""


@cache
def library() -> Path | None:
    """Compile what lets writes fail; None where there is no compiler for C."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        print("failing writes: no C compiler here, so they are not tried")
        return None
    made = Path(PLACE.name) / "failing_writes.so"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(made), str(SOURCE), "-ldl"], check=True)
    return made


def failing_writes(options: Options) -> Iterator[Case]:
    """Let the k-th write of each stage fail, for drawn k."""
    shim = library()
    if shim is None:
        return
    chance, place = random.Random(options.seed), Copy(options, "failing writes")
    for stage in place.stages:
        shimmed = partial(_shimmed, place, stage, shim)
        writes = shimmed(0, 0)
        for faults, once in ((LASTING, False), (PASSING, True)):
            for _ in range(WRITES_OF_DATA if stage in DATA and not options.short else WRITES):
                number, at = chance.choice(faults), chance.randint(1, writes)
                name = f"{stage}, {errno.errorcode[number]} at write {at} of {writes}"
                place.empty(stage)
                done = place.run(stage, more=_settings(place, shim, at, number, once=once))
                yield place.judged(name, stage, done)
        yield place.recovered(stage, stage)
    place.close()


def _shimmed(place: Copy, stage: str, shim: Path, at: int, number: int) -> int:
    """Run a stage with counted writes and return how many there were."""
    count = Path(PLACE.name) / "count"
    remove(count)
    place.empty(stage)
    place.run(stage, more={**_settings(place, shim, at, number, once=False), "FAULT_COUNT": str(count)})
    return max(map(int, count.read_text(encoding="utf-8").split()))


def _settings(place: Copy, shim: Path, at: int, number: int, *, once: bool) -> dict[str, str | None]:
    once_only = {"FAULT_ONCE": "1"} if once else {}
    return {
        "LD_PRELOAD": str(shim),
        "FAULT_ROOT": str(place.folder),
        "FAULT_AT": str(at),
        "FAULT_ERRNO": str(number),
        **once_only,
    }


class Mounted(NamedTuple):
    """A place in which the file system is another than outside.

    Attributes
    ----------
    enter : list of str
        Words before a command that is to run there.
    seen : Path
        The root of its files as seen from outside.
    """

    enter: list[str]
    seen: Path


@contextmanager
def mounted(script: str, *words: str) -> Iterator[Mounted | None]:
    """Do a shell's commands in a place of their own, where they may mount; None where that is not permitted."""
    holder = subprocess.Popen(
        ["unshare", "-m", "sh", "-c", f"{script} && echo ready && exec cat", "sh", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        answer = holder.stdout.readline() if holder.stdout else ""
        enter = ["nsenter", "-t", str(holder.pid), "-m", "sh", "-c", 'cd "$0" && exec "$@"', words[0]]
        yield Mounted(enter, Path(f"/proc/{holder.pid}/root")) if answer else None
    finally:
        holder.communicate()


def full_disk(options: Options) -> Iterator[Case]:
    """Run stages on a disk, or with a limit on each file, with room for a drawn share of what they write."""
    yield from _small_disk(options)
    yield from _small_files(options)


def _small_disk(options: Options) -> Iterator[Case]:
    chance, place = random.Random(options.seed), Copy(options, "full disk")
    for stage in [name for name in DATA if name in place.stages][: 1 if options.short else None]:
        size = sum(_size(place.reference.folder / out) for out in place.stages[stage].outs)
        place.empty(stage)
        for _ in range(1 if options.short else SIZES):
            room = chance.randrange(size)
            script = 'mount -t tmpfs -o size="$3" tmpfs "$2" && cp -a "$1/." "$2" && mount --bind "$2" "$1"'
            disk = Path(PLACE.name).resolve() / "disk"
            disk.mkdir(exist_ok=True)
            whole = str(_blocks(place.folder) + room)
            with mounted(script, str(place.folder), str(disk), whole) as there:
                if there is None:
                    print("full disk: file systems cannot be mounted here, so it is not tried")
                    return
                done = place.run(stage, *there.enter)
                seen = there.seen / place.folder.relative_to("/")
                yield place.judged(f"{stage}, room for {room:,} of {size:,} bytes", stage, done, seen)
        yield place.recovered(stage, stage)
    place.close()


def read_only(options: Options) -> Iterator[Case]:
    """Run every stage, and the commands, in a project that cannot be written."""
    place = Copy(options, "read only")
    with _unwritable(place.folder) as enter:
        for stage in list(place.stages)[: 2 if options.short else None]:
            case = place.judged(stage, stage, done := place.run(stage, *enter))
            yield case if done.returncode else case._replace(verdict=Verdict.FAILED, detail="it says nothing")
        for command, codes in ((["status"], {0, 1}), (["run"], {2}), (["run", "--dry-run"], {0})):
            done = called([*enter, *command_line(*command)], place.folder, {"HOME": None})
            yield judged_command(f"richcheap {' '.join(command)}", done, codes)
    place.close()


@contextmanager
def _unwritable(folder: Path) -> Iterator[list[str]]:
    """Let a folder be read-only, and give the words before a command that is to see it so."""
    if os.geteuid() != 0:  # who must mount it so, as rights do not bind him
        paths = [folder, *(path for path in folder.rglob("*") if not path.is_symlink())]
        for path in paths:
            path.chmod(path.stat().st_mode & ~0o222)
        yield []
        for path in paths:
            path.chmod(path.stat().st_mode | 0o200)
        return
    with mounted('mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"', str(folder)) as there:
        if there is None:
            raise RuntimeError("a folder can be made read-only by a user, or by root who may mount; here is neither")
        yield there.enter


def _small_files(options: Options) -> Iterator[Case]:
    chance, place = random.Random(options.seed), Copy(options, "file size")
    for stage in list(place.stages)[: 2 if options.short else None]:
        files = [path for out in place.stages[stage].outs for path in _files(place.reference.folder / out)]
        limit = chance.randrange(max(path.stat().st_size for path in files))
        place.empty(stage)
        done = place.run(stage, before=_limited(resource.RLIMIT_FSIZE, limit))
        yield place.judged(f"{stage}, files of {limit:,} bytes at most", stage, done)
        yield place.recovered(stage, stage)
    place.close()


def _limited(which: int, limit: int) -> Callable[[], None]:
    return partial(resource.setrlimit, which, (limit, limit))


def _files(path: Path) -> list[Path]:
    return [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]


def _size(path: Path) -> int:
    return sum(file.stat().st_size for file in _files(path))


def _blocks(folder: Path) -> int:
    """Return what a folder takes on a disk in memory, where each file has whole pages."""
    page = os.sysconf("SC_PAGE_SIZE")
    return sum(page + -(-path.lstat().st_size // page) * page for path in folder.rglob("*"))


KINDS: Final = (
    Kind(
        "failing writes",
        "A write that fails, whichever, stops a stage with one line that says where and what helps; nothing is "
        "half-written, and the next run is right.",
        failing_writes,
    ),
    Kind(
        "full disk",
        "The same, when a disk is full after so many bytes, or a file may have no more.",
        full_disk,
    ),
    Kind("read-only", "In a project that cannot be written, stages and commands say so in one line.", read_only),
)
