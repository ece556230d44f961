import threading
from collections.abc import Iterator

import pytest

from richcheap.pipeline.execution.prefetch import prefetch


def counted(made: list[int], fails_at: int | None = None) -> Iterator[int]:
    for number in range(5):
        if number == fails_at:
            raise ValueError(f"item {number}")
        made.append(number)
        yield number


def test_items_come_in_order() -> None:
    assert [*prefetch(counted([]))] == [0, 1, 2, 3, 4]
    assert [*prefetch(iter(()))] == []


def test_the_next_item_is_made_while_one_is_used_and_no_more() -> None:
    made: list[int] = []
    started = threading.Event()

    def items() -> Iterator[int]:
        for number in counted(made):
            if number == 1:
                started.set()
            yield number

    used = prefetch(items())
    assert next(used) == 0
    assert started.wait(timeout=10)
    assert made[-1] == 1


def test_a_fault_comes_in_its_turn() -> None:
    used = prefetch(counted([], fails_at=2))
    assert [next(used), next(used)] == [0, 1]
    with pytest.raises(ValueError, match="item 2"):
        next(used)


def test_leaving_off_stops_the_work() -> None:
    made: list[int] = []
    for number in prefetch(counted(made)):
        if number == 1:
            break
    assert max(made) <= 2
