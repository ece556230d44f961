"""Read a YAML document together with the line of each key."""

import io
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from dvc_parallel.system.errors import ParamsError

KeyPath = tuple[str | int, ...]

MAX_DEPTH = 50
"""Collections within each other."""
MAX_ALIASED = 10_000
"""Values that the aliases of a document may stand for together, each written out."""
MAX_DIGITS = 300
NUMBERS = ("int", "float")
MAX_SHOWN = 40
"""Characters shown of a wrong value."""
_READER_FAULTS = (AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What the library raises, beside its own errors, on text that it does not expect: a directive of YAML 1.3, say."""
_TOO_DEEP = f"expected at most {MAX_DEPTH} lists and mappings within each other"


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
        When the file cannot be read, is not YAML (with line and column), repeats a key, or is not a mapping.
    """
    return parse(read_text(path), str(path))


def read_text(path: Path) -> str:
    """Return the text of `path`; `ParamsError` when there is none."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ParamsError(f"{path}: no such file; run from the project's root") from None
    except UnicodeDecodeError:
        raise ParamsError(f"{path}: must be text in UTF-8") from None
    except OSError as error:
        raise ParamsError(f"{path}: cannot be read ({error.strerror})") from None


@lru_cache(maxsize=4)  # a stage asks for several sections of one file, which takes long to parse
def parse(text: str, name: str) -> Document:
    """Parse `text`; `name` stands for the file in messages. See `read`."""
    root, values = nodes_and_values(text, name)
    if not isinstance(values, dict):
        raise ParamsError(f"{name}: must be a mapping of sections, got {type(values).__name__}")
    lines: dict[KeyPath, int] = {}
    _record_lines(root, (), lines)
    return Document(name=name, values=values, lines=lines)


@lru_cache(maxsize=4)
def nodes_and_values(text: str, name: str) -> tuple[Node | None, Any]:
    """Parse any YAML document; return its nodes, which know their places, and what they stand for.

    Raises
    ------
    ParamsError
        It is not YAML, or stands for more than `MAX_DEPTH` and `MAX_ALIASED` allow.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = MAX_DEPTH
    yaml.Constructor = _Constructor
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)
            root = yaml.compose(io.StringIO(text))
        if root is None:
            return None, None
        _Sizes().of(root)
        return root, yaml.constructor.construct_document(root)
    except MaxDepthExceededError as error:
        raise ParamsError(f"{_place(name, error)}: {_TOO_DEEP}") from None
    except _LimitError as error:
        raise ParamsError(f"{_place(name, error)}: {error.problem}") from None
    except MarkedYAMLError as error:
        raise ParamsError(f"{_place(name, error)}: not valid YAML: {str(error.problem).splitlines()[0]}") from None
    except YAMLError as error:
        raise ParamsError(f"{name}: not valid YAML: {str(error).splitlines()[0]}") from None
    except _READER_FAULTS as error:
        raise ParamsError(f"{name}: not valid YAML: its reader stops with {type(error).__name__} {error}") from None


def _place(name: str, error: MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name


class _LimitError(MarkedYAMLError):
    """The document is YAML, and more of it than is read."""

    def __init__(self, problem: str, node: Node) -> None:
        super().__init__(None, None, problem, node.start_mark)


class _Constructor(SafeConstructor):
    """Says where a scalar stands that is not of the kind that it looks like or is tagged as."""

    def construct_object(self, node: Node, deep: bool = False) -> Any:
        """Return the value of a node."""
        if not isinstance(node, ScalarNode):
            return super().construct_object(node, deep)
        kind = str(node.tag).rpartition(":")[2]
        shown = node.value if len(node.value) <= MAX_SHOWN else f"{node.value[:MAX_SHOWN]}..."
        if kind in NUMBERS and len(node.value) > MAX_DIGITS:
            raise _LimitError(
                f"expected a number of at most {MAX_DIGITS} digits, got {len(node.value):,} ('{shown}')", node
            )
        try:
            return super().construct_object(node, deep)
        except (ValueError, KeyError, OverflowError):
            problem = f"expected a value of the kind {kind}, got '{shown}'; correct it, or put it in quotes"
            raise ConstructorError(None, None, problem, node.start_mark) from None


class _Size(NamedTuple):
    """What a node stands for when every alias is written out: how many values, and how deep they lie."""

    values: int
    depth: int


class _Sizes:
    """Refuses a document that is small and stands for very much, before anything goes through what it stands for."""

    def __init__(self) -> None:
        self._known: dict[int, _Size | None] = {}
        self._aliased = 0

    def of(self, node: Node) -> _Size:
        """Return the size of a node. An alias stands for a node that is known already, or contains the alias."""
        if id(node) in self._known:
            size = self._known[id(node)]
            if size is None:
                raise _LimitError("an alias stands for what contains it; write out what is meant", node)
            self._aliased += size.values
            return size
        self._known[id(node)] = None
        values, depth = 1, 0
        for child in self._children(node):
            size = self.of(child)
            values, depth = values + size.values, max(depth, size.depth)
            if self._aliased > MAX_ALIASED:
                raise _LimitError(f"aliases stand for more than {MAX_ALIASED:,} values; write out what is meant", node)
        if depth >= MAX_DEPTH:
            raise _LimitError(_TOO_DEEP, node)
        size = self._known[id(node)] = _Size(values, depth + 1)
        return size

    @staticmethod
    def _children(node: Node) -> list[Node]:
        if isinstance(node, MappingNode):
            for key, _ in node.value:
                if not isinstance(key, ScalarNode):
                    raise _LimitError("a key must be text, got a list or a mapping", key)
            return [part for pair in node.value for part in pair]
        return list(node.value) if isinstance(node, SequenceNode) else []


def _record_lines(node: Node | None, path: KeyPath, lines: dict[KeyPath, int]) -> None:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            lines[(*path, key.value)] = key.start_mark.line + 1
            _record_lines(value, (*path, key.value), lines)
    elif isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            lines[(*path, index)] = item.start_mark.line + 1
            _record_lines(item, (*path, index), lines)
