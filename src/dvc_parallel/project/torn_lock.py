"""Tell a dvc.lock that a kill has cut short from one that is faulty otherwise.

DVC empties dvc.lock and writes it anew, front to back; a kill leaves the beginning of a file in DVC's form. The runner
writes beside and renames: it leaves no such file. A merge conflict, a lock of DVC 1.x or a slip of an editor is no
beginning of what DVC writes, and is nobody's to mend but the user's.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from dvc.dvcfile import Lockfile
from dvc.exceptions import DvcException
from dvc.utils.serialize import dumps_yaml, loads_yaml
from dvc.utils.strictyaml import merge_conflict_marker
from ruamel.yaml.error import YAMLError

from dvc_parallel.project.lockfile import SCHEMA, begins_a_stage

HEAD = f"schema: '{SCHEMA}'\nstages:\n"
KEYS = ("cmd", "deps", "params", "outs")
"""What an entry consists of."""
HEADING = re.compile(r"^    (?:deps|params|outs):\n$|^      [^ -].*:\n$")
NEVER_LAST = re.compile(r"^(?:    - path: |      (?:hash|md5):)")
"""Lines of an entry after which DVC always writes another one, at the least a size."""


def content(text: str | None) -> dict[str, Any] | None:
    """Return what a dvc.lock says, or None when DVC would refuse it."""
    try:
        said = loads_yaml(text) if text else None
        return dict(Lockfile.validate(said)) if isinstance(said, dict) else None
    except (YAMLError, ValueError, DvcException):
        return None


def is_torn(written: bytes, known: Sequence[str], commands: str = "") -> bool:
    """Say whether the bytes of a dvc.lock are provably the beginning of a longer one.

    Parameters
    ----------
    written : bytes
    known : sequence of str
        Whole texts that the file has had.
    commands : str
        Text of the dvc.yaml beside it.
    """
    text = readable(written)
    if text is None or merge_conflict_marker.search(text):
        return False
    said = content(text)
    if said is None or len(text.encode()) < len(written):
        return any(whole.startswith(text) for whole in known) or _breaks_off(text)
    if text.endswith("\n"):
        return False
    rest = [whole[len(text) :] for whole in known if whole.startswith(text)]
    if {"", "\n"} & set(rest):  # nothing but the newline is missing
        return False
    return any(not more.startswith("\n") for more in rest) or _lacks_its_end(text, said, [*known, commands])


def readable(written: bytes) -> str | None:
    """Return a file as text, without a character that was cut at the end; None when it is no text."""
    try:
        return written.decode()
    except UnicodeDecodeError as error:
        return written[: error.start].decode() if error.reason == "unexpected end of data" else None


def whole_part(text: str) -> str | None:
    """Return a torn text up to its last stage, which may have lost lines, or None."""
    whole = text[: max(_starts_of_stages(text), default=0)]
    return whole if content(whole) is not None else None


def _lacks_its_end(text: str, said: dict[str, Any], sources: Sequence[str]) -> bool:
    """Say whether a lock that reads well and has no newline at its end breaks off in an entry."""
    last = text.rstrip(" \n").rpartition("\n")[2]
    if NEVER_LAST.match(last):
        return True
    entry: dict[str, Any] = next(reversed((said.get("stages") or {"": {}}).values()))
    # A command is the last line only of a stage that has nothing else; what is left of a longer one nobody wrote.
    return last.startswith("    cmd: ") and not any(str(entry.get("cmd")) in source for source in sources)


def _breaks_off(text: str) -> bool:
    """Say whether a text is whole stages as DVC writes them, and then the beginning of one."""
    if HEAD.startswith(text):
        return True
    start = max(_starts_of_stages(text), default=len(HEAD))
    front, last = text[:start], text[start:]
    if front != HEAD and (content(front) is None or not _in_dvcs_form(front)):
        return False
    lines = last.splitlines(keepends=True)
    whole = [line for line in lines if line.endswith("\n")]
    for count in range(len(whole), -1, -1):
        if _in_dvcs_form(HEAD + "".join(whole[:count])):
            return _is_begun(whole[:count]) and _is_one_value(lines[count:])
    return False


def _is_begun(lines: Sequence[str]) -> bool:
    """Say whether whole lines are an entry as DVC's schema wants it, and then nothing but headings of what followed."""
    end = len(lines)
    while end > 1 and HEADING.match(lines[end - 1]):
        end -= 1
    return end <= 1 or content(HEAD + "".join(lines[:end])) is not None


def _is_one_value(lines: Sequence[str]) -> bool:
    """Say whether lines can be the beginning of one key with its value, which may go on for several lines."""
    if not lines or not lines[0].strip():
        return True
    depth = _depth(lines[0])
    word, colon, _ = lines[0].strip().partition(":")
    known = depth != 4 or word.startswith("-") or any(key == word if colon else key.startswith(word) for key in KEYS)
    return known and depth >= 2 and all(_depth(line) > depth for line in lines[1:] if line.strip())


def _in_dvcs_form(text: str) -> bool:
    try:
        return bool(dumps_yaml(loads_yaml(text, typ="rt")) == text)
    except (YAMLError, ValueError):
        return False


def _starts_of_stages(text: str) -> Iterator[int]:
    place = 0
    for line in text.splitlines(keepends=True):
        if begins_a_stage(line.rstrip("\n")):
            yield place
        place += len(line)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
