"""The model as params.yaml describes it."""

from typing import Any

import pytest
from pydantic import ValidationError

from richcheap.features.catalogue import feature_names
from richcheap.models.common.shrinkage import SHRINKAGE_STEPS
from richcheap.models.common.target_space import OWN_LAST
from richcheap.models.enhanced_ml_adjuster import Params, build

VALUES: dict[str, Any] = {
    "trials": 5,
    "keep_share": 0.5,
    "folds": 2,
    "fold_share": 0.2,
    "embargo_dates": 1,
    "search_rows": 5000,
    "learning_rate": 0.1,
    "rounds": 40,
    "round_step": 10,
    "seeds": 2,
    "target_clip_share": 0.01,
}


def test_it_learns_with_the_given_params():
    model = build(Params(**VALUES), seed=11, n_jobs=2)
    constant = {"shrinkage_steps": SHRINKAGE_STEPS, "seed": 11, "n_jobs": 2}
    assert model.get_params() == {**VALUES, **constant, "features": model.features, "anchor": OWN_LAST}


def test_it_learns_from_every_feature_that_tells_the_bonds_of_a_date_apart():
    features = build(Params(**VALUES), seed=11, n_jobs=1).features
    assert set(feature_names("enhanced")) - set(features) == {
        "f_curve_level",
        "f_curve_slope",
        "f_curve_curvature",
        "f_curve_volatility",
        "f_curve_trend",
    }


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("trials", 0),
        ("keep_share", 0.0),
        ("folds", 21),
        ("fold_share", 0.46),
        ("embargo_dates", -1),
        ("search_rows", 999),
        ("learning_rate", 0.0),
        ("rounds", 0),
        ("round_step", 0),
        ("seeds", 101),
        ("target_clip_share", 0.21),
        ("rounds", 10.5),
    ],
)
def test_a_param_out_of_range_is_refused(key, value):
    with pytest.raises(ValidationError, match=key):
        Params(**{**VALUES, key: value})


def test_folds_that_leave_no_dates_to_train_on_are_refused():
    with pytest.raises(ValidationError, match=r"folds x fold_share must be at most 0\.9.*, got 4 x 0\.25"):
        Params(**{**VALUES, "folds": 4, "fold_share": 0.25})
