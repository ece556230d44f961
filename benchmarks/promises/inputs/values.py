"""Values of every key, drawn by Hypothesis from its type and range: what is allowed passes, all else is told."""

import json
import math
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, get_args, get_origin

from hypothesis import strategies as st
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

from benchmarks.promises.cases import Case, Options, Verdict
from benchmarks.promises.inputs.ingested import refusal
from benchmarks.promises.inputs.tables import drawn
from dvc_parallel.system.yaml_source import KeyPath, parse
from richcheap.params import all_sections
from richcheap.pipeline.config.fields import SEQUENCES, fields_of, is_section, is_user_key, unwrapped
from richcheap.pipeline.config.params_files import Params
from richcheap.pipeline.config.sections import validate
from richcheap.pipeline.errors import ParamsError
from richcheap.pipeline.storage import paths

FARTHEST = 1_000_000
"""Where a range has no end."""

NUMBERS = (int, float)


class Key(NamedTuple):
    """A key that leads to no further keys.

    Attributes
    ----------
    section : str
        Dotted name.
    path : tuple of str
        From the section on; none where the section is itself the value.
    field : FieldInfo
    """

    section: str
    path: KeyPath
    field: FieldInfo


class Spread(NamedTuple):
    """Values of a number, from the range of its field."""

    inside: st.SearchStrategy[Any]
    outside: st.SearchStrategy[Any]


def keys() -> Iterator[Key]:
    """Yield every key of the params."""

    def below(section: str, schema: Any, path: KeyPath) -> Iterator[Key]:
        for key, field in fields_of(schema, path).items():
            if is_section(field.annotation):
                yield from below(section, field.annotation, key)
            else:
                yield Key(section, key, field)

    for section, schema in all_sections().items():
        yield from below(section, schema, ())


def cases(options: Options) -> Iterator[Case]:
    """Yield values inside and outside of every key's range."""
    count = 1 if options.short else 6
    for number, key in enumerate(keys()):
        start = options.seed * 1000 + number
        spread = spread_of(key.field)
        for value in drawn(spread.outside, count, start):
            yield case(key, value, allowed=False)
        for value in drawn(spread.inside, count, start):
            yield case(key, value, allowed=True)


def case(key: Key, value: Any, allowed: bool) -> Case:
    """Check a section in which one key has a value; what is not allowed must not pass."""
    name = ".".join(map(str, (key.section, *key.path)))
    shown = f"{name}: {value!r:.80}"
    schema = all_sections()[key.section]
    try:
        params = params_with(key, value)
        validate(params, {key.section: schema})
    except ParamsError as error:
        return refusal(shown, str(error), "params", name.partition(".")[0])
    except BaseException as error:  # noqa: BLE001  whatever comes is a traceback to a user
        return Case(shown, Verdict.FAILED, f"{type(error).__name__}: {str(error)[:300]}")
    if not allowed:
        return Case(shown, Verdict.FAILED, "it is outside the key's range and passes")
    return Case(shown, Verdict.RIGHT)


def params_with(key: Key, value: Any) -> Params:
    """Return a section with its defaults but for one value, each key in the file where it belongs."""
    schema, above = all_sections()[key.section], tuple(key.section.split("."))
    if not is_section(schema):
        return Params((parse(_yaml(_nested(above, value)), str(paths.PARAMS)),))
    content = {name: _default(field) for name, field in schema.model_fields.items()}
    inner = content
    for name in key.path[:-1]:
        inner = inner[str(name)]
    inner[str(key.path[-1])] = value
    users = {name for name, field in schema.model_fields.items() if is_user_key(field)}
    documents = []
    for file, names in ((str(paths.PARAMS), users), (f"params/{above[0]}.yaml", content.keys() - users)):
        block = {name: content[name] for name in content if name in names}
        documents.append(parse(_yaml(_nested(above, block) if block else {}), file))
    return Params(tuple(documents))


