"""Objects of known classes as JSON: nothing in a file is executed, and nothing but those classes is made of it.

A model of ours holds numbers, text, lists, tuples and named tuples (its trees are LightGBM's own text), so that JSON
holds it whole, with every bit of its floats, in the same bytes each time:

    {"class": "package.module.Name", "fields": {...}}    a named tuple or a data class, made by its fields
    {"class": "package.module.Name", "state": {...}}     any other object: its attributes
    {"tuple": [...]}                                     a tuple
    {"dict": [[key, value], ...]}                        a dict
"""

import json
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any

CLASS, FIELDS, STATE, TUPLE, DICT = "class", "fields", "state", "tuple", "dict"


def to_json(value: object, package: str) -> str:
    """Return a value as JSON.

    Parameters
    ----------
    value : object
        Made of what JSON has, of tuples, and of objects whose classes stand in the package.
    package : str

    Raises
    ------
    TypeError
        It holds something else.
    """
    return json.dumps(_plain(value, f"{package}."), ensure_ascii=False, separators=(",", ":"))


def from_json(text: str, package: str) -> Any:
    """Return the value that `to_json` was given.

    Raises
    ------
    ValueError
        The text is no such JSON, or names a class that does not stand in the package.
    """
    return _made(json.loads(text), f"{package}.")


def _plain(value: object, start: str) -> Any:
    if value is None or type(value) in (str, bool, int, float):
        return value
    if type(value) is list:
        return [_plain(one, start) for one in value]
    if type(value) is tuple:
        return {TUPLE: [_plain(one, start) for one in value]}
    if type(value) is dict:
        return {DICT: [[_plain(key, start), _plain(one, start)] for key, one in value.items()]}
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if not name.startswith(start):
        raise TypeError(f"expected numbers, text, lists, tuples and classes of {start}*, got {name}")
    given = _fields(value)
    if given is not None:
        return {CLASS: name, FIELDS: {key: _plain(one, start) for key, one in given.items()}}
    return {CLASS: name, STATE: {key: _plain(one, start) for key, one in vars(value).items()}}


def _fields(value: Any) -> dict[str, Any] | None:
    if isinstance(value, tuple):
        return dict(zip(value._fields, value, strict=True))  # type: ignore[attr-defined]  # a named tuple
    if is_dataclass(value):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    return None


def _made(value: Any, start: str) -> Any:
    if isinstance(value, list):
        return [_made(one, start) for one in value]
    if not isinstance(value, dict):
        return value
    if TUPLE in value:
        return tuple(_made(one, start) for one in value[TUPLE])
    if DICT in value:
        return {_made(key, start): _made(one, start) for key, one in value[DICT]}
    kind = _class(value.get(CLASS), start)
    given = {key: _made(one, start) for key, one in (value.get(FIELDS) or value.get(STATE) or {}).items()}
    if FIELDS in value:
        return kind(**given)
    made = kind.__new__(kind)
    vars(made).update(given)
    return made


def _class(name: object, start: str) -> Any:
    """Return a class that is defined in the package, by its name."""
    if isinstance(name, str) and name.startswith(start):
        module, _, short = name.rpartition(".")
        try:
            kind = getattr(import_module(module), short, None)
        except ImportError:
            kind = None
        if isinstance(kind, type) and kind.__module__ == module:
            return kind
    raise ValueError(f"expected a class of {start}*, got {name!r}")
