"""Read params files before DVC does, which answers some mistakes in them with a traceback, or with none for minutes."""

import re
from collections.abc import Iterator, Mapping, Sequence
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
    """Refuse a params file that cannot be read, or a params.yaml that has no path where dvc.yaml needs one.

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
        stages = dict(_stages(folder / PROJECT_FILE))
        for file in (folder / name for name in dict.fromkeys((PARAMS_FILE, *_more_files(stages)))):
            if file.is_file():
                name, text = str(file.relative_to(here) if file.is_relative_to(here) else file), read_text(file)
                _, values = nodes_and_values(text, name)
                if file.name == PARAMS_FILE and isinstance(values, dict):
                    _refuse_paths_that_are_none(parse(text, name), stages)


def _refuse_paths_that_are_none(params: Document, stages: Mapping[str, Any]) -> None:
    faults: dict[str, None] = {}
    for stage, what, key in _paths_from_params(stages):
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


def _stages(project_file: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield name and definition of each stage; what is wrong with dvc.yaml itself is DVC's to say."""
    try:
        _, content = nodes_and_values(read_text(project_file), str(project_file))
    except ParamsError:
        return
    stages = content.get("stages") if isinstance(content, Mapping) else None
    for name, stage in (stages if isinstance(stages, Mapping) else {}).items():
        body = stage.get("do", stage) if isinstance(stage, Mapping) else {}
        if isinstance(body, Mapping):
            yield str(name), body


def _entries(body: Mapping[str, Any], what: str) -> Sequence[Any]:
    entries = body.get(what)
    return entries if isinstance(entries, list) else []


def _more_files(stages: Mapping[str, Any]) -> Iterator[str]:
    """Yield the params files that stages name."""
    for body in stages.values():
        for entry in _entries(body, "params"):
            yield from map(str, entry if isinstance(entry, Mapping) else ())


def _paths_from_params(stages: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield stage, kind of path and key."""
    for name, body in stages.items():
        for what in PATHS:
            for entry in _entries(body, what):
                path = next(iter(entry), None) if isinstance(entry, Mapping) else entry
                found = KEY.fullmatch(path) if isinstance(path, str) else None
                if found:
                    yield name, what, found.group(1)
