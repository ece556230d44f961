"""Objects of known classes as JSON: nothing in a file is executed, and nothing but those classes is made of it.

A model of ours holds numbers, text, lists, tuples, named tuples and arrays (its trees are LightGBM's own text), so that
JSON holds it whole, with every bit of its floats, in the same bytes each time:

    {"class": "package.module.Name", "fields": {...}}    a named tuple or a data class, made by its fields
    {"class": "package.module.Name", "state": {...}}     any other object: its attributes
    {"tuple": [...]}                                     a tuple
    {"dict": [[key, value], ...]}                        a dict
    {"array": base64, "dtype": "<f8", ...}               an array of numbers or flags as it lies in memory, or a scalar
    {"bytes": base64}                                    bytes
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from typing import Any, Literal

import numpy as np

CLASS, FIELDS, STATE, TUPLE, DICT = "class", "fields", "state", "tuple", "dict"
ARRAY, DTYPE, SHAPE, ORDER, BYTES = "array", "dtype", "shape", "order", "bytes"
NUMBERS = "biuf"
"""Kinds of NumPy's types that are numbers or flags."""


def to_json(value: object, *packages: str) -> str:
    """Return a value as JSON.

    Parameters
    ----------
    value : object
        Made of what JSON has, of tuples, bytes, arrays of numbers, and of objects of classes in the packages.
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
    try:
        return _made(json.loads(text), _starts(packages))
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"not what was written ({error})") from None


def _starts(packages: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{one}." for one in packages)


def _plain(value: object, start: tuple[str, ...]) -> Any:
    kind = type(value)
    if value is None or kind in (str, bool, int, float):
        return value
    if kind in _WRITERS:
        return _WRITERS[kind](value, start)
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in NUMBERS:
        return _plain_array(np.asarray(value))
    name = f"{kind.__module__}.{kind.__qualname__}"
    if not name.startswith(start):
        raise TypeError(f"expected numbers, text, lists, tuples, arrays and classes of {_listed(start)}, got {name}")
    given, what = (_fields(value), FIELDS) if _has_fields(kind) else (vars(value), STATE)
    return {CLASS: name, what: {key: _plain(one, start) for key, one in given.items()}}


_WRITERS: Mapping[type, Callable[[Any, tuple[str, ...]], Any]] = {
    list: lambda value, start: [_plain(one, start) for one in value],
    tuple: lambda value, start: {TUPLE: [_plain(one, start) for one in value]},
    dict: lambda value, start: {DICT: [[_plain(key, start), _plain(one, start)] for key, one in value.items()]},
    bytes: lambda value, _: {BYTES: _text(value)},
}


def _plain_array(value: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Return an array with its order in memory, on which the last bits of a product may depend."""
    order: Literal["C", "F"] = "F" if value.flags.f_contiguous and not value.flags.c_contiguous else "C"
    kind = value.dtype.newbyteorder("<")
    return {ARRAY: _text(value.astype(kind).tobytes(order)), DTYPE: kind.str, SHAPE: list(value.shape), ORDER: order}


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _has_fields(kind: type) -> bool:
    return is_dataclass(kind) or hasattr(kind, "_fields")


def _fields(value: Any) -> dict[str, Any]:
    if isinstance(value, tuple):
        return dict(zip(value._fields, value, strict=True))  # type: ignore[attr-defined]  # a named tuple
    return {one.name: getattr(value, one.name) for one in fields(value)}


def _made(value: Any, start: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_made(one, start) for one in value]
    if not isinstance(value, dict):
        return value
    mark = next((one for one in _MAKERS if one in value), CLASS)
    return _MAKERS.get(mark, _object)(value, start)


def _array(value: Mapping[str, Any], _: tuple[str, ...]) -> Any:
    dtype = np.dtype(str(value[DTYPE]))
    if dtype.kind not in NUMBERS:
        raise ValueError(f"expected an array of numbers, got {dtype}")
    content = base64.b64decode(value[ARRAY], validate=True)
    array = np.frombuffer(content, dtype).reshape(value[SHAPE], order=value[ORDER])
    return array.astype(dtype.newbyteorder("="))[()]


def _object(value: Mapping[str, Any], start: tuple[str, ...]) -> Any:
    kind = _class(value.get(CLASS), start)
    given = {key: _made(one, start) for key, one in (value.get(FIELDS) or value.get(STATE) or {}).items()}
    if FIELDS in value:
        if not _has_fields(kind):
            raise ValueError(f"expected a named tuple or a data class, got {value[CLASS]!r}")
        return kind(**given)
    made = kind.__new__(kind)
    vars(made).update(given)
    return made


_MAKERS: Mapping[str, Callable[[Mapping[str, Any], tuple[str, ...]], Any]] = {
    TUPLE: lambda value, start: tuple(_made(one, start) for one in value[TUPLE]),
    DICT: lambda value, start: {_made(key, start): _made(one, start) for key, one in value[DICT]},
    ARRAY: _array,
    BYTES: lambda value, _: base64.b64decode(value[BYTES], validate=True),
}


def _listed(start: tuple[str, ...]) -> str:
    return " or ".join(f"{one}*" for one in start)


def _class(name: object, start: tuple[str, ...]) -> Any:
    """Return a class that is defined in one of the packages, by its name."""
    if isinstance(name, str) and name.startswith(start):
        module, _, short = name.rpartition(".")
        try:
            kind = getattr(import_module(module), short, None)
        except ImportError:
            kind = None
        if isinstance(kind, type) and kind.__module__ == module:
            return kind
    raise ValueError(f"expected a class of {_listed(start)}, got {name!r}")
