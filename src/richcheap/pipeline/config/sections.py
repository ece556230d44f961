"""Typed parameters: params.yaml is checked against the sections' classes, all faults at once.

A section is checked as JSON is in pydantic's strict mode: a list stands for a tuple, ISO text for a date,
an integer for a float, and nothing else is converted.
"""

import difflib
import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from dvc_parallel.system.yaml_source import Document, KeyPath, read
from richcheap.pipeline.errors import ParamsError
from richcheap.pipeline.storage import paths

SHOWN = 200
"""Characters shown of a wrong value."""

Seed = Annotated[int, Field(ge=0, le=2**32 - 1, description="seed of all randomness")]


def _is_path(text: str) -> str:
    if not text.strip() or text != text.strip() or not text.isprintable() or "://" in text:
        raise ValueError(f"must be the path of a file or folder here, without blanks around it, got {text!r}")
    return text


PathText = Annotated[str, AfterValidator(_is_path)]


class Section(BaseModel):
    """One section of params.yaml: frozen, typed, closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


S = TypeVar("S", bound=Section)


def load(schema: type[S], section: str, path: Path = paths.PARAMS) -> S:
    """Read one section of params.yaml.

    Parameters
    ----------
    schema : type of Section
        Its class.
    section : str
        Its name; a dot goes one level down, as in ``models.ml_adjuster``.
    path : Path
        The file.

    Returns
    -------
    Section
        An instance of `schema`.

    Raises
    ------
    ParamsError
        One line for each fault.
    """
    value, faults = _check(read(path), tuple(section.split(".")), schema)
    _raise_any(faults)
    return cast(S, value)


def load_seed(path: Path = paths.PARAMS) -> int:
    """Read the top-level ``seed``, an integer from 0 to 2**32 - 1."""
    value, faults = _check(read(path), ("seed",), Seed)
    _raise_any(faults)
    return cast(int, value)


def model_names(path: Path = paths.PARAMS) -> list[str]:
    """Return the models of prices that params.yaml has a block for, in its order; `ParamsError` when there is none."""
    document = read(path)
    blocks = document.values.get("models")
    if not isinstance(blocks, dict) or not blocks:
        raise ParamsError(f"{document.where(('models',))}: models: must be a mapping of models, got {_shown(blocks)}")
    return [str(name) for name in blocks]


def one_model(command: str, arguments: list[str], models: Collection[str]) -> str:
    """Return the one argument of a command, which must be the name of a model; `ParamsError` when it is not."""
    if len(arguments) != 1 or arguments[0] not in models:
        given = " ".join(arguments) or "nothing"
        raise ParamsError(f"python -m {command} NAME: NAME must be one of {', '.join(models)}, got {given}")
    return arguments[0]


def validate(document: Document, schemas: Mapping[str, Any], optional: Collection[str] = ()) -> None:
    """Check the whole of `document`.

    Parameters
    ----------
    document : Document
        The parsed params.yaml.
    schemas : mapping
        Type of each section by its dotted name. A key that no name leads to is unknown.
    optional : collection of str
        Names of `schemas` that may be absent.

    Raises
    ------
    ParamsError
        One line for each fault of any section, in the order of the file.
    """
    names = [tuple(name.split(".")) for name in schemas]
    faults = _unknown_keys(document, names)
    for name, schema in schemas.items():
        path = tuple(name.split("."))
        if name in optional and not _found(document.values, path):
            continue
        faults += _check(document, path, schema)[1]
    _raise_any(sorted(faults))


Fault = tuple[int, str]  # line in the file, message


def _raise_any(faults: list[Fault]) -> None:
    if faults:
        raise ParamsError("\n".join(message for _, message in faults))


def _check(document: Document, path: KeyPath, schema: Any) -> tuple[Any, list[Fault]]:
    """Return the value of the section at `path`, or None and its faults."""
    if not _found(document.values, path):
        return None, [_fault(document, path, "missing; this section must be given")]
    value: Any = document.values
    for key in path:
        value = value[key]
    try:
        text = json.dumps(value, default=str)
    except TypeError:  # the only thing that has no form in JSON is a key such as a date
        return None, [_fault(document, path, "every key must be text")]
    try:
        return TypeAdapter(schema).validate_json(text, strict=True), []
    except ValidationError as error:
        return None, [_translate(document, path, schema, details) for details in error.errors()]


def _translate(document: Document, path: KeyPath, schema: Any, details: Any) -> Fault:
    location: KeyPath = details["loc"]
    full = (*path, *location)
    if details["type"] == "extra_forbidden":
        owner = _descend(schema, location[:-1])
        return _fault(document, full, _unknown(str(location[-1]), getattr(owner, "model_fields", ())))
    said = _description(schema, location)
    if details["type"] == "missing":
        return _fault(document, full, f"missing; it must be given{said}")
    if details["type"] == "value_error":
        return _fault(document, full, details["msg"].removeprefix("Value error, "))
    rule = details["msg"].replace("Input should", "must").replace("should", "must")
    return _fault(document, full, f"{rule}, got {_shown(details['input'])}{said}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _fault(document: Document, path: KeyPath, message: str) -> Fault:
    known = path
    while known and known not in document.lines:
        known = known[:-1]
    dotted = ".".join(str(key) for key in path)
    return document.lines.get(known, 0), f"{document.where(path)}: {dotted}: {message}"


def _unknown(key: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(key, names, n=1)
    return f"unknown key; did you mean {near[0]}?" if near else f"unknown key; known are {', '.join(names)}"


def _unknown_keys(document: Document, names: list[tuple[str, ...]]) -> list[Fault]:
    """Return the faults of keys above the sections: at the top, or among ``models``."""
    faults: list[Fault] = []
    for parent in sorted({name[:depth] for name in names for depth in range(len(name))}):
        here: Any = document.values
        for key in parent:
            here = here.get(key) if isinstance(here, dict) else None
        known = {name[len(parent)] for name in names if name[: len(parent)] == parent}
        if isinstance(here, dict) and here:
            strange = [key for key in here if key not in known]
            faults += [_fault(document, (*parent, key), _unknown(str(key), known)) for key in strange]
        elif parent:
            rule = f"must be a mapping with one of {', '.join(sorted(known))}"
            faults.append(_fault(document, parent, rule))
    return faults


def _found(values: Any, path: KeyPath) -> bool:
    for key in path:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True


def _descend(schema: Any, location: KeyPath) -> Any:
    """Return the type at `location` inside `schema`, or None when it cannot be told."""
    for key in location:
        if isinstance(schema, type) and issubclass(schema, BaseModel):
            field = schema.model_fields.get(str(key))
            schema = field.annotation if field else None
        else:
            inner = get_args(schema)
            schema = next((one for one in reversed(inner) if one is not Ellipsis), None)
    return schema


def _description(schema: Any, location: KeyPath) -> str:
    """Return the innermost described field on the way to `location`, in brackets, or nothing."""
    for depth in range(len(location), 0, -1):
        owner = _descend(schema, location[: depth - 1])
        field = getattr(owner, "model_fields", {}).get(location[depth - 1])
        if field is not None and field.description:
            return f" ({field.description})"
    return ""
