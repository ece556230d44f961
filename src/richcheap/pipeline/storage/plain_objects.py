"""Objects of known classes as JSON: nothing in a file is executed, and nothing but those classes is made of it.

A model of ours holds numbers, text, arrays, lists, tuples and named tuples (its trees are LightGBM's own text), so that
JSON holds it whole, with every bit of its floats, in the same bytes each time:

    {"class": "package.module.Name", "fields": {...}}    a named tuple or a data class, made by its fields
    {"class": "package.module.Name", "state": {...}}     any other object: its attributes
    {"tuple": [...]}                                     a tuple
    {"dict": [[key, value], ...]}                        a dict
    {"array": [...], "dtype": "<f8", "shape": [...], "order": "C"}    an array of numbers, as it lies in memory
"""

import json
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any, Final, Literal

import numpy as np

CLASS, FIELDS, STATE, TUPLE, DICT, ARRAY = "class", "fields", "state", "tuple", "dict", "array"
NUMBERS: Final = "biuf"
"""Kinds of arrays that JSON holds whole."""


def to_json(value: object, *packages: str) -> str:
    """Return a value as JSON.

    Parameters
    ----------
    value : object
        Made of what JSON has, of tuples, of arrays, and of objects whose classes stand in a package.
    *packages : str

    Raises
    ------
    TypeError
        It holds something else.
    """
    return json.dumps(_plain(value, _starts(packages)), ensure_ascii=False, separators=(",", ":"))


def from_json(text: str, *packages: str) -> Any:
    """Return the value that `to_json` was given.

    Raises
    ------
    ValueError
        The text is no such JSON, or names a class that stands in none of the packages.
    """
    return _made(json.loads(text), _starts(packages))


def _starts(packages: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{package}." for package in packages)


def _named(start: tuple[str, ...]) -> str:
    return " or ".join(f"{one}*" for one in start)


def _plain(value: object, start: tuple[str, ...]) -> Any:
    if value is None or type(value) in (str, bool, int, float):
        return value
    if type(value) is list:
        return [_plain(one, start) for one in value]
    if type(value) is tuple:
        return {TUPLE: [_plain(one, start) for one in value]}
    if type(value) is dict:
        return {DICT: [[_plain(key, start), _plain(one, start)] for key, one in value.items()]}
    if isinstance(value, np.ndarray) and value.dtype.kind in NUMBERS:
        return _array(value)
    kind = type(value)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if not name.startswith(start):
        raise TypeError(f"expected numbers, text, arrays, lists, tuples and classes of {_named(start)}, got {name}")
    given = _fields(value)
    part, content = (STATE, vars(value)) if given is None else (FIELDS, given)
    return {CLASS: name, part: {key: _plain(one, start) for key, one in content.items()}}


def _array(value: np.ndarray[Any, Any]) -> dict[str, Any]:
    order: Literal["C", "F"] = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
    return {ARRAY: value.ravel(order).tolist(), "dtype": value.dtype.str, "shape": list(value.shape), "order": order}


def _fields(value: Any) -> dict[str, Any] | None:
    if isinstance(value, tuple):
        return dict(zip(value._fields, value, strict=True))  # type: ignore[attr-defined]  # a named tuple
    if is_dataclass(value):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    return None


def _made(value: Any, start: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_made(one, start) for one in value]
    if not isinstance(value, dict):
        return value
    if TUPLE in value:
        return tuple(_made(one, start) for one in value[TUPLE])
    if DICT in value:
        return {_made(key, start): _made(one, start) for key, one in value[DICT]}
    if ARRAY in value:
        return np.array(value[ARRAY], dtype=value["dtype"]).reshape(value["shape"], order=value["order"])
    return _object(value, start)


def _object(value: dict[str, Any], start: tuple[str, ...]) -> Any:
    kind = _class(value.get(CLASS), start)
    given = {key: _made(one, start) for key, one in (value.get(FIELDS) or value.get(STATE) or {}).items()}
    if FIELDS in value:
        return kind(**given)
    made = kind.__new__(kind)
    vars(made).update(given)
    return made


def _class(name: object, start: tuple[str, ...]) -> Any:
    """Return a class that is defined in the package, by its name."""
    if isinstance(name, str) and name.startswith(start):
        module, _, short = name.rpartition(".")
        try:
            kind = getattr(import_module(module), short, None)
        except ImportError:
            kind = None
        if isinstance(kind, type) and kind.__module__ == module:
            return kind
    raise ValueError(f"expected a class of {_named(start)}, got {name!r}")
