"""Exponentials, logarithms and sums of rows with the same bits on every processor and any number of threads."""

from collections.abc import Callable, Iterable
from functools import reduce
from operator import add

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray

from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementary import exp, expm1, log, log1p

Floats = NDArray[np.float64]


def exponentials(values: ArrayLike) -> Floats:
    """Return e to the power of each value."""
    return _each(_exponentials, values)


def exponentials_less_one(values: ArrayLike) -> Floats:
    """Return e to the power of each value, less 1, exact also near 0."""
    return _each(_expm1, values)


def logarithms(values: ArrayLike) -> Floats:
    """Return the natural logarithm of each value."""
    return _each(_logarithms, values)


def log1p_each(values: ArrayLike) -> Floats:
    """Return ``log(1 + value)`` of each value."""
    return _each(_log1p, values)


def mean_discounts(values: ArrayLike) -> Floats:
    """Return ``(1 - exp(-x)) / x`` of each positive value."""
    return _each(_mean_discounts, values)


def powers(base: ArrayLike, exponents: ArrayLike) -> Floats:
    """Return each positive base to the power of its exponent.

    Examples
    --------
    >>> powers(0.5, [1.0, 2.0]).round(12).tolist()
    [0.5, 0.25]
    """
    return exponentials(np.multiply(exponents, logarithms(base)))


def logistic(values: ArrayLike) -> Floats:
    """Return ``1 / (1 + exp(-x))`` of each value."""
    return np.asarray(1.0 / (1.0 + exponentials(np.negative(values))))


def softplus(values: ArrayLike) -> Floats:
    """Return ``log(1 + exp(x))`` of each value."""
    return np.asarray(np.maximum(values, 0.0) + log1p_each(exponentials(-np.abs(values))))


def _each(work: Callable[[Floats], Floats], values: ArrayLike) -> Floats:
    """Work through all values in one row, and return them in their shape."""
    array = np.asarray(values, np.float64, order="C")
    return work(array.reshape(-1)).reshape(array.shape)


@kernel
def _exponentials(values: Floats) -> Floats:
    found = np.empty_like(values)
    for i in range(values.size):
        found[i] = exp(values[i])
    return found


@kernel
def _expm1(values: Floats) -> Floats:
    found = np.empty_like(values)
    for i in range(values.size):
        found[i] = expm1(values[i])
    return found


@kernel
def _logarithms(values: Floats) -> Floats:
    found = np.empty_like(values)
    for i in range(values.size):
        found[i] = log(values[i])
    return found


@kernel
def _log1p(values: Floats) -> Floats:
    found = np.empty_like(values)
    for i in range(values.size):
        found[i] = log1p(values[i])
    return found


@kernel
def _mean_discounts(values: Floats) -> Floats:
    found = np.empty_like(values)
    for i in range(values.size):
        found[i] = -expm1(-values[i]) / values[i]
    return found


def row_sum(columns: Iterable[str]) -> pl.Expr:
    """Return the sum of columns, added from left to right: `polars.sum_horizontal` divides them among its threads.

    Examples
    --------
    >>> pl.DataFrame({"a": [0.1], "b": [0.2], "c": [0.3]}).select(row_sum(["a", "b", "c"])).item() == 0.1 + 0.2 + 0.3
    True
    """
    return reduce(add, map(pl.col, columns))


def divided(column: pl.Expr, divisor: float | pl.Expr) -> pl.Expr:
    """Return a column over what is the same in all its rows, with the same bits in a table or group of any height.

    Polars multiplies a column by the divisor's inverse, but divides a single row.

    Examples
    --------
    >>> both = pl.DataFrame({"a": [0.3, 0.7]})
    >>> both[1:].select(divided(pl.col("a"), 1e4)).item() == both.select(divided(pl.col("a"), 1e4))["a"][1]
    True
    """
    return column * (1.0 / divisor)
