"""Write figures for readers: fixed digits, a true minus sign, a dash for what does not exist."""

import math

MINUS = "\u2212"
NOTHING = "\u2013"  # a dash: no such figure
BLOCK_NAMES = {"train": "training", "validation": "validation", "test": "test"}


def number(value: float | None, digits: int) -> str:
    """Return `value` with so many decimals.

    Examples
    --------
    >>> number(1234.5, 2), number(None, 2) == NOTHING
    ('1,234.50', True)
    """
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{value:,.{digits}f}"
    if not text.strip("-0.,"):
        text = text.lstrip("-")  # a zero has no sign
    return text.replace("-", MINUS)


def signed(value: float | None, digits: int) -> str:
    """Return `value` with its sign, a plus too."""
    text = number(value, digits)
    return f"+{text}" if text.strip("0.,") and text[0] not in (MINUS, NOTHING) else text


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share as a percentage, without the sign for per cent, which stands in the heading."""
    return number(None if value is None else 100.0 * value, digits)


def signed_percent(value: float | None, digits: int = 1) -> str:
    """Return a share as a percentage with its sign."""
    return signed(None if value is None else 100.0 * value, digits)


def interval(low: float | None, high: float | None, digits: int = 1) -> str:
    """Return an interval of shares in per cent; nothing when it does not exist."""
    if low is None or high is None:
        return NOTHING
    return f"[{signed_percent(low, digits)}, {signed_percent(high, digits)}]"


def count(value: int | None) -> str:
    """Return a whole number with its thousands apart."""
    return NOTHING if value is None else f"{value:,}"


def plural(amount: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> plural(1, "date"), plural(2500, "date")
    ('1 date', '2,500 dates')
    """
    return f"{amount:,} {one if amount == 1 else many or one + 's'}"
