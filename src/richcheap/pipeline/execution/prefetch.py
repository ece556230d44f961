"""Work one item ahead: while an item is used, a thread makes the next."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def prefetch(items: Iterator[Item]) -> Iterator[Item]:
    """Yield the same items in the same order, each made while the one before is used; so two are held at a time.

    It pays where making and using both release the interpreter, as polars and file access do. What making an item
    raises is raised in its turn.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        made = thread.submit(next, items, None)
        while (item := made.result()) is not None:
            made = thread.submit(next, items, None)
            yield item
