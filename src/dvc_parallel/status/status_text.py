"""Reasons in words: plain text for 80 columns; nothing here knows DVC."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from dvc_parallel.status.reasons import (
    Always,
    CommandChange,
    DependencyChange,
    FolderChange,
    NeverRun,
    OutputChange,
    ParamChange,
    Reason,
    Upstream,
    Verdict,
)
from dvc_parallel.system import program
from dvc_parallel.views.formatting import listed

WIDTH = 80
MAX_PARAMS = 10
"""So many params of a stage are shown, each on a line of its own."""
VALUE_WIDTH = 60
COMMAND_WIDTH = 200
STATE_WORDS = {
    "changed": "changed",
    "missing": "missing",
    "new": "new, unknown to dvc.lock",
    "not in cache": "not in the cache",
    "missing, not in cache": "missing, and not in the cache",
    "updated at its source": "updated at its source",
}


def report(verdicts: Sequence[Verdict], targets: Sequence[str] = ()) -> str:
    """Return what a user reads: a block for each stage that would run, then the count.

    Parameters
    ----------
    verdicts : sequence of Verdict
        Every stage asked about, in the order of the pipeline.
    targets : sequence of str
        The targets that the user named, for the command that brings them up to date.
    """
    blocks = [block(verdict) for verdict in verdicts if verdict.reasons]
    frozen = [verdict.stage for verdict in verdicts if verdict.frozen and not verdict.reasons]
    if frozen:
        blocks.append("\n".join(_wrapped(f"frozen, so their dependencies are not looked at: {listed(frozen)}", 0)))
    return "\n\n".join([*blocks, "\n".join(_wrapped(count(verdicts, targets), 0))])


def block(verdict: Verdict) -> str:
    """Return a stage's name and, indented below it, a line for each reason."""
    lines = [verdict.stage]
    for sentence in sentences(verdict):
        lines += _wrapped(sentence, 2)
    return "\n".join(lines)


def count(verdicts: Sequence[Verdict], targets: Sequence[str] = ()) -> str:
    """Return the line at the end."""
    total = f"{len(verdicts)} stage{'s' * (len(verdicts) != 1)}"
    stale = sum(verdict.stale for verdict in verdicts)
    follow = sum(verdict.follows for verdict in verdicts)
    if not stale:
        return (
            "no stages" if not verdicts else f"all {total} up to date" if len(verdicts) > 1 else f"{total}, up to date"
        )
    command = " ".join([f"{program.name} run", *targets])
    may = f" and {follow} may follow" if follow else ""
    them = "them" if stale + follow > 1 else "it"
    return f"{stale} of {total} {'is' if stale == 1 else 'are'} stale{may}; `{command}` would bring {them} up to date"


def sentences(verdict: Verdict) -> Iterator[str]:
    """Yield the reasons for one stage in words, those of a kind together."""
    for _, group in groupby(verdict.reasons, key=_kin):
        yield from _of_a_kind(list(group))
    if verdict.frozen:
        yield "frozen: it would not run, only its outputs would be checked; `dvc unfreeze` frees it"
    if verdict.restorable:
        yield "its result is cached: it could be restored without running"


def value(content: Any) -> str:
    """Return a param's value on one line, cut if it is long."""
    return _cut(json.dumps(content, ensure_ascii=False, default=str), VALUE_WIDTH)


def _kin(reason: Reason) -> tuple[str, str]:
    """Return what reasons that share a sentence share."""
    state = reason.state if isinstance(reason, DependencyChange | OutputChange) and reason.files is None else ""
    return reason.kind, state


def _of_a_kind(reasons: Sequence[Reason]) -> Iterator[str]:
    match reasons[0]:
        case DependencyChange() | OutputChange():
            yield from _paths([reason for reason in reasons if isinstance(reason, DependencyChange | OutputChange)])
        case Upstream():
            yield _above([reason for reason in reasons if isinstance(reason, Upstream)])
        case _:
            yield from (_one(reason) for reason in reasons[:MAX_PARAMS])
            if len(reasons) > MAX_PARAMS:
                yield f"and {len(reasons) - MAX_PARAMS} params more"


def _above(reasons: Sequence[Upstream]) -> str:
    now = {path: f"{path} ({STATE_WORDS[state]} now)" for reason in reasons for path, state in reason.now.items()}
    paths = dict.fromkeys(path for reason in reasons for path in reason.paths)  # stages may share a folder
    stages = listed([reason.stage for reason in reasons])
    return f"{stages} above it would run and may change {listed([now.get(path, path) for path in paths])}"


def _paths(reasons: Sequence[DependencyChange | OutputChange]) -> Iterator[str]:
    """Yield words on files that differ alike; a folder whose files are known has a sentence of its own."""
    what = reasons[0].kind
    if reasons[0].files is None:
        names = listed([reason.path for reason in reasons])
        by_hand = " since it was written" if what == "output" and reasons[0].state == "changed" else ""
        yield f"{what} {STATE_WORDS[reasons[0].state]}{by_hand}: {names}"
        return
    for reason in reasons:
        if reason.files is not None:
            yield f"{what} changed: {reason.path}, {_files(reason.files)}"


def _files(change: FolderChange) -> str:
    parts = [("changed", change.changed), ("new", change.added), ("gone", change.deleted)]
    return "; ".join(
        f"{len(names)} file{'s' * (len(names) != 1)} {how} ({listed(names)})" for how, names in parts if names
    )


def _one(reason: Reason) -> str:
    words = ""
    match reason:
        case NeverRun():
            words = "never run before"
        case Always():
            cause = "is marked always_changed" if reason.declared else "has neither dependencies nor outputs"
            words = f"runs every time: it {cause}"
        case CommandChange():
            words = f"command changed: {_cut(reason.old, COMMAND_WIDTH)} -> {_cut(reason.new, COMMAND_WIDTH)}"
        case ParamChange():
            words = _param(reason)
    return words


def _param(reason: ParamChange) -> str:
    file = "" if reason.file == "params.yaml" else f" ({reason.file})"
    match reason.state:
        case "changed":
            return f"param {reason.key}: {value(reason.old)} -> {value(reason.new)}{file}"
        case "new":
            return f"param {reason.key} is new: {value(reason.new)}{file}"
        case "deleted":
            was = "" if reason.old is None else f"; it was {value(reason.old)}"
            return f"param {reason.key} is not in {reason.file}{was}"


def _cut(text: str, width: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else f"{text[: width - 4]} ..."


def _wrapped(sentence: str, indent: int) -> Iterable[str]:
    """Break between words alone: a path that is cut can neither be read nor copied."""
    return textwrap.wrap(
        sentence,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
