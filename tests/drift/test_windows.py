"""What a drift report says of its windows, of all models together, and of the test block."""

import numpy as np
import pytest

from richcheap.drift.windows import later_drift, verdict, window
from richcheap.evaluation.score import ScoredBlock
from tests.drift.drifting import DRIFT, steady


def figures(score, status):
    return {"score": score, "status": status}


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (["steady", "watch"], ("watch", False)),
        (["retrain", "watch"], ("retrain", True)),
        (["steady"], ("steady", False)),
    ],
)
def test_all_models_together_are_as_the_one_that_drifted_most(statuses, expected):
    found = verdict({str(number): figures(0.1 * number, status) for number, status in enumerate(statuses)})
    assert (found["status"], found["retrain"]) == expected
    assert found["score"] == pytest.approx(0.1 * (len(statuses) - 1))


def test_no_model_has_not_drifted():
    assert verdict({}) == {"score": None, "status": "steady", "retrain": False}


def test_a_window_is_its_dates_and_rows():
    rows = steady(dates=12, bonds=5)
    found = window(rows)
    assert (found["dates"], found["rows"]) == (12, 60)
    assert found["first_date"] < found["last_date"]


def test_a_model_whose_errors_grow_in_the_test_block_drifts_and_another_does_not():
    rows = steady(dates=120, bonds=20)
    days = rows["date"].unique().sort()
    before, after = rows.filter(rows["date"] < days[60]), rows.filter(rows["date"] >= days[60])
    rng = np.random.default_rng(4)

    def block(part, error):
        observed = part["clean_price"].to_numpy()
        return ScoredBlock(part, {name: observed + rng.normal(0.0, size, part.height) for name, size in error.items()})

    features = [name for name in rows.columns if name.startswith("f_")]
    found = later_drift(
        before,
        block(before, {"worse": 0.1, "same": 0.1}),
        block(after, {"worse": 0.3, "same": 0.1}),
        features,
        {"worse": {}, "same": {}, "not there": {}},
        DRIFT,
        seed=1,
    )
    assert list(found["models"]) == ["worse", "same"]
    assert found["models"]["worse"]["score"] > 0.5
    assert found["models"]["same"]["score"] == 0.0
    assert found["retrain"]
