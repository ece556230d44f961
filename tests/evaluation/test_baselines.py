"""Which baselines are simple, and which is best."""

import math

from richcheap.evaluation.baselines import COLUMNS, SIMPLE, least, references
from richcheap.features.baselines import LINE

ERRORS = {"matrix": 0.9, "last": 0.5, "last_adjusted": 0.3, "peers": 0.2, "kalman": 0.1, "ridge": 0.05}


def test_all_but_the_filter_and_the_line_are_simple() -> None:
    assert [name for name in (*COLUMNS, LINE) if name not in SIMPLE] == ["kalman", "ridge"]


def test_the_best_of_each_kind_and_the_filter_are_references() -> None:
    assert references(ERRORS, ERRORS) == {
        "best_baseline": "ridge",
        "best_simple_baseline": "peers",
        "kalman": "kalman",
    }


def test_without_a_filter_there_is_no_comparison_with_it() -> None:
    assert references(["last", "peers"], ERRORS) == {"best_baseline": "peers", "best_simple_baseline": "peers"}


def test_of_equals_the_first_is_best_and_an_unknown_error_is_worst() -> None:
    assert least(["b", "a"], {"a": 0.1, "b": 0.1}) == "b"
    assert least(["a", "b"], {"a": math.nan, "b": 0.1}) == "b"
    assert least([], {}) is None
