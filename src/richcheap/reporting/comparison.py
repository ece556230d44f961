"""Compare the figures of metrics/headline.json at two points of the project's history: a Markdown table.

A *difference* is what ``dvc metrics diff --all --json`` says of that file: for each dotted name ``old`` and ``new``,
either of which may be null.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from richcheap.features.baselines import FILTER
from richcheap.reporting.layout.formats import NOTHING, interval, number, signed_percent
from richcheap.reporting.layout.markdown import line
from richcheap.reporting.sections.results import figure, shown_in

Difference = Mapping[str, Mapping[str, Any]]

COMPARED = [metric for metric in shown_in("main") if metric.headline and metric.key != "mae"]
"""Metrics beside the mean absolute error, which has a column for its change too."""
HEADINGS = (
    *("Predictor", "MAE before, points", "MAE now, points", "Change, %"),
    *("Below the best simple baseline before, %", "Below the best simple baseline now, %"),
    *(f"Below {FILTER} before, %", f"Below {FILTER} now, %"),
    *(
        f"{metric.column.title} {time}, {'%' if metric.unit == 'share' else metric.unit}"
        for metric in COMPARED
        if metric.column is not None
        for time in ("before", "now")
    ),
)
SIMPLE_SKILL, FILTER_SKILL = "skill_against_best_simple_baseline", f"skill_against_{FILTER}"


class Champion(NamedTuple):
    """The model that the validation block chose, and its mean absolute error on the test block, points per 100."""

    name: str
    mae: float


def champion(difference: Difference, side: str) -> Champion | None:
    """Return the champion of a side, ``old`` or ``new``; None when that side names none."""
    name, mae = _value(difference, "champion", side), _value(difference, "champion_mae", side)
    return None if name is None or mae is None else Champion(str(name), float(mae))


def rise(before: Champion, now: Champion) -> float:
    """Return by what share the champion's error has risen; negative when it has fallen.

    Examples
    --------
    >>> rise(Champion("a", 0.5), Champion("b", 0.625))
    0.25
    """
    return now.mae / before.mae - 1.0 if before.mae else (0.0 if now.mae == before.mae else float("inf"))


def comparison_markdown(difference: Difference, revision: str) -> str:
    """Return who was and who is champion, and the figures of each model and of the baselines before and now."""
    before, now = champion(difference, "old"), champion(difference, "new")
    lines = [_sentence(before, now, revision) + _standing(difference, now), ""]
    lines += [line(HEADINGS), line([":---", *["---:"] * (len(HEADINGS) - 1)])]
    lines += [line(_cells(name, difference, now)) for name in _models(difference)]
    lines += [line(cells) for cells in _baselines(difference)]
    return "\n".join(lines) + "\n"


def _sentence(before: Champion | None, now: Champion | None, revision: str) -> str:
    if now is None:
        return "The working folder names no champion."
    said = f"MAE on the test block {number(now.mae, 4)} points"
    if before is None:
        return f"Champion: **`{now.name}`**, {said}. `{revision}` names no champion to compare with."
    who = f"**`{now.name}`**, as" if before.name == now.name else f"**`{now.name}`**, where it was `{before.name}`"
    change = signed_percent(rise(before, now), 2)
    return f"Champion: {who} at `{revision}`; {said}, before {number(before.mae, 4)} ({change} %)."


def _standing(difference: Difference, now: Champion | None) -> str:
    """Say how far the champion is below the best simple baseline and the Kalman filter now."""
    said = []
    for skill, name in ((SIMPLE_SKILL, _value(difference, "best_simple_baseline", "new")), (FILTER_SKILL, FILTER)):
        gain, low, high = (
            None if now is None else _value(difference, f"{now.name}.{skill}.{figure}", "new")
            for figure in ("skill", "low", "high")
        )
        if gain is not None:
            role = "the best simple baseline, " if skill == SIMPLE_SKILL else ""
            said.append(f"{signed_percent(gain)} % {interval(low, high)} below {role}`{name}`")
    return f" It is {', and '.join(said)}." if said else ""


def _models(difference: Difference) -> list[str]:
    """Return the models that either side has, the least error now first, those that are gone last."""
    names = [name.removesuffix(".mae") for name in difference if name.endswith(".mae")]
    return sorted(names, key=lambda name: (_value(difference, f"{name}.mae", "new") or float("inf"), name))


def _cells(name: str, difference: Difference, now: Champion | None) -> list[str]:
    chosen = now is not None and now.name == name
    shown = f"**`{name}`**" if chosen else f"`{name}`"
    old, new = (_value(difference, f"{name}.mae", side) for side in ("old", "new"))
    cells = [shown, number(old, 4), number(new, 4), _change(old, new)]
    figures: tuple[tuple[str, Callable[[float | None], str]], ...] = (
        (f"{SIMPLE_SKILL}.skill", signed_percent),
        (f"{FILTER_SKILL}.skill", signed_percent),
        *((metric.key, partial(figure, metric)) for metric in COMPARED),
    )
    for key, write in figures:
        cells += [write(_value(difference, f"{name}.{key}", side)) for side in ("old", "new")]
    return cells


def _baselines(difference: Difference) -> list[list[str]]:
    """Return the best simple baseline, the filter, and the best baseline where it is another."""
    rows = [
        _baseline(difference, "best simple baseline", "best_simple_baseline"),
        [f"`{FILTER}`", *_errors(difference, f"{FILTER}_mae")],
    ]
    known = {FILTER, _value(difference, "best_simple_baseline", "new")}
    if _value(difference, "best_baseline", "new") not in known:
        rows.append(_baseline(difference, "best baseline", "best_baseline"))
    return rows


def _baseline(difference: Difference, role: str, key: str) -> list[str]:
    names = dict.fromkeys(name for side in ("old", "new") if (name := _value(difference, key, side)))
    return [f"{role}, {' → '.join(f'`{name}`' for name in names) or NOTHING}", *_errors(difference, f"{key}_mae")]


def _errors(difference: Difference, key: str) -> list[str]:
    """Return a baseline's error before and now and its change, and nothing in the columns of models."""
    old, new = (_value(difference, key, side) for side in ("old", "new"))
    return [number(old, 4), number(new, 4), _change(old, new), *[NOTHING] * (len(HEADINGS) - 4)]


def _change(old: float | None, new: float | None) -> str:
    return signed_percent(new / old - 1.0) if old and new is not None else NOTHING


def _value(difference: Difference, name: str, side: str) -> Any:
    return difference.get(name, {}).get(side)
