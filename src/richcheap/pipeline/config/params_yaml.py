"""Write params files from the typed sections: the values that are set, with meaning, unit and range as comments."""

import inspect
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, get_args

from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python
from ruamel.yaml.nodes import MappingNode, Node

from dvc_parallel.system.yaml_source import KeyPath, nodes_and_values, parse
from richcheap.pipeline.config.fields import (
    allowed,
    comment,
    fields_of,
    is_section,
    is_user_key,
    join_measure,
    unwrapped,
)
from richcheap.pipeline.config.params_files import MODELS, Params, leaves

WIDTH = 120
INDENT = "  "
PLAIN = re.compile(r"(?!(?:null|true|false|yes|no|on|off)$)[A-Za-z_][\w./-]*")
"""Text that YAML takes for text without quotes."""
WRITTEN = "`richcheap params` writes this file, but for the values, from the typed sections in src/richcheap"
MAIN_TITLE = f"What a user sets; all other keys lie in params/, one file for each section. {WRITTEN}"
MODELS_TITLE = "A block for each model; a model without one in params.yaml is not trained"


class _Source(NamedTuple):
    """A file as it is: its values, and how those are spelled that stand on one line."""

    values: Mapping[str, Any]
    texts: Mapping[KeyPath, str]


def rendered(schemas: Mapping[str, Any], texts: Mapping[str, str], main: str) -> dict[str, str]:
    """Return the text of each params file.

    Parameters
    ----------
    schemas : mapping
        Type of each section by its dotted name, in the order in which they are written.
    texts : mapping of str to str
        The present text of each file by its name. A value is taken from there whichever file it stands in, and is the
        default where it stands in none. A model that was taken out of `main` stays out.
    main : str
        Name of the file that holds what a user sets.

    Raises
    ------
    ParamsError
        A text is not YAML, or no mapping.
    """
    present = {main: "", **texts}
    documents = {name: parse(text if text.strip() else "{}", name) for name, text in present.items()}
    sources = {name: _Source(documents[name].values, _spelled(text, name)) for name, text in present.items()}
    params = Params(tuple(documents.values()))
    files: dict[str, list[str]] = {main: _comments(MAIN_TITLE)}
    for dotted, schema in schemas.items():
        path = tuple(dotted.split("."))
        homes = {key: params.file(path, is_user_key(field)) for key, field in fields_of(schema, path).items()}
        for name in dict.fromkeys(sorted(homes.values(), key=lambda home: home != main)):
            if name == main and _is_taken_out(path, params):
                continue
            lines = files.setdefault(name, _comments(f"Keys of {path[0]} besides those in {main}. {WRITTEN}"))
            lines += _headings(path, schema, lines)
            for key, field in fields_of(schema, path).items():
                if homes[key] == name:
                    lines += _key(key, field, _source_of(key, name, sources))
    return {name: "\n".join(lines) + "\n" for name, lines in files.items()}


