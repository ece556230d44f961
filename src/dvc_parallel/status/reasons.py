"""Why a stage would run, as data, and how differences become reasons; nothing here knows DVC."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar, Literal

State = Literal["changed", "missing", "new", "not in cache", "missing, not in cache", "updated at its source"]
"""How a thing differs from what dvc.lock records; ``new`` says that dvc.lock knows nothing of it."""


@dataclass(frozen=True)
class FolderChange:
    """Which files of a folder differ, by their paths within it, each tuple sorted."""

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True)
class NeverRun:
    """dvc.lock records no run of the stage."""

    kind: ClassVar[str] = "never run"


@dataclass(frozen=True)
class Always:
    """The stage runs every time: it says so itself (``always_changed``) or has neither dependencies nor outputs."""

    kind: ClassVar[str] = "always"
    declared: bool


@dataclass(frozen=True)
class CommandChange:
    """The command is another one than was run."""

    kind: ClassVar[str] = "command"
    old: str
    new: str


@dataclass(frozen=True)
class DependencyChange:
    """A file or a folder that the stage reads; `files` only for a folder whose old state is known."""

    kind: ClassVar[str] = "dependency"
    path: str
    state: State
    files: FolderChange | None = None


@dataclass(frozen=True)
class CodeChange(DependencyChange):
    """A dependency that is a module, or lies in a package."""

    kind: ClassVar[str] = "code"


@dataclass(frozen=True)
class ParamChange:
    """A leaf of a params file; `old` and `new` are None where there is none, which `state` tells."""

    kind: ClassVar[str] = "param"
    file: str
    key: str
    state: Literal["changed", "new", "deleted"]
    old: Any = None
    new: Any = None


@dataclass(frozen=True)
class OutputChange:
    """A file or a folder that the stage writes."""

    kind: ClassVar[str] = "output"
    path: str
    state: State
    files: FolderChange | None = None


@dataclass(frozen=True)
class Upstream:
    """A stage next above this one would or may run; `now` tells how what is there at present differs, path by path."""

    kind: ClassVar[str] = "upstream"
    stage: str
    paths: tuple[str, ...]
    now: Mapping[str, State] = field(default_factory=dict)


Reason = NeverRun | Always | CommandChange | DependencyChange | ParamChange | OutputChange | Upstream


@dataclass(frozen=True)
class Verdict:
    """What is to be said of one stage.

    Parameters
    ----------
    stage : str
        The stage's address, seen from the working folder.
    reasons : tuple
        Direct causes first, then the stages above; empty for a stage that is up to date.
    frozen : bool
        DVC does not look at the dependencies of a frozen stage and never runs it.
    restorable : bool
        The run cache has the result, so that nothing need run.
    """

    stage: str
    reasons: tuple[Reason, ...] = ()
    frozen: bool = False
    restorable: bool = False

    @property
    def stale(self) -> bool:
        """Whether something of its own is the cause."""
        return any(not isinstance(reason, Upstream) for reason in self.reasons)

    @property
    def follows(self) -> bool:
        """Whether it may run only because a stage above it would."""
        return bool(self.reasons) and not self.stale

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {
            "stage": self.stage,
            "stale": self.stale,
            "frozen": self.frozen,
            "restorable": self.restorable,
            "reasons": [{"kind": reason.kind, **asdict(reason)} for reason in self.reasons],
        }


def folder_change(old: Mapping[str, str], new: Mapping[str, str]) -> FolderChange:
    """Compare two states of a folder, each the hashes of its files by path."""
    return FolderChange(
        changed=tuple(sorted(name for name in old.keys() & new.keys() if old[name] != new[name])),
        added=tuple(sorted(new.keys() - old.keys())),
        deleted=tuple(sorted(old.keys() - new.keys())),
    )


def param_changes(file: str, old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> Iterator[ParamChange]:
    """Compare two states of params and yield the leaves that differ, in the order of the new state.

    Parameters
    ----------
    file : str
        The file that they come from.
    old, new : mapping of str to object
        Values by key; mappings and lists in them are gone through, so that only what differs shows.
    prefix : str
        What stands before each key.

    Examples
    --------
    >>> [(p.key, p.old, p.new) for p in param_changes("params.yaml", {"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "c": 2}})]
    [('a.b', 1, 3)]
    """
    for key in [*new, *(key for key in old if key not in new)]:
        name = f"{prefix}{key}"
        if key not in old:
            yield ParamChange(file, name, "new", new=new[key])
        elif key not in new:
            yield ParamChange(file, name, "deleted", old=old[key])
        else:
            yield from _value_changes(file, name, old[key], new[key])


def _value_changes(file: str, name: str, old: Any, new: Any) -> Iterator[ParamChange]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from param_changes(file, old, new, prefix=f"{name}.")
    elif _is_list(old) and _is_list(new):
        yield from param_changes(file, _by_place(old), _by_place(new), prefix=name)
    elif old != new:
        yield ParamChange(file, name, "changed", old, new)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _by_place(values: Sequence[Any]) -> dict[str, Any]:
    return {f"[{place}]": value for place, value in enumerate(values)}
