"""The model as params.yaml describes it."""

from typing import Any

import pytest
from pydantic import ValidationError

from richcheap.models.advanced_ml_adjuster import Params, build
from richcheap.models.common.lightgbm import DEFAULT_TREES
from richcheap.models.common.params import SHARED_BY_A_DATE
from richcheap.models.common.target_space import KALMAN

VALUES: dict[str, Any] = {
    "folds": 2,
    "fold_share": 0.2,
    "embargo_dates": 3,
    "member_rows": 5000,
    "seeds": 2,
    "forest_trees": 11,
    "forest_leaf_rows": 12,
    "rounds": 13,
    "learning_rate": 0.3,
    "leaves": 14,
    "leaf_rows": 15,
    "hidden": [16, 17],
    "network_penalty": 0.18,
    "network_epochs": 19,
    "network_learning_rate": 0.02,
    "weight_shrinkage": 0.21,
    "target_clip_share": 0.022,
    "cold_start_rows": 24,
}


def test_it_is_built_with_the_given_params():
    model = build(Params(**VALUES), seed=11, n_jobs=2)
    assert (model.seed, model.n_jobs, model.anchor) == (11, 2, KALMAN)
    for name in ("folds", "fold_share", "embargo_dates", "member_rows", "seeds", "weight_shrinkage"):
        assert getattr(model, name) == VALUES[name]
    assert model.cold_start_rows == 24
    assert model.sizes == (
        11,
        12,
        13,
        0.3,
        DEFAULT_TREES._replace(leaves=14, leaf_rows=15),
        (16, 17),
        0.18,
        19,
        0.02,
        0.022,
    )


def test_it_reads_what_its_anchor_needs_and_nothing_that_tells_dates_apart():
    features = build(Params(**VALUES), seed=0, n_jobs=1).features
    assert {"f_kalman_gap", "f_kalman_std", "base_spread"} <= set(features)
    assert not SHARED_BY_A_DATE & set(features)
    assert len(set(features)) == len(features)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"folds": 4, "fold_share": 0.3}, "folds x fold_share must be at most 0.9"),
        ({"hidden": [10, 0]}, r"hidden\.1\n.*greater than or equal to 1"),
        ({"hidden": []}, "hidden"),
        ({"weight_shrinkage": 0.0}, "weight_shrinkage"),
        ({"seeds": 0}, "seeds"),
        ({"strange": 1}, "strange"),
    ],
)
def test_params_out_of_range_are_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        Params(**{**VALUES, **changes})
