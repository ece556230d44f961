"""What dvc.yaml says that a stage reads and makes."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from richcheap.pipeline.config.params_files import read_params

PIPELINE: Final = Path("dvc.yaml")
_KEY: Final = "key"
"""By which dvc.yaml calls the one of several for which a stage runs."""
_REFERENCE: Final = re.compile(r"\$\{([^}]+)\}")


def outputs(stage: str, arguments: Sequence[str]) -> list[Path]:
    """Return the files and folders that a stage makes.

    Parameters
    ----------
    stage : str
        Its name in dvc.yaml.
    arguments : sequence of str
        Of its command: the key of a stage that dvc.yaml has for each of several keys, or nothing.
    """
    return list(_paths(stage, arguments, "outs", "metrics", "plots"))


def dependencies(stage: str, arguments: Sequence[str]) -> list[Path]:
    """Return the files and folders that a stage reads, its code among them; see `outputs`.

    Raises
    ------
    ParamsError
        A params file that names one of them cannot be read.
    """
    return list(_paths(stage, arguments, "deps"))


def address(stage: str, arguments: Sequence[str]) -> str:
    """Return what dvc.lock calls a stage; see `outputs`."""
    return "@".join([stage, *arguments])


def _paths(stage: str, arguments: Sequence[str], *kinds: str) -> Iterator[Path]:
    described = _described(stage)
    entries = [entry for kind in kinds for entry in described.get(kind) or ()]
    for name in (name for entry in entries for name in ([entry] if isinstance(entry, str) else entry)):
        values = {found: _value(found, arguments) for found in _REFERENCE.findall(name)}
        if None not in values.values():  # an input that the user has not named
            yield Path(_REFERENCE.sub(lambda found, values=values: str(values[found[1]]), name))


def _described(stage: str) -> dict[str, Any]:
    """Return what dvc.yaml says of a stage; nothing when it has no such stage."""
    if not PIPELINE.is_file():
        return {}
    described = YAML(typ="safe").load(PIPELINE)["stages"].get(stage, {})
    inner: dict[str, Any] = described.get("do", described)
    return inner


def _value(reference: str, arguments: Sequence[str]) -> str | None:
    if reference == _KEY:
        return "".join(arguments)
    found: Any = read_params().values
    for key in reference.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None
