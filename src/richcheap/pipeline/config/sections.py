"""Typed parameters: params files are checked against the sections' classes, all faults at once.

A section is checked as JSON is in pydantic's strict mode: a list stands for a tuple, ISO text for a date,
an integer for a float, and nothing else is converted.
"""

import difflib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast, get_args

from pydantic import TypeAdapter, ValidationError

from dvc_parallel.system.yaml_source import KeyPath, read
from richcheap.pipeline.config.fields import Section, comment, fields_of, is_section, is_user_key, param
from richcheap.pipeline.config.params_files import MODELS, Params, read_params
from richcheap.pipeline.errors import ParamsError
from richcheap.pipeline.storage import paths

SHOWN = 200
"""Characters shown of a wrong value."""

Seed = Annotated[int, param(20240101, "Seed of all randomness", user=True, ge=0, le=2**32 - 1)]


S = TypeVar("S", bound=Section)
K = TypeVar("K", float, str)


def load(schema: type[S], section: str, path: Path = paths.PARAMS) -> S:
    """Read one section of the params.

    Parameters
    ----------
    schema : type of Section
        Its class.
    section : str
        Its name; a dot goes one level down, as in ``models.ml_adjuster``.
    path : Path
        params.yaml; the section's other file, where there is one, lies in the folder beside it.

    Returns
    -------
    Section
        An instance of `schema`.

    Raises
    ------
    ParamsError
        One line for each fault.
    """
    names = tuple(section.split("."))
    value, faults = _check(read_params(path, names[0]), names, schema)
    _raise_any(faults)
    return cast(S, value)


def load_seed(path: Path = paths.PARAMS) -> int:
    """Read the top-level ``seed``, an integer from 0 to 2**32 - 1."""
    value, faults = _check(Params((read(path),)), ("seed",), Seed)
    _raise_any(faults)
    return cast(int, value)


def load_key(kind: type[K], key: str, path: Path = paths.PARAMS) -> K:
    """Read one number or text of a section, such as ``data.max_price``, that a stage needs without the section."""
    names = tuple(key.split("."))
    value, faults = _check(read_params(path, names[0]), names, kind)
    _raise_any(faults)
    return cast(K, value)


def model_names(path: Path = paths.PARAMS) -> list[str]:
    """Return the models of prices that params.yaml has a block for, in its order; `ParamsError` when there is none."""
    document = read(path)
    blocks = document.values.get(MODELS)
    if not isinstance(blocks, dict) or not blocks:
        raise ParamsError(f"{document.where((MODELS,))}: {MODELS}: must be a mapping of models, got {_shown(blocks)}")
    return [str(name) for name in blocks]


def one_model(command: str, arguments: list[str], models: Collection[str]) -> str:
    """Return the one argument of a command, which must be the name of a model; `ParamsError` when it is not."""
    if len(arguments) != 1 or arguments[0] not in models:
        given = " ".join(arguments) or "nothing"
        raise ParamsError(f"python -m {command} NAME: NAME must be one of {', '.join(models)}, got {given}")
    return arguments[0]


def validate(params: Params, schemas: Mapping[str, Any], optional: Collection[str] = ()) -> None:
    """Check all of the params files.

    Parameters
    ----------
    params : Params
        The parsed files.
    schemas : mapping
        Type of each section by its dotted name. A key that no name leads to is unknown.
    optional : collection of str
        Names of `schemas` that may be absent.

    Raises
    ------
    ParamsError
        One line for each fault of any section, in the order of the files.
    """
    names = [tuple(name.split(".")) for name in schemas]
    faults = _unknown_keys(params, names)
    for name, schema in schemas.items():
        path = tuple(name.split("."))
        faults += _misplaced_keys(params, path, schema)
        if name not in optional or _found(params.values, path):
            faults += _check(params, path, schema)[1]
    _raise_any(sorted(faults))


Fault = tuple[tuple[int, int], str]  # file and line to sort by, message


def _raise_any(faults: list[Fault]) -> None:
    if faults:
        raise ParamsError("\n".join(message for _, message in faults))


def _check(params: Params, path: KeyPath, schema: Any) -> tuple[Any, list[Fault]]:
    """Return the value of the section at `path`, or None and its faults."""
    if not _found(params.values, path):
        home = params.file(path, any(map(is_user_key, fields_of(schema, path).values())))
        return None, [_fault(params, path, "missing; `richcheap params` adds this section", home)]
    value: Any = params.values
    for key in path:
        value = value[key]
    try:
        text = json.dumps(value, default=str)
    except TypeError:  # the only thing that has no form in JSON is a key such as a date
        return None, [_fault(params, path, "every key must be text")]
    missing = list(_missing_keys(params, path, schema, value))
    try:
        read_value = TypeAdapter(schema).validate_json(text, strict=True)
    except ValidationError as error:
        return None, [*missing, *(_translate(params, path, schema, details) for details in error.errors())]
    return (None, missing) if missing else (read_value, [])


