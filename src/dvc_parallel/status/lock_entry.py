"""Read what dvc.lock records of one stage without parsing all of it, which takes as long as all the rest."""

import re
from pathlib import Path
from typing import Any


def lock_entry(lock: Path, stage: str) -> dict[str, Any]:
    """Return the entry of a stage in a dvc.lock; empty if there is none.

    The lines of the stage are cut out as DVC writes them, a mapping indented by two spaces; a lock that is written
    otherwise is parsed as a whole.

    Parameters
    ----------
    lock : pathlib.Path
        The lock, which need not exist.
    stage : str
        The stage's name as it stands in the lock: without the path of its file.
    """
    from dvc.utils.serialize import load_yaml, parse_yaml  # noqa: PLC0415

    text = lock.read_text(encoding="utf-8") if lock.is_file() else ""
    name = re.escape(stage)
    if not re.search(rf"^\s*['\"]?{name}['\"]?\s*:", text, re.MULTILINE):
        return {}
    block = re.search(rf"^stages:\n(?:  .*\n|\n)*?(  {name}:\n(?:    .*\n|  - .*\n|\n)*)", text, re.MULTILINE)
    if block and text.count(f"\n  {stage}:\n") == 1:
        parsed = parse_yaml(block[1], str(lock))
    else:
        parsed = (load_yaml(str(lock)) or {}).get("stages", {})
    entry: dict[str, Any] = parsed.get(stage) or {}
    return entry
