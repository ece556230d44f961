"""The command ``richcheap upgrade``: bring a project's files up to date with the installed version.

    richcheap upgrade
    richcheap upgrade --force

What a user has edited and the new version writes otherwise is named and left alone, with everything else, unless
``--force`` is given. Values of params are kept (`richcheap.params`).
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from dvc_parallel.system.atomic_write import write_bytes
from richcheap.command_line import parsers
from richcheap.pipeline.errors import ParamsError
from richcheap.project.record import digest, read, record_of
from richcheap.project.template import maintained, requirements

REQUIREMENTS: Final = Path("requirements.txt")
PIN: Final = re.compile(r"^richcheap==.*$", re.MULTILINE)
USERS: Final = {"README.md"}
"""What is the user's own once it is written."""


def main(arguments: Sequence[str], version: str) -> None:
    """Upgrade the project in the working folder; the params are the caller's to write."""
    force = parsers.upgrade().parse_args(arguments).force
    for line in upgrade(Path(), version, maintained(), force=force):
        print(line)


def upgrade(project: Path, version: str, wanted: Mapping[str, bytes], *, force: bool) -> list[str]:
    """Write what differs into a project; return a line for each file.

    Raises
    ------
    ArtifactError
        It is no project that `richcheap new` made.
    ParamsError
        A user has edited what the new version writes otherwise, and it is not to be overwritten; nothing is written.
    """
    written = read(project)
    new = {name: content for name, content in wanted.items() if name not in USERS}
    found = {name: _content(project / name) for name in {*new, *written.digests} - USERS}
    changed = {name for name, content in new.items() if written.digests.get(name) != digest(content)}
    gone = {name for name in written.digests.keys() - wanted.keys() if found[name] is not None}
    edited = sorted(
        name for name in changed | gone if _is_edited(found[name], written.digests.get(name), new.get(name))
    )
    if edited and not force:
        raise ParamsError(
            f"{', '.join(edited)}: edited since richcheap {written.version} wrote it, and {version} has it otherwise; "
            "`richcheap upgrade --force` overwrites it, and git shows what you had"
        )
    lines = []
    for name in sorted(changed):
        if found[name] != new[name]:
            write_bytes(new[name], project / name)
            lines.append(f"{name}: written")
    for name in sorted(gone):
        (project / name).unlink()
        lines.append(f"{name}: removed")
    lines += _pin(project / REQUIREMENTS, version)
    record_of(version, wanted).write(project)
    return lines or [f"all files are those of richcheap {version}"]


def _is_edited(found: bytes | None, written: str | None, wanted: bytes | None) -> bool:
    """Say whether a file is neither as it was written, nor as it is wanted, nor missing."""
    return found is not None and found != wanted and digest(found) != written


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _pin(path: Path, version: str) -> list[str]:
    """Let the requirements name this version; whatever else stands there is the user's."""
    before = path.read_text(encoding="utf-8") if path.is_file() else requirements(version)
    after = PIN.sub(f"richcheap=={version}", before)
    if path.is_file() and after == before:
        return []
    write_bytes(after.encode(), path)
    return [f"{path.name}: richcheap=={version}"]
