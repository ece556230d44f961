"""Which stages may be stale again: commands may write what no stage declares, and others read it.

DVC asks of each stage at its turn, in an order in which one stage ends before the next begins. Side by side, a stage is
found up to date, or begins, while earlier stages of that order have not ended: it is *early*. What such a stage reads
may come out otherwise, and DVC would have seen that. A stage that is not early DVC would have left as it is here.
"""

from collections.abc import Collection, Sequence


class Doubts:
    """When each stage was found right, counted in commands that have ended.

    Parameters
    ----------
    order : sequence of str
        The stages in DVC's order.
    """

    def __init__(self, order: Sequence[str]) -> None:
        self._order = order
        self._ended = 0
        self._found: dict[str, int] = {}
        self._early: set[str] = set()
        self._concurrent: set[str] = set()

    @property
    def plan_holds(self) -> bool:
        """Whether nothing has run since the plan was made."""
        return self._ended == 0

    def asked(self, name: str, done: Collection[str]) -> None:
        """Note that a stage is asked whether it must run, or begins, when others are done."""
        earlier = self._order[: self._order.index(name)]
        (self._early.discard if all(other in done for other in earlier) else self._early.add)(name)

    def started(self, at_work: Collection[str]) -> None:
        """Note which commands are at work, now that one more has started."""
        if len(at_work) > 1:
            self._concurrent.update(at_work)

    def ended(self, name: str) -> bool:
        """Note that a command has ended; say whether another was at work meanwhile."""
        self._ended += 1
        concurrent = name in self._concurrent
        self._concurrent.discard(name)
        return concurrent

    def found_right(self, name: str) -> None:
        """Note that a stage was found, or made, up to date."""
        self._found[name] = self._ended

    def open(self) -> list[str]:
        """Return the stages that were found right before the last command ended, in DVC's order."""
        return [name for name in self._order if self._found.get(name, self._ended) < self._ended]

    def early(self, name: str) -> bool:
        """Say whether a stage was asked while an earlier one of DVC's order had not ended."""
        return name in self._early
