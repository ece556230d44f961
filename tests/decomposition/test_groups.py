"""A correction by groups of features."""

import numpy as np

from richcheap.decomposition.groups import correction_by_group


def test_features_are_added_by_group_and_the_start_is_counted_from_the_filter() -> None:
    contributions = {
        "start": np.array([5.0, 1.0]),
        "f_kalman_gap": np.array([0.5, 0.0]),
        "f_last_residual": np.array([2.0, 3.0]),
        "f_reversion": np.array([-1.0, 1.0]),
        "f_unheard_of": np.array([0.1, 0.2]),
        "base_spread": np.array([0.3, 0.0]),
        "network": np.array([7.0, 8.0]),
    }
    gap = np.array([4.0, -2.0])
    found = correction_by_group(contributions, gap)
    assert list(found) == ["start", "own_history", "kalman", "other", "base_spread", "network"]
    np.testing.assert_array_equal(found["start"], [1.0, 3.0])
    np.testing.assert_array_equal(found["own_history"], [1.0, 4.0])
    np.testing.assert_allclose(np.sum(list(found.values()), axis=0), np.sum(list(contributions.values()), axis=0) - gap)
