"""Models as JSON: whole, in the same bytes, and of nothing but known classes."""

import json
import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from richcheap.models.common.shrinkage import Shrinkage
from richcheap.models.common.target_space import KALMAN
from richcheap.models.ml_adjuster.estimator import ForestAdjuster
from richcheap.pipeline.storage.plain_objects import from_json, to_json

PACKAGE = "richcheap.models"
VALUES = [
    None, True, 3, "tree\n\u00e9", 0.1 + 0.2, 5e-324, -0.0, math.inf, [1.5, [2]], (1, (2.0, "a")),
    {"a": (1,), 2: [None]},
    Shrinkage(0.35, 1.0), [KALMAN, {"anchor": KALMAN}],
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_what_is_written_is_read_with_every_bit_and_type(value: object) -> None:
    text = to_json(value, PACKAGE)
    back = from_json(text, PACKAGE)
    assert back == value
    assert type(back) is type(value)
    assert repr(back) == repr(value)
    assert to_json(back, PACKAGE) == text


def test_an_estimator_keeps_its_params_and_what_it_has_learned() -> None:
    model = ForestAdjuster(features=["f_a"], trees=3, seed=1)
    model.multiplier_ = 0.25
    back = from_json(to_json(model, PACKAGE), PACKAGE)
    assert type(back) is ForestAdjuster
    assert vars(back) == vars(model)


@pytest.mark.parametrize("name", ["os.system", "richcheap.models.common.base.import_module", "richcheap.models.no.Such",
                                  "richcheap.pipeline.storage.artifacts.Path", None, 3])  # fmt: skip
def test_no_other_class_is_made(name: object) -> None:
    text = json.dumps({"class": name, "state": {"command": "x"}})
    with pytest.raises(ValueError, match=r"expected a class of richcheap\.models\.\*, got"):
        from_json(text, PACKAGE)


def test_what_is_not_ours_is_not_written() -> None:
    with pytest.raises(TypeError, match=r"got collections\.Counter"):
        to_json([Counter("ab")], PACKAGE)


ARRAYS = [
    np.array([0.1 + 0.2, -0.0, math.inf, 5e-324]),
    np.asfortranarray(np.arange(6.0).reshape(2, 3) / 3.0),
    np.arange(6, dtype=np.int32).reshape(3, 2),
    np.zeros((0, 3), dtype=np.float32),
    np.array([True, False]),
    np.arange(8.0).reshape(2, 4)[:, ::2],
]


@pytest.mark.parametrize("array", ARRAYS, ids=lambda array: f"{array.dtype} {array.shape}")
def test_arrays_keep_every_bit_and_their_order_in_memory(array: NDArray[Any]) -> None:
    back = from_json(to_json([array], PACKAGE), PACKAGE)[0]
    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())
    assert back.flags.f_contiguous == array.flags.f_contiguous or not array.flags.contiguous
    assert to_json([back], PACKAGE) == to_json([array], PACKAGE)


def test_arrays_of_objects_are_not_written() -> None:
    with pytest.raises(TypeError, match=r"got numpy\.ndarray"):
        to_json(np.array([{}]), PACKAGE)
