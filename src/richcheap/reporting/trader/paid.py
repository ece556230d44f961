"""Whether calls of rich and cheap have paid: in words, from the content of metrics/signals.json."""

from collections.abc import Mapping
from typing import Any

from richcheap.reporting.layout.formats import number, percent, plural, signed

LONGEST, LATEST = "validation_and_test", "test"
"""The spans of metrics/signals.json that are spoken of."""
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
    """Say what calls of cheap and rich earned, and how often they were right in the latest block of dates.

    Parameters
    ----------
    scores : mapping
        Content of metrics/signals.json.
    """
    longest, latest = (_flags(scores, span) for span in (LONGEST, LATEST))
    said = [_earned(flag, longest[flag], scores) for flag in ACTS if longest.get(flag, {}).get("rows")]
    if not said:
        return ["Whether such calls pay cannot be said: no flagged bond has printed again yet."]
    return [*said, *_right(latest, scores["spans"][LATEST])]


def _flags(scores: Scores, span: str) -> dict[str, Cell]:
    found = scores["spans"].get(span)
    if found is None:
        return {}
    return {cell["cell"]: cell for cell in found["horizons"][str(found["shown_horizon"])]["flags"]}


def _earned(flag: str, cell: Cell, scores: Scores) -> str:
    span = scores["spans"][LONGEST]
    verdict = VERDICTS.get(cell["verdict"], cell["verdict"])
    gross, net = _figure(cell["earned_bp"]), _figure(cell["net_bp"])
    return (
        f"{ACTS[flag]} {verdict}: {gross} bp within {span['shown_horizon']} business days on average, {net} bp after "
        f"half-spreads ({plural(cell['rows'], 'call')} on {plural(span['dates'], 'date')})."
    )


def _right(latest: Mapping[str, Cell], span: Mapping[str, Any]) -> list[str]:
    shares = [
        f"{percent(cell['hit_rate']['value'], 0)} % of {flag} calls ({percent(cell['net_hit_rate'], 0)} % after costs)"
        for flag, cell in latest.items()
        if flag in ACTS and cell["rows"] and cell["hit_rate"]["value"] is not None
    ]
    if not shares:
        return []
    when = f"{span['first_date']} to {span['last_date']}"
    return [f"In the latest {number(span['dates'], 0)} dates, {when}, right were {' and '.join(shares)}."]


def _figure(estimate: Mapping[str, float | None]) -> str:
    value, low, high = (signed(estimate[name], 1) for name in ("value", "low", "high"))
    return value if estimate["low"] is None else f"{value} [{low} to {high}]"
