"""Exponentials, logarithms and sums of rows with the same bits on every processor and any number of threads."""

from collections.abc import Iterable
from functools import reduce
from operator import add

import numpy as np
import polars as pl
from numpy.typing import NDArray

from richcheap.numerics.compiled import kernel
from richcheap.numerics.elementary import exp, expm1, log, log1p

Floats = NDArray[np.float64]


@kernel
def exponentials(values: Floats) -> Floats:
    """Return e to the power of each value of a row."""
    found = np.empty_like(values)
    for i in range(values.size):
        found[i] = exp(values[i])
    return found


@kernel
def logarithms(values: Floats) -> Floats:
    """Return the natural logarithm of each value of a row."""
    found = np.empty_like(values)
    for i in range(values.size):
        found[i] = log(values[i])
    return found


@kernel
def mean_discounts(values: Floats) -> Floats:
    """Return ``(1 - exp(-x)) / x`` of each positive value of a row."""
    found = np.empty_like(values)
    for i in range(values.size):
        found[i] = -expm1(-values[i]) / values[i]
    return found


@kernel
def log1p_each(values: Floats) -> Floats:
    """Return ``log(1 + value)`` of each value of a row."""
    found = np.empty(values.size)
    for i in range(values.size):
        found[i] = log1p(values[i])
    return found


def row_sum(columns: Iterable[str]) -> pl.Expr:
    """Return the sum of columns, added from left to right: `polars.sum_horizontal` divides them among its threads.

    Examples
    --------
    >>> pl.DataFrame({"a": [0.1], "b": [0.2], "c": [0.3]}).select(row_sum(["a", "b", "c"])).item() == 0.1 + 0.2 + 0.3
    True
    """
    return reduce(add, map(pl.col, columns))
