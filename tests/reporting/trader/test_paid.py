import pytest

from richcheap.reporting.trader.paid import has_it_paid
from tests.reporting.sections.test_relative_value import scores


@pytest.mark.parametrize(
    ("verdict", "words"),
    [("pays", "has paid"), ("loses", "has not paid"), ("not distinguishable", "cannot be said to pay after costs")],
)
def test_the_verdict_is_said_as_it_is(verdict: str, words: str) -> None:
    given = scores()
    for cell in given["spans"]["validation_and_test"]["horizons"]["20"]["flags"]:
        cell["verdict"] = verdict
    cheap, rich, quarter = has_it_paid(given)
    assert cheap.startswith(f"Buying bonds flagged cheap {words}: ")
    assert rich.startswith(f"Selling bonds flagged rich {words}: ")
    latest = next(
        one for one in reversed(given["quarters"]) if any(cell["rows"] for cell in one["horizons"]["20"]["flags"])
    )
    assert quarter.startswith(f"In {latest['quarter']}, the latest quarter with outcomes, right were ")


def test_without_outcomes_nothing_is_claimed() -> None:
    given = scores()
    for cell in given["spans"]["validation_and_test"]["horizons"]["20"]["flags"]:
        cell["rows"] = 0
    (said,) = has_it_paid(given)
    assert "cannot be said" in said
