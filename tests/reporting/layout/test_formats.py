import math

import pytest

from richcheap.reporting.layout.formats import MINUS, NOTHING, count, interval, number, percent, plural, signed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.12345, "0.123"),
        (1234567.0, "1,234,567.000"),
        (-0.5, f"{MINUS}0.500"),
        (-0.0001, "0.000"),
        (0.0, "0.000"),
        (None, NOTHING),
        (math.nan, NOTHING),
        (math.inf, NOTHING),
    ],
)
def test_number_has_fixed_decimals_and_a_true_minus(value, text):
    assert number(value, 3) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "+0.5"), (-0.5, f"{MINUS}0.5"), (0.01, "0.0"), (None, NOTHING), (12345.0, "+12,345.0")]
)
def test_signed_shows_a_plus_but_none_for_zero(value, text):
    assert signed(value, 1) == text


def test_percent_multiplies_by_a_hundred():
    assert percent(0.8931) == "89.3"
    assert percent(None) == NOTHING


def test_interval_needs_both_ends():
    assert interval(-0.012, 0.034) == f"[{MINUS}1.2, +3.4]"
    assert interval(None, 0.034) == NOTHING


def test_count_and_plural_set_thousands_apart():
    assert count(1234) == "1,234"
    assert count(None) == NOTHING
    assert plural(1, "day") == "1 day"
    assert plural(2, "loss", "losses") == "2 losses"
