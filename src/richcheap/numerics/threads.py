"""Work through rows in blocks of one size, on one thread or several."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, Final, TypeVar, cast

BLOCK_ROWS: Final = 2_048

Table = TypeVar("Table", bound=tuple[Any, ...])


def views(table: Table, rows: slice) -> Table:
    """Return views of some rows of a named tuple of arrays."""
    return cast(Table, cast(Any, table)._make(column[rows] for column in table))


def run_blocks(size: int, threads: int, work: Callable[[slice], object]) -> None:
    """Call ``work`` with consecutive slices of ``size`` rows, on at most ``threads`` threads at once.

    Parameters
    ----------
    size : int
    threads : int
        At least 1.
    work : callable
        Treats every row by itself and writes only its own rows: results cannot depend on blocks or threads.

    Raises
    ------
    ValueError
        When there is not even one thread.
    """
    if threads < 1:
        raise ValueError(f"threads must be at least 1, but it is {threads}")
    blocks = [slice(start, min(start + BLOCK_ROWS, size)) for start in range(0, size, BLOCK_ROWS)]
    if threads == 1 or len(blocks) == 1:
        work(slice(0, size))
        return
    deque(_pool(threads).map(work, blocks), maxlen=0)


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    """Return the one pool of this many threads: starting threads takes as long as a small date's work."""
    return ThreadPoolExecutor(threads)
