"""Read params.yaml before DVC does, which answers some mistakes in it with a traceback, or with none for minutes."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dvc_parallel.system.errors import ParamsError
from dvc_parallel.system.yaml_source import Document, KeyPath, nodes_and_values, parse, read_text

PARAMS_FILE, PROJECT_FILE = "params.yaml", "dvc.yaml"
PATHS = ("deps", "outs", "metrics", "plots")
"""What of a stage are paths."""
KEY = re.compile(r"\$\{([\w.-]+)\}")
"""A path that is a value of params.yaml."""


def refuse_faulty_params(root: Path) -> None:
    """Refuse a params.yaml that cannot be read, or that has no path where dvc.yaml needs one.

    Parameters
    ----------
    root : Path
        The project's folder; the working folder may lie below it and have its own files.

    Raises
    ------
    ParamsError
        One line for each fault, with its place.
    """
    here = Path.cwd().resolve()
    for folder in dict.fromkeys((root.resolve(), here)):
        file = folder / PARAMS_FILE
        if file.exists():
            name, text = str(file.relative_to(here) if file.is_relative_to(here) else file), read_text(file)
            _, values = nodes_and_values(text, name)
            if isinstance(values, dict):
                _refuse_paths_that_are_none(parse(text, name), folder / PROJECT_FILE)


def _refuse_paths_that_are_none(params: Document, project_file: Path) -> None:
    faults: dict[str, None] = {}
    for stage, what, key in _paths_from_params(project_file):
        value = _value(params, tuple(key.split(".")))
        if value is not _ABSENT and not (isinstance(value, str) and value.strip()):
            place = params.where(tuple(key.split(".")))
            faults[f"{place}: {key}: must be a path, got {value!r}; it is one of the {what} of stage {stage}"] = None
    if faults:
        raise ParamsError("\n".join(faults))


_ABSENT = object()


def _value(params: Document, path: KeyPath) -> Any:
    value: Any = params.values
    for key in path:
        if not isinstance(value, Mapping) or key not in value:
            return _ABSENT
        value = value[key]
    return value


def _paths_from_params(project_file: Path) -> Iterator[tuple[str, str, str]]:
    """Yield stage, kind of path and key; what is wrong with dvc.yaml itself is DVC's to say."""
    try:
        _, content = nodes_and_values(read_text(project_file), str(project_file))
    except ParamsError:
        return
    stages = content.get("stages") if isinstance(content, Mapping) else None
    for name, stage in (stages if isinstance(stages, Mapping) else {}).items():
        body = stage.get("do", stage) if isinstance(stage, Mapping) else {}
        for what in PATHS if isinstance(body, Mapping) else ():
            entries = body.get(what)
            for entry in entries if isinstance(entries, list) else []:
                path = next(iter(entry), None) if isinstance(entry, Mapping) else entry
                found = KEY.fullmatch(path) if isinstance(path, str) else None
                if found:
                    yield str(name), what, found.group(1)
