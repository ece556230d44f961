"""One seed gives independent streams, one for each purpose."""

import numpy as np
import pytest

from richcheap.simulation.rng import PURPOSES, stream


def test_a_stream_is_the_same_each_time_and_differs_by_purpose_and_seed() -> None:
    first = stream(1, "curve").random(5)
    assert np.array_equal(first, stream(1, "curve").random(5))
    others = [stream(1, purpose).random(5) for purpose in PURPOSES if purpose != "curve"] + [
        stream(2, "curve").random(5)
    ]
    assert all(not np.array_equal(first, other) for other in others)


def test_an_unknown_purpose_raises_value_error() -> None:
    with pytest.raises(ValueError, match="purpose must be one of regimes, curve"):
        stream(1, "weather")
