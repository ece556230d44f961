"""One progress bar for each stage that works for more than a second."""

import os
import sys
from collections.abc import Iterable
from typing import Any, TypeVar
from weakref import WeakSet

from dvc_parallel.system.environment_variables import variable

INTERVAL_VARIABLE = "TQDM_MININTERVAL"
"""By which tqdm lets its user say how often a bar is drawn; who runs the stage may read it."""
if not variable(INTERVAL_VARIABLE):
    os.environ.pop(INTERVAL_VARIABLE, None)  # where it is empty, tqdm cannot even be imported

from tqdm import tqdm  # noqa: E402

TERMINAL_SECONDS = 0.1
LOG_SECONDS = 30.0  # a log keeps every refresh as a line

_BARS: "WeakSet[tqdm[Any]]" = WeakSet()

T = TypeVar("T")


def progress(iterable: Iterable[T], *, total: int | None = None, desc: str, unit: str = "it") -> "tqdm[T]":
    """Iterate over `iterable` under a bar on standard error.

    Parameters
    ----------
    iterable : iterable
        What is worked on.
    total : int, optional
        Number of items, when `iterable` does not know its length.
    desc : str
        Name of the work, for instance the stage's.
    unit : str
        What one item is.

    Returns
    -------
    tqdm
        The same items, in the same order.
    """
    usual = TERMINAL_SECONDS if sys.stderr.isatty() else LOG_SECONDS
    seconds = float(variable(INTERVAL_VARIABLE) or usual)
    bar = tqdm(iterable, total=total, desc=desc, unit=unit, file=sys.stderr, mininterval=seconds)
    _BARS.add(bar)
    return bar


def close_bars() -> None:
    """End the line of every bar that is still open, so that what is printed next begins a line of its own."""
    for bar in list(_BARS):
        bar.close()
