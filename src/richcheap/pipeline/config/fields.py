"""Typed fields of params: default, meaning, unit and range, and the comment that files and messages show of them."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeGuard, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

SEQUENCES = (list, tuple)


def _is_path(text: str) -> str:
    if not text.strip() or text != text.strip() or not text.isprintable() or "://" in text:
        raise ValueError(f"must be the path of a file or folder here, without blanks around it, got {text!r}")
    return text


PathText = Annotated[str, AfterValidator(_is_path)]


class Section(BaseModel):
    """One section of the params: frozen, typed, closed to unknown keys. Its docstring heads it in its file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def param(default: Any, meaning: str = "", *, unit: str = "", user: bool = False, **constraints: Any) -> Any:
    """Return the field of a param: the only place of its default, meaning, unit and range.

    Parameters
    ----------
    default : object
    meaning : str
        What a comment begins with, without unit and range; by default the docstring of the section that it is.
    unit : str
        For instance ``bp``; nothing where there is none.
    user : bool
        Whether the key stands in params.yaml, which holds what a user touches.
    **constraints
        As `pydantic.Field` has them: ``ge``, ``le``, ``min_length`` and the like.
    """
    return Field(default, description=meaning or None, json_schema_extra={"unit": unit, "user": user}, **constraints)


def is_section(annotation: Any) -> TypeGuard[type[BaseModel]]:
    """Return whether a type is that of a section."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def is_user_key(field: FieldInfo) -> bool:
    """Return whether a field's key stands in params.yaml."""
    return isinstance(field.json_schema_extra, dict) and bool(field.json_schema_extra.get("user"))


def comment(field: FieldInfo) -> str:
    """Return meaning, unit and range of a field, such as ``Shrinkage; rows, 0 to 10``; nothing without a meaning."""
    return join_measure(field, allowed(field.annotation, field.metadata)) if field.description else ""


def join_measure(field: FieldInfo, span: str, meaning: str = "") -> str:
    """Return the meaning of a field, or else another, with the field's unit and a range."""
    unit = field.json_schema_extra.get("unit") if isinstance(field.json_schema_extra, dict) else ""
    return "; ".join(filter(None, (field.description or meaning, ", ".join(filter(None, (str(unit or ""), span))))))


def fields_of(schema: Any, path: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], FieldInfo]:
    """Return the fields of a section by their keys; what is no section is itself the field."""
    if is_section(schema):
        return {(*path, name): field for name, field in schema.model_fields.items()}
    return {path: FieldInfo.from_annotation(schema)}


def allowed(annotation: Any, metadata: Iterable[Any] = ()) -> str:
    """Return the range of a type with its constraints.

    Examples
    --------
    >>> from annotated_types import Ge, Gt, Le, MaxLen
    >>> allowed(float, [Gt(gt=0.0), Le(le=1e6)])
    'above 0 to 1000000'
    >>> allowed(tuple[Annotated[float, Ge(ge=0)], ...], [MaxLen(max_length=3)])
    'at least 0, at most 3 of them'
    """
    base, constraints = unwrapped(annotation, metadata)
    if get_origin(base) is Literal:
        return ", ".join(map(_choice, get_args(base)))
    if base is bool:
        return "true or false"
    if get_origin(base) in SEQUENCES:
        parts = (allowed(get_args(base)[0]), _counted(constraints))
        return ", ".join(filter(None, parts))
    return _between(constraints)


def unwrapped(annotation: Any, metadata: Iterable[Any] = ()) -> tuple[Any, dict[str, Any]]:
    """Return a type without ``Annotated`` and ``| None``, and its constraints by name; a choice of types stays one."""
    found: list[Any] = list(metadata)
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *more = get_args(annotation)
            found += [part for one in more for part in (one.metadata if isinstance(one, FieldInfo) else (one,))]
        elif origin in {Union, UnionType}:
            kinds = [one for one in get_args(annotation) if one is not NoneType]
            if len(kinds) > 1:
                break
            annotation = kinds[0]
        else:
            break
    names = ("ge", "gt", "le", "lt", "min_length", "max_length")
    return annotation, {name: getattr(one, name) for one in found for name in names if hasattr(one, name)}


def _choice(value: object) -> str:
    """Return one of several values, a mark of punctuation in quotes."""
    text = str(value)
    return text if any(map(str.isalnum, text)) else json.dumps(text)


def _between(constraints: Mapping[str, Any]) -> str:
    low = f"above {_number(constraints['gt'])}" if "gt" in constraints else _number(constraints.get("ge"))
    high = f"below {_number(constraints['lt'])}" if "lt" in constraints else _number(constraints.get("le"))
    if low and high:
        return f"{low}, {high}" if "lt" in constraints else f"{low} to {high}"
    return (f"at least {low}" if "ge" in constraints else low) or (f"at most {high}" if "le" in constraints else high)


def _counted(constraints: Mapping[str, Any]) -> str:
    low, high = constraints.get("min_length"), constraints.get("max_length")
    if low is None or low == high:
        count = low if low is not None else f"at most {high}"
        return "" if high is None else f"{count} of them"
    return f"at least {low} of them" if high is None else f"{low} to {high} of them"


def _number(value: Any) -> str:
    return "" if value is None else f"{Decimal(str(value)).normalize():f}"
