"""Whether calls of rich and cheap have paid: in words, from the content of metrics/signals.json."""

from collections.abc import Mapping, Sequence
from typing import Any

from richcheap.reporting.layout.formats import count, percent, plural, signed
from richcheap.reporting.sections.relative_value import SPAN

VERDICTS = {
    "pays": "has paid",
    "loses": "has not paid",
    "not distinguishable": "cannot be said to pay after costs",
    "too few dates": "cannot be judged on so few dates",
}
ACTS = {"cheap": "Buying bonds flagged cheap", "rich": "Selling bonds flagged rich"}

Scores = Mapping[str, Any]
Cell = Mapping[str, Any]


def has_it_paid(scores: Scores) -> list[str]:
    """Say what calls of cheap and rich earned, and how often those of the latest quarter were right.

    Parameters
    ----------
    scores : mapping
        Content of metrics/signals.json.
    """
    span = scores["spans"][SPAN]
    horizon = str(span["shown_horizon"])
    flags = _flags(span["horizons"], horizon)
    said = [_earned(flag, flags[flag], span) for flag in ACTS if flags.get(flag, {}).get("rows")]
    if not said:
        return ["Whether such calls pay cannot be said: no flagged bond has printed again yet."]
    return [*said, *_right(scores["quarters"], horizon)]


def _flags(horizons: Mapping[str, Any], horizon: str) -> dict[str, Cell]:
    return {cell["cell"]: cell for cell in horizons[horizon]["flags"]}


def _earned(flag: str, cell: Cell, span: Mapping[str, Any]) -> str:
    verdict = VERDICTS.get(cell["verdict"], cell["verdict"])
    gross, net = _figure(cell["earned_bp"]), _figure(cell["net_bp"])
    return (
        f"{ACTS[flag]} {verdict}: {gross} bp within {span['shown_horizon']} business days on average, {net} bp after "
        f"half-spreads ({plural(cell['rows'], 'call')} on {plural(span['dates'], 'date')})."
    )


def _right(quarters: Sequence[Mapping[str, Any]], horizon: str) -> list[str]:
    """Say how often calls of the latest quarter with outcomes were right."""
    for quarter in reversed(quarters):
        flags = _flags(quarter["horizons"], horizon)
        judged = {flag: flags[flag] for flag in ACTS if flags.get(flag, {}).get("rows")}
        if judged:
            shares = [
                f"{percent(cell['hit_rate']['value'], 0)} % of {count(cell['rows'])} {flag} calls "
                f"({percent(cell['net_hit_rate'], 0)} % after costs)"
                for flag, cell in judged.items()
            ]
            right = (
                f"In {quarter['quarter']}, the latest quarter with outcomes, right were {' and '.join(shares)}; "
                "a coin is right half of the time."
            )
            return [right]
    return []


def _figure(estimate: Mapping[str, float | None]) -> str:
    value, low, high = (signed(estimate[name], 1) for name in ("value", "low", "high"))
    return value if estimate["low"] is None else f"{value} [{low} to {high}]"