def _missing_keys(params: Params, path: KeyPath, schema: Any, value: Any) -> Iterator[Fault]:
    """Yield the faults of keys that are not given, though the code has a default: params files show all that counts."""
    for key, field in fields_of(schema, path).items() if isinstance(value, dict) else ():
        if key[-1] in value:
            if is_section(field.annotation):
                yield from _missing_keys(params, key, field.annotation, value[key[-1]])
        elif not field.is_required():
            home = params.file(path, is_user_key(field))
            yield _fault(params, key, f"missing; `richcheap params` adds it{_in_brackets(comment(field))}", home)


def _misplaced_keys(params: Params, path: KeyPath, schema: Any) -> Iterator[Fault]:
    """Yield the faults of keys that stand in another file than their home, be it besides."""
    for key, field in fields_of(schema, path).items():
        home = params.file(path, is_user_key(field))
        for document in params.documents:
            if document.name != home and key in document.lines:
                yield _fault(params, key, f"must stand in {home}", document.name)


def _translate(params: Params, path: KeyPath, schema: Any, details: Any) -> Fault:
    location: KeyPath = details["loc"]
    full = (*path, *location)
    if details["type"] == "extra_forbidden":
        owner = _descend(schema, location[:-1])
        return _fault(params, full, _unknown(str(location[-1]), getattr(owner, "model_fields", ())))
    said = _in_brackets(_description(schema, location))
    if details["type"] == "missing":
        return _fault(params, full, f"missing; it must be given{said}")
    if details["type"] == "value_error":
        rule = details["msg"].removeprefix("Value error, ")
        named = [
            (*full, word) for word in re.findall(r"\w+", rule)
        ]  # a rule of several keys stands where the first does
        return _fault(params, full, rule, at=next(filter(params.has, named), full))
    rule = details["msg"].replace("Input should", "must").replace("should", "must")
    return _fault(params, full, f"{rule}, got {_shown(details['input'])}{said}")


def _in_brackets(said: str) -> str:
    return f" ({said})" if said else ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _fault(params: Params, path: KeyPath, message: str, home: str | None = None, at: KeyPath | None = None) -> Fault:
    order, place = params.place(at or path, home)
    text = f"{place}: {'.'.join(str(key) for key in path)}: {message}"
    return order, "".join(mark if mark.isprintable() else ascii(mark)[1:-1] for mark in text)  # one fault is one line


def _unknown(key: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(key, names, n=1)
    return f"unknown key; did you mean {near[0]}?" if near else f"unknown key; known are {', '.join(names)}"


def _unknown_keys(params: Params, names: list[tuple[str, ...]]) -> list[Fault]:
    """Return the faults of keys above the sections: at the top, or among ``models``, of each file."""
    faults: list[Fault] = []
    for parent in sorted({name[:depth] for name in names for depth in range(len(name))}):
        known = {name[len(parent)] for name in names if name[: len(parent)] == parent}
        for document in params.documents:
            here: Any = document.values
            for key in parent:
                here = here.get(key) if isinstance(here, dict) else None
            strange = [key for key in here if key not in known] if isinstance(here, dict) else []
            faults += [_fault(params, (*parent, key), _unknown(str(key), known), document.name) for key in strange]
            stands = parent in document.lines
            if parent and (stands or document is params.documents[0]) and not (isinstance(here, dict) and here):
                rule = f"must be a mapping with one of {', '.join(sorted(known))}"
                faults.append(_fault(params, parent, rule, document.name if stands else None))
    return faults


def _found(values: Any, path: KeyPath) -> bool:
    for key in path:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True


def _descend(schema: Any, location: KeyPath) -> Any:
    """Return the type at `location` inside `schema`, or None when it cannot be determined."""
    for key in location:
        if is_section(schema):
            field = schema.model_fields.get(str(key))
            schema = field.annotation if field else None
        else:
            inner = get_args(schema)
            schema = next((one for one in reversed(inner) if one is not Ellipsis), None)
    return schema


def _description(schema: Any, location: KeyPath) -> str:
    """Return what the innermost described field on the way to `location` means, or nothing."""
    for depth in range(len(location), 0, -1):
        owner = _descend(schema, location[: depth - 1])
        field = getattr(owner, "model_fields", {}).get(location[depth - 1])
        if field is not None and field.description:
            return comment(field)
    return ""