def dropped(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each key that `before` has and `after` has not, both texts of files by name."""
    kept = Params(tuple(parse(text, name) for name, text in after.items()))
    for document in (parse(text, name) for name, text in before.items() if text.strip()):
        for path, value in leaves(document.values):
            if not kept.has(path):
                yield f"{document.where(path)}: {'.'.join(map(str, path))}: there is no such key; it was {_flow(value)}"


def _source_of(key: KeyPath, home: str, sources: Mapping[str, _Source]) -> _Source:
    """Return the file that a value is taken from: where the key belongs, or else any that has it."""
    order = sorted(sources, key=lambda name: name != home)
    return next((sources[name] for name in order if _has(sources[name].values, key)), _Source({}, {}))


def _is_taken_out(path: KeyPath, params: Params) -> bool:
    return path[0] == MODELS and path not in params.documents[0].lines and params.has(path)


def _headings(path: KeyPath, schema: Any, written: list[str]) -> Iterator[str]:
    """Yield the lines above the keys of a section; what several sections lie in is named once."""
    named = len(path) > 1 and any(line.startswith(f"{path[0]}:") for line in written)
    if not named:
        yield ""
        yield from _entry("", str(path[0]), "", "", MODELS_TITLE) if len(path) > 1 else ()
    if is_section(schema):
        yield from _entry(INDENT * (len(path) - 1), str(path[-1]), "", "", _about(schema))


def _about(schema: Any) -> str:
    """Return the first paragraph of a section's docstring on one line, without the full stop."""
    return " ".join((inspect.getdoc(schema) or "").partition("\n\n")[0].split()).removesuffix(".")


def _key(path: KeyPath, field: FieldInfo, source: _Source) -> Iterator[str]:
    """Yield the lines of a key."""
    schema, indent, name = unwrapped(field.annotation)[0], INDENT * (len(path) - 1), str(path[-1])
    default = None if field.is_required() else to_jsonable_python(field.get_default(call_default_factory=True))
    value = _filled(schema, _value(source.values, path)) if _has(source.values, path) else default
    if not is_section(schema) or not isinstance(value, dict):
        if isinstance(value, list) and any(is_section(unwrapped(one)[0]) for one in get_args(schema)):
            yield from _comments(comment(field), *_rows_about(get_args(schema)[0]), indent=indent)
            yield f"{indent}{name}:"
            yield from (f"{indent}{INDENT}- {_flow(item)}" for item in value)
        else:
            yield from _entry(indent, name, _text(path, value, source), _flow(default), comment(field))
    elif not _is_table(schema):
        yield from _entry(indent, name, "", "", field.description or _about(schema))
        for key, one in fields_of(schema, path).items():
            yield from _key(key, one, source)
    else:
        row = next(iter(schema.model_fields.values()))
        about = join_measure(
            field, f"each {each}" if (each := allowed(row.annotation, row.metadata)) else "", _about(schema)
        )
        if isinstance(next(iter(value.values())), dict | list):
            yield from _comments(about, *_rows_about(row.annotation), indent=indent)
            yield f"{indent}{name}:"
            for key, item in value.items():
                yield f"{indent}{INDENT}{key}: {_text((*path, key), item, source)}"
        else:
            yield from _entry(indent, name, _text(path, value, source), _flow(default), about)


def _is_table(schema: Any) -> bool:
    """Return whether a section's keys are all of one kind, so that one comment does for all."""
    fields = list(schema.model_fields.values())
    return all(one.description is None and one.annotation == fields[0].annotation for one in fields)


def _rows_about(schema: Any) -> Iterator[str]:
    """Yield the comment of each key of a section that stands on one line."""
    for key, field in fields_of(schema).items() if is_section(schema) else ():
        inner = unwrapped(field.annotation)[0]
        one = next(iter(inner.model_fields.values())) if is_section(inner) else None
        each = f"each {allowed(one.annotation, one.metadata)}" if one else ""
        yield f"{key[-1]}: {join_measure(field, each) if each else comment(field)}"


def _filled(schema: Any, value: Any) -> Any:
    """Return the value of a section with defaults for missing keys, and without keys that there are none of."""
    if not (is_section(schema) and isinstance(value, dict)):
        return value
    found: dict[str, Any] = {}
    for name, field in schema.model_fields.items():
        if name in value:
            found[name] = _filled(unwrapped(field.annotation)[0], value[name])
        elif not field.is_required():
            found[name] = to_jsonable_python(field.get_default(call_default_factory=True))
    return found


def _text(path: KeyPath, value: Any, source: _Source) -> str:
    """Return a value as it was spelled if that still says it, or in the usual spelling."""
    same = _has(source.values, path) and _value(source.values, path) == value
    return source.texts[path] if same and path in source.texts else _flow(value)


def _flow(value: Any) -> str:
    """Spell a value on one line.

    Examples
    --------
    >>> _flow({"a": [1, 1e-6, None], "b": "2024-01-02", "c": "auto"})
    '{a: [1, 1e-06, null], b: "2024-01-02", c: auto}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(str(key))}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return value
    return json.dumps(value, default=str, ensure_ascii=False)


def _entry(indent: str, name: str, text: str, usual: str, about: str) -> Iterator[str]:
    """Yield a key with its comment: beside it where the usual value leaves room, so that no value moves a comment."""
    key = f"{indent}{name}: {text}".rstrip()
    if about and len(f"{indent}{name}: {usual}  # {about}") <= WIDTH:
        yield f"{key}  # {about}"
    else:
        yield from _comments(about, indent=indent)
        yield key


def _comments(*abouts: str, indent: str = "") -> list[str]:
    return [f"{indent}# {line}" for about in abouts for line in _wrapped(about, WIDTH - len(indent) - 2)]


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Yield lines that keep a range such as ``0 to 1`` together."""
    for line in textwrap.wrap(re.sub(r"(?<=\d) to (?=[-\d])", "\xa0to\xa0", text), width):
        yield line.replace("\xa0", " ")


def _spelled(text: str, name: str) -> dict[KeyPath, str]:
    """Return how each value is spelled that stands on one line."""
    found: dict[KeyPath, str] = {}

    def look(node: Node | None, path: KeyPath) -> None:
        for key, value in node.value if isinstance(node, MappingNode) else ():
            begin, end = value.start_mark, value.end_mark
            if begin.line == end.line and begin.index < end.index:
                found[*path, key.value] = text[begin.index : end.index]
            look(value, (*path, key.value))

    look(nodes_and_values(text, name)[0], ())
    return found


def _has(values: Any, path: KeyPath) -> bool:
    return not path or (isinstance(values, Mapping) and path[0] in values and _has(values[path[0]], path[1:]))


def _value(values: Any, path: KeyPath) -> Any:
    return _value(values[path[0]], path[1:]) if path else values
