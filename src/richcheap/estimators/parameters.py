"""Parameters of estimators from the typed section of a model's params: default, meaning and range stand there alone."""

import inspect
from collections.abc import Iterable
from typing import Any, cast

import numpy as np
from pydantic import ValidationError
from sklearn.base import BaseEstimator

from richcheap.pipeline.config.fields import Section, comment


def declare(estimator: type[BaseEstimator], section: type[Section], more: Iterable[tuple[str, object, str]]) -> None:
    """Give an estimator the parameters of a section, and some more, as keyword arguments that it keeps as they are.

    Parameters
    ----------
    estimator : type
        Its constructor, and the list of parameters in its docstring, are made.
    section : type of Section
    more : iterable of (str, object, str)
        Name, default and meaning of each further parameter.
    """
    fields = section.model_fields
    declared = [(name, plain(field.get_default()), f"{comment(field)}.") for name, field in fields.items()]
    declared += more
    keyword = inspect.Parameter.KEYWORD_ONLY
    signature = inspect.Signature(
        [
            inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD),
            *(inspect.Parameter(name, keyword, default=default) for name, default, _ in declared),
        ]
    )

    def __init__(self: BaseEstimator, **given: Any) -> None:  # noqa: N807  it is one
        bound = signature.bind(self, **given)
        bound.apply_defaults()
        for name in signature.parameters.keys() - {"self"}:
            setattr(self, name, bound.arguments[name])

    cast(Any, __init__).__signature__ = signature
    cast(Any, estimator).__init__ = __init__
    entries = (
        f"{name} : {type(default).__name__}, default {default!r}\n    {text}" for name, default, text in declared
    )
    about = inspect.cleandoc(estimator.__doc__ or "")
    estimator.__doc__ = "\n".join([about, "\nParameters\n----------", *entries, ""])


def read(estimator: BaseEstimator, section: type[Section]) -> Section:
    """Return the section that an estimator's parameters make.

    Raises
    ------
    ValueError
        One of them is of another kind or out of range; one line says what all of them must be.
    """
    given = {name: unplain(getattr(estimator, name)) for name in section.model_fields}
    try:
        return section(**given)
    except ValidationError as error:
        owner, faults = type(estimator).__name__, []
        for fault in error.errors():
            name = str(fault["loc"][0]) if fault["loc"] else ""
            rule = fault["msg"].removeprefix("Value error, ").replace("Input should", "must")
            said = f"{name} of {owner} {rule}, got {given[name]!r}" if name else f"{owner}: {rule}"
            faults.append(said)
        raise ValueError("; ".join(faults)) from None


def plain(value: object) -> object:
    """Return a default that nobody can change by accident: a tuple for a list."""
    return tuple(value) if isinstance(value, list) else value


def unplain(value: object) -> object:
    """Return a value as sections take it: a list for a tuple or an array, Python's numbers for NumPy's."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value
