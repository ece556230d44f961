"""The model as params.yaml describes it."""

from typing import Any

import pytest
from pydantic import ValidationError

from richcheap.features.catalogue import feature_names
from richcheap.models.common.shrinkage import SHRINKAGE_STEPS
from richcheap.models.ml_adjuster import Params, build

VALUES: dict[str, Any] = {
    "trees": 5,
    "leaf_rows": 20,
    "feature_share": 0.5,
    "row_share": 0.7,
    "target_clip_share": 0.01,
}


def test_it_learns_from_the_basic_features_with_the_given_params():
    model = build(Params(**VALUES), seed=11, n_jobs=2)
    assert model.features == feature_names("basic")
    constant = {"shrinkage_steps": SHRINKAGE_STEPS}
    assert model.get_params() == {**VALUES, **constant, "features": feature_names("basic"), "seed": 11, "n_jobs": 2}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("trees", 0),
        ("trees", 5001),
        ("leaf_rows", 0),
        ("feature_share", 0.0),
        ("row_share", 1.1),
        ("target_clip_share", 0.21),
        ("trees", 10.5),
    ],
)
def test_a_param_out_of_range_is_refused(key, value):
    with pytest.raises(ValidationError, match=key):
        Params(**{**VALUES, key: value})
