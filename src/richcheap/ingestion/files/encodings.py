"""Text files in any encoding: which it is, and a copy in UTF-8 for the readers, which know no other."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from charset_normalizer import from_bytes

from richcheap.ingestion.errors import InputError

UTF_8 = "utf-8"
BLOCK_BYTES = 1 << 20

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "gb18030", "big5", "shift_jis", "euc_kr"]
"""What files are written in that are neither Unicode nor ASCII; the first where nothing tells."""

_SAMPLE_BYTES = 1 << 16


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, plain or compressed by gzip."""
    try:
        with path.open("rb") as file:
            zipped = file.peek(2)[:2] == b"\x1f\x8b"
            with gzip.open(file) if zipped else file as text:
                yield cast(IO[bytes], text)
    except (EOFError, OSError, zlib.error) as error:
        raise InputError(f"{path}: not a readable {path.suffix[1:]} file: {error}") from error


def unicode_encoding(start: bytes) -> str:
    """Return the Unicode encoding that the first bytes of a text show, by its mark or by the zeros between letters."""
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    zeros = [at for at, byte in enumerate(start[:4]) if not byte]
    plain = {(1, 2, 3): "utf-32-le", (0, 1, 2): "utf-32-be", (1, 3): "utf-16-le", (0, 2): "utf-16-be"}
    return plain.get(tuple(zeros), UTF_8)


def legacy_encoding(path: Path) -> str:
    """Return what a text that is no Unicode is most likely in, from its first lines that are not plain ASCII."""
    sample = b""
    with opened(path) as file:
        for line in file:
            if not line.isascii():
                sample += line
            if len(sample) > _SAMPLE_BYTES:
                break
    best = from_bytes(sample, cp_isolation=_LEGACY).best()
    if best is None:
        return _LEGACY[0]
    alike = (one for one in _LEGACY if sample.decode(one, errors="ignore") == str(best))
    return next(alike, best.encoding)


def utf_8_copy(path: Path, encoding: str, copy: Path) -> None:
    """Write a text in UTF-8, a block at a time.

    Raises
    ------
    InputError
        It is not in this encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with opened(path) as file, copy.open("w", encoding=UTF_8, newline="") as written:
            while block := file.read(BLOCK_BYTES):
                written.write(decoder.decode(block))
            written.write(decoder.decode(b"", final=True))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: expected text in {encoding}, got {error}; data.encoding can name another") from error
