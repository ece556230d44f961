"""Read a YAML document together with the line of each key."""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from stages.pipeline.errors import ParamsError

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """A parsed YAML mapping.

    Attributes
    ----------
    name : str
        File name, for messages.
    values : dict
        The parsed content.
    lines : dict
        1-based line of each key path, for instance ``("split", "embargo_dates")``.
    """

    name: str
    values: dict[str, Any]
    lines: dict[KeyPath, int]

    def where(self, path: KeyPath) -> str:
        """Return ``name:line`` of `path`, or of its nearest ancestor that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return f"{self.name}:{self.lines[path]}" if path else self.name


def read(path: Path) -> Document:
    """Parse `path` as YAML 1.2, the dialect in which DVC reads params.yaml.

    Raises
    ------
    ParamsError
        When the file is missing, is not YAML (with line and column), repeats a key, or is not a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ParamsError(f"{path}: no such file; run from the project's root") from None
    except UnicodeDecodeError:
        raise ParamsError(f"{path}: must be text in UTF-8") from None
    return parse(text, str(path))


@lru_cache(maxsize=4)  # a stage asks for several sections of one file, which takes long to parse
def parse(text: str, name: str) -> Document:
    """Parse `text`; `name` stands for the file in messages. See `read`."""
    yaml = YAML(typ="safe", pure=True)
    try:
        values = yaml.load(io.StringIO(text))
        root = yaml.compose(io.StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise ParamsError(f"{place}: not valid YAML: {str(error.problem).splitlines()[0]}") from None
    except YAMLError as error:
        raise ParamsError(f"{name}: not valid YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(values, dict):
        raise ParamsError(f"{name}: must be a mapping of sections, got {type(values).__name__}")
    lines: dict[KeyPath, int] = {}
    _record_lines(root, (), lines)
    return Document(name=name, values=values, lines=lines)


def _record_lines(node: Node, path: KeyPath, lines: dict[KeyPath, int]) -> None:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            lines[(*path, key.value)] = key.start_mark.line + 1
            _record_lines(value, (*path, key.value), lines)
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            lines[(*path, index)] = item.start_mark.line + 1
            _record_lines(item, (*path, index), lines)
