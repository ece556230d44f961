"""Compare the figures of metrics/headline.json at two points of the project's history: a Markdown table.

A *difference* is what ``dvc metrics diff --all --json`` says of that file: for each dotted name ``old`` and ``new``,
either of which may be null.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from stages.reporting.formats import NOTHING, number, percent, signed_percent
from stages.reporting.markdown import line

Difference = Mapping[str, Mapping[str, Any]]

HEADINGS = (
    *("Predictor", "MAE before, points", "MAE now, points", "Change, %"),
    *("Skill before, %", "Skill now, %", "Coverage before, %", "Coverage now, %"),
)


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
    """Return who was and who is champion, and each model's and the best baseline's figures before and now."""
    before, now = champion(difference, "old"), champion(difference, "new")
    lines = [_sentence(before, now, revision), ""]
    lines += [line(HEADINGS), line([":---", *["---:"] * (len(HEADINGS) - 1)])]
    lines += [line(_cells(name, difference, now)) for name in _models(difference)]
    lines.append(line(_baseline(difference)))
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


def _models(difference: Difference) -> list[str]:
    """Return the models that either side has, the least error now first, those that are gone last."""
    names = [name.removesuffix(".mae") for name in difference if name.endswith(".mae")]
    return sorted(names, key=lambda name: (_value(difference, f"{name}.mae", "new") or float("inf"), name))


def _cells(name: str, difference: Difference, now: Champion | None) -> list[str]:
    chosen = now is not None and now.name == name
    shown = f"**`{name}`**" if chosen else f"`{name}`"
    old, new = (_value(difference, f"{name}.mae", side) for side in ("old", "new"))
    cells = [shown, number(old, 4), number(new, 4), _change(old, new)]
    for figure, write in (("skill", signed_percent), ("coverage", percent)):
        cells += [write(_value(difference, f"{name}.{figure}", side)) for side in ("old", "new")]
    return cells


def _baseline(difference: Difference) -> list[str]:
    names = [_value(difference, "best_baseline", side) for side in ("old", "new")]
    old, new = (_value(difference, "best_baseline_mae", side) for side in ("old", "new"))
    shown = " → ".join(f"`{name}`" for name in dict.fromkeys(name for name in names if name))
    return [f"best baseline, {shown}", number(old, 4), number(new, 4), _change(old, new), *[NOTHING] * 4]


def _change(old: float | None, new: float | None) -> str:
    return signed_percent(new / old - 1.0) if old and new is not None else NOTHING


def _value(difference: Difference, name: str, side: str) -> Any:
    return difference.get(name, {}).get(side)