def spread_of(field: FieldInfo) -> Spread:
    """Return values that a field allows, but for rules of several keys, and values that it must refuse."""
    base, limits = unwrapped(field.annotation, field.metadata)
    optional = type(None) in get_args(field.annotation)
    odd: list[Any] = [
        [[]],
        {"a": {"b": 1}},
        [None],
        "9" * 400,
        math.nan,
        math.inf,
        -math.inf,
        *([] if optional else [None]),
    ]
    if base in NUMBERS:
        low, high = _ends(base, limits)
        below, above = _beyond(base, limits)
        of_range = (
            st.integers(low, high)
            if base is int
            else st.floats(low, high, exclude_min="gt" in limits, exclude_max="lt" in limits)
        )
        inside: st.SearchStrategy[Any] = st.one_of(
            of_range, st.sampled_from([one for one in (low, high) if one not in {below, above}] or [low])
        )
        wrong: list[Any] = [below, above, "1", True, "text", "", [], {}, 0.5 if base is int else "0.5"]
        return Spread(inside, st.sampled_from([*(one for one in wrong if one is not None), *odd]))
    if base is bool:
        return Spread(st.booleans(), st.sampled_from([0, 1, "true", "no", [], *odd]))
    if get_origin(base) is Literal:
        return Spread(st.sampled_from(get_args(base)), st.sampled_from(["no such word", 1.5, [], True, *odd]))
    if get_origin(base) in SEQUENCES:
        item = spread_of(FieldInfo.from_annotation(get_args(base)[0]))
        least, most = limits.get("min_length", 0), limits.get("max_length", 5)
        several = st.lists(item.inside, min_size=least, max_size=max(least, most))
        return Spread(
            several,
            st.one_of(
                st.sampled_from([1, "text", {"a": 1}, {}, True, math.nan]),
                st.lists(item.outside, min_size=1, max_size=2),
            ),
        )
    if base is str:
        texts = st.one_of(
            st.text(max_size=20), st.sampled_from(["auto", ".", "..", "/", "a/b.csv", "%Y-%m-%d", "EUR", "XSIF"])
        )
        return Spread(
            texts,
            st.sampled_from(
                [1, 1.5, True, [], {}, [[]], {"a": 1}] if "data" not in str(field.annotation) else [[], {}]
            ),
        )
    return Spread(
        st.sampled_from([{}, {"a": "b"}, {"coupon_rate": "x"}]), st.sampled_from([1, True, [1], math.nan, [[]]])
    )


def _ends(base: type, limits: dict[str, Any]) -> tuple[Any, Any]:
    low, high = limits.get("ge", limits.get("gt", -FARTHEST)), limits.get("le", limits.get("lt", FARTHEST))
    if base is float:
        return float(low), float(max(high, low))
    return low + ("gt" in limits), high - ("lt" in limits)


def _beyond(base: type, limits: dict[str, Any]) -> tuple[Any, Any]:
    """Return the nearest values below and above a range; None where it has no end."""
    if base is int:
        low, high = _ends(base, limits)
        return low - 1 if {"ge", "gt"} & limits.keys() else None, high + 1 if {"le", "lt"} & limits.keys() else None
    below = limits["gt"] if "gt" in limits else math.nextafter(limits["ge"], -math.inf) if "ge" in limits else None
    above = limits["lt"] if "lt" in limits else math.nextafter(limits["le"], math.inf) if "le" in limits else None
    return below, above


def default_of(key: Key) -> Any:
    """Return the default of a key, as YAML has it."""
    return _default(key.field)


def _default(field: FieldInfo) -> Any:
    return None if field.is_required() else to_jsonable_python(field.get_default(call_default_factory=True))


def _nested(path: KeyPath, value: Any) -> Any:
    for name in reversed(path):
        value = {name: value}
    return value


def _yaml(value: Any) -> str:
    """Return YAML on one line; what is no number in JSON is one in YAML."""
    text = json.dumps(value)
    for word, spelled in (("-Infinity", "-.inf"), ("Infinity", ".inf"), ("NaN", ".nan")):
        text = (
            text.replace(f": {word}", f": {spelled}")
            .replace(f"[{word}", f"[{spelled}")
            .replace(f", {word}", f", {spelled}")
        )
    return text
