"""A function done for each of some independent tasks: here, on other cores or on other machines."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class MapTasks(Protocol):
    """Does a function for each of some tasks, somewhere: models take one, stages say which."""

    def __call__(
        self, function: Callable[[Task], Result], tasks: Sequence[Task], *, desc: str, unit: str
    ) -> Iterable[Result]:
        """Return what `function` makes of each task, in the order of the tasks; `desc` and `unit` are a bar's."""


def map_here(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    *,
    desc: str,  # noqa: ARG001  for those that show a bar
    unit: str,  # noqa: ARG001
) -> Iterable[Result]:
    """Do the tasks in this process, one after the other (a `MapTasks`)."""
    return map(function, tasks)
