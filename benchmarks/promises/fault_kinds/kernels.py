"""The cache of compiled kernels: torn, empty, of others, not to be written."""

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from benchmarks.promises.cases import Case, Kind, Options
from benchmarks.promises.determinism import remove
from benchmarks.promises.fault_kinds.workspace import Copy, drawn

STAGE: Final = "convert"
"""A stage that has kernels, and compiles few."""


def _each(change: Callable[[bytes, random.Random], bytes]) -> Callable[[Path, random.Random], None]:
    def damage(folder: Path, chance: random.Random) -> None:
        for file in (path for path in folder.rglob("*") if path.is_file()):
            file.write_bytes(change(file.read_bytes(), chance))

    return damage


def _flipped(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << chance.randrange(8)]) + content[place + 1 :]


def _a_file(folder: Path, _chance: random.Random) -> None:
    shutil.rmtree(folder)
    folder.write_text("no folder", encoding="utf-8")


def _of_others(folder: Path, _chance: random.Random) -> None:
    """Let the kernels be those of code that has changed since: their folder bears its digest."""
    for inner in folder.iterdir():
        inner.rename(inner.with_name(f"{inner.name[:-4]}0000"))


DAMAGES: Final[dict[str, Callable[[Path, random.Random], None]]] = {
    "cut": _each(lambda content, chance: content[: chance.randrange(len(content))]),
    "emptied": _each(lambda _content, _chance: b""),
    "a bit flipped in each": _each(_flipped),
    "gone": lambda folder, _chance: shutil.rmtree(folder),
    "of other code": _of_others,
    "a file in their place": _a_file,
}


def kernels(options: Options) -> Iterator[Case]:
    """Damage the cache of kernels, and run a stage that has some."""
    chance, place = random.Random(options.seed), Copy(options, "kernels")
    whole, cache = place.folder / ".kernels", place.folder / ".kernels-copy"
    place.empty(STAGE)
    place.run(STAGE, more={"NUMBA_CACHE_DIR": str(whole)})
    for name, damage in drawn(DAMAGES, options, 1):
        shutil.copytree(whole, cache)
        damage(cache, chance)
        place.empty(STAGE)
        yield place.judged(f"kernels {name}", STAGE, place.run(STAGE, more={"NUMBA_CACHE_DIR": str(cache)}))
        remove(cache)
    place.empty(STAGE)
    done = place.run(STAGE, more={"NUMBA_CACHE_DIR": "/proc/nowhere"})
    yield place.judged("kernels that cannot be kept", STAGE, done)
    place.close()


KINDS: Final = (
    Kind("kernels", "What the cache of compiled kernels holds torn, or of other code, is compiled anew.", kernels),
)
